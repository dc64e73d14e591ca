import { describe, expect, test } from 'vitest'
import { splitArguments } from '../../src/base/quoting.ts'
import { Arguments } from '../../src/command/arguments.ts'
import type { CommandDefinition, KeySpec } from '../../src/command/definition.ts'
import { KeyFinder } from '../../src/command/find-keys.ts'
import { FoundKeys, type KeyFlag, keyFlagBits, keyFlagsOf } from '../../src/command/found-keys.ts'
import { allKeys, countedKeys, keyAt, keysFrom, oneKey } from '../../src/command/key-specs.ts'

function finder(keys: readonly KeySpec[], findKeys?: CommandDefinition['findKeys']): KeyFinder {
  return new KeyFinder({
    name: 'X',
    arity: -1,
    flags: [],
    syntax: '',
    summary: '',
    since: '',
    complexity: '',
    keys,
    ...(findKeys && { findKeys }),
  })
}

function request(line: string): Arguments {
  const args = new Arguments()
  args.load(splitArguments(Buffer.from(line))!)
  return args
}

/** The keys of a request, as indexes. */
function keysOf(keys: readonly KeySpec[], line: string, findKeys?: CommandDefinition['findKeys']): number[] {
  const found = new FoundKeys()
  finder(keys, findKeys).find(request(line), found)
  return [...found.indexes.subarray(0, found.count)]
}

function keyword(word: string, startFrom: number, limit = 0, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { keyword: word, startFrom }, find: { last: -1, step: 1, limit } }
}

describe('keys by index', () => {
  test('are one argument', () => {
    expect(keysOf(oneKey('RO'), 'GET a')).toEqual([1])
  })

  test('are all arguments', () => {
    expect(keysOf(allKeys('RO'), 'MGET a b c')).toEqual([1, 2, 3])
  })

  test('are every second argument', () => {
    expect(keysOf([keysFrom(1, 2, 'OW')], 'MSET a 1 b 2')).toEqual([1, 3])
  })

  test('end before the last argument', () => {
    const keys: KeySpec[] = [{ flags: ['RW'], begin: { index: 1 }, find: { last: -2, step: 1, limit: 0 } }]
    expect(keysOf(keys, 'BLPOP a b 0')).toEqual([1, 2])
  })

  test('come from several specs', () => {
    expect(keysOf([keyAt(2, 'OW'), keysFrom(3, 1, 'RO')], 'BITOP AND d a b')).toEqual([2, 3, 4])
  })

  test('are none where the request ends too early', () => {
    expect(keysOf([keyAt(1, 'RW'), keyAt(2, 'RW')], 'LMOVE a')).toEqual([])
  })
})

describe('counted keys', () => {
  const keys = [keyAt(1, 'OW'), countedKeys(2, 'RO')]

  test('follow on their number', () => {
    expect(keysOf(keys, 'ZUNIONSTORE d 2 a b WEIGHTS 1 2')).toEqual([1, 3, 4])
  })

  test.each(['0', '-1', '3', 'x', '1.0', '99999999999999999999', '""'])(
    'are none if their number is %s',
    (count) => {
      expect(keysOf(keys, `ZUNIONSTORE d ${count} a b`)).toEqual([])
    },
  )

  test('are none if their number is missing', () => {
    expect(keysOf(keys, 'ZUNIONSTORE d')).toEqual([])
  })
})

describe('keys after a keyword', () => {
  test('are half of the rest', () => {
    const keys = [keyword('STREAMS', 1, 2, 'RO')]
    expect(keysOf(keys, 'XREAD COUNT 1 streams a b 0 0')).toEqual([4, 5])
    expect(keysOf(keys, 'XREAD streams streams 0')).toEqual([2])
    expect(keysOf(keys, 'XREAD streams a')).toEqual([])
  })

  test('are none without the keyword, or where nothing follows it', () => {
    const keys = [keyAt(1, 'RO'), keyword('STORE', 2, 0, 'OW')]
    expect(keysOf(keys, 'GEORADIUS a 1 2')).toEqual([1])
    expect(keysOf(keys, 'GEORADIUS a 1 STORE')).toEqual([1])
    expect(keysOf(keys, 'GEORADIUS a store b')).toEqual([1, 3])
  })

  test('may be looked for from the end', () => {
    const keys = [keyword('KEYS', -2, 0, 'RW')]
    expect(keysOf(keys, 'MIGRATE keys KEYS a b')).toEqual([3, 4])
    expect(keysOf(keys, 'MIGRATE keys a b')).toEqual([])
  })
})

describe('a function of the definition', () => {
  const second: CommandDefinition['findKeys'] = (_args, found) => found.add(2, keyFlagBits(['RO']))

  test('is asked where flags depend on options', () => {
    expect(keysOf(oneKey('RW', 'variable_flags'), 'SET a b', second)).toEqual([2])
  })

  test('is asked where a spec is incomplete or unknown', () => {
    expect(keysOf([keyAt(1, 'RO', 'incomplete')], 'X a b', second)).toEqual([2])
    expect(
      keysOf([keyAt(1, 'RO'), { flags: ['OW'], begin: 'unknown', find: 'unknown' }], 'X a b', second),
    ).toEqual([2])
  })

  test('knows better than any spec', () => {
    expect(keysOf([keyAt(5, 'RO')], 'X a b', second)).toEqual([2])
    expect(keysOf(oneKey('RO'), 'X a b', second)).toEqual([2])
  })
})

describe('a key finder', () => {
  test('tells whether there are keys at all', () => {
    expect(finder([]).hasKeys).toBe(false)
    expect(finder(oneKey('RO')).hasKeys).toBe(true)
    expect(finder([keyAt(1, 'not_key')]).hasKeys).toBe(false)
  })

  test('leaves out what is routed like a key but is none', () => {
    expect(keysOf([keyAt(1, 'not_key'), keyAt(2, 'RO')], 'X channel a')).toEqual([2])
  })

  test('tells what is done with each key', () => {
    const found = new FoundKeys()
    finder([keyAt(1, 'access', 'RW', 'delete'), keyAt(2, 'OW', 'update')]).find(request('RENAME a b'), found)
    expect(keyFlagsOf(found.flags[0]!)).toEqual(['RW', 'access', 'delete'])
    expect(keyFlagsOf(found.flags[1]!)).toEqual(['OW', 'update'])
  })

  test('finds any number of keys, and forgets those of the last request', () => {
    const found = new FoundKeys()
    const all = finder(allKeys('RO'))
    all.find(request(`MGET ${'k '.repeat(1000)}`), found)
    expect(found.count).toBe(1000)
    expect(found.indexes[999]).toBe(1000)
    all.find(request('MGET a'), found)
    expect(found.count).toBe(1)
  })
})
