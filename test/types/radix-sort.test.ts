import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { RadixSort } from '../../src/types/radix-sort.ts'

const radix = new RadixSort()
const random = new Random(4)

const KINDS: Record<string, () => number> = {
  'whole numbers': () => random.below(1e9),
  'negative ones too': () => random.below(2000) - 1000,
  fractions: () => (random.below(1e9) - 5e8) / 7,
  'few different ones': () => random.below(3),
  'all sizes': () => (random.below(2) - 0.5) * 2 ** (random.below(2000) - 1000),
  'infinite ones': () => [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1, -1][random.below(4)]!,
}

test.each(Object.entries(KINDS))(
  'sorts %s as a stable sort does, and leaves what is around them',
  (_, next) => {
    for (const count of [0, 1, 2, 25, 1000, 20_000]) {
      const numbers = Float64Array.from({ length: count + 20 }, () => next())
      const indexes = Int32Array.from(numbers, (_number, i) => i)
      const before = [...numbers]
      const end = count + 10
      radix.sort(numbers, indexes, 10, end)
      const order = before.map((_number, i) => i)
      const sorted = order
        .slice(10, end)
        .sort((a, b) => (before[a]! < before[b]! ? -1 : Number(before[a]! > before[b]!)))
      const expected = [...order.slice(0, 10), ...sorted, ...order.slice(end)]
      expect([...indexes]).toEqual(expected)
      expect([...numbers]).toEqual(expected.map((i) => before[i]))
    }
  },
)

test('numbers that are in order already stay where they are', () => {
  const numbers = Float64Array.of(-3, -3, 0, 2, 2)
  const indexes = Int32Array.of(0, 1, 2, 3, 4)
  radix.sort(numbers, indexes, 0, 5)
  expect([...indexes]).toEqual([0, 1, 2, 3, 4])
})
