import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { orderByDistance } from '../../src/types/distance-order.ts'

test.each(['nearest', 'farthest'] as const)('%s first is a stable sort, cut off where wanted', (order) => {
  const random = new Random(1)
  for (let round = 0; round < 600; round++) {
    const count = random.below(round % 20 === 0 ? 3000 : 40)
    const kinds = 1 + random.below(200)
    const distances = Float64Array.from({ length: count + 3 }, () => random.below(kinds) / 7)
    const wanted = 1 + random.below(count + 5)
    const sign = order === 'nearest' ? 1 : -1
    const expected = Array.from({ length: count }, (_, index) => index).sort(
      (one, other) => sign * (distances[one]! - distances[other]!) || one - other,
    )
    expect([...orderByDistance(distances, count, order, wanted)]).toEqual(expected.slice(0, wanted))
  }
})
