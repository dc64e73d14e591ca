import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { BlockQueue } from '../../src/memory/block-queue.ts'

test('what goes in first comes out first, over many chunks and through emptiness', () => {
  const random = new Random(2)
  const queue = new BlockQueue()
  let pushed = 0
  let shifted = 0
  let wrong = 0
  for (let round = 0; round < 60; round++) {
    for (let n = random.below(40_000); n > 0; n--) queue.push(pushed++)
    if (queue.length !== pushed - shifted || queue.isEmpty() !== (pushed === shifted)) wrong++
    const out = round % 7 === 0 ? queue.length : random.below(queue.length + 1)
    for (let n = 0; n < out; n++) if (queue.shift() !== shifted++) wrong++
  }
  while (!queue.isEmpty()) if (queue.shift() !== shifted++) wrong++
  expect(shifted).toBe(pushed)
  expect(pushed).toBeGreaterThan(500_000)
  expect(wrong).toBe(0)
})

test('a queue emptied exactly at the end of a chunk goes on', () => {
  const queue = new BlockQueue()
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 65_536; n++) queue.push(n)
    for (let n = 0; n < 65_536; n++) if (queue.shift() !== n) throw new Error(`entry ${n} is wrong`)
    expect(queue.isEmpty()).toBe(true)
  }
  queue.push(-5)
  expect(queue.shift()).toBe(-5)
})
