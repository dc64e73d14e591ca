// Scores, as sorted sets keep them: in eight bytes, or as text in a listpack. And how members compare. Knows no structure.

import { parseDouble } from '../base/doubles.ts'
import type { Slice } from '../memory/slice.ts'

export const SCORE_BYTES = 8

// In the machine's own order. Not state: written and read within one call.
const score = new Float64Array(1)
const scoreBytes = new Uint8Array(score.buffer)

export function readScore(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < SCORE_BYTES; i++) scoreBytes[i] = bytes[at + i]!
  return score[0]!
}

export function writeScore(bytes: Uint8Array, at: number, value: number): void {
  score[0] = value
  for (let i = 0; i < SCORE_BYTES; i++) bytes[at + i] = scoreBytes[i]!
}

/** The score that was written into a listpack as text. */
export function storedScore({ bytes, start, length }: Slice): number {
  return parseDouble(bytes, start, length) ?? Number.NaN
}

/** Whether a member comes before another (< 0), is the same, or comes after it (> 0): byte by byte. */
export function compareMembers(one: Slice, other: Slice): number {
  const { bytes, start } = one
  const { bytes: otherBytes, start: otherStart } = other
  const common = Math.min(one.length, other.length)
  for (let i = 0; i < common; i++) {
    const difference = bytes[start + i]! - otherBytes[otherStart + i]!
    if (difference !== 0) return difference
  }
  return one.length - other.length
}
