// The state of a table that lies in a value: what is written there, so that a table object can be pointed at it.
// A value in a block begins at a word, one that is large anywhere. Knows no segment.
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

const scratch = new Int32Array(WORDS)

/** Of bytes that are not at hand as words. */
export const NO_WORDS: Int32Array = new Int32Array(0)

export function emptyRoot(): TableRoot {
  return { place: 0, depth: 0, deepest: 0, count: 0, deadlines: 0, earliest: 0, position: 0 }
}

/** Reads bytes; or words, where there are any: then a command on a large collection takes 40 ns less. */
export function readRoot(bytes: Uint8Array, at: number, words = NO_WORDS, root = emptyRoot()): TableRoot {
  if (words.length > 0) return readWords(words, at >>> 2, root)
  for (let i = 0; i < WORDS; i++) scratch[i] = readWord(bytes, at + 4 * i)
  return readWords(scratch, 0, root)
}

function readWords(words: Int32Array, w: number, root: TableRoot): TableRoot {
  root.place = words[w]!
  root.depth = words[w + 1]!
  root.deepest = words[w + 2]!
  root.count = words[w + 3]!
  root.deadlines = words[w + 4]!
  root.earliest = readDeadline(words, w + 5)
  root.position = (words[w + 7]! >>> 0) * 2
  return root
}

export function writeRoot(bytes: Uint8Array, at: number, words: Int32Array, root: TableRoot): void {
  if (words.length > 0) {
    writeWords(words, at >>> 2, root)
    return
  }
  writeWords(scratch, 0, root)
  for (let i = 0; i < WORDS; i++) writeWord(bytes, at + 4 * i, scratch[i]!)
}

function writeWords(words: Int32Array, w: number, root: TableRoot): void {
  words[w] = root.place
  words[w + 1] = root.depth
  words[w + 2] = root.deepest
  words[w + 3] = root.count
  words[w + 4] = root.deadlines
  writeDeadline(words, w + 5, root.earliest)
  // A position is where a segment begins, so it is even; halved, 2^32 fits too.
  words[w + 7] = root.position / 2
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
