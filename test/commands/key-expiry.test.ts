import { beforeEach, describe, expect, test } from 'vitest'
import { recordEvents } from '../support/events.ts'
import { KeyHarness } from '../support/key-harness.ts'

let server: KeyHarness
let show: (command: string) => string

beforeEach(() => {
  server = new KeyHarness()
  show = (command) => server.show(command)
})

describe('EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT', () => {
  test('count from now or from the epoch, in seconds or milliseconds', () => {
    server.clock.set(1_000_000_500)
    const cases = [
      ['EXPIRE a 10', 1_000_010_500],
      ['PEXPIRE a 10', 1_000_000_510],
      ['EXPIREAT a 1000020', 1_000_020_000],
      ['PEXPIREAT a 1000020001', 1_000_020_001],
    ] as const
    for (const [command, deadline] of cases) {
      server.run('SET a 1')
      expect(show(command)).toBe('(integer) 1')
      expect(show('PEXPIRETIME a')).toBe(`(integer) ${deadline}`)
    }
  })

  test('say 0 for a key that is not there', () => {
    expect(show('EXPIRE a 10')).toBe('(integer) 0')
    expect(show('PEXPIREAT a 10')).toBe('(integer) 0')
  })

  test('a key lives until its deadline and not a millisecond longer', () => {
    server.run('SET a 1')
    server.run('PEXPIRE a 100')
    server.clock.advance(99)
    expect(show('GET a')).toBe('"1"')
    server.clock.advance(1)
    expect(show('GET a')).toBe('(nil-bulk)')
  })

  test('keep value and encoding, and may change the deadline any number of times', () => {
    server.run('SET a 12345')
    for (const seconds of [10, 1000, 5]) {
      server.run(`EXPIRE a ${seconds}`)
      expect(show('TTL a')).toBe(`(integer) ${seconds}`)
    }
    expect(show('GET a')).toBe('"12345"')
    expect(show('OBJECT ENCODING a')).toBe('"int"')
  })

  test('a deadline in the past removes the key', () => {
    for (const command of ['EXPIRE a 0', 'EXPIRE a -1', 'PEXPIREAT a 1', 'EXPIREAT a -9223372036854775']) {
      server.run('SET a 1')
      const events = recordEvents(server.keyspace)
      expect(show(command)).toBe('(integer) 1')
      expect(events).toEqual(['0 del a'])
      expect(show('DBSIZE')).toBe('(integer) 0')
    }
  })

  test('but not where keys do not expire by themselves', () => {
    server.run('SET a 1')
    server.keyspace.mayExpire = false
    expect(show('PEXPIREAT a -5')).toBe('(integer) 1')
    expect(show('DBSIZE')).toBe('(integer) 1')
    expect(show('EXISTS a')).toBe('(integer) 0')
  })

  test('the farthest moments are near enough', () => {
    server.run('SET a 1')
    expect(show('PEXPIREAT a 9223372036854775807')).toBe('(integer) 1')
    expect(show('PEXPIRETIME a')).toBe('(integer) 9223372036854774784')
    expect(show('GET a')).toBe('"1"')
    expect(show('EXPIREAT a 9223372036854775')).toBe('(integer) 1')
    expect(show('EXPIRETIME a')).toBe('(integer) 9223372036854774')
  })

  test('what overflows is refused, with the command named as it is', () => {
    server.run('SET a 1')
    const refused = [
      ['EXPIRE a 9223372036854775807', 'expire'],
      ['EXPIRE a 9223372036854775', 'expire'],
      ['EXPIRE a -9223372036854775807', 'expire'],
      ['PEXPIRE a 9223372036854775807', 'pexpire'],
      ['EXPIREAT a 9223372036854776', 'expireat'],
    ]
    for (const [command, name] of refused) {
      expect(show(command!)).toBe(`(error) ERR invalid expire time in '${name}' command`)
    }
    expect(show('EXPIRE a 9223372036854775808')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('TTL a')).toBe('(integer) -1')
  })

  test.each([
    // condition, new deadline in seconds, with no deadline, with one in 100 seconds
    ['NX', 50, 1, 0],
    ['XX', 50, 0, 1],
    ['GT', 50, 0, 0],
    ['GT', 100, 0, 0],
    ['GT', 150, 0, 1],
    ['LT', 50, 1, 1],
    ['LT', 100, 1, 0],
    ['LT', 150, 1, 0],
    ['XX GT', 150, 0, 1],
    ['XX LT', 50, 0, 1],
    ['xx lt xx', 50, 0, 1],
  ])('%s with %i seconds', (condition, seconds, without, withDeadline) => {
    server.run('MSET a 1 b 1')
    server.run('EXPIRE b 100')
    expect(show(`EXPIRE a ${seconds} ${condition}`)).toBe(`(integer) ${without}`)
    expect(show(`EXPIRE b ${seconds} ${condition}`)).toBe(`(integer) ${withDeadline}`)
    expect(show('TTL b')).toBe(`(integer) ${withDeadline === 1 ? seconds : 100}`)
  })

  test('options are looked at before the number, the number before the key', () => {
    const incompatible = 'ERR NX and XX, GT or LT options at the same time are not compatible'
    expect(show('EXPIRE a 10 NX XX')).toBe(`(error) ${incompatible}`)
    expect(show('EXPIRE a 10 NX GT')).toBe(`(error) ${incompatible}`)
    expect(show('EXPIRE a x GT LT')).toBe('(error) ERR GT and LT options at the same time are not compatible')
    expect(show('EXPIRE a x SOON')).toBe('(error) ERR Unsupported option SOON')
    expect(show('EXPIRE a 1 "S\\x00OON"')).toBe('(error) ERR Unsupported option S')
    expect(show('EXPIRE a x NX')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('EXPIRE a 1.5')).toBe('(error) ERR value is not an integer or out of range')
  })

  test('are propagated as the moment they mean, or as the removal they are', () => {
    server.run('MSET a 1 b 2')
    server.recordPropagation()
    const at = server.clock.now() + 10_000
    server.run('EXPIRE a 10 NX')
    server.run('PEXPIREAT a 1')
    server.keyspace.removalCommand = 'UNLINK'
    server.run('EXPIRE b 0')
    server.run('EXPIRE b 10')
    expect(server.propagated.map(({ command }) => command)).toEqual([
      ['PEXPIREAT', 'a', String(at)],
      ['DEL', 'a'],
      ['UNLINK', 'b'],
    ])
  })

  test('a deadline is an event and a change; a condition that is not met is neither', () => {
    server.run('SET a 1')
    const events = recordEvents(server.keyspace)
    const { dirty } = server.keyspace
    server.run('EXPIRE a 10 XX')
    expect([events.length, server.keyspace.dirty]).toEqual([0, dirty])
    server.run('EXPIRE a 10')
    expect(events).toEqual(['0 expire a'])
    expect(server.keyspace.dirty).toBe(dirty + 1)
  })
})

describe('PERSIST', () => {
  test('takes the deadline away', () => {
    server.run('SET a 1 EX 10')
    const events = recordEvents(server.keyspace)
    expect(show('PERSIST a')).toBe('(integer) 1')
    expect(show('TTL a')).toBe('(integer) -1')
    expect(events).toEqual(['0 persist a'])
    expect(show('GET a')).toBe('"1"')
  })

  test('says 0 if there is none, or no key', () => {
    server.run('SET a 1')
    expect(show('PERSIST a')).toBe('(integer) 0')
    expect(show('PERSIST b')).toBe('(integer) 0')
  })
})

describe('TTL, PTTL, EXPIRETIME and PEXPIRETIME', () => {
  test('say -2 without a key and -1 without a deadline', () => {
    server.run('SET a 1')
    for (const command of ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME']) {
      expect(show(`${command} nothing`)).toBe('(integer) -2')
      expect(show(`${command} a`)).toBe('(integer) -1')
    }
  })

  test('round seconds to the nearest', () => {
    server.clock.set(1_000_000)
    server.run('SET a 1 PX 1499')
    expect(show('TTL a')).toBe('(integer) 1')
    expect(show('EXPIRETIME a')).toBe('(integer) 1001')
    expect(show('PTTL a')).toBe('(integer) 1499')
    server.run('SET a 1 PX 1500')
    expect(show('TTL a')).toBe('(integer) 2')
    expect(show('EXPIRETIME a')).toBe('(integer) 1002')
    expect(show('PEXPIRETIME a')).toBe('(integer) 1001500')
  })

  test('count a hit or a miss, but note no access', () => {
    server.run('SET a 1')
    server.clock.advance(3000)
    const { stats } = server.keyspace
    const before = { ...stats }
    server.run('TTL a')
    server.run('PEXPIRETIME b')
    expect([stats.hits - before.hits, stats.misses - before.misses]).toEqual([1, 1])
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 3')
  })
})
