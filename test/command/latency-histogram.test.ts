import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { LatencyHistogram } from '../../src/command/latency-histogram.ts'

describe('percentiles', () => {
  test('of nothing are 0', () => {
    expect(new LatencyHistogram().percentile(99)).toBe(0)
  })

  test('of few short calls are exact', () => {
    const histogram = new LatencyHistogram()
    for (let microseconds = 1; microseconds <= 10; microseconds++) histogram.record(microseconds, 1)
    expect(histogram.percentile(50)).toBe(5)
    expect(histogram.percentile(100)).toBe(10)
    expect(histogram.percentile(0)).toBe(1)
  })

  test('are at most 7 % above the truth and never below it', () => {
    const histogram = new LatencyHistogram()
    const random = new Random(5)
    const values = Array.from({ length: 5000 }, () => Math.floor(2 ** (random.fraction() * 29)))
    for (const value of values) histogram.record(value, 1)
    values.sort((a, b) => a - b)
    for (const percent of [1, 25, 50, 90, 99, 99.9, 100]) {
      const truth = values[Math.ceil((percent / 100) * values.length) - 1]!
      const told = histogram.percentile(percent)
      expect(told).toBeGreaterThanOrEqual(truth)
      expect(told).toBeLessThanOrEqual(truth * 1.07)
    }
  })

  test('count calls that were timed together', () => {
    const histogram = new LatencyHistogram()
    histogram.record(1, 99)
    histogram.record(1000, 1)
    expect(histogram.total).toBe(100)
    expect(histogram.percentile(99)).toBe(1)
    expect(histogram.percentile(99.5)).toBeGreaterThanOrEqual(1000)
  })

  test('take endless calls for very long ones', () => {
    const histogram = new LatencyHistogram()
    histogram.record(Number.MAX_SAFE_INTEGER, 1)
    expect(histogram.percentile(50)).toBe(2 ** 30 - 1)
  })
})

describe('the cumulative distribution', () => {
  test('names powers of two at which something was added', () => {
    const histogram = new LatencyHistogram()
    histogram.record(1, 3)
    histogram.record(3, 2)
    histogram.record(100, 1)
    expect(histogram.cumulative()).toEqual([
      [1, 3],
      [4, 5],
      [128, 6],
    ])
  })

  test('is empty after a reset', () => {
    const histogram = new LatencyHistogram()
    histogram.record(5, 5)
    histogram.reset()
    expect(histogram.cumulative()).toEqual([])
    expect(histogram.total).toBe(0)
  })

  test('ends with all calls', () => {
    const histogram = new LatencyHistogram()
    for (const value of [0, 15, 16, 17, 2 ** 20, 2 ** 40]) histogram.record(value, 1)
    expect(histogram.cumulative().at(-1)?.[1]).toBe(6)
  })
})
