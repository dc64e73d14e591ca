// The pool against a sorted list.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { EvictionPool } from '../../src/keyspace/eviction-pool.ts'
import { Slice } from '../../src/memory/slice.ts'

const SIZE = 16

function sliceOf(text: string): Slice {
  const bytes = Buffer.from(`..${text}`)
  return new Slice().set(bytes, 2, bytes.length - 2)
}

test('keeps the best of all that it was shown, with their names, and gives the best one first', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed)
    const pool = new EvictionPool()
    let model: { score: number; name: string }[] = []
    for (let step = 0; step < 400; step++) {
      if (random.below(4) === 0) {
        const best = pool.take()
        const expected = model.pop()
        expect(best?.score).toBe(expected?.score)
        if (best === undefined) continue
        // Of those with one score any may come first.
        const name = Buffer.from(best.bytes.subarray(0, best.length)).toString()
        expect(name).toMatch(new RegExp(`^${best.score}-`))
        expect(best.database).toBe(name.length % 16)
        continue
      }
      const score = random.below(40) - 5
      // Names of all lengths, beyond the room that each has too.
      const name = `${score}-${'x'.repeat(random.below(3) === 0 ? random.below(1000) : 5)}`
      expect(pool.takes(score)).toBe(model.length < SIZE || score > model[0]!.score)
      if (!pool.takes(score)) continue
      pool.add(score, name.length % 16, sliceOf(name))
      model.push({ score, name })
      model.sort((one, other) => one.score - other.score)
      model = model.slice(-SIZE)
      expect(pool.count).toBe(model.length)
    }
  }
})

test('knows nobody after clear', () => {
  const pool = new EvictionPool()
  pool.add(3, 0, sliceOf('a'))
  pool.clear()
  expect(pool.take()).toBeUndefined()
})
