import { describe, expect, test } from 'vitest'
import type { KeySpec } from '../../src/command/definition.ts'
import { allKeys, countedKeys, keyAt, keysFrom, oneKey } from '../../src/command/key-specs.ts'
import { hasMovableKeys, legacyRange } from '../../src/command/legacy-range.ts'

function range(...keys: KeySpec[]): [number, number, number] {
  const { first, last, step } = legacyRange(keys)
  return [first, last, step]
}

const STORE: KeySpec = {
  flags: ['OW'],
  begin: { keyword: 'STORE', startFrom: 5 },
  find: { last: 0, step: 1, limit: 0 },
}

// The figures are those of `COMMAND INFO` of redis-server.
describe('first, last and step', () => {
  test('are those of a single spec', () => {
    expect(range()).toEqual([0, 0, 0])
    expect(range(...oneKey('RO'))).toEqual([1, 1, 1])
    expect(range(...allKeys('RO'))).toEqual([1, -1, 1])
    expect(range(keysFrom(1, 2, 'OW'))).toEqual([1, -1, 2])
  })

  test('span specs that follow on each other', () => {
    expect(range(keyAt(1, 'RW'), keyAt(2, 'RW'))).toEqual([1, 2, 1])
    expect(range(keyAt(2, 'OW'), keysFrom(3, 1, 'RO'))).toEqual([2, -1, 1])
  })

  test('leave out what they can’t express', () => {
    expect(range(keyAt(1, 'OW'), countedKeys(2, 'RO'))).toEqual([1, 1, 1])
    expect(range(keyAt(1, 'RO'), STORE)).toEqual([1, 1, 1])
    expect(range(countedKeys(1, 'RO'))).toEqual([0, 0, 0])
  })
})

describe('keys are movable', () => {
  test('where first, last and step don’t tell of all of them', () => {
    expect(hasMovableKeys([countedKeys(1, 'RO')])).toBe(true)
    expect(hasMovableKeys([keyAt(1, 'RO'), STORE])).toBe(true)
    expect(hasMovableKeys([{ flags: ['RO'], begin: 'unknown', find: 'unknown' }])).toBe(true)
  })

  test('not where all are ranges', () => {
    expect(hasMovableKeys([])).toBe(false)
    expect(hasMovableKeys([keyAt(2, 'OW'), keysFrom(3, 1, 'RO')])).toBe(false)
  })
})
