// Looks up in one table what a walk over another one has come to. Both lie in the same memory and hash with the same seed,
// so that the tag where the walk is says most of the hash: in tables of about the same size nothing has to be hashed, and
// of what is only in one of them no entry is read. An intersection of two sets of a hundred thousand takes half the time.

import { type Arena, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Directory } from './directory.ts'
import type { Entries } from './entries.ts'
import { countOf, HEADER_WORDS, nextCandidate, segmentLimit, slotBitsOf } from './segment.ts'
import type { TableCursor } from './table-cursor.ts'

interface Hasher {
  /** The hash of an entry's key. */
  hashOf(ref: Ref): number
}

/** Whether the table with this directory has the key of the entry where the walk is. */
export function isKeyIn(entries: Entries, directory: Directory, hasher: Hasher, walk: TableCursor): boolean {
  const { arena } = entries
  let hash = walk.hash
  if (!isEnough(directory, hash, walk.hashBits)) hash = hasher.hashOf(walk.ref)
  const index = hash >>> directory.shift
  const segment = directory.words[directory.at + index]!
  const shape = directory.halves[directory.halvesAt + index]!
  const refs = ((segment & UNIT_MASK) << 1) + HEADER_WORDS
  let slot = nextCandidate(arena, segment, shape, hash, -1)
  while (slot >= 0) {
    if (entries.isSameKey(arena.words[segment >>> PAGE_SHIFT]![refs + slot]!, walk.ref)) return true
    slot = nextCandidate(arena, segment, shape, hash, slot + 1)
  }
  return false
}

/** Whether an entry can be added of whose hash only so many first bits, and the last, are known. */
export function isEnoughToAdd(arena: Arena, directory: Directory, hash: number, bits: number): boolean {
  if (!isEnough(directory, hash, bits)) return false
  const segment = directory.words[directory.at + (hash >>> directory.shift)]!
  // To split a segment takes one bit more.
  return countOf(arena, segment) < segmentLimit(slotBitsOf(arena, segment))
}

/** Whether so many first bits of a hash, and its last, say where it belongs. */
function isEnough({ depth, halves, halvesAt, shift }: Directory, hash: number, bits: number): boolean {
  if (depth > bits) return false
  const shape = halves[halvesAt + (hash >>> shift)]!
  return (shape & 0xff) + (shape >>> 8) <= bits
}
