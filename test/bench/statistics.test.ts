// Medians and the pinger's histogram.

import { describe, expect, test } from 'vitest'
import { Histogram, median, ratio } from '../../bench/statistics.ts'

describe('median', () => {
  test('is the middle one of an odd count, whatever the order', () => {
    const values = [9, 1, 100, 2, 3]
    expect(median(values)).toBe(3)
    expect(values).toEqual([9, 1, 100, 2, 3])
  })

  test('is the mean of the two middle ones of an even count', () => {
    expect(median([10, 1, 4, 2])).toBe(3)
  })

  test('of nothing is undefined', () => {
    expect(median([])).toBeUndefined()
  })
})

test('a ratio with a side missing or a zero below is undefined', () => {
  expect(ratio(3, 2)).toBe(1.5)
  expect(ratio(undefined, 2)).toBeUndefined()
  expect(ratio(3, undefined)).toBeUndefined()
  expect(ratio(3, 0)).toBeUndefined()
})

describe('Histogram', () => {
  test('gives percentiles to 10 µs upwards and the longest exactly', () => {
    const histogram = new Histogram()
    for (let us = 1; us <= 1000; us++) histogram.record(us)
    expect(histogram.count).toBe(1000)
    expect(histogram.percentileMs(0.5)).toBe(0.51)
    expect(histogram.percentileMs(0.99)).toBe(1)
    expect(histogram.maxMs).toBe(1)
  })

  test('counts what is longer than its last bucket', () => {
    const histogram = new Histogram()
    histogram.record(5)
    histogram.record(3_000_000)
    expect(histogram.percentileMs(0.5)).toBe(0.01)
    expect(histogram.percentileMs(1)).toBe(3000)
  })

  test('of nothing is zero throughout', () => {
    expect(new Histogram().percentileMs(0.5)).toBe(0)
    expect(new Histogram().maxMs).toBe(0)
  })
})
