// The state of a table that lies in a value: what is written there, so that a table object can be pointed at it.
// Words in any alignment, as values have none. Knows no segment.
//
//   word 0  the directory's place       word 4  entries with a deadline
//   word 1  its depth                   word 5-6  no deadline is earlier, low and high word
//   word 2  its deepest segments        word 7  how far active expiry has got
//   word 3  entries

import { readDeadline, writeDeadline } from './deadline.ts'

const WORDS = 8
export const TABLE_ROOT_BYTES = WORDS * 4

export interface TableRoot {
  place: number
  depth: number
  deepest: number
  count: number
  deadlines: number
  earliest: number
  /** A position in the order of hashes, 0 to 2^32. */
  position: number
}

const words = new Int32Array(WORDS)

export function emptyRoot(): TableRoot {
  return { place: 0, depth: 0, deepest: 0, count: 0, deadlines: 0, earliest: 0, position: 0 }
}

export function readRoot(bytes: Uint8Array, at: number, root = emptyRoot()): TableRoot {
  for (let i = 0; i < WORDS; i++) words[i] = readWord(bytes, at + 4 * i)
  root.place = words[0]!
  root.depth = words[1]!
  root.deepest = words[2]!
  root.count = words[3]!
  root.deadlines = words[4]!
  root.earliest = readDeadline(words, 5)
  root.position = (words[7]! >>> 0) * 2
  return root
}

export function writeRoot(bytes: Uint8Array, at: number, root: TableRoot): void {
  words[0] = root.place
  words[1] = root.depth
  words[2] = root.deepest
  words[3] = root.count
  words[4] = root.deadlines
  writeDeadline(words, 5, root.earliest)
  // A position is where a segment begins, so it is even; halved, 2^32 fits too.
  words[7] = root.position / 2
  for (let i = 0; i < WORDS; i++) writeWord(bytes, at + 4 * i, words[i]!)
}

/** A little-endian word at any place, signed. */
export function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
}
