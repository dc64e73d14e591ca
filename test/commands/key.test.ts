import { beforeEach, describe, expect, test } from 'vitest'
import { entryOf, recordEvents } from '../support/events.ts'
import { KeyHarness } from '../support/key-harness.ts'

let server: KeyHarness
let show: (command: string) => string

beforeEach(() => {
  server = new KeyHarness()
  show = (command) => server.show(command)
})

/** A key whose time has come, but which is still there. */
function dueKey(name: string): void {
  server.run(`SET ${name} x PX 10`)
  server.clock.advance(10)
}

describe('DEL and UNLINK', () => {
  test.each(['DEL', 'UNLINK'])('%s counts the keys that were there, each once', (command) => {
    server.run('MSET a 1 b 2 c 3')
    expect(show(`${command} a b nothing a`)).toBe('(integer) 2')
    expect(show('KEYS *')).toBe('["c"]')
  })

  test('an expired key was not there', () => {
    server.recordPropagation()
    dueKey('a')
    server.propagated = []
    const events = recordEvents(server.keyspace)
    expect(show('DEL a')).toBe('(integer) 0')
    expect(events).toEqual(['0 expired a'])
    expect(server.propagated).toEqual([{ database: 0, command: ['DEL', 'a'] }])
  })

  test('each removed key is an event and a change', () => {
    server.run('MSET a 1 b 2')
    const events = recordEvents(server.keyspace)
    const { dirty } = server.keyspace
    server.run('DEL a nothing b')
    expect(events).toEqual(['0 del a', '0 del b'])
    expect(server.keyspace.dirty - dirty).toBe(2)
  })

  test('nothing removed, nothing propagated', () => {
    server.recordPropagation()
    server.run('DEL nothing')
    expect(server.propagated).toEqual([])
  })
})

describe('EXISTS, TYPE and TOUCH', () => {
  test('EXISTS counts a key as often as it is named', () => {
    server.run('SET a 1')
    expect(show('EXISTS a a b')).toBe('(integer) 2')
  })

  test('TYPE says none for what does not exist', () => {
    server.run('SET a 1')
    expect(show('TYPE a')).toBe('+string')
    expect(show('TYPE b')).toBe('+none')
  })

  test('expired keys are hidden, and removed on the way', () => {
    dueKey('a')
    expect(show('DBSIZE')).toBe('(integer) 1')
    expect(show('TYPE a')).toBe('+none')
    expect(show('DBSIZE')).toBe('(integer) 0')
    dueKey('a')
    expect(show('EXISTS a')).toBe('(integer) 0')
    expect(show('DBSIZE')).toBe('(integer) 0')
  })

  test('where keys do not expire by themselves they are hidden, but stay', () => {
    dueKey('a')
    server.keyspace.mayExpire = false
    expect(show('EXISTS a')).toBe('(integer) 0')
    expect(show('GET a')).toBe('(nil-bulk)')
    expect(show('DBSIZE')).toBe('(integer) 1')
  })

  test('they count hits and misses, and only TOUCH notes an access', () => {
    server.run('SET a 1')
    server.clock.advance(5000)
    const { stats } = server.keyspace
    const before = { ...stats }
    server.run('EXISTS a b')
    server.run('TYPE a')
    expect([stats.hits - before.hits, stats.misses - before.misses]).toEqual([2, 1])
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 5')
    expect(show('TOUCH a a b')).toBe('(integer) 2')
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 0')
  })

  test('TOUCH marks keys even for a client that does not touch any', () => {
    server.run('SET a 1')
    server.clock.advance(5000)
    server.client.touchesKeys = false
    server.run('GET a')
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 5')
    server.run('TOUCH a')
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 0')
    server.clock.advance(5000)
    server.run('GET a')
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 5')
  })
})

describe('RENAME and RENAMENX', () => {
  test('RENAME takes value, encoding, deadline and access clock along and replaces what is there', () => {
    server.run('SET a 12345 PX 50000')
    server.run('SET b old')
    server.clock.advance(3000)
    expect(show('RENAME a b')).toBe('+OK')
    expect(show('GET b')).toBe('"12345"')
    expect(show('OBJECT ENCODING b')).toBe('"int"')
    expect(show('PTTL b')).toBe('(integer) 47000')
    expect(show('EXISTS a')).toBe('(integer) 0')
    expect(show('DBSIZE')).toBe('(integer) 1')
  })

  test('the target loses its deadline if the source has none', () => {
    server.run('SET a 1')
    server.run('SET b 2 EX 10')
    server.run('RENAME a b')
    expect(show('TTL b')).toBe('(integer) -1')
  })

  test('a missing key is an error, whatever the names', () => {
    expect(show('RENAME a b')).toBe('(error) ERR no such key')
    expect(show('RENAME a a')).toBe('(error) ERR no such key')
    expect(show('RENAMENX a b')).toBe('(error) ERR no such key')
    dueKey('a')
    expect(show('RENAME a b')).toBe('(error) ERR no such key')
  })

  test('to its own name nothing happens', () => {
    server.run('SET a 1')
    const { dirty } = server.keyspace
    const events = recordEvents(server.keyspace)
    expect(show('RENAME a a')).toBe('+OK')
    expect(show('RENAMENX a a')).toBe('(integer) 0')
    expect(events).toEqual([])
    expect(server.keyspace.dirty).toBe(dirty)
  })

  test('RENAMENX leaves what is there, but not if it has expired', () => {
    server.run('MSET a 1 b 2')
    expect(show('RENAMENX a b')).toBe('(integer) 0')
    expect(show('MGET a b')).toBe('["1", "2"]')
    dueKey('c')
    expect(show('RENAMENX a c')).toBe('(integer) 1')
    expect(show('GET c')).toBe('"1"')
  })

  test('is one change with two events, and a new key', () => {
    server.run('MSET a 1 b 2')
    const events = recordEvents(server.keyspace)
    const { dirty } = server.keyspace
    server.run('RENAME a b')
    expect(events).toEqual(['0 new b', '0 rename_from a', '0 rename_to b'])
    expect(server.keyspace.dirty - dirty).toBe(1)
  })

  test('values of every size survive, between keys of every size', () => {
    const names = ['k', 'k'.repeat(300), 'k'.repeat(40_000)]
    for (const from of names) {
      for (const to of names.map((name) => `${name}2`)) {
        for (const length of [0, 10, 5000, 65_500, 200_000]) {
          const value = 'v'.repeat(length)
          server.run(['SET', from, value])
          server.run(['RENAME', from, to])
          expect(server.run(['GET', to])).toEqual({ type: 'bulk', text: value })
          expect(server.show(['EXISTS', from])).toBe('(integer) 0')
          server.run(['DEL', to])
        }
      }
    }
    expect(server.keyspace.usedBytes).toBe(new KeyHarness().keyspace.usedBytes)
  })
})

describe('COPY', () => {
  test('copies value, encoding and deadline, and the copy stands on its own', () => {
    server.run('SET a 12345 PX 50000')
    expect(show('COPY a b')).toBe('(integer) 1')
    expect(show('PTTL b')).toBe('(integer) 50000')
    expect(show('OBJECT ENCODING b')).toBe('"int"')
    server.run('APPEND b x')
    expect(show('MGET a b')).toBe('["12345", "12345x"]')
  })

  test('needs REPLACE to overwrite', () => {
    server.run('MSET a 1 b 2')
    expect(show('COPY a b')).toBe('(integer) 0')
    expect(show('COPY a b REPLACE')).toBe('(integer) 1')
    expect(show('GET b')).toBe('"1"')
    expect(show('COPY nothing b REPLACE')).toBe('(integer) 0')
    expect(show('GET b')).toBe('"1"')
  })

  test('goes to another database, under the same name too', () => {
    server.run('SET a 1')
    expect(show('COPY a a DB 3')).toBe('(integer) 1')
    expect(server.in(3, 'GET a')).toBe('"1"')
    expect(show('GET a')).toBe('"1"')
  })

  test('counts as an access of the source, and the copy as just made', () => {
    server.run('SET a 1')
    server.clock.advance(7000)
    server.run('COPY a b')
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 0')
    expect(show('OBJECT IDLETIME b')).toBe('(integer) 0')
  })

  test('is an event of the target database alone', () => {
    server.run('SET a 1')
    const events = recordEvents(server.keyspace)
    server.run('COPY a b DB 2')
    expect(events).toEqual(['2 new b', '2 copy_to b'])
  })

  test('says what is wrong, in the order in which Redis looks', () => {
    expect(show('COPY a a')).toBe('(error) ERR source and destination objects are the same')
    expect(show('COPY a a DB 0 REPLACE')).toBe('(error) ERR source and destination objects are the same')
    expect(show('COPY a b DB 16')).toBe('(error) ERR DB index is out of range')
    expect(show('COPY a b DB -1')).toBe('(error) ERR DB index is out of range')
    expect(show('COPY a b DB x')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('COPY a b DB 99999999999')).toBe(
      '(error) ERR value is out of range, value must between -2147483648 and 2147483647',
    )
    expect(show('COPY a b DB')).toBe('(error) ERR syntax error')
    expect(show('COPY a b NOW')).toBe('(error) ERR syntax error')
  })

  test('a large value is copied, not shared', () => {
    server.run(['SET', 'a', 'v'.repeat(200_000)])
    server.run('COPY a b')
    server.run('SETRANGE b 0 w')
    expect(show('GETRANGE a 0 0')).toBe('"v"')
    expect(show('GETRANGE b 0 1')).toBe('"wv"')
  })
})

describe('MOVE', () => {
  test('takes a key with its deadline to another database', () => {
    server.run('SET a 1 PX 5000')
    expect(show('MOVE a 1')).toBe('(integer) 1')
    expect(show('EXISTS a')).toBe('(integer) 0')
    expect(server.in(1, 'GET a')).toBe('"1"')
    expect(server.in(1, 'PTTL a')).toBe('(integer) 5000')
  })

  test('keeps the LFU counter', () => {
    server.keyspace.access.isFrequency = true
    server.clock.advance(60_000)
    server.run('SET a 1')
    server.keyspace.databases[0]!.setAccess(entryOf(server.keyspace, 'a'), 77)
    server.keyspace.access.decayMinutes = 0
    server.keyspace.access.logFactor = 1e12
    server.run('MOVE a 1')
    expect(server.in(1, 'OBJECT FREQ a')).toBe('(integer) 77')
  })

  test('does nothing if the key is missing, or there already', () => {
    expect(show('MOVE a 1')).toBe('(integer) 0')
    server.run('SET a 1')
    server.in(1, 'SET a other')
    expect(show('MOVE a 1')).toBe('(integer) 0')
    expect(show('GET a')).toBe('"1"')
    expect(server.in(1, 'GET a')).toBe('"other"')
  })

  test('an expired key in the other database does not stand in the way', () => {
    server.in(1, 'SET a other PX 1')
    server.clock.advance(1)
    server.run('SET a 1')
    expect(show('MOVE a 1')).toBe('(integer) 1')
    expect(server.in(1, 'GET a')).toBe('"1"')
  })

  test('is one change with an event in each database', () => {
    server.run('SET a 1')
    const events = recordEvents(server.keyspace)
    const { dirty } = server.keyspace
    server.run('MOVE a 1')
    expect(events).toEqual(['1 new a', '0 move_from a', '1 move_to a'])
    expect(server.keyspace.dirty - dirty).toBe(1)
  })

  test('says what is wrong before it looks for the key', () => {
    expect(show('MOVE a 0')).toBe('(error) ERR source and destination objects are the same')
    expect(show('MOVE a 16')).toBe('(error) ERR DB index is out of range')
    expect(show('MOVE a x')).toBe('(error) ERR value is not an integer or out of range')
  })
})
