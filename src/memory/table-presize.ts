// A table that is told how many entries it will get: it takes the shape at once that it would have grown into, segment by
// segment, hashing each entry some two times on the way.

import type { Arena } from './arena.ts'
import type { Directory } from './directory.ts'
import { createSegment, freeSegment, MAX_SLOT_BITS, MIN_SLOT_BITS, segmentLimit } from './segment.ts'

/** Hashes spread unevenly: with so many entries to a segment on average, one in thirty has to split after all. */
const FULL = segmentLimit(MAX_SLOT_BITS) - 54
/** Beyond that, it is left to grow by itself. */
const DEEPEST = 20

/** Replaces what an empty table has. */
export function presize(arena: Arena, directory: Directory, count: number): void {
  let slotBits = MIN_SLOT_BITS
  while (slotBits < MAX_SLOT_BITS && segmentLimit(slotBits) < count) slotBits++
  let depth = 0
  if (count > segmentLimit(MAX_SLOT_BITS)) while (depth < DEEPEST && FULL * 2 ** depth < count) depth++
  directory.eachSegment((segment) => freeSegment(arena, segment))
  directory.reshape(depth, () => createSegment(arena, depth, slotBits), depth | (slotBits << 8))
}
