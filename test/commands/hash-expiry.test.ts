import { beforeEach, describe, expect, test } from 'vitest'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { ActiveExpiry } from '../../src/keyspace/expiry.ts'
import { Harness } from '../support/harness.ts'
import { encodingOf, recordEvents } from './stored.ts'

let server: Harness
const show = (command: string) => server.show(command)

beforeEach(() => {
  server = new Harness([hashCommands, keyCommands], 1, 1)
})

/** A hash with so many fields f0, f1, ... that all have values. */
function fill(count: number): void {
  const words = Array.from({ length: count }, (_, i) => [`f${i}`, `v${i}`]).flat()
  server.run(['HSET', 'h', ...words])
}

/** What has been propagated since the last time. */
function propagated(): string[] {
  return server.propagated.splice(0).map(({ command }) => command.join(' '))
}

describe('HEXPIRE and its likes', () => {
  test.each([
    ['HEXPIRE h 10', 10_000],
    ['HPEXPIRE h 1234', 1234],
    ['HEXPIREAT h 1700000005', 5000],
    ['HPEXPIREAT h 1700000000007', 7],
  ])('%s sets a deadline', (command, left) => {
    server.clock.set(1_700_000_000_000)
    fill(2)
    expect(show(`${command} FIELDS 2 f1 nothing`)).toBe('[(integer) 1, (integer) -2]')
    expect(show('HPTTL h FIELDS 3 f0 f1 nothing')).toBe(`[(integer) -1, (integer) ${left}, (integer) -2]`)
    expect(show('HTTL h FIELDS 1 f1')).toBe(`[(integer) ${Math.ceil(left / 1000)}]`)
    expect(show('HPEXPIRETIME h FIELDS 1 f1')).toBe(`[(integer) ${1_700_000_000_000 + left}]`)
    expect(show('HEXPIRETIME h FIELDS 1 f1')).toBe(`[(integer) ${Math.ceil(1_700_000_000 + left / 1000)}]`)
  })

  test('say of a key that is not there that its fields are not', () => {
    expect(show('HEXPIRE nothing 10 FIELDS 2 a b')).toBe('[(integer) -2, (integer) -2]')
    expect(show('HTTL nothing FIELDS 1 a')).toBe('[(integer) -2]')
    expect(show('HPERSIST nothing FIELDS 1 a')).toBe('[(integer) -2]')
  })

  test('take a condition', () => {
    const set = (condition: string, milliseconds: number) =>
      show(`HPEXPIRE h ${milliseconds} ${condition} FIELDS 1 f0`).slice(-2, -1)
    fill(1)
    // Without a deadline, which counts as one that never comes.
    expect(['XX', 'GT'].map((condition) => set(condition, 100))).toEqual(['0', '0'])
    expect(set('LT', 100)).toBe('1')
    expect(['NX', 'LT', 'GT'].map((condition) => set(condition, 100))).toEqual(['0', '0', '0'])
    expect(set('GT', 101)).toBe('1')
    expect(set('LT', 99)).toBe('1')
    expect(set('xx', 500)).toBe('1')
    expect(show('HPTTL h FIELDS 1 f0')).toBe('[(integer) 500]')
    show('HPERSIST h FIELDS 1 f0')
    expect(set('NX', 7)).toBe('1')
  })

  test.each(['', 'LT'])(
    'remove a field whose deadline is past, and the hash with the last one',
    (condition) => {
      server.recordPropagation()
      fill(3)
      const events = recordEvents(server)
      propagated()
      expect(show(`HPEXPIRE h 0 ${condition} FIELDS 2 f0 x`)).toBe('[(integer) 2, (integer) -2]')
      expect(show('HGETALL h')).toBe('["f1", "v1", "f2", "v2"]')
      expect(show('HEXPIREAT h 1 NX FIELDS 2 f1 f2')).toBe('[(integer) 2, (integer) 2]')
      expect(show('EXISTS h')).toBe('(integer) 0')
      expect(events).toEqual(['hdel h', 'hdel h', 'del h'])
      expect(propagated()).toEqual(['HDEL h f0', 'HDEL h f1 f2'])
    },
  )

  test('are propagated as moments, for those fields that they were about', () => {
    server.recordPropagation()
    fill(3)
    const events = recordEvents(server)
    const { dirty } = server.keyspace
    propagated()
    show('HEXPIRE h 10 FIELDS 3 f0 x f1')
    show('HEXPIRE h 10 NX FIELDS 2 f0 f2')
    show('HEXPIRE h 10 NX FIELDS 1 f0')
    const moment = server.clock.now() + 10_000
    expect(propagated()).toEqual([
      `HPEXPIREAT h ${moment} FIELDS 2 f0 f1`,
      `HPEXPIREAT h ${moment} FIELDS 1 f2`,
    ])
    expect(events).toEqual(['hexpire h', 'hexpire h'])
    expect(server.keyspace.dirty - dirty).toBe(3)
  })

  test('on a replica set what is past, since others remove it', () => {
    fill(1)
    server.keyspace.mayExpire = false
    server.keyspace.ignoresDeadlines = true
    expect(show('HPEXPIREAT h 5 FIELDS 1 f0')).toBe('[(integer) 1]')
    expect(show('HGET h f0')).toBe('"v0"')
    server.keyspace.ignoresDeadlines = false
    expect(show('HGET h f0')).toBe('(nil-bulk)')
    expect(show('HLEN h')).toBe('(integer) 1')
    expect(show('HSET h f0 again')).toBe('(integer) 1')
    expect(show('HGETALL h')).toBe('["f0", "again"]')
  })

  const FIELDS_MISSING = 'Mandatory argument FIELDS is missing or not at the right position'
  const NO_MATCH = 'The `numfields` parameter must match the number of arguments'
  const BAD_COUNT = 'Parameter `numFields` should be greater than 0'
  test.each([
    ['HEXPIRE h x FIELDS 1 f', 'value is not an integer or out of range'],
    ['HEXPIRE h -1 FIELDS 1 f', 'invalid expire time, must be >= 0'],
    ['HEXPIRE h 1000000000000 FIELDS 1 f', "invalid expire time in 'hexpire' command"],
    ['HPEXPIREAT h 70368744177664 FIELDS 1 f', "invalid expire time in 'hpexpireat' command"],
    ['HEXPIREAT h 70368744178 FIELDS 1 f', "invalid expire time in 'hexpireat' command"],
    ['HPEXPIRE h 9223372036854775807 FIELDS 1 f', "invalid expire time in 'hpexpire' command"],
    ['HEXPIRE h 1 FOO 1 f', FIELDS_MISSING],
    ['HEXPIRE h 1 NX XX FIELDS 1 f', FIELDS_MISSING],
    ['HEXPIRE h 1 FIELDS 0 f', BAD_COUNT],
    ['HEXPIRE h 1 FIELDS -1 f', BAD_COUNT],
    ['HEXPIRE h 1 FIELDS x f', BAD_COUNT],
    ['HEXPIRE h 1 FIELDS 2 f', NO_MATCH],
    ['HEXPIRE h 1 NX FIELDS 1', NO_MATCH],
    ['HEXPIRE h 1 FIELDS 1 f f', NO_MATCH],
    ['HTTL h FOO 1 f', FIELDS_MISSING],
    ['HTTL h FIELDS 0 f', 'Number of fields must be a positive integer'],
    ['HTTL h FIELDS x f', 'Number of fields must be a positive integer'],
    ['HPERSIST h FIELDS 2 f', NO_MATCH],
  ])('%s is refused', (command, text) => {
    fill(1)
    expect(show(command)).toBe(`(error) ERR ${text}`)
    expect(show('HPTTL h FIELDS 1 f0')).toBe('[(integer) -1]')
  })

  test('accept the last moment there is', () => {
    fill(1)
    expect(show('HPEXPIREAT h 70368744177663 FIELDS 1 f0')).toBe('[(integer) 1]')
    expect(show('HPEXPIRETIME h FIELDS 1 f0')).toBe('[(integer) 70368744177663]')
  })
})

describe('a deadline of a field', () => {
  test.each([5, 600])('goes when the field is set, and HPERSIST takes it away (%i fields)', (count) => {
    fill(count)
    const events = recordEvents(server)
    show('HEXPIRE h 10 FIELDS 3 f0 f1 f2')
    expect(encodingOf(server, 'h')).toBe(count > 512 ? 'hashtable' : 'listpackex')
    expect(server.keyspace.databases[0]!.innerDeadlineCount).toBe(1)
    show('HSET h f0 new')
    expect(show('HPERSIST h FIELDS 4 f0 f1 f3 x')).toBe(
      '[(integer) -1, (integer) 1, (integer) -1, (integer) -2]',
    )
    expect(show('HTTL h FIELDS 3 f0 f1 f2')).toBe('[(integer) -1, (integer) -1, (integer) 10]')
    show('HDEL h f2')
    show('HSET h f2 new')
    expect(show('HTTL h FIELDS 1 f2')).toBe('[(integer) -1]')
    expect(server.keyspace.databases[0]!.innerDeadlineCount).toBe(0)
    expect(events).toEqual(['hexpire h', 'hset h', 'hpersist h', 'hdel h', 'hset h'])
  })
})

describe('fields that are due', () => {
  const reads = [
    ['HGET h f0', '(nil-bulk)'],
    ['HMGET h f0 f3', '[(nil-bulk), "v3"]'],
    ['HEXISTS h f0', '(integer) 0'],
    ['HSTRLEN h f0', '(integer) 0'],
    ['HLEN h', '(integer) 2'],
    ['HGETALL h', '["f3", "v3", "f4", "v4"]'],
    ['HKEYS h', '["f3", "f4"]'],
    ['HSCAN h 0 NOVALUES', '["0", ["f3", "f4"]]'],
    ['HRANDFIELD h 10', '["f3", "f4"]'],
    ['HTTL h FIELDS 2 f0 f3', '[(integer) -2, (integer) -1]'],
    ['HDEL h f0', '(integer) 0'],
    ['HSETNX h f0 x', '(integer) 1'],
    ['HSET h f0 x f3 y', '(integer) 1'],
    ['HINCRBY h f0 7', '(integer) 7'],
    ['HINCRBYFLOAT h f0 1.5', '"1.5"'],
    ['HEXPIRE h 5 FIELDS 1 f0', '[(integer) -2]'],
    ['HPERSIST h FIELDS 1 f0', '[(integer) -2]'],
    ['HGETDEL h FIELDS 2 f0 f3', '[(nil-bulk), "v3"]'],
    ['HGETEX h FIELDS 2 f0 f3', '[(nil-bulk), "v3"]'],
    ['HSETEX h FXX FIELDS 1 f0 x', '(integer) 0'],
    ['HSETEX h FNX FIELDS 1 f0 x', '(integer) 1'],
  ]
  test.each(reads)('are not there for %s, and are removed', (command, reply) => {
    server.recordPropagation()
    fill(5)
    show('HPEXPIRE h 10 FIELDS 2 f0 f2')
    show('HPEXPIRE h 9 FIELDS 1 f1')
    server.clock.advance(9)
    expect(show('HLEN h')).toBe('(integer) 4')
    propagated()
    server.clock.advance(1)
    const events = recordEvents(server)
    expect(show(command)).toBe(reply)
    expect(events[0]).toBe('hexpired h')
    expect(propagated()[0]).toBe('HDEL h f0 f2')
    expect(server.keyspace.stats.expiredElements).toBe(3)
  })

  test('take the hash with them', () => {
    fill(2)
    show('HPEXPIRE h 10 FIELDS 2 f0 f1')
    server.clock.advance(10)
    const events = recordEvents(server)
    const { dirty } = server.keyspace
    expect(show('HGET h f0')).toBe('(nil-bulk)')
    expect(events).toEqual(['hexpired h', 'del h'])
    expect(server.keyspace.dirty).toBe(dirty)
    expect(show('EXISTS h')).toBe('(integer) 0')
    show('HSET h f0 new')
    expect(show('HTTL h FIELDS 1 f0')).toBe('[(integer) -1]')
  })

  test('of a huge hash are removed bit by bit, and hidden at once', () => {
    const count = 20_000
    fill(count)
    server.run([
      'HPEXPIRE',
      'h',
      '10',
      'FIELDS',
      String(count - 1),
      ...Array.from({ length: count - 1 }, (_, i) => `f${i}`),
    ])
    server.clock.advance(10)
    expect(show('HGET h f0')).toBe('(nil-bulk)')
    expect(server.keyspace.stats.expiredElements).toBeLessThan(2000)
    expect(show('HKEYS h')).toBe(`["f${count - 1}"]`)
    expect(show('HRANDFIELD h')).toBe(`"f${count - 1}"`)
    for (let i = 0; i < 100; i++) show('HLEN h')
    expect(show('HLEN h')).toBe('(integer) 1')
  })
})

describe('the active cycle', () => {
  /** A cycle with a clock of its own that ticks at every look. */
  function cycle(tick = 0.01): ActiveExpiry {
    let time = 0
    return new ActiveExpiry(server.keyspace, () => {
      time += tick
      return time
    })
  }

  test('removes fields that are due though nobody asks, and hashes with their last field', () => {
    server.recordPropagation()
    show('HSET a x 1 y 2')
    show('HSET b x 1')
    show('HSET c x 1')
    show('HPEXPIRE a 10 FIELDS 1 x')
    show('HPEXPIRE b 20 FIELDS 1 x')
    show('HPEXPIRE c 30 FIELDS 1 x')
    const events = recordEvents(server)
    propagated()
    server.clock.advance(20)
    server.dispatcher.syncClock()
    expect(cycle().runSlice(5)).toBe(false)
    expect(events.sort()).toEqual(['del b', 'hexpired a', 'hexpired b'])
    expect(propagated().sort()).toEqual(['HDEL a x', 'HDEL b x'])
    expect(server.keyspace.databases[0]!.size).toBe(2)
    expect(server.keyspace.databases[0]!.innerDeadlineCount).toBe(1)
    server.clock.advance(10)
    server.dispatcher.syncClock()
    cycle().runSlice(5)
    expect(server.keyspace.databases[0]!.size).toBe(1)
    expect(show('HGETALL a')).toBe('["y", "2"]')
  })

  test('finds them after the hash was renamed, copied, and among many other keys', () => {
    show('HSET h x 1 y 2')
    for (let i = 0; i < 3000; i++) show(`HSET other:${i} f v`)
    show('HPEXPIRE h 10 FIELDS 1 x')
    show('COPY h copy')
    show('RENAME h renamed')
    for (let i = 0; i < 3000; i += 2) show(`DEL other:${i}`)
    server.clock.advance(10)
    server.dispatcher.syncClock()
    const expiry = cycle(0)
    for (let slices = 0; expiry.runSlice(5); slices++) expect(slices).toBeLessThan(10)
    expect(server.keyspace.stats.expiredElements).toBe(2)
    expect(server.keyspace.databases[0]!.innerDeadlineCount).toBe(0)
  })

  test('works through a huge hash in slices', () => {
    const count = 30_000
    fill(count)
    server.run([
      'HPEXPIRE',
      'h',
      '10',
      'FIELDS',
      String(count),
      ...Array.from({ length: count }, (_, i) => `f${i}`),
    ])
    server.clock.advance(10)
    server.dispatcher.syncClock()
    const expiry = cycle(1)
    let slices = 1
    while (expiry.runSlice(3)) slices++
    expect(slices).toBeGreaterThan(5)
    expect(slices).toBeLessThan(200)
    expect(server.keyspace.stats.expiredElements).toBe(count)
    expect(server.keyspace.databases[0]!.size).toBe(0)
  })
})

describe('HGETDEL', () => {
  test('gives values and removes the fields', () => {
    server.recordPropagation()
    fill(3)
    const events = recordEvents(server)
    propagated()
    expect(show('HGETDEL h FIELDS 3 f0 x f0')).toBe('["v0", (nil-bulk), (nil-bulk)]')
    expect(show('HGETDEL h FIELDS 1 x')).toBe('[(nil-bulk)]')
    expect(show('HGETDEL h FIELDS 2 f1 f2')).toBe('["v1", "v2"]')
    expect(show('HGETDEL h FIELDS 1 f1')).toBe('[(nil-bulk)]')
    expect(events).toEqual(['hdel h', 'hdel h', 'del h'])
    expect(propagated()).toEqual(['HDEL h f0', 'HDEL h f1 f2'])
  })

  test.each([
    ['HGETDEL h FIELD 1 f', 'Mandatory argument FIELDS is missing or not at the right position'],
    ['HGETDEL h FIELDS 0 f', 'Number of fields must be a positive integer'],
    ['HGETDEL h FIELDS 2 f', 'The `numfields` parameter must match the number of arguments'],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ERR ${text}`)
  })
})

describe('HGETEX', () => {
  test('gives values, and sets deadlines or takes them away', () => {
    server.recordPropagation()
    fill(3)
    const events = recordEvents(server)
    propagated()
    const now = server.clock.now()
    expect(show('HGETEX h FIELDS 2 f0 x')).toBe('["v0", (nil-bulk)]')
    expect(propagated()).toEqual([])
    expect(show('HGETEX h EX 5 FIELDS 2 f0 x')).toBe('["v0", (nil-bulk)]')
    expect(show(`HGETEX h PXAT ${now + 7} FIELDS 1 f1`)).toBe('["v1"]')
    expect(show('HPTTL h FIELDS 3 f0 f1 f2')).toBe('[(integer) 5000, (integer) 7, (integer) -1]')
    expect(show('HGETEX h PERSIST FIELDS 2 f1 f2')).toBe('["v1", "v2"]')
    expect(show('HPTTL h FIELDS 1 f1')).toBe('[(integer) -1]')
    expect(show('HGETEX h PX 0 FIELDS 3 f0 f1 f2')).toBe('["v0", "v1", "v2"]')
    expect(show('EXISTS h')).toBe('(integer) 0')
    expect(events).toEqual(['hexpire h', 'hexpire h', 'hpersist h', 'hdel h', 'del h'])
    expect(propagated()).toEqual([
      `HPEXPIREAT h ${now + 5000} FIELDS 1 f0`,
      `HPEXPIREAT h ${now + 7} FIELDS 1 f1`,
      'HPERSIST h FIELDS 1 f1',
      'HDEL h f0 f1 f2',
    ])
  })

  test.each([
    [
      'HGETEX h EX 1 PERSIST FIELDS 1 f',
      'Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified',
    ],
    ['HGETEX h EX -1 FIELDS 1 f', 'invalid expire time, must be >= 0'],
    ['HGETEX h KEEPTTL FIELDS 1 f', 'unknown argument: KEEPTTL'],
    ['HGETEX h FIELDS 0 f', 'invalid number of fields'],
    ['HGETEX h FIELDS 2 f', "wrong number of arguments for 'hgetex' command"],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ERR ${text}`)
  })
})

describe('HSETEX', () => {
  test('sets fields, with a deadline or without', () => {
    server.recordPropagation()
    const events = recordEvents(server)
    const now = server.clock.now()
    expect(show('HSETEX h EX 5 FIELDS 2 a 1 b 2')).toBe('(integer) 1')
    expect(show('HPTTL h FIELDS 2 a b')).toBe('[(integer) 5000, (integer) 5000]')
    expect(show('HSETEX h KEEPTTL FIELDS 2 a 3 c 4')).toBe('(integer) 1')
    expect(show('HSETEX h FIELDS 1 b 5')).toBe('(integer) 1')
    expect(show('HPTTL h FIELDS 3 a b c')).toBe('[(integer) 5000, (integer) -1, (integer) -1]')
    expect(show('HMGET h a b c')).toBe('["3", "5", "4"]')
    expect(events).toEqual(['hset h', 'hexpire h', 'hset h', 'hset h'])
    expect(propagated()).toEqual([
      'MULTI',
      'HSET h a 1 b 2',
      `HPEXPIREAT h ${now + 5000} FIELDS 2 a b`,
      'EXEC',
      'HSETEX h KEEPTTL FIELDS 2 a 3 c 4',
      'HSET h b 5',
    ])
  })

  test('takes a condition on all fields together', () => {
    show('HSET h a 1 b 2')
    expect(show('HSETEX h FNX FIELDS 2 a 5 c 5')).toBe('(integer) 0')
    expect(show('HSETEX h FXX FIELDS 2 a 5 c 5')).toBe('(integer) 0')
    expect(show('HSETEX nothing FXX FIELDS 1 a 5')).toBe('(integer) 0')
    expect(show('HSETEX h EX 10 FXX FIELDS 2 a 5 b 5')).toBe('(integer) 1')
    expect(show('HSETEX h FNX EX 10 FIELDS 2 c 5 d 5')).toBe('(integer) 1')
    expect(show('HVALS h')).toBe('["5", "5", "5", "5"]')
    expect(show('EXISTS nothing')).toBe('(integer) 0')
  })

  test('with a deadline in the past removes what it has set', () => {
    const events = recordEvents(server)
    show('HSET h a 1')
    expect(show('HSETEX h PXAT 5 FIELDS 2 a 1 b 2')).toBe('(integer) 1')
    expect(show('EXISTS h')).toBe('(integer) 0')
    expect(events).toEqual(['hset h', 'hset h', 'hdel h', 'del h'])
  })

  test.each([
    ['HSETEX h FXX FNX FIELDS 1 f v', 'Only one of FXX or FNX arguments can be specified'],
    [
      'HSETEX h EX 1 KEEPTTL FIELDS 1 f v',
      'Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
    ],
    ['HSETEX h NOTFIELDS 1 f v', 'unknown argument: NOTFIELDS'],
    ['HSETEX h FIELDS 0 f v', 'invalid number of fields'],
    ['HSETEX h FIELDS x f v', 'invalid number of fields'],
    ['HSETEX h FIELDS 2 f v g', "wrong number of arguments for 'hsetex' command"],
    ['HSETEX h EX x FIELDS 1 f v', 'value is not an integer or out of range'],
    ['HSETEX h EX 9223372036854775807 FIELDS 1 f v', "invalid expire time in 'hsetex' command"],
    ['HSETEX h FNX FNX FNX EX', 'Only one of FXX or FNX arguments can be specified'],
    ['HSETEX h FNX PX 1 FOO EX', 'unknown argument: FOO'],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ERR ${text}`)
    expect(show('EXISTS h')).toBe('(integer) 0')
  })
})
