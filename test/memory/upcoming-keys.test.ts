// Keys looked at ahead: which is given when, and that searching with one is searching.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Key } from '../../src/memory/key.ts'
import { Table } from '../../src/memory/table.ts'
import { UpcomingKeys } from '../../src/memory/upcoming-keys.ts'

const SEED = { low: 3, high: 4 }
const BYTES = Buffer.from('aabbccdd')

function upcoming(...starts: number[]): UpcomingKeys {
  const keys = new UpcomingKeys(SEED)
  for (const start of starts) keys.add(BYTES, start, 2)
  return keys
}

test('a key is given once, hashed, at its place only', () => {
  const keys = upcoming(0, 2)
  expect(keys.take(BYTES, 0, 2)?.hash).toBe(new Key(SEED).point(BYTES, 0, 2).hash)
  expect(keys.take(BYTES, 0, 2)).toBeUndefined()
  expect(keys.take(BYTES, 2, 2)?.start).toBe(2)
  expect(keys.take(BYTES, 4, 2)).toBeUndefined()
})

test('those before it are passed over', () => {
  const keys = upcoming(0, 2, 4)
  expect(keys.take(BYTES, 4, 2)?.start).toBe(4)
  expect(keys.take(BYTES, 2, 2)).toBeUndefined()
})

test('a place before the next key leaves the next one there', () => {
  const keys = upcoming(4)
  expect(keys.take(BYTES, 0, 2)).toBeUndefined()
  expect(keys.take(BYTES, 4, 2)?.start).toBe(4)
})

test('other bytes and other lengths are other keys', () => {
  expect(upcoming(0).take(Buffer.from(BYTES), 0, 2)).toBeUndefined()
  expect(upcoming(0).take(BYTES, 0, 3)).toBeUndefined()
})

test('after clear there are none', () => {
  const keys = upcoming(0, 2)
  keys.clear()
  expect(keys.isEmpty).toBe(true)
  expect(keys.take(BYTES, 0, 2)).toBeUndefined()
})

// In slots that have been emptied refs remain, which may point into pages that are there no more.
test('touching is harmless in a table that grows, shrinks and gives memory back, and searches find the same', () => {
  const random = new Random(5)
  const table = new Table(SEED)
  const own = new Key(SEED)
  const keys = new UpcomingKeys(SEED)
  const name = (n: number) => Buffer.from(`key:${n}`)
  const point = (n: number) => own.point(name(n), 0, name(n).length)
  const present = new Set<number>()
  for (let round = 0; round < 60; round++) {
    const isGrowing = round % 20 < 10
    for (let n = 0; n < 3000; n++) {
      const number = random.below(30_000)
      const key = point(number)
      if (isGrowing && !present.has(number)) {
        table.add(key, 0, 0, 0, random.below(2000))
        present.add(number)
      } else if (!isGrowing && present.delete(number)) table.remove(key, table.find(key))
    }
    const numbers = Array.from({ length: 16 }, () => random.below(30_000))
    const bytes = Buffer.concat(numbers.map(name))
    keys.clear()
    let at = 0
    for (const number of numbers) {
      keys.add(bytes, at, name(number).length)
      at += name(number).length
    }
    table.touch(keys)
    at = 0
    for (const number of numbers) {
      const key = keys.take(bytes, at, name(number).length)!
      expect(table.find(key)).toBe(table.find(point(number)))
      expect(table.find(key) !== 0).toBe(present.has(number))
      at += key.length
    }
  }
})
