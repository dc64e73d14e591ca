import { beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from '../support/harness.ts'
import { encodingOf, lifetimeOf, recordEvents } from './stored.ts'

const NOT_AN_INTEGER = '(error) ERR value is not an integer or out of range'
const NOT_A_FLOAT = '(error) ERR value is not a valid float'
const OVERFLOW = '(error) ERR increment or decrement would overflow'
const MAX = '9223372036854775807'
const MIN = '-9223372036854775808'

let server: Harness
const show = (command: string) => server.show(command)

beforeEach(() => {
  server = new Harness([stringCommands], 1, 1)
})

describe('INCR, DECR, INCRBY and DECRBY', () => {
  test('count from 0 where there is no key', () => {
    expect(show('INCR a')).toBe('(integer) 1')
    expect(show('DECR b')).toBe('(integer) -1')
    expect(show('INCRBY c 0')).toBe('(integer) 0')
    expect(show('DECRBY d 0')).toBe('(integer) 0')
    expect(show('MGET a b c d')).toBe('["1", "-1", "0", "0"]')
  })

  test('store integers and keep the deadline, whatever becomes of the length', () => {
    show('SET k 9 EX 10')
    expect(show('INCR k')).toBe('(integer) 10')
    expect(show('DECRBY k 100000')).toBe('(integer) -99990')
    expect(show('GET k')).toBe('"-99990"')
    expect(encodingOf(server, 'k')).toBe('int')
    expect(lifetimeOf(server, 'k')).toBe(10_000)
  })

  test('make an integer of a raw string that spells one', () => {
    show('APPEND k 1')
    show('APPEND k 2')
    expect(encodingOf(server, 'k')).toBe('raw')
    expect(show('INCR k')).toBe('(integer) 13')
    expect(encodingOf(server, 'k')).toBe('int')
  })

  test('are exact in all of 64 bits', () => {
    const random = new Random(4)
    for (let round = 0; round < 1000; round++) {
      const near = [0n, 2n ** 53n, -(2n ** 53n), 2n ** 62n, -(2n ** 62n)]
      const value = near[random.below(5)]! + BigInt(random.below(7) - 3)
      const by = near[random.below(5)]! + BigInt(random.below(7) - 3)
      show(`SET k ${value}`)
      if (value + by > BigInt(MAX) || value + by < BigInt(MIN)) {
        expect(show(`INCRBY k ${by}`)).toBe(OVERFLOW)
        continue
      }
      expect(show(`INCRBY k ${by}`)).toBe(`(integer) ${value + by}`)
      expect(show('GET k')).toBe(`"${value + by}"`)
      expect(show(`DECRBY k ${by}`)).toBe(`(integer) ${value}`)
    }
  })

  test('reach the limits of 64 bits and go no further', () => {
    show(`SET max ${MAX}`)
    show(`SET min ${MIN}`)
    expect(show('INCR max')).toBe(OVERFLOW)
    expect(show('DECR min')).toBe(OVERFLOW)
    expect(show(`INCRBY max ${MAX}`)).toBe(OVERFLOW)
    expect(show(`DECRBY min ${MAX}`)).toBe(OVERFLOW)
    expect(show(`INCRBY max ${MIN}`)).toBe('(integer) -1')
    expect(show(`DECRBY min -${MAX}`)).toBe('(integer) -1')
    expect(show(`DECRBY k ${MIN}`)).toBe('(error) ERR decrement would overflow')
  })

  test.each(['', ' 1', '1 ', '01', '-0', '1.0', 'abc', '9223372036854775808'])(
    'do not count on from "%s"',
    (value) => {
      server.run(['SET', 'k', value])
      expect(show('INCR k')).toBe(NOT_AN_INTEGER)
      expect(server.show(['INCRBY', 'other', value])).toBe(NOT_AN_INTEGER)
      expect(server.run('GET k')).toEqual({ type: 'bulk', text: value })
    },
  )

  test('say "incrby", one change each, and are propagated as they are', () => {
    const events = recordEvents(server)
    server.recordPropagation()
    show('INCR k')
    show(`INCRBY k 9007199254740993`)
    expect(events).toEqual(['incrby k', 'incrby k'])
    expect(server.keyspace.dirty).toBe(2)
    expect(server.propagated.map(({ command }) => command.join(' '))).toEqual([
      'INCR k',
      'INCRBY k 9007199254740993',
    ])
  })
})

describe('INCRBYFLOAT', () => {
  test('adds as Redis does, in long doubles', () => {
    expect(show('INCRBYFLOAT k 0.1')).toBe('"0.1"')
    expect(show('INCRBYFLOAT k 0.2')).toBe('"0.3"')
    expect(show('INCRBYFLOAT k 5.0e3')).toBe('"5000.29999999999999982"')
    expect(show('INCRBYFLOAT k -5000.3')).toBe('"0"')
    expect(show('GET k')).toBe('"0"')
  })

  test('keeps the deadline and leaves text, embedded or raw by its length', () => {
    show('SET k 3 EX 10')
    show('INCRBYFLOAT k 1')
    expect(show('GET k')).toBe('"4"')
    expect(encodingOf(server, 'k')).toBe('embstr')
    expect(show('INCRBYFLOAT k 1e45')).toBe('"1000000000000000000010386253980881820456058880"')
    expect(encodingOf(server, 'k')).toBe('raw')
    expect(lifetimeOf(server, 'k')).toBe(10_000)
  })

  test('propagates the result', () => {
    server.recordPropagation()
    const events = recordEvents(server)
    show('INCRBYFLOAT k 0.1')
    expect(server.propagated.map(({ command }) => command.join(' '))).toEqual(['SET k 0.1 KEEPTTL'])
    expect(events).toEqual(['incrbyfloat k'])
  })

  test.each(['', ' 1', 'abc', 'nan', '1e5000', '1'.repeat(6000)])('does not add to or from "%s"', (value) => {
    server.run(['SET', 'k', value])
    expect(show('INCRBYFLOAT k 1')).toBe(NOT_A_FLOAT)
    expect(server.show(['INCRBYFLOAT', 'other', value])).toBe(NOT_A_FLOAT)
  })

  test('refuses a result that is not finite', () => {
    const refusal = '(error) ERR increment would produce NaN or Infinity'
    show('SET k inf')
    expect(show('INCRBYFLOAT k 1')).toBe(refusal)
    expect(show('INCRBYFLOAT other -inf')).toBe(refusal)
    show('SET k 1e4932')
    expect(show('INCRBYFLOAT k 1e4932')).toBe(refusal)
  })
})
