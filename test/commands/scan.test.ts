import { beforeEach, describe, expect, test } from 'vitest'
import { parseCursor } from '../../src/commands/scan-options.ts'
import { recordEvents } from '../support/events.ts'
import { KeyHarness } from '../support/key-harness.ts'
import type { Reply } from '../support/reply.ts'

let server: KeyHarness
let show: (command: string) => string

beforeEach(() => {
  server = new KeyHarness()
  show = (command) => server.show(command)
})

function texts(reply: Reply): string[] {
  if (reply.type !== 'array') throw new Error(`not an array: ${reply.type}`)
  return reply.items.map((item) => (item.type === 'bulk' ? item.text : item.type))
}

function fill(count: number): string[] {
  const names = Array.from({ length: count }, (_, i) => `key:${i}`)
  for (const name of names) server.run(['SET', name, 'x'])
  return names
}

/** One call of SCAN: the next cursor and the keys. */
function scanOnce(cursor: string, options: string): [string, string[]] {
  const reply = server.run(`SCAN ${cursor} ${options}`)
  if (reply.type !== 'array') throw new Error(server.show(`SCAN ${cursor} ${options}`))
  const [next, keys] = reply.items
  if (next?.type !== 'bulk' || keys === undefined) throw new Error('not a reply of SCAN')
  return [next.text, texts(keys)]
}

function scanAll(options: string, between: () => void = () => {}): string[] {
  const found: string[] = []
  let cursor = '0'
  do {
    const [next, keys] = scanOnce(cursor, options)
    found.push(...keys)
    cursor = next
    between()
  } while (cursor !== '0')
  return found
}

describe('KEYS', () => {
  test('lists what matches', () => {
    server.run('MSET one 1 two 2 three 3 "" empty')
    expect(texts(server.run('KEYS t*')).sort()).toEqual(['three', 'two'])
    expect(texts(server.run('KEYS *')).sort()).toEqual(['', 'one', 'three', 'two'])
    expect(texts(server.run('KEYS **')).sort()).toEqual(['one', 'three', 'two'])
    expect(texts(server.run('KEYS ""'))).toEqual([''])
    expect(show('KEYS nothing')).toBe('[]')
  })

  test('hides expired keys without removing them', () => {
    server.run('SET a 1 PX 1')
    server.run('SET b 1')
    server.clock.advance(1)
    const events = recordEvents(server.keyspace)
    expect(show('KEYS *')).toBe('["b"]')
    expect(show('DBSIZE')).toBe('(integer) 2')
    expect(events).toEqual([])
  })

  test('a hundred thousand keys come in one reply', () => {
    const names = fill(100_000)
    expect(texts(server.run('KEYS *')).sort()).toEqual(names.sort())
    expect(texts(server.run('KEYS key:9999?')).length).toBe(10)
  })

  test('the replies before and after it stay whole', () => {
    fill(3)
    const { dispatcher, client } = server
    dispatcher.begin(client)
    for (const command of ['PING', 'KEYS *', 'PING']) {
      dispatcher.request.load(command.split(' ').map((word) => Buffer.from(word)))
      dispatcher.execute(dispatcher.request)
    }
    dispatcher.end()
    const text = dispatcher.reply.take().toString()
    expect(text).toMatch(/^[+-].*\r\n\*3\r\n(\$5\r\nkey:\d\r\n){3}[+-].*\r\n$/)
  })
})

describe('SCAN', () => {
  test.each([1, 7, 1000])('COUNT %i returns every key once', (count) => {
    const names = fill(3000)
    expect(scanAll(`COUNT ${count}`).sort()).toEqual(names.sort())
  })

  test('every key that is there throughout comes once, whatever comes and goes', () => {
    const names = fill(500)
    let extra = 0
    const found = scanAll('COUNT 5', () => {
      for (let i = 0; i < 30; i++) server.run(`SET extra:${extra++} x`)
      if (extra > 2000) for (let i = 0; i < 60; i++) server.run(`DEL extra:${extra - 2000 + i}`)
    })
    expect(found.filter((name) => name.startsWith('key:')).sort()).toEqual(names.sort())
  })

  test('MATCH and TYPE choose', () => {
    fill(100)
    expect(scanAll('MATCH key:1?').length).toBe(10)
    expect(scanAll('TYPE string').length).toBe(100)
    expect(scanAll('type STRING').length).toBe(100)
    expect(scanAll('TYPE hash')).toEqual([])
    expect(scanAll('TYPE nonsense')).toEqual([])
    expect(scanAll('TYPE ""')).toEqual([])
    expect(scanAll('MATCH key:1? MATCH key:2?').length).toBe(10)
  })

  test('removes the expired keys it meets, except those that do not match', () => {
    server.run('SET a1 x PX 1')
    server.run('SET b1 x PX 1')
    server.run('SET b2 x')
    server.clock.advance(1)
    const events = recordEvents(server.keyspace)
    expect(scanAll('MATCH b*')).toEqual(['b2'])
    expect(events).toEqual(['0 expired b1'])
    expect(scanAll('TYPE hash')).toEqual([])
    expect(show('DBSIZE')).toBe('(integer) 1')
  })

  test('an expired key is hidden, but stays, where keys do not expire by themselves', () => {
    server.run('SET a x PX 1')
    server.clock.advance(1)
    server.keyspace.mayExpire = false
    expect(scanAll('')).toEqual([])
    expect(show('DBSIZE')).toBe('(integer) 1')
  })

  test('says what is wrong, the cursor first', () => {
    expect(show('SCAN x COUNT 0')).toBe('(error) ERR invalid cursor')
    expect(show('SCAN 0 COUNT 0')).toBe('(error) ERR syntax error')
    expect(show('SCAN 0 COUNT -1')).toBe('(error) ERR syntax error')
    expect(show('SCAN 0 COUNT x')).toBe('(error) ERR value is not an integer or out of range')
    for (const options of ['MATCH', 'COUNT', 'TYPE', 'FOO', 'FOO 1', 'COUNT 1 FOO']) {
      expect(show(`SCAN 0 ${options}`)).toBe('(error) ERR syntax error')
    }
  })

  test.each(['0', ' 0', '\t0', '\n\v\f\r 0', '01', '+5', '-0', ' -1', '-18446744073709551615', '1\0x'])(
    'takes the cursor %j',
    (cursor) => {
      expect(parseCursor(Buffer.from(cursor))).toBeGreaterThanOrEqual(0)
      expect(server.run(['SCAN', cursor]).type).toBe('array')
    },
  )

  test.each([
    '',
    ' ',
    '-1',
    '1 ',
    '0x10',
    '18446744073709551616',
    '-9223372036854775808',
    '- 1',
    '\0',
    '+',
    '1.5',
  ])('refuses the cursor %j', (cursor) => {
    expect(server.show(['SCAN', cursor])).toBe('(error) ERR invalid cursor')
  })

  test('a cursor counts modulo 2^32, a negative one from the top', () => {
    expect(parseCursor(Buffer.from('4294967297'))).toBe(1)
    expect(parseCursor(Buffer.from(' -1'))).toBe(0xffffffff)
    expect(parseCursor(Buffer.from('-18446744073709551615'))).toBe(1)
  })
})

describe('RANDOMKEY', () => {
  test('picks every key now and then', () => {
    const names = fill(20)
    const picked = new Set<string>()
    for (let i = 0; i < 1000; i++) {
      const reply = server.run('RANDOMKEY')
      if (reply.type === 'bulk') picked.add(reply.text)
    }
    expect([...picked].sort()).toEqual(names.sort())
  })

  test('says nil in an empty database', () => {
    expect(show('RANDOMKEY')).toBe('(nil-bulk)')
  })

  test('never picks an expired key, and removes those it meets', () => {
    for (let i = 0; i < 50; i++) server.run(`SET due:${i} x PX 1`)
    server.run('SET live x')
    server.clock.advance(1)
    for (let i = 0; i < 20; i++) expect(show('RANDOMKEY')).toBe('"live"')
    expect(server.keyspace.databases[0]!.size).toBeLessThan(20)
  })

  test('gives up removing after a while, and still finds the one that lives', () => {
    for (let i = 0; i < 5000; i++) server.run(`SET due:${i} x PX 1`)
    server.run('SET live x')
    server.clock.advance(1)
    expect(show('RANDOMKEY')).toBe('"live"')
    expect(server.keyspace.databases[0]!.size).toBeGreaterThan(4900)
  })

  test('ends where expired keys may not be removed', () => {
    for (let i = 0; i < 200; i++) server.run(`SET due:${i} x PX 1`)
    server.clock.advance(1)
    server.keyspace.mayExpire = false
    expect(show('RANDOMKEY')).toBe('(nil-bulk)')
    expect(show('DBSIZE')).toBe('(integer) 200')
    server.run('SET live x')
    expect(show('RANDOMKEY')).toBe('"live"')
  })
})
