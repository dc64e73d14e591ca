import { describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../src/command/latency-histogram.ts'

function histogramOf(...nanoseconds: number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of nanoseconds) histogram.record(value, 1)
  return histogram
}

describe('percentile', () => {
  test('is 0 without calls', () => {
    expect(new LatencyHistogram().percentile(50)).toBe(0)
  })

  test('is the end of the bucket of that call, as redis-server reports it for whole microseconds', () => {
    const reported = [1, 2, 4, 5, 8, 16, 27, 33].map((us) => histogramOf(us * 1000).percentile(50) / 1000)
    expect(reported).toEqual([1.003, 2.007, 4.015, 5.023, 8.031, 16.063, 27.007, 33.023])
  })

  test('counts calls, however they are spread', () => {
    const histogram = new LatencyHistogram()
    histogram.record(100, 98)
    histogram.record(1000, 1)
    histogram.record(50_000, 1)
    expect(histogram.percentile(50)).toBe(100)
    expect(histogram.percentile(98)).toBe(100)
    expect(histogram.percentile(99)).toBe(1003)
    expect(histogram.percentile(100)).toBe(50_175)
    expect(histogram.percentile(0)).toBe(100)
  })

  test('is within one percent of the exact value, over the whole range', () => {
    for (let value = 1; value < 1e9; value = Math.ceil(value * 1.37)) {
      const reported = histogramOf(value).percentile(50)
      expect(reported).toBeGreaterThanOrEqual(value)
      expect(reported).toBeLessThanOrEqual(value * 1.01)
    }
  })

  test('takes what is over a second for a second, and what is under a nanosecond for one', () => {
    expect(histogramOf(5e12).percentile(50)).toBe(histogramOf(1e9).percentile(50))
    expect(histogramOf(0).percentile(50)).toBe(1)
  })
})

describe('cumulative', () => {
  test('has the bounds of redis-server, and only those where the count grows', () => {
    const sleeps = [3_000_000, 10_000_000, 20_000_000, 500_000_000]
    expect(histogramOf(...sleeps).cumulative()).toEqual([
      [4227, 1],
      [16908, 2],
      [33816, 3],
      [541065, 4],
    ])
  })

  test('puts the calls of less than a microsecond at 1', () => {
    expect(histogramOf(1, 500, 1031, 1032).cumulative()).toEqual([
      [1, 3],
      [2, 1 + 3],
    ])
  })

  test('ends with all calls, also with those at the limit', () => {
    expect(histogramOf(1e9, 2e9).cumulative().at(-1)?.[1]).toBe(2)
  })
})

test('reset forgets all calls', () => {
  const histogram = histogramOf(1000, 2000)
  histogram.reset()
  expect(histogram.total).toBe(0)
  expect(histogram.percentile(99)).toBe(0)
  expect(histogram.cumulative()).toEqual([])
})
