import { beforeEach, describe, expect, test } from 'vitest'
import { commandCommands } from '../../src/commands/command.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { listCommands } from '../../src/commands/list.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortCommands } from '../../src/commands/sort.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'
import { KEY_FAMILIES } from '../support/key-harness.ts'

const NOT_NUMBERS = "(error) ERR One or more scores can't be converted into double"
const WRONG_TYPE = '(error) WRONGTYPE Operation against a key holding the wrong kind of value'

let server: Harness
let show: (command: string) => string

beforeEach(() => {
  server = new Harness(
    [sortCommands(), setCommands, sortedSetCommands, listCommands, hashCommands, ...KEY_FAMILIES],
    1,
    1,
  )
  show = (command) => server.show(command)
})

describe('SORT', () => {
  test('sorts lists and sets of any size, as numbers or as texts', () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => String((i * 7919) % 1000))
    const inOrder = JSON.stringify(numbers.toSorted((a, b) => Number(a) - Number(b))).replaceAll(',', ', ')
    const asTexts = JSON.stringify(numbers.toSorted()).replaceAll(',', ', ')
    for (const push of ['RPUSH l', 'SADD s']) {
      server.run(`${push} ${numbers.join(' ')}`)
      const key = push.slice(-1)
      expect(show(`SORT ${key}`)).toBe(inOrder)
      expect(show(`SORT ${key} ALPHA`)).toBe(asTexts)
      expect(show(`SORT ${key} DESC LIMIT 1 2`)).toBe('["998", "997"]')
    }
  })

  test('limits what it returns', () => {
    server.run('RPUSH l 3 1 2')
    expect(show('SORT l LIMIT 1 1')).toBe('["2"]')
    expect(show('SORT l LIMIT -5 2')).toBe('["1", "2"]')
    expect(show('SORT l LIMIT 1 -1')).toBe('["2", "3"]')
    expect(show('SORT l LIMIT 3 1')).toBe('[]')
    expect(show('SORT l LIMIT 0 0')).toBe('[]')
    expect(show('SORT l LIMIT 9223372036854775807 9223372036854775807')).toBe('[]')
  })

  test('by other keys and by fields of hashes, and shows them', () => {
    server.run('RPUSH l a b c')
    server.run('MSET w:a 3 w:b 1')
    server.run('HSET h:a f 2 g x')
    server.run('HSET h:c f 1')
    expect(show('SORT l BY w:* GET #')).toBe('["c", "b", "a"]')
    expect(show('SORT l BY h:*->f')).toBe('["b", "c", "a"]')
    expect(show('SORT l BY w:* GET # GET w:* GET h:*->g')).toBe(
      '["c", (nil-bulk), (nil-bulk), "b", "1", (nil-bulk), "a", "3", "x"]',
    )
    // A hash is no string and a string no hash; a pattern without a star finds nothing.
    expect(show('SORT l BY nosort GET h:* GET w:*->f GET w:a LIMIT 0 1')).toBe(
      '[(nil-bulk), (nil-bulk), (nil-bulk)]',
    )
  })

  test('leaves the order alone if BY has no star, whatever else is asked for', () => {
    server.run('RPUSH l b 10 a')
    expect(show('SORT l BY nosort')).toBe('["b", "10", "a"]')
    expect(show('SORT l BY nosort DESC')).toBe('["a", "10", "b"]')
    expect(show('SORT l BY nosort BY w:*')).toBe('["b", "10", "a"]')
    expect(show('SORT l BY nosort LIMIT 1 1')).toBe('["10"]')
  })

  test('takes the members of a sorted set, unsorted by their scores', () => {
    server.run('ZADD z 3 1 1 2 2 10')
    expect(show('SORT z')).toBe('["1", "2", "10"]')
    expect(show('SORT z BY nosort')).toBe('["2", "10", "1"]')
    expect(show('SORT z BY nosort DESC LIMIT 0 2')).toBe('["1", "10"]')
    expect(show('SORT z BY nosort STORE d')).toBe('(integer) 3')
    expect(show('LRANGE d 0 -1')).toBe('["2", "10", "1"]')
  })

  test('stores a list in place of what was there, or removes it', () => {
    server.run('SADD s 2 1 3')
    server.run('SET d x EX 100')
    server.recordPropagation()
    const events = recordEvents(server.keyspace)
    const { dirty } = server.keyspace
    expect(show('SORT s STORE d')).toBe('(integer) 3')
    expect(server.keyspace.dirty - dirty).toBe(3)
    expect(show('LRANGE d 0 -1')).toBe('["1", "2", "3"]')
    expect(show('TTL d')).toBe('(integer) -1')
    expect(show('SORT d DESC STORE d')).toBe('(integer) 3')
    expect(show('LRANGE d 0 -1')).toBe('["3", "2", "1"]')
    expect(show('SORT nothing STORE d')).toBe('(integer) 0')
    expect(show('EXISTS d')).toBe('(integer) 0')
    expect(events.filter((event) => !event.includes('keymiss'))).toEqual([
      '0 sortstore d',
      '0 sortstore d',
      '0 del d',
    ])
    expect(server.propagated.map(({ command }) => command.join(' '))).toEqual([
      'SORT s STORE d',
      'SORT d DESC STORE d',
      'SORT nothing STORE d',
    ])
  })

  test('stores what a set has in an order of its own, not in that of the set', () => {
    server.run('SADD s c b a 1')
    server.run('SORT s BY nosort STORE d')
    expect(show('LRANGE d 0 -1')).toBe('["1", "a", "b", "c"]')
  })

  test('stores nothing for what GET does not find, and large results in a large list', () => {
    server.run('RPUSH l 1 2')
    server.run('SORT l GET w:* GET # STORE d')
    expect(show('LRANGE d 0 -1')).toBe('["", "1", "", "2"]')
    server.run(`RPUSH many ${Array.from({ length: 5000 }, (_, i) => i).join(' ')}`)
    server.run('SORT many DESC STORE d')
    expect(show('OBJECT ENCODING d')).toBe('"quicklist"')
    expect(show('LRANGE d 0 1')).toBe('["4999", "4998"]')
    expect(show('LLEN d')).toBe('(integer) 5000')
  })

  test('a weight that has expired is none', () => {
    server.run('RPUSH l a b')
    server.run('SET w:b -1 PX 10')
    expect(show('SORT l BY w:*')).toBe('["b", "a"]')
    server.clock.advance(10)
    expect(show('SORT l BY w:*')).toBe('["a", "b"]')
    expect(show('EXISTS w:b')).toBe('(integer) 0')
  })

  test('says what is wrong: options first, then types, then numbers', () => {
    server.run('SET text x')
    server.run('RPUSH l 1 x')
    for (const options of ['FOO', 'LIMIT 1', 'BY', 'GET', 'STORE', 'LIMIT']) {
      expect(show(`SORT text ${options}`)).toBe('(error) ERR syntax error')
    }
    expect(show('SORT text LIMIT a 1')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('SORT text')).toBe(WRONG_TYPE)
    expect(show('SORT l')).toBe(NOT_NUMBERS)
    expect(show('SORT l LIMIT 0 0')).toBe(NOT_NUMBERS)
    server.run('RPUSH m 1 text')
    expect(show('SORT m BY * STORE d')).toBe(NOT_NUMBERS)
    expect(show('EXISTS d')).toBe('(integer) 0')
    expect(show('SORT nothing')).toBe('[]')
  })

  test('SORT_RO stores nothing', () => {
    server.run('RPUSH l 2 1')
    expect(show('SORT_RO l')).toBe('["1", "2"]')
    expect(show('SORT_RO l STORE d')).toBe('(error) ERR syntax error')
  })

  test('its keys are the first and the last destination', () => {
    server.registry.add(commandCommands(server.registry))
    expect(show('COMMAND GETKEYS SORT s BY w* LIMIT 1 2 GET STORE STORE d STORE e')).toBe('["s", "e"]')
    expect(show('COMMAND GETKEYS SORT s STORE')).toBe('["s"]')
    expect(show('COMMAND GETKEYS SORT_RO s BY w*')).toBe('["s"]')
  })
})
