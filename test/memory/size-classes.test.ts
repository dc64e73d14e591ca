import { expect, test } from 'vitest'
import { MAX_SLOT_BITS, segmentBytes } from '../../src/memory/segment.ts'
import {
  blockBytes,
  CLASS_COUNT,
  CLASS_OF_UNITS,
  CLASS_UNITS,
  MAX_BLOCK_BYTES,
  SEGMENT_BYTES,
  UNIT_BYTES,
} from '../../src/memory/size-classes.ts'

test('classes are sorted, without doubles, and end with the largest block', () => {
  expect(CLASS_UNITS).toHaveLength(CLASS_COUNT)
  expect(CLASS_UNITS[0]).toBe(0)
  for (let cls = 1; cls < CLASS_COUNT; cls++) expect(CLASS_UNITS[cls]!).toBeGreaterThan(CLASS_UNITS[cls - 1]!)
  expect(CLASS_UNITS[CLASS_COUNT - 1]! * UNIT_BYTES).toBe(MAX_BLOCK_BYTES)
})

test('every size gets the smallest class that holds it', () => {
  let wrong = 0
  for (let bytes = 1; bytes <= MAX_BLOCK_BYTES; bytes++) {
    const cls = CLASS_OF_UNITS[Math.ceil(bytes / UNIT_BYTES)]!
    const fits = CLASS_UNITS[cls]! * UNIT_BYTES >= bytes && CLASS_UNITS[cls - 1]! * UNIT_BYTES < bytes
    if (!fits || blockBytes(bytes) !== CLASS_UNITS[cls]! * UNIT_BYTES) wrong++
  }
  expect(wrong).toBe(0)
})

test('at most seven bytes are wasted up to 512 bytes, at most an eighth above', () => {
  let wrong = 0
  for (let bytes = 1; bytes <= MAX_BLOCK_BYTES; bytes++) {
    const waste = blockBytes(bytes) - bytes
    if (waste > (bytes <= 512 ? UNIT_BYTES - 1 : bytes / 8 + UNIT_BYTES)) wrong++
  }
  expect(wrong).toBe(0)
})

test('a full segment fills its block to the last byte', () => {
  expect(segmentBytes(MAX_SLOT_BITS)).toBe(SEGMENT_BYTES)
  expect(blockBytes(SEGMENT_BYTES)).toBe(SEGMENT_BYTES)
})
