import { expect, test } from 'vitest'
import { ErrorStatistics } from '../../src/monitoring/error-statistics.ts'

test('counts error replies by their first word, in the order of bytes', () => {
  const errors = new ErrorStatistics()
  for (const message of ['WRONGTYPE a b', 'ERR x', 'ERR y', 'NOAUTH z']) errors.count(message)
  expect(errors.total).toBe(4)
  expect(errors.counts()).toEqual([
    ['ERR', 2],
    ['NOAUTH', 1],
    ['WRONGTYPE', 1],
  ])
})

test('takes a message without a word at its beginning for ERR', () => {
  const errors = new ErrorStatistics()
  errors.count('nothing-but-one-word')
  errors.count(`${'A'.repeat(31)} is too long`)
  errors.count(`${'B'.repeat(30)} is not`)
  expect(errors.counts()).toEqual([
    ['B'.repeat(30), 1],
    ['ERR', 2],
  ])
})

test('gives up telling codes apart at the 129th, until it is reset, and says so once', () => {
  const errors = new ErrorStatistics()
  const told: (readonly string[])[] = []
  errors.onOverflow = (codes) => told.push(codes)
  for (let i = 0; i < 128; i++) errors.count(`CODE${i} x`)
  expect(errors.counts()).toHaveLength(128)
  errors.count('ONE more')
  errors.count('TWO more')
  expect(errors.counts()).toEqual([['ERRORSTATS_DISABLED', 1]])
  expect(errors.total).toBe(130)
  expect(told).toHaveLength(1)
  expect(told[0]).toHaveLength(16)
  errors.reset()
  errors.count('ONE more')
  expect(errors.counts()).toEqual([['ONE', 1]])
  expect(errors.total).toBe(1)
})
