import { beforeEach, describe, expect, test } from 'vitest'
import { setCommands } from '../../src/commands/set.ts'
import { STRING } from '../../src/types/value-type.ts'
import { recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'
import { KEY_FAMILIES } from '../support/key-harness.ts'
import type { Reply } from '../support/reply.ts'
import { encodingOf, putOtherType } from './stored.ts'

const WRONG_TYPE = '(error) WRONGTYPE Operation against a key holding the wrong kind of value'

let server: Harness
let show: (command: string) => string

beforeEach(() => {
  server = new Harness([setCommands, ...KEY_FAMILIES], 1, 2)
  show = (command) => server.show(command)
})

function itemsOf(reply: Reply): string[] {
  if (reply.type !== 'array' && reply.type !== 'set') throw new Error(`no array: ${reply.type}`)
  return reply.items.map((item) => ('text' in item ? item.text : item.type))
}

function membersOf(key: string): string[] {
  return itemsOf(server.run(`SMEMBERS ${key}`)).sort()
}

function fill(key: string, count: number, prefix = 'm'): string[] {
  const members = Array.from({ length: count }, (_, i) => `${prefix}${i}`)
  for (const member of members) server.run(['SADD', key, member])
  return members.sort()
}

function dirtyOf(command: string): number {
  const before = server.keyspace.dirty
  server.run(command)
  return server.keyspace.dirty - before
}

describe('SADD', () => {
  test('says how many were new, and tells of a change only if any was', () => {
    const events = recordEvents(server.keyspace)
    expect(show('SADD s a b a')).toBe('(integer) 2')
    expect(show('SADD s a b')).toBe('(integer) 0')
    expect(show('SADD s b c')).toBe('(integer) 1')
    expect(events).toEqual(['0 new s', '0 sadd s', '0 sadd s'])
    expect(dirtyOf('SADD s d e f a')).toBe(3)
    expect(membersOf('s')).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('takes any bytes', () => {
    expect(server.show(['SADD', 's', '', '\0\xff\r\n', 'x'.repeat(100_000), '01', '-0', '1'])).toBe(
      '(integer) 6',
    )
    expect(membersOf('s')).toEqual(['', '\0\xff\r\n', '-0', '01', '1', 'x'.repeat(100_000)])
  })

  test('many at once go into the encoding for as many', () => {
    server.run(['SADD', 'a', ...Array.from({ length: 600 }, (_, i) => String(i))])
    expect(encodingOf(server, 'a')).toBe('hashtable')
    server.run(['SADD', 'b', '1', ...Array.from({ length: 50 }, (_, i) => `m${i}`)])
    expect(encodingOf(server, 'b')).toBe('listpack')
  })
})

describe('SREM', () => {
  test('removes the key with its last member, and stops there', () => {
    server.run('SADD s a b c')
    const events = recordEvents(server.keyspace)
    expect(show('SREM s x')).toBe('(integer) 0')
    expect(show('SREM s a x')).toBe('(integer) 1')
    expect(show('SREM s b c d e')).toBe('(integer) 2')
    expect(show('EXISTS s')).toBe('(integer) 0')
    expect(events).toEqual(['0 srem s', '0 srem s', '0 del s', '0 keymiss s'])
  })

  test('counts as many changes as members were removed', () => {
    server.run('SADD s a b c')
    expect(dirtyOf('SREM s a b c d')).toBe(3)
  })
})

describe('SMOVE', () => {
  test('moves, creates the destination and removes the source', () => {
    server.run('SADD a x')
    const events = recordEvents(server.keyspace)
    expect(show('SMOVE a b y')).toBe('(integer) 0')
    expect(show('SMOVE a b x')).toBe('(integer) 1')
    expect(events).toEqual(['0 srem a', '0 del a', '0 new b', '0 sadd b'])
    expect(membersOf('b')).toEqual(['x'])
  })

  test('onto a set that has the member only removes', () => {
    server.run('SADD a x y')
    server.run('SADD b x')
    const events = recordEvents(server.keyspace)
    expect(show('SMOVE a b x')).toBe('(integer) 1')
    expect(events).toEqual(['0 srem a'])
  })

  test('onto itself changes nothing', () => {
    server.run('SADD a x')
    expect(dirtyOf('SMOVE a a x')).toBe(0)
    expect(show('SMOVE a a x')).toBe('(integer) 1')
    expect(show('SMOVE a a y')).toBe('(integer) 0')
  })

  test('does not look at the destination if the source is absent', () => {
    putOtherType(server, 'other', STRING)
    expect(show('SMOVE nothing other x')).toBe('(integer) 0')
    server.run('SADD a x')
    expect(show('SMOVE a other nothing')).toBe(WRONG_TYPE)
  })
})

describe('SPOP', () => {
  test('takes members until none is left, and tells others which', () => {
    const members = fill('s', 30)
    server.recordPropagation()
    const popped: string[] = []
    for (let i = 0; i < 30; i++) {
      const reply = server.run('SPOP s')
      if (reply.type === 'bulk') popped.push(reply.text)
    }
    expect(popped.sort()).toEqual(members)
    expect(show('SPOP s')).toBe('(nil-bulk)')
    const told = server.propagated.map(({ command }) => command)
    expect(told.length).toBe(30)
    expect(told.map(([name, key]) => `${name} ${key}`)).toEqual(Array(30).fill('SREM s'))
    expect(told.map((command) => command[2]).sort()).toEqual(members)
  })

  test('with a count tells others in batches', () => {
    fill('s', 3000)
    server.recordPropagation()
    const popped = itemsOf(server.run('SPOP s 2500'))
    expect(new Set(popped).size).toBe(2500)
    const told = server.propagated.map(({ command }) => command)
    expect(told.shift()).toEqual(['MULTI'])
    expect(told.pop()).toEqual(['EXEC'])
    expect(told.map((command) => command.length - 2)).toEqual([1024, 1024, 452])
    expect(told.flatMap((command) => command.slice(2))).toEqual(popped)
    expect(show('SCARD s')).toBe('(integer) 500')
  })

  test.each(['DEL', 'UNLINK'] as const)('of everything is a %s', (command) => {
    server.keyspace.serverRemovalCommand = command
    const members = fill('s', 5)
    server.recordPropagation()
    const events = recordEvents(server.keyspace)
    expect(itemsOf(server.run('SPOP s 5')).sort()).toEqual(members)
    expect(server.propagated).toEqual([{ database: 0, command: [command, 's'] }])
    expect(events).toEqual(['0 spop s', '0 del s'])
  })

  test('of nothing changes nothing', () => {
    fill('s', 5)
    server.recordPropagation()
    expect(show('SPOP s 0')).toBe('[]')
    expect(show('SPOP nothing 3')).toBe('[]')
    expect(server.propagated).toEqual([])
  })

  test('says what is wrong before it looks', () => {
    for (const count of ['-1', 'x', '9223372036854775808']) {
      expect(show(`SPOP nothing ${count}`)).toBe('(error) ERR value is out of range, must be positive')
    }
    expect(show('SPOP nothing 1 2')).toBe('(error) ERR syntax error')
  })
})

describe('SRANDMEMBER', () => {
  test.each([10, 400, 3000])('of %i gives different ones, or repeats them if asked', (count) => {
    const members = fill('s', count)
    const several = itemsOf(server.run('SRANDMEMBER s 7'))
    expect(new Set(several).size).toBe(7)
    expect(itemsOf(server.run(`SRANDMEMBER s ${count * 2}`)).sort()).toEqual(members)
    const repeated = itemsOf(server.run(`SRANDMEMBER s -${count * 3}`))
    expect(repeated.length).toBe(count * 3)
    expect(new Set(repeated).size).toBeLessThan(count + 1)
    for (const member of [...several, ...repeated]) expect(members).toContain(member)
    expect(show('SRANDMEMBER s 0')).toBe('[]')
  })

  test('refuses counts that no reply could hold', () => {
    const outOfRange =
      '(error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807'
    fill('s', 3)
    expect(show('SRANDMEMBER s -9223372036854775808')).toBe(outOfRange)
    expect(show('SRANDMEMBER s -9223372036854775807')).toBe(outOfRange)
    expect(show('SRANDMEMBER s x')).toBe('(error) ERR value is not an integer or out of range')
    expect(itemsOf(server.run('SRANDMEMBER s 9223372036854775807')).length).toBe(3)
  })
})

describe('what combines sets', () => {
  beforeEach(() => {
    server.run('SADD a 1 2 3 x')
    server.run('SADD b 2 3 4')
    server.run('SADD c 3 x')
  })

  test('stores results in the encoding that they ask for', () => {
    expect(show('SINTERSTORE d a b')).toBe('(integer) 2')
    expect(encodingOf(server, 'd')).toBe('intset')
    expect(show('SUNIONSTORE d a b c')).toBe('(integer) 5')
    expect(encodingOf(server, 'd')).toBe('listpack')
    fill('large', 200)
    expect(show('SUNIONSTORE large large a')).toBe('(integer) 204')
    expect(encodingOf(server, 'large')).toBe('hashtable')
    expect(show('SDIFFSTORE large a b')).toBe('(integer) 2')
    expect(membersOf('large')).toEqual(['1', 'x'])
  })

  test('replaces whatever was there, deadline and all, also if it is an operand', () => {
    server.run('SET d text EX 100')
    const events = recordEvents(server.keyspace)
    expect(show('SDIFFSTORE d a b')).toBe('(integer) 2')
    expect(show('TTL d')).toBe('(integer) -1')
    expect(show('SINTERSTORE a a b')).toBe('(integer) 2')
    expect(membersOf('a')).toEqual(['2', '3'])
    expect(events).toEqual(['0 sdiffstore d', '0 sinterstore a'])
  })

  test('removes the destination if nothing is left', () => {
    server.recordPropagation()
    const events = recordEvents(server.keyspace)
    expect(show('SINTERSTORE a a nothing')).toBe('(integer) 0')
    expect(show('SINTERSTORE a a nothing')).toBe('(integer) 0')
    expect(show('EXISTS a')).toBe('(integer) 0')
    expect(events.filter((event) => !event.includes('keymiss'))).toEqual(['0 del a'])
    expect(server.propagated).toEqual([{ database: 0, command: ['SINTERSTORE', 'a', 'a', 'nothing'] }])
  })

  test('frees what was made for a reply only', () => {
    for (const name of 'abcdefgh') fill(name, 300, name)
    const { usedBytes } = server.keyspace
    expect(itemsOf(server.run('SUNION a b c d e f g h')).length).toBe(2400 + 5)
    while (!server.keyspace.reclaim());
    expect(server.keyspace.usedBytes).toBe(usedBytes)
  })

  test('finds another type wherever it stands, and then has changed nothing', () => {
    putOtherType(server, 'other', STRING)
    for (const command of ['SINTER', 'SUNION', 'SDIFF', 'SINTERSTORE d', 'SUNIONSTORE d', 'SDIFFSTORE d']) {
      expect(show(`${command} nothing a other`)).toBe(WRONG_TYPE)
    }
    expect(show('SINTERCARD 2 nothing other')).toBe(WRONG_TYPE)
    expect(show('EXISTS d')).toBe('(integer) 0')
  })

  test('SINTERCARD counts up to its limit', () => {
    expect(show('SINTERCARD 2 a b')).toBe('(integer) 2')
    expect(show('SINTERCARD 2 a b LIMIT 1')).toBe('(integer) 1')
    expect(show('SINTERCARD 2 a b LIMIT 0')).toBe('(integer) 2')
    expect(show('SINTERCARD 2 a b LIMIT -1')).toBe("(error) ERR LIMIT can't be negative")
    expect(show('SINTERCARD 0 a')).toBe('(error) ERR numkeys should be greater than 0')
    expect(show('SINTERCARD 3 a b')).toBe("(error) ERR Number of keys can't be greater than number of args")
    expect(show('SINTERCARD 1 a b')).toBe('(error) ERR syntax error')
  })
})

describe('SSCAN', () => {
  function scanAll(options: string): string[] {
    const found: string[] = []
    let cursor = '0'
    do {
      const reply = server.run(`SSCAN s ${cursor} ${options}`)
      if (reply.type !== 'array') throw new Error('no reply of SSCAN')
      const [next, members] = reply.items
      if (next?.type !== 'bulk') throw new Error('no cursor')
      cursor = next.text
      found.push(...itemsOf(members!))
    } while (cursor !== '0')
    return found.sort()
  }

  test('gives every member once, of a small set all at once', () => {
    expect(scanAll('')).toEqual([])
    const few = fill('s', 20)
    expect(scanAll('COUNT 1')).toEqual(few)
    const many = fill('s', 2000)
    expect(scanAll('COUNT 7')).toEqual(many)
    expect(scanAll('MATCH m1?')).toEqual(Array.from({ length: 10 }, (_, i) => `m1${i}`))
  })

  test('says what is wrong: the cursor first, the options only of a set that is there', () => {
    putOtherType(server, 'other', STRING)
    expect(show('SSCAN other x')).toBe('(error) ERR invalid cursor')
    expect(show('SSCAN other 0 FOO')).toBe(WRONG_TYPE)
    expect(show('SSCAN s 0 FOO')).toBe('["0", []]')
    fill('s', 3)
    for (const options of ['FOO', 'COUNT', 'COUNT 0', 'TYPE set']) {
      expect(show(`SSCAN s 0 ${options}`)).toBe('(error) ERR syntax error')
    }
  })
})

describe('replies', () => {
  test('are sets where RESP3 has them', () => {
    server.client.protocol = 3
    server.run('SADD s a')
    for (const command of [
      'SMEMBERS s',
      'SINTER s s',
      'SUNION s',
      'SDIFF s',
      'SPOP s 0',
      'SMEMBERS nothing',
    ]) {
      expect(server.run(command).type).toBe('set')
    }
    for (const command of ['SRANDMEMBER s 2', 'SMISMEMBER s a b'])
      expect(server.run(command).type).toBe('array')
    expect(show('SPOP nothing')).toBe('(null)')
  })

  test.each(['SADD', 'SREM', 'SISMEMBER', 'SMISMEMBER'])('%s refuses another type', (name) => {
    putOtherType(server, 'other', STRING)
    expect(show(`${name} other x`)).toBe(WRONG_TYPE)
    expect(show('SCARD other')).toBe(WRONG_TYPE)
    expect(show('SPOP other')).toBe(WRONG_TYPE)
    expect(show('SRANDMEMBER other')).toBe(WRONG_TYPE)
  })
})
