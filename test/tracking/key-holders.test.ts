// Who holds what, against a naive model: a map of sets.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Key } from '../../src/memory/key.ts'
import { KeyHolders } from '../../src/tracking/key-holders.ts'

const SEED = { low: 1, high: 2 }

test('those who hold a key are those who were added since it was last taken', () => {
  const random = new Random(4)
  const holders = new KeyHolders(SEED)
  const key = new Key(SEED)
  const model = new Map<string, Set<number>>()
  const ids = [1, 2, 255, 256, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, 2 ** 48 - 1]
  const point = (name: string) => {
    const bytes = Buffer.from(name)
    return key.point(bytes, 0, bytes.length)
  }
  for (let step = 0; step < 20_000; step++) {
    const name = `key:${random.below(50)}`
    const action = random.below(1000)
    if (action < 700) {
      const id = ids[random.below(ids.length)]!
      holders.add(point(name), id)
      model.set(name, (model.get(name) ?? new Set()).add(id))
    } else if (action < 990) {
      const taken: number[] = []
      holders.take(point(name), (id) => taken.push(id))
      expect(taken).toEqual([...(model.get(name) ?? [])].sort((a, b) => a - b))
      model.delete(name)
    } else if (action < 999) {
      const found = holders.random(random)
      if (found === undefined) expect(model.size).toBe(0)
      else expect(model.has(Buffer.from(found.view()).toString())).toBe(true)
    } else {
      holders.clear()
      model.clear()
    }
    expect(holders.keys).toBe(model.size)
    expect(holders.items).toBe([...model.values()].reduce((sum, { size }) => sum + size, 0))
  }
})

test('a key may be held by very many', () => {
  const holders = new KeyHolders(SEED)
  const bytes = Buffer.from('hot')
  const key = new Key(SEED).point(bytes, 0, 3)
  const count = 20_000
  for (let id = count; id > 0; id--) holders.add(key, id)
  for (let id = 1; id <= count; id++) holders.add(key, id)
  const taken: number[] = []
  holders.take(key, (id) => taken.push(id))
  expect(taken.length).toBe(count)
  expect(taken.every((id, i) => id === i + 1)).toBe(true)
})
