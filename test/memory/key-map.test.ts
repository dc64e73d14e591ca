// The map by keys against a Map by strings, with a hash that is often the same.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Key } from '../../src/memory/key.ts'
import { KeyMap } from '../../src/memory/key-map.ts'

test('holds what was set, whatever the hashes', () => {
  const random = new Random(3)
  const map = new KeyMap<number>()
  const model = new Map<string, number>()
  const key = new Key({ low: 1, high: 2 })
  const point = (name: string) => {
    const bytes = Buffer.from(`..${name}..`)
    key.point(bytes, 2, name.length)
    key.hash &= 3
    return key
  }
  for (let step = 0; step < 20_000; step++) {
    const name = 'k'.repeat(random.below(4)) + random.below(12)
    const action = random.below(100)
    if (action < 50) {
      map.set(point(name), step)
      model.set(name, step)
    } else if (action < 99) expect(map.delete(point(name))).toBe(model.delete(name))
    else if (random.below(10) === 0) {
      map.clear()
      model.clear()
    }
    expect(map.get(point(name))).toBe(model.get(name))
    expect(map.size).toBe(model.size)
  }
  const found = [...map.entries()].map(([bytes, value]) => [Buffer.from(bytes).toString(), value])
  expect(new Map(found as [string, number][])).toEqual(model)
  expect(found.length).toBe(model.size)
})
