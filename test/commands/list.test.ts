// The list commands on small and large lists: replies, events, changes counted, encodings. Expected replies are
// redis-server's; encodings are those of 7.4.

import { beforeEach, describe, expect, test } from 'vitest'
import { listCommands } from '../../src/commands/list.ts'
import { HASH, STRING } from '../../src/types/value-type.ts'
import { recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'
import { KEY_FAMILIES } from '../support/key-harness.ts'
import { encodingOf, putOtherType } from './stored.ts'

const WRONG_TYPE = '(error) WRONGTYPE Operation against a key holding the wrong kind of value'

let server: Harness
let show: (command: string | string[]) => string

beforeEach(() => {
  server = new Harness([listCommands, ...KEY_FAMILIES], 1, 2)
  show = (command) => server.show(command)
})

function itemsOf(key: string): string[] {
  const reply = server.run(['LRANGE', key, '0', '-1'])
  if (reply.type !== 'array') throw new Error(`no array: ${reply.type}`)
  return reply.items.map((item) => ('text' in item ? item.text : item.type))
}

function dirtyOf(command: string): number {
  const before = server.keyspace.dirty
  server.run(command)
  return server.keyspace.dirty - before
}

/** A list of both forms: its elements are the numbers from 0 on, in as many letters. */
describe.each([
  ['listpack', 60],
  ['quicklist', 5000],
])('in a list of encoding %s', (encoding, length) => {
  let model: string[]

  beforeEach(() => {
    model = Array.from({ length }, (_, i) => `e${i % 50}:${i}`)
    for (const text of model) server.run(['RPUSH', 'k', text])
    expect(encodingOf(server, 'k')).toBe(encoding)
  })

  test('LLEN, LINDEX and LRANGE find the elements', () => {
    expect(show('LLEN k')).toBe(`(integer) ${length}`)
    for (const index of [0, 1, length >> 1, length - 1]) {
      expect(show(`LINDEX k ${index}`)).toBe(`"${model[index]}"`)
      expect(show(`LINDEX k ${index - length}`)).toBe(`"${model[index]}"`)
    }
    expect(show(`LINDEX k ${length}`)).toBe('(nil-bulk)')
    expect(show(`LINDEX k ${-length - 1}`)).toBe('(nil-bulk)')
    expect(itemsOf('k')).toEqual(model)
    expect(show(`LRANGE k ${length - 2} ${length + 5}`)).toBe(show('LRANGE k -2 -1'))
    expect(show('LRANGE k 3 2')).toBe('[]')
    expect(show('LRANGE k -9223372036854775808 0')).toBe(show('LRANGE k 0 0'))
  })

  test('LSET puts another element there', () => {
    for (const [at, text] of [
      [0, 'first'],
      [-1, 'last'],
      [length >> 1, ''],
      [3, '12345'],
      [4, 'x'.repeat(9000)],
      [4, 'short again'],
    ] as const) {
      expect(show(['LSET', 'k', String(at), text])).toBe('+OK')
      model[at < 0 ? length + at : at] = text
      expect(itemsOf('k')).toEqual(model)
    }
    expect(show(`LSET k ${length} x`)).toBe('(error) ERR index out of range')
    expect(show(`LSET k ${-length - 1} x`)).toBe('(error) ERR index out of range')
  })

  test('LINSERT adds next to the first one that is equal', () => {
    const pivot = model[length - 10]!
    expect(show(`LINSERT k BEFORE ${pivot} before`)).toBe(`(integer) ${length + 1}`)
    expect(show(`LINSERT k after ${pivot} after`)).toBe(`(integer) ${length + 2}`)
    expect(show('LINSERT k AFTER nothing after')).toBe('(integer) -1')
    model.splice(length - 10, 1, 'before', pivot, 'after')
    expect(itemsOf('k')).toEqual(model)
  })

  test('LREM removes from the head, from the tail, or all', () => {
    for (const at of [1, 5, 7, length - 2]) {
      server.run(`LSET k ${at} same`)
      model[at] = 'same'
    }
    expect(dirtyOf('LREM k 1 same')).toBe(1)
    model.splice(1, 1)
    expect(show('LREM k -1 same')).toBe('(integer) 1')
    model.splice(model.lastIndexOf('same'), 1)
    expect(show('LREM k 0 same')).toBe('(integer) 2')
    expect(show('LREM k 0 same')).toBe('(integer) 0')
    expect(itemsOf('k')).toEqual(model.filter((text) => text !== 'same'))
  })

  test('LTRIM keeps what is between', () => {
    expect(dirtyOf('LTRIM k 5 -6')).toBe(10)
    expect(itemsOf('k')).toEqual(model.slice(5, -5))
    expect(dirtyOf('LTRIM k 0 -1')).toBe(0)
    expect(show('LTRIM k 2 4')).toBe('+OK')
    expect(itemsOf('k')).toEqual(model.slice(7, 10))
    expect(encodingOf(server, 'k')).toBe('listpack')
    expect(show('LTRIM k 5 2')).toBe('+OK')
    expect(show('EXISTS k')).toBe('(integer) 0')
  })

  test('LPOS tells where', () => {
    for (const at of [2, 9, length - 3]) server.run(`LSET k ${at} same`)
    expect(show('LPOS k same')).toBe('(integer) 2')
    expect(show('LPOS k same RANK 2')).toBe('(integer) 9')
    expect(show('LPOS k same RANK -1')).toBe(`(integer) ${length - 3}`)
    expect(show('LPOS k same RANK 4')).toBe('(nil-bulk)')
    expect(show('LPOS k same COUNT 0')).toBe(`[(integer) 2, (integer) 9, (integer) ${length - 3}]`)
    expect(show('LPOS k same COUNT 2 RANK -1')).toBe(`[(integer) ${length - 3}, (integer) 9]`)
    expect(show('LPOS k same COUNT 0 MAXLEN 9')).toBe('[(integer) 2]')
    expect(show('LPOS k same COUNT 5 MAXLEN 10 RANK 2')).toBe('[(integer) 9]')
  })

  test('LPOP and RPOP empty it from both ends', () => {
    expect(show('LPOP k')).toBe(`"${model[0]}"`)
    expect(show('RPOP k')).toBe(`"${model.at(-1)}"`)
    expect(show('RPOP k 2')).toBe(`["${model.at(-2)}", "${model.at(-3)}"]`)
    expect(show('LPOP k 0')).toBe('[]')
    const rest = server.run(`LPOP k ${length}`)
    expect(rest.type === 'array' && rest.items).toHaveLength(length - 4)
    expect(show('EXISTS k')).toBe('(integer) 0')
    while (!server.keyspace.reclaim());
  })

  test('LMOVE and RPOPLPUSH move from end to end, of the same list too', () => {
    expect(show('LMOVE k other LEFT RIGHT')).toBe(`"${model[0]}"`)
    expect(show('LMOVE k other RIGHT LEFT')).toBe(`"${model.at(-1)}"`)
    expect(itemsOf('other')).toEqual([model.at(-1), model[0]])
    model = model.slice(1, -1)
    expect(show('RPOPLPUSH k k')).toBe(`"${model.at(-1)}"`)
    model.unshift(model.pop()!)
    expect(show('LMOVE k k LEFT RIGHT')).toBe(`"${model[0]}"`)
    model.push(model.shift()!)
    expect(show('LMOVE k k LEFT LEFT')).toBe(`"${model[0]}"`)
    expect(itemsOf('k')).toEqual(model)
  })

  test('leaves no memory behind', () => {
    // The first time the keyspace's table may grow.
    let before = 0
    for (let i = 0; i < 2; i++) {
      before = server.keyspace.usedBytes
      show('COPY k copy')
      show('LMOVE copy second LEFT LEFT')
      show(['LSET', 'copy', '1', 'x'.repeat(100_000)])
      show(['LINSERT', 'copy', 'AFTER', model[5]!, 'y'.repeat(10_000)])
      show('DEL second')
      putOtherType(server, 'copy', STRING)
      show('DEL copy')
      while (!server.keyspace.reclaim());
    }
    expect(server.keyspace.usedBytes).toBe(before)
  })
})

describe('pushing', () => {
  test('adds one before the other at the head, one behind the other at the tail', () => {
    expect(show('LPUSH k a b c')).toBe('(integer) 3')
    expect(show('RPUSH k d e')).toBe('(integer) 5')
    expect(itemsOf('k')).toEqual(['c', 'b', 'a', 'd', 'e'])
    expect(show('LPUSHX none a')).toBe('(integer) 0')
    expect(show('RPUSHX none a')).toBe('(integer) 0')
    expect(show('EXISTS none')).toBe('(integer) 0')
    expect(show('LPUSHX k x y')).toBe('(integer) 7')
    expect(show('RPUSHX k z')).toBe('(integer) 8')
  })

  test('takes any bytes, of any length', () => {
    const texts = ['', '\0\xff\r\n', '01', '-0', '-1', '9223372036854775807', '9223372036854775808']
    texts.push('x'.repeat(4095), 'x'.repeat(4096), 'x'.repeat(8192), 'x'.repeat(65_529), 'x'.repeat(200_000))
    server.run(['RPUSH', 'k', ...texts])
    expect(itemsOf('k')).toEqual(texts)
    server.run(['LPUSH', 'k', ...texts])
    expect(itemsOf('k')).toEqual([...texts.slice().reverse(), ...texts])
  })

  test('becomes a quicklist by list-max-listpack-size, and a listpack again at half of it', () => {
    const { limits } = server.keyspace.types
    limits.listListpackSize = 4
    show('RPUSH k 1 2 3 4')
    expect(encodingOf(server, 'k')).toBe('listpack')
    show('RPUSH k 5')
    expect(encodingOf(server, 'k')).toBe('quicklist')
    show('LPOP k 2')
    expect(encodingOf(server, 'k')).toBe('quicklist')
    show('LPOP k')
    // Two chunks of one element each.
    expect(encodingOf(server, 'k')).toBe('quicklist')
    show('LPOP k')
    expect(encodingOf(server, 'k')).toBe('listpack')
    limits.listListpackSize = -1
    server.run(['RPUSH', 'k', 'x'.repeat(4096)])
    expect(encodingOf(server, 'k')).toBe('quicklist')
  })

  test('in large lists keeps what is frozen as it was', () => {
    for (let i = 0; i < 3000; i++) server.run(`RPUSH k element:${i}`)
    const before = itemsOf('k')
    const { entries } = server.keyspace.databases[0]!.table
    entries.freeze()
    show('LPUSH k x')
    show('LTRIM k 500 -500')
    show('LSET k 7 y')
    entries.thaw()
    expect(itemsOf('k')).toEqual(['x', ...before].slice(500, -499).with(7, 'y'))
  })
})

describe('what a list is not', () => {
  test.each([
    'LPUSH s a',
    'RPUSHX s a',
    'LLEN s',
    'LINDEX s x',
    'LRANGE s 0 1',
    'LSET s x a',
    'LINSERT s BEFORE a b',
    'LREM s 0 a',
    'LTRIM s 0 1',
    'LPOS s a',
    'LPOP s',
    'RPOP s 0',
    'LMPOP 2 none s LEFT',
    'LMOVE s k LEFT LEFT',
    'LMOVE k s LEFT LEFT',
    'RPOPLPUSH k s',
    'BLPOP none s 0',
    'BLMOVE s k LEFT LEFT 0',
    'BLMPOP 0 1 s LEFT',
  ])('%s', (command) => {
    show('RPUSH k a')
    putOtherType(server, 's', HASH)
    expect(show(command)).toBe(WRONG_TYPE)
    expect(itemsOf('k')).toEqual(['a'])
  })
})

describe('arguments', () => {
  test.each([
    ['LPOP k -1', 'ERR value is out of range, must be positive'],
    ['LPOP none x', 'ERR value is out of range, must be positive'],
    ['RPOP k 1 2', "ERR wrong number of arguments for 'rpop' command"],
    ['LMPOP 0 k LEFT', 'ERR numkeys should be greater than 0'],
    ['LMPOP x k LEFT', 'ERR numkeys should be greater than 0'],
    ['LMPOP 2 k LEFT', 'ERR syntax error'],
    ['LMPOP 1 k FOO', 'ERR syntax error'],
    ['LMPOP 1 k LEFT COUNT', 'ERR syntax error'],
    ['LMPOP 1 k LEFT COUNT 0', 'ERR count should be greater than 0'],
    ['LMPOP 1 k LEFT COUNT 1 COUNT 1', 'ERR syntax error'],
    ['BLMPOP x 1 k FOO', 'ERR syntax error'],
    ['BLMPOP -1 1 k LEFT', 'ERR timeout is negative'],
    ['BLPOP k x', 'ERR timeout is not a float or out of range'],
    ['BLMOVE k d FOO LEFT x', 'ERR syntax error'],
    ['BRPOPLPUSH k d x', 'ERR timeout is not a float or out of range'],
    ['LINSERT none FOO a b', 'ERR syntax error'],
    ['LSET none x v', 'ERR no such key'],
    ['LSET k x v', 'ERR value is not an integer or out of range'],
    ['LINDEX k x', 'ERR value is not an integer or out of range'],
    ['LRANGE none x 1', 'ERR value is not an integer or out of range'],
    ['LTRIM none 0 x', 'ERR value is not an integer or out of range'],
    ['LREM none x a', 'ERR value is not an integer or out of range'],
    [
      'LPOS none a RANK 0',
      "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
    ],
    ['LPOS k a COUNT x', "ERR COUNT can't be negative"],
    ['LPOS k a MAXLEN -1', "ERR MAXLEN can't be negative"],
    ['LPOS k a RANK', 'ERR syntax error'],
    [
      'LPOS k a RANK -9223372036854775808',
      'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
    ],
  ])('%s', (command, error) => {
    show('RPUSH k a b')
    expect(show(command)).toBe(`(error) ${error}`)
    expect(itemsOf('k')).toEqual(['a', 'b'])
  })

  test('of a list that does not exist are not all looked at', () => {
    expect(show('LINDEX none x')).toBe('(nil-bulk)')
    expect(show('LPOP none 1')).toBe('(nil-array)')
    expect(show('LPOP none')).toBe('(nil-bulk)')
    expect(show('LMPOP 1 none LEFT')).toBe('(nil-array)')
    expect(show('LMOVE none s LEFT LEFT')).toBe('(nil-bulk)')
    expect(show('LPOS none a')).toBe('(nil-bulk)')
    expect(show('LPOS none a COUNT 1')).toBe('[]')
  })
})

test('events and changes are those of Redis', () => {
  const events = recordEvents(server.keyspace)
  expect(dirtyOf('RPUSH k a b c d')).toBe(4)
  expect(dirtyOf('LMOVE k l LEFT RIGHT')).toBe(1)
  expect(dirtyOf('RPOPLPUSH k k')).toBe(1)
  expect(dirtyOf('LINSERT k AFTER b x')).toBe(1)
  expect(dirtyOf('LSET k 0 y')).toBe(1)
  expect(dirtyOf('LREM k 0 y')).toBe(1)
  expect(dirtyOf('LTRIM k 0 0')).toBe(2)
  expect(dirtyOf('LMPOP 2 none k RIGHT COUNT 5')).toBe(1)
  expect(dirtyOf('LPOP l')).toBe(1)
  expect(events).toEqual([
    ...[
      '0 new k',
      '0 rpush k',
      '0 new l',
      '0 rpush l',
      '0 lpop k',
      '0 lpush k',
      '0 rpop k',
      '0 linsert k',
      '0 lset k',
    ],
    ...['0 lrem k', '0 ltrim k', '0 rpop k', '0 del k', '0 lpop l', '0 del l'],
  ])
})

describe('commands that wait', () => {
  test('are served by pushes, and propagate what they have done', () => {
    server.recordPropagation()
    const clients = [2, 3, 4, 5].map((id) => server.connect(id))
    const pusher = server.connect(6)
    server.send(clients[0]!, 'BLPOP none k 0')
    server.send(clients[1]!, 'BLMOVE k moved RIGHT LEFT 0')
    server.send(clients[2]!, 'BLMPOP 0 2 none k LEFT COUNT 2')
    server.send(clients[3]!, 'BRPOPLPUSH moved again 0')
    server.send(pusher, 'RPUSH k 1 2 3 4 5')
    expect(clients.map((client) => client.received)).toEqual([
      ['["k", "1"]'],
      ['"5"'],
      ['["k", ["2", "3"]]'],
      ['"5"'],
    ])
    expect(server.propagated.map(({ command }) => command.join(' '))).toEqual([
      'RPUSH k 1 2 3 4 5',
      'LPOP k',
      'LMOVE k moved RIGHT LEFT',
      'LPOP k 2',
      'RPOPLPUSH moved again',
    ])
    expect(itemsOf('k')).toEqual(['4'])
  })

  test('reply as Redis does when time is up', () => {
    const client = server.connect(2)
    for (const command of [
      'BLPOP k 0.01',
      'BRPOP k 0.01',
      'BLMOVE k l LEFT LEFT 0.01',
      'BRPOPLPUSH k l 0.01',
      'BLMPOP 0.01 1 k LEFT',
    ]) {
      server.send(client, command)
      expect(client.received).toEqual([])
      server.expireWaits(10)
      expect(client.received).toEqual(['(nil-array)'])
    }
  })

  test('do not wait where they may not', () => {
    server.dispatcher.context.deniesBlocking = true
    expect(show('BLPOP k 0')).toBe('(nil-array)')
    expect(show('BLMPOP 0 1 k LEFT')).toBe('(nil-array)')
    expect(show('BLMOVE k l LEFT LEFT 0')).toBe('(nil-bulk)')
    expect(show('BRPOPLPUSH k l 0')).toBe('(nil-bulk)')
  })

  test('keep their element if it cannot go where it is to go', () => {
    const client = server.connect(2)
    putOtherType(server, 's', HASH)
    server.send(client, 'BLMOVE k s LEFT LEFT 0')
    server.send(server.connect(3), 'RPUSH k a')
    expect(client.received).toEqual([WRONG_TYPE])
    expect(itemsOf('k')).toEqual(['a'])
  })
})
