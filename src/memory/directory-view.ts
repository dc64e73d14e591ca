// Where a directory lies: in a block, or beyond MAX_BLOCK_BYTES in a large value. Reading only, in whatever thread.

import { PAGE_SHIFT, UNIT_MASK } from './arena.ts'
import type { EntryReader } from './entry-reader.ts'
import { MAX_BLOCK_BYTES } from './size-classes.ts'
import { Slice } from './slice.ts'

/** A word and a half per slot: see directory.ts. */
const SLOT_BYTES = 6

export function directoryBytes(depth: number): number {
  return SLOT_BYTES << depth
}

/** Whether a directory of this depth is in a block, so that its place is a ref; else it is a large value's handle. */
export function isInBlock(depth: number): boolean {
  return SLOT_BYTES << depth <= MAX_BLOCK_BYTES
}

/** The segments' refs of a directory, in the order of their hashes. */
export function savedDirectory(reader: EntryReader, place: number, depth: number): Int32Array {
  const slots = 1 << depth
  if (!isInBlock(depth)) return new Int32Array(reader.large.view(place, new Slice()).bytes.buffer, 0, slots)
  const at = (place & UNIT_MASK) << 1
  return reader.words[place >>> PAGE_SHIFT]!.subarray(at, at + slots)
}
