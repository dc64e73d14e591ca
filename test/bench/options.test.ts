// The options of the bench: what they default to, what they refuse.

import { describe, expect, test } from 'vitest'
import { HELP, OptionError, parseOptions } from '../../bench/options.ts'

const parse = (...argv: string[]) => parseOptions(argv, '/results')

describe('options of the bench', () => {
  test('without any are the usual tests at three depths, five rounds, memory and pauses', () => {
    expect(parse()).toEqual({
      tests: [
        ...['ping_mbulk', 'set', 'get', 'incr', 'mset'],
        ...['lpush', 'rpush', 'lpop', 'rpop', 'sadd', 'hset', 'spop', 'zadd', 'zpopmin'],
        ...['lrange_100', 'lrange_300', 'lrange_500', 'lrange_600'],
      ],
      depths: [1, 16, 100],
      rounds: 5,
      clients: 50,
      keyspace: 100_000,
      requests: undefined,
      seconds: 2.2,
      memory: [1_000_000, 5_000_000],
      shapes: true,
      scenarios: true,
      pauses: 20,
      pauseKeys: 5_000_000,
      snapshotKeys: 5_000_000,
      server: undefined,
      against: undefined,
      alone: false,
      port: undefined,
      out: '/results',
      help: false,
    })
  })

  test('take lists with blanks, and test names in any case', () => {
    const options = parse('--tests', 'SET, Get,', '--depths=1, 32', '--memory', '1000')
    expect(options.tests).toEqual(['set', 'get'])
    expect(options.depths).toEqual([1, 32])
    expect(options.memory).toEqual([1000])
  })

  test('take groups of tests beside single ones', () => {
    const { tests } = parse('--tests', 'core,hget_1m')
    expect(tests).toEqual(['ping_mbulk', 'set', 'get', 'incr', 'mset', 'hget_1m'])
    expect(parse('--tests', 'large').tests).toContain('zadd_1m')
  })

  test('turn whole parts off', () => {
    const options = parse('--no-throughput', '--no-memory', '--no-shapes', '--no-scenarios', '--no-pauses')
    expect(options).toMatchObject({ tests: [], memory: [], shapes: false, scenarios: false, pauses: 0 })
  })

  test('--quick shortens everything that is not said otherwise', () => {
    const options = parse('--quick', '--rounds', '7')
    expect(options.rounds).toBe(7)
    expect(options.seconds).toBeLessThan(parse().seconds)
    expect(options.memory).not.toEqual(parse().memory)
  })

  test.each([
    [['--depths', '0'], "--depths needs a whole number above 0, not '0'"],
    [['--depths', '1,two'], "--depths needs a whole number above 0, not 'two'"],
    [['--requests', '1e5'], "--requests needs a whole number above 0, not '1e5'"],
    [['--rounds', '1.5'], "--rounds needs a whole number above 0, not '1.5'"],
    [['--tests', ','], '--tests needs at least one word'],
    [['--pauses', '-1'], '--pauses'],
    [['--pauses', 'x'], "--pauses needs a number of seconds above 0, not 'x'"],
    [['--port', '65535'], "--port needs a port up to 65534, not '65535'"],
    [['--colour'], '--colour'],
    [['set'], 'set'],
  ])('%j are refused with the reason', (argv, reason) => {
    expect(() => parse(...argv)).toThrow(OptionError)
    expect(() => parse(...argv)).toThrow(reason)
  })

  test('are all in the help, with the defaults that hold', () => {
    const usual = parse()
    expect(parse('--tests', 'core,collections').tests).toEqual(usual.tests)
    expect(HELP).toContain('(core,collections)')
    expect(HELP).toContain(`(${usual.memory.join(',')})`)
    for (const name of [
      '--quick',
      '--no-throughput',
      '--no-memory',
      '--no-shapes',
      '--no-scenarios',
      '--no-pauses',
      '--server',
      '--against',
      '--alone',
    ]) {
      expect(HELP).toContain(`  ${name} `)
    }
  })
})
