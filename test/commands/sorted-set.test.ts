import { beforeEach, describe, expect, test } from 'vitest'
import { Session } from '../../src/command/session.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { memoryUsageCommand } from '../../src/commands/memory-usage.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness, QUIET_PEER } from '../support/harness.ts'
import { encodingOf, recordEvents } from './stored.ts'

const measuring = {
  group: 'server',
  commands: [{ ...memoryUsageCommand, name: 'USAGE', keys: [], run: memoryUsageCommand.run! }],
} as const

let server: Harness
let resp3: Session

beforeEach(() => {
  server = new Harness([sortedSetCommands, setCommands, stringCommands, keyCommands, measuring], 1, 2)
  resp3 = new Session(2, QUIET_PEER, server.clock.now())
  resp3.protocol = 3
})

const show = (command: string) => server.show(command)
const show3 = (command: string) => server.show(command, resp3)

/** Adds members `m0`, `m1` and so on, with their numbers as scores. */
function fill(key: string, count: number): void {
  server.run(['ZADD', key, ...Array.from({ length: count }, (_, n) => [`${n}`, `m${n}`]).flat()])
}

describe('ZADD', () => {
  test('tells how many members are new, with CH also how many scores are', () => {
    expect(show('ZADD z 1 a 2 b 3 c')).toBe('(integer) 3')
    expect(show('ZADD z 1 a 5 b 4 d')).toBe('(integer) 1')
    expect(show('ZADD z CH 1 a 6 b 4 e')).toBe('(integer) 2')
    expect(show('ZRANGE z 0 -1 WITHSCORES')).toBe('["a", "1", "c", "3", "d", "4", "e", "4", "b", "6"]')
  })

  test('XX does not create a key, and NX leaves scores alone', () => {
    expect(show('ZADD z XX 1 a')).toBe('(integer) 0')
    expect(show('ZADD z XX INCR 1 a')).toBe('(nil-bulk)')
    expect(show('EXISTS z')).toBe('(integer) 0')
    show('ZADD z 1 a')
    expect(show('ZADD z NX 2 a 3 b')).toBe('(integer) 1')
    expect(show('ZSCORE z a')).toBe('"1"')
  })

  test('GT and LT let scores go one way only', () => {
    show('ZADD z 5 a')
    expect(show('ZADD z GT CH 4 a')).toBe('(integer) 0')
    expect(show('ZADD z GT CH 6 a')).toBe('(integer) 1')
    expect(show('ZADD z LT INCR 1 a')).toBe('(nil-bulk)')
    expect(show('ZADD z LT INCR -1 a')).toBe('"5"')
  })

  test('refuses options that exclude each other, pairs that are none, and all pairs for one bad score', () => {
    expect(show('ZADD z NX XX 1 a')).toMatch('ERR XX and NX options at the same time are not compatible')
    expect(show('ZADD z GT LT 1 a')).toMatch(
      'ERR GT, LT, and/or NX options at the same time are not compatible',
    )
    expect(show('ZADD z INCR 1 a 2 b')).toMatch('ERR INCR option supports a single increment-element pair')
    expect(show('ZADD z 1 a 2')).toMatch('ERR syntax error')
    expect(show('ZADD z 1 a nan b')).toMatch('ERR value is not a valid float')
    expect(show('EXISTS z')).toBe('(integer) 0')
  })

  test('infinities that cancel each other are an error', () => {
    show('ZADD z inf a')
    expect(show('ZINCRBY z -inf a')).toMatch('ERR resulting score is not a number (NaN)')
    expect(show('ZSCORE z a')).toBe('"inf"')
    expect(show3('ZSCORE z a')).toBe('(double) inf')
  })

  test('minus zero stays so in a large set only', () => {
    show('ZADD small -0 a')
    expect(show('ZSCORE small a')).toBe('"0"')
    server.run(['ZADD', 'large', '1', 'x'.repeat(65), '-0', 'a'])
    expect(show('ZSCORE large a')).toBe('"-0"')
  })

  test('of more pairs than a listpack may have makes a large set, though members may repeat', () => {
    server.run(['ZADD', 'z', ...Array.from({ length: 129 }, () => ['1', 'a']).flat()])
    expect(show('ZCARD z')).toBe('(integer) 1')
    expect(encodingOf(server, 'z')).toBe('skiplist')
    fill('y', 128)
    expect(encodingOf(server, 'y')).toBe('listpack')
    show('ZADD y 1 x')
    expect(encodingOf(server, 'y')).toBe('skiplist')
  })
})

describe('replies in RESP3', () => {
  test('have scores as doubles, and members with scores as pairs', () => {
    show('ZADD z 1.5 a 2 b')
    expect(show3('ZRANGE z 0 -1 WITHSCORES')).toBe('[["a", (double) 1.5], ["b", (double) 2]]')
    expect(show3('ZRANGE z 0 -1')).toBe('["a", "b"]')
    expect(show3('ZMSCORE z a x')).toBe('[(double) 1.5, (null)]')
    expect(show3('ZRANK z b WITHSCORE')).toBe('[(integer) 1, (double) 2]')
    expect(show3('ZRANDMEMBER z 5 WITHSCORES')).toBe('[["a", (double) 1.5], ["b", (double) 2]]')
    expect(show3('ZUNION 1 z WITHSCORES')).toBe('[["a", (double) 1.5], ["b", (double) 2]]')
    expect(show3('ZSCAN z 0')).toBe('["0", ["a", "1.5", "b", "2"]]')
    expect(show3('ZINCRBY z 1 a')).toBe('(double) 2.5')
    expect(show3('ZPOPMIN z')).toBe('["b", (double) 2]')
    expect(show3('ZPOPMIN z 1')).toBe('[["a", (double) 2.5]]')
  })

  test('of what is not there are nulls', () => {
    expect(show3('ZRANK z a WITHSCORE')).toBe('(null)')
    expect(show('ZRANK z a WITHSCORE')).toBe('(nil-array)')
    expect(show('ZRANK z a')).toBe('(nil-bulk)')
    expect(show('ZMPOP 1 z MIN')).toBe('(nil-array)')
    expect(show('ZRANDMEMBER z')).toBe('(nil-bulk)')
    expect(show('ZRANDMEMBER z 3 WITHSCORES')).toBe('[]')
  })
})

describe.each([5, 300])('ranges of a set of %i members', (count) => {
  beforeEach(() => fill('z', count))
  const last = `m${count - 1}`

  test('by rank count from either end', () => {
    expect(show('ZRANGE z 0 1')).toBe('["m0", "m1"]')
    expect(show('ZRANGE z -1 -1')).toBe(`["${last}"]`)
    expect(show('ZRANGE z 0 0 REV')).toBe(`["${last}"]`)
    expect(show('ZREVRANGE z -1 -1')).toBe('["m0"]')
    expect(show(`ZRANGE z ${count} -1`)).toBe('[]')
    expect(show('ZRANGE z -10000 0')).toBe('["m0"]')
  })

  test('by score are open or closed, and go either way', () => {
    expect(show('ZRANGEBYSCORE z (1 3')).toBe('["m2", "m3"]')
    expect(show('ZREVRANGEBYSCORE z (3 1')).toBe('["m2", "m1"]')
    expect(show('ZRANGE z -inf +inf BYSCORE LIMIT 1 2')).toBe('["m1", "m2"]')
    expect(show(`ZRANGE z +inf -inf BYSCORE REV LIMIT ${count - 1} -1`)).toBe('["m0"]')
    expect(show('ZRANGE z 3 1 BYSCORE')).toBe('[]')
    expect(show('ZRANGE z -inf inf BYSCORE LIMIT -1 2')).toBe('[]')
    expect(show('ZCOUNT z (0 3')).toBe('(integer) 3')
  })

  test('by member go by bytes', () => {
    server.run([
      'ZADD',
      'lex',
      ...Array.from({ length: count }, (_, n) => ['0', `m${n}`]).flat(),
      '0',
      'a',
      '0',
      'z',
    ])
    expect(show('ZRANGEBYLEX lex - (m0')).toBe('["a"]')
    expect(show('ZRANGEBYLEX lex [m0 [m1')).toMatch(/^\["m0", "m1"/)
    expect(show('ZREVRANGEBYLEX lex + [m9 LIMIT 0 1')).toBe('["z"]')
    expect(show('ZLEXCOUNT lex - +')).toBe(`(integer) ${count + 2}`)
    expect(show('ZLEXCOUNT lex + -')).toBe('(integer) 0')
    expect(show('ZREMRANGEBYLEX lex [m (n')).toBe(`(integer) ${count}`)
    expect(show('ZRANGE lex 0 -1')).toBe('["a", "z"]')
  })

  test('can be removed, and with the last member the key goes', () => {
    expect(show('ZREMRANGEBYRANK z 1 -2')).toBe(`(integer) ${count - 2}`)
    expect(show('ZRANGE z 0 -1')).toBe(`["m0", "${last}"]`)
    const events = recordEvents(server)
    expect(show('ZREMRANGEBYSCORE z -inf +inf')).toBe('(integer) 2')
    expect(events).toEqual(['zremrangebyscore z', 'del z'])
    expect(show('EXISTS z')).toBe('(integer) 0')
  })

  test('can be stored, also under the key that they come from', () => {
    expect(show('ZRANGESTORE z z 1 2')).toBe('(integer) 2')
    expect(show('ZRANGE z 0 -1 WITHSCORES')).toBe('["m1", "1", "m2", "2"]')
    expect(encodingOf(server, 'z')).toBe('listpack')
    expect(show('ZRANGESTORE z none 0 -1')).toBe('(integer) 0')
    expect(show('EXISTS z')).toBe('(integer) 0')
  })
})

test('minus infinity and the lowest member are not the same', () => {
  show('ZADD z -inf a -inf b')
  expect(show('ZRANGEBYLEX z - -')).toBe('[]')
  expect(show('ZLEXCOUNT z - (b')).toBe('(integer) 1')
  expect(show('ZLEXCOUNT z - +')).toBe('(integer) 2')
})

test('a bound is what C reads as a number', () => {
  show('ZADD z 0 zero 1 one 16 sixteen')
  expect(show('ZCOUNT z "" ""')).toBe('(integer) 1')
  expect(show('ZCOUNT z " 1" 0x10')).toBe('(integer) 2')
  expect(show('ZCOUNT z -1e999 1e999')).toBe('(integer) 3')
  expect(show('ZCOUNT z "1 " 2')).toMatch('ERR min or max is not a float')
  expect(show('ZCOUNT z nan 2')).toMatch('ERR min or max is not a float')
})

describe('popping', () => {
  test('tells what changed, and propagates ZMPOP as the pop it was', () => {
    fill('z', 4)
    server.recordPropagation()
    const events = recordEvents(server)
    expect(show('ZMPOP 2 none z MAX COUNT 2')).toBe('["z", [["m3", "3"], ["m2", "2"]]]')
    expect(server.propagated.map(({ command }) => command)).toEqual([['ZPOPMAX', 'z', '2']])
    expect(show('ZPOPMIN z 10')).toBe('["m0", "0", "m1", "1"]')
    expect(events).toEqual(['zpopmax z', 'zpopmin z', 'del z'])
  })

  test('takes none if none are wanted, and refuses a negative number', () => {
    fill('z', 2)
    expect(show('ZPOPMIN z 0')).toBe('[]')
    expect(show('ZPOPMIN z -1')).toMatch('ERR value is out of range, must be positive')
    expect(show('ZMPOP 0 z MIN')).toMatch('ERR numkeys should be greater than 0')
    expect(show('ZMPOP 1 z MIN COUNT 0')).toMatch('ERR count should be greater than 0')
  })
})

describe('combining', () => {
  test('takes sets as sorted sets whose scores are all 1', () => {
    show('ZADD z 2 a 3 b')
    show('SADD s b c')
    expect(show('ZUNION 2 z s WITHSCORES')).toBe('["c", "1", "a", "2", "b", "4"]')
    expect(show('ZINTER 2 z s WEIGHTS 10 -1 WITHSCORES')).toBe('["b", "29"]')
    expect(show('ZDIFF 2 z s')).toBe('["a"]')
    expect(show('ZINTERCARD 2 s z')).toBe('(integer) 1')
    expect(show('ZINTERCARD 2 z z LIMIT 1')).toBe('(integer) 1')
  })

  test('stores the result over a key of any type, also over one of the inputs', () => {
    show('ZADD z 2 a 3 b')
    show('SET s text')
    expect(show('ZUNIONSTORE s 1 z')).toBe('(integer) 2')
    expect(show('ZUNIONSTORE z 2 z s AGGREGATE MAX')).toBe('(integer) 2')
    expect(show('ZRANGE z 0 -1 WITHSCORES')).toBe('["a", "2", "b", "3"]')
    const events = recordEvents(server)
    expect(show('ZINTERSTORE z 2 z none')).toBe('(integer) 0')
    expect(show('EXISTS z')).toBe('(integer) 0')
    expect(events).toEqual(['del z'])
  })

  test('of large sets gives large sets, and small ones of what little is left', () => {
    fill('x', 300)
    server.run(['ZADD', 'y', ...Array.from({ length: 300 }, (_, n) => ['1', `m${n + 200}`]).flat()])
    expect(show('ZUNIONSTORE u 2 x y')).toBe('(integer) 500')
    expect(encodingOf(server, 'u')).toBe('skiplist')
    expect(show('ZSCORE u m250')).toBe('"251"')
    expect(show('ZRANK u m199')).toBe('(integer) 399')
    expect(show('ZDIFFSTORE d 2 u x')).toBe('(integer) 200')
    expect(show('ZINTERSTORE i 2 x y')).toBe('(integer) 100')
    expect(encodingOf(server, 'i')).toBe('listpack')
    expect(show('ZRANGE i 0 0 WITHSCORES')).toBe('["m200", "201"]')
  })

  test('leaves no memory behind that nobody owns', () => {
    fill('x', 300)
    const used = server.keyspace.usedBytes
    show('ZUNION 2 x x WITHSCORES')
    show('ZINTER 2 x x')
    show('ZUNIONSTORE y 2 x x')
    show('ZUNIONSTORE y 1 x')
    show('COPY y w')
    show('DEL y w')
    while (!server.keyspace.reclaim());
    expect(server.keyspace.usedBytes).toBe(used)
  })

  test('infinity times zero is zero, or in a sum of an intersection makes it zero', () => {
    show('ZADD z inf a 1 b')
    show('ZADD y 5 a 6 b 7 c')
    expect(show('ZUNION 1 z WEIGHTS 0 WITHSCORES')).toBe('["a", "0", "b", "0"]')
    expect(show('ZINTER 2 y z WEIGHTS inf 0 WITHSCORES')).toBe('["a", "inf", "b", "inf"]')
    show('ZADD y 8 d')
    show('ZADD x inf a 1 b 1 c 1 d 1 e')
    expect(show('ZINTER 2 y x WEIGHTS 1 0 WITHSCORES')).toBe('["a", "0", "b", "6", "c", "7", "d", "8"]')
  })

  test('refuses numbers of keys that are none', () => {
    expect(show('ZUNIONSTORE d 0 z')).toMatch("ERR at least 1 input key is needed for 'zunionstore' command")
    expect(show('ZUNION 2 z')).toMatch('ERR syntax error')
    expect(show('ZINTER 1 z WEIGHTS x')).toMatch('ERR weight value is not a float')
    expect(show('ZDIFF 1 z WEIGHTS 1')).toMatch('ERR syntax error')
    expect(show('ZUNIONSTORE d 1 z WITHSCORES')).toMatch('ERR syntax error')
  })
})

test('what is no sorted set is refused, after all arguments have been read', () => {
  show('SET s x')
  for (const command of [
    'ZADD s 1 a',
    'ZCARD s',
    'ZRANGE s 0 -1',
    'ZPOPMIN s',
    'ZUNION 1 s',
    'ZSCAN s 0',
    'ZRANK s a',
  ]) {
    expect(show(command), command).toMatch('WRONGTYPE')
  }
  expect(show('ZADD s x a')).toMatch('ERR value is not a valid float')
  expect(show('ZRANGE s a b')).toMatch('ERR value is not an integer or out of range')
})

test('ZRANDMEMBER refuses more repetitions than any reply can hold', () => {
  show('ZADD z 1 a')
  expect(show('ZRANDMEMBER z -3')).toBe('["a", "a", "a"]')
  expect(show('ZRANDMEMBER z -9223372036854775807')).toMatch('ERR value is out of range')
  expect(show('ZRANDMEMBER z 9223372036854775807')).toBe('["a"]')
  expect(show('ZRANDMEMBER z 9223372036854775807 WITHSCORES')).toMatch('ERR value is out of range')
})

test('ZSCAN goes through a large set, and tells its scores with 17 digits', () => {
  fill('z', 500)
  show('ZADD z 0.1 m0')
  const seen = new Set<string>()
  let cursor = '0'
  do {
    const reply = server.run(['ZSCAN', 'z', cursor, 'COUNT', '20', 'MATCH', 'm*'])
    if (reply.type !== 'array') throw new Error('ZSCAN failed')
    const [next, page] = reply.items
    if (next?.type !== 'bulk' || page?.type !== 'array') throw new Error('ZSCAN failed')
    page.items.forEach((item, n) => {
      if (item.type === 'bulk' && n % 2 === 0) seen.add(item.text)
      if (item.type === 'bulk' && item.text === 'm0') {
        expect(page.items[n + 1]).toEqual({ type: 'bulk', text: '0.10000000000000001' })
      }
    })
    cursor = next.text
  } while (cursor !== '0')
  expect(seen.size).toBe(500)
})

test('MEMORY USAGE counts what a large set keeps outside its entry', () => {
  fill('z', 1000)
  const usage = (samples: number) => Number(show(`USAGE x z SAMPLES ${samples}`).replace('(integer) ', ''))
  expect(usage(0)).toBeGreaterThan(1000 * 40)
  expect(usage(0)).toBeLessThan(1000 * 100)
  expect(Math.abs(usage(5) / usage(0) - 1)).toBeLessThan(0.1)
})
