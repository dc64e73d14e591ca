import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { MAX_DEADLINE, NO_DEADLINE, readDeadline, writeDeadline } from '../../src/memory/deadline.ts'

const words = new Int32Array(4)

function stored(deadline: number): number {
  writeDeadline(words, 1, deadline)
  return readDeadline(words, 1)
}

test('whole milliseconds up to 2^53 come back exactly', () => {
  const random = new Random(1)
  for (let bits = 0; bits <= 53; bits++) {
    for (const near of [-1, 0, 1]) {
      const deadline = 2 ** bits + near
      if (deadline <= 2 ** 53) expect(stored(deadline)).toBe(deadline)
    }
  }
  let wrong = 0
  for (let n = 0; n < 10_000; n++) {
    const deadline = random.below(2 ** 53)
    if (stored(deadline) !== deadline) wrong++
  }
  expect(wrong).toBe(0)
})

test('deadlines before 1970 come back exactly', () => {
  for (const deadline of [-1, -2, -1000, -(2 ** 31), -(2 ** 32), -(2 ** 32) - 1, -(2 ** 53), -(2 ** 63)]) {
    expect(stored(deadline)).toBe(deadline)
  }
})

test('the latest deadline a client can name stays in the far future', () => {
  expect(stored(Number(9223372036854775807n))).toBe(MAX_DEADLINE)
  expect(stored(2 ** 64)).toBe(MAX_DEADLINE)
  expect(stored(1e300)).toBe(MAX_DEADLINE)
  expect(stored(MAX_DEADLINE)).toBe(MAX_DEADLINE)
  expect(stored(MAX_DEADLINE - 1024)).toBe(MAX_DEADLINE - 1024)
  expect(MAX_DEADLINE).toBeLessThan(NO_DEADLINE)
})

test('no deadline comes back as none', () => {
  expect(stored(NO_DEADLINE)).toBe(NO_DEADLINE)
})

test('the neighbouring words are left alone', () => {
  words.fill(7)
  stored(1_700_000_000_000)
  expect([words[0], words[3]]).toEqual([7, 7])
})
