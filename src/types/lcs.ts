// The longest common subsequence of two strings, as the stretches of bytes that make it up. Knows no key and no reply.

import type { Slice } from '../memory/slice.ts'

/** A stretch that both strings have: where it starts in each, and how long it is. */
export interface CommonStretch {
  readonly a: number
  readonly b: number
  readonly length: number
}

/** The length alone: O(n * m) time, O(m) memory. */
export function lcsLength(a: Slice, b: Slice): number {
  return fillTable(a, b, undefined)
}

/**
 * The stretches of one longest common subsequence, the last one first. Where there are several subsequences, it is
 * the one found by going back from both ends and, at a choice, shortening `b` first.
 */
export function lcsStretches(a: Slice, b: Slice): CommonStretch[] {
  const table = new Uint32Array(a.length * rowWords(b))
  fillTable(a, b, table)
  return walkBack(a, b, table)
}

/** The subsequence that the stretches of `a` make up. */
export function lcsBytes(a: Slice, stretches: readonly CommonStretch[]): Uint8Array {
  let total = 0
  for (const stretch of stretches) total += stretch.length
  const bytes = new Uint8Array(total)
  let end = total
  for (const stretch of stretches) {
    const from = a.start + stretch.a
    end -= stretch.length
    bytes.set(a.bytes.subarray(from, from + stretch.length), end)
  }
  return bytes
}

/** Words of one row of the table: a bit for each byte of `b`. */
function rowWords(b: Slice): number {
  return (b.length + 31) >>> 5
}

/**
 * Fills the table of the textbook, in which cell (i, j) has the length for the first i bytes of `a` and j of `b`.
 * Only one row of lengths is ever kept: what the way back has to know of a cell is one bit, whether the cell above it
 * is greater than the one to its left (that the two bytes are equal can be seen again). So the table takes a 32nd.
 */
function fillTable(a: Slice, b: Slice, table: Uint32Array | undefined): number {
  const lengths = new Uint32Array(b.length + 1)
  const width = rowWords(b)
  const { bytes, start } = b
  for (let i = 0; i < a.length; i++) {
    const byte = a.bytes[a.start + i]!
    let aboveLeft = 0
    let left = 0
    let isAboveGreater = 0
    for (let j = 0; j < b.length; j++) {
      const above = lengths[j + 1]!
      if (byte === bytes[start + j]) left = aboveLeft + 1
      else if (above > left) {
        left = above
        isAboveGreater |= 1 << (j & 31)
      }
      aboveLeft = above
      lengths[j + 1] = left
      if ((j & 31) === 31 || j === b.length - 1) {
        if (table !== undefined) table[i * width + (j >>> 5)] = isAboveGreater
        isAboveGreater = 0
      }
    }
  }
  return lengths[b.length]!
}

function walkBack(a: Slice, b: Slice, table: Uint32Array): CommonStretch[] {
  const stretches: CommonStretch[] = []
  const width = rowWords(b)
  let i = a.length
  let j = b.length
  let length = 0
  while (i > 0 && j > 0) {
    if (a.bytes[a.start + i - 1] === b.bytes[b.start + j - 1]) {
      length++
      i--
      j--
      continue
    }
    if (length > 0) stretches.push({ a: i, b: j, length })
    length = 0
    const isAboveGreater = ((table[(i - 1) * width + ((j - 1) >>> 5)]! >>> ((j - 1) & 31)) & 1) === 1
    if (isAboveGreater) i--
    else j--
  }
  if (length > 0) stretches.push({ a: i, b: j, length })
  return stretches
}
