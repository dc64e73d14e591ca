// Clocks that can be moved.

import { expect, test } from 'vitest'
import { MovableClock, systemClock } from '../../src/base/clock.ts'

test("a movable clock runs with the system's until it is moved", () => {
  const clock = new MovableClock()
  expect(Math.abs(clock.now() - systemClock.now())).toBeLessThan(50)
  const monotonic = clock.monotonic()
  clock.advance(10_000)
  expect(clock.now() - systemClock.now()).toBeGreaterThan(9_950)
  expect(clock.nowMicroseconds() - systemClock.nowMicroseconds()).toBeGreaterThan(9_950_000)
  expect(clock.monotonic()).toBeGreaterThanOrEqual(monotonic + 10_000)
})

test('set back, its monotonic side stays', () => {
  const clock = new MovableClock()
  const before = clock.monotonic()
  clock.advance(-60_000)
  expect(clock.now()).toBeLessThan(systemClock.now() - 59_000)
  expect(clock.monotonic()).toBeGreaterThanOrEqual(before)
})

test('stopped, it moves when it is told to, and goes on from there', () => {
  const clock = new MovableClock()
  clock.stop()
  const [now, monotonic] = [clock.now(), clock.monotonic()]
  clock.advance(5)
  clock.stop()
  expect([clock.now(), clock.monotonic()]).toEqual([now + 5, monotonic + 5])
  expect(clock.nowMicroseconds()).toBe((now + 5) * 1000)
  clock.advance(100_000)
  clock.resume()
  clock.resume()
  expect(clock.now() - now).toBeGreaterThanOrEqual(100_005)
  expect(clock.monotonic()).toBeGreaterThanOrEqual(monotonic + 100_005)
})
