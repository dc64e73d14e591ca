import { expect, test } from 'vitest'
import { Rate } from '../../src/monitoring/rate.ts'

test('is the mean of sixteen samples', () => {
  const rate = new Rate()
  for (let i = 0; i <= 16; i++) rate.sample(i * 50, i * 100)
  expect(rate.average).toBe(0.5)
})

test('forgets what is older than sixteen samples', () => {
  const rate = new Rate()
  rate.sample(0, 0)
  rate.sample(1_000_000, 100)
  for (let i = 2; i <= 17; i++) rate.sample(1_000_000, i * 100)
  expect(rate.average).toBe(0)
})

test('does not take what was there at the first look for growth', () => {
  const rate = new Rate()
  rate.sample(1e9, 5000)
  expect(rate.average).toBe(0)
})

test('survives a base that stands still and a value that starts anew', () => {
  const rate = new Rate()
  rate.sample(100, 100)
  rate.sample(200, 100)
  rate.sample(0, 200)
  expect(rate.average).toBe(0)
})

test('starts anew after a reset', () => {
  const rate = new Rate()
  for (let i = 0; i < 20; i++) rate.sample(i * 100, i)
  rate.reset()
  expect(rate.average).toBe(0)
  rate.sample(5, 100)
  rate.sample(21, 101)
  expect(rate.average).toBe(1)
})
