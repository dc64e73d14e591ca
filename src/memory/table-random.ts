// A random entry of a table, each as likely as any other. Knows directories and segments only.

import { type Arena, NO_REF, type Ref } from './arena.ts'
import type { Directory } from './directory.ts'
import { MAX_SLOT_BITS, refAt } from './segment.ts'

const MAX_SLOTS = 1 << MAX_SLOT_BITS

export interface Chance {
  below(limit: number): number
}

/** The table must not be empty. */
export function randomEntry(arena: Arena, directory: Directory, chance: Chance): Ref {
  for (;;) {
    const index = chance.below(directory.slots)
    const slot = chance.below(MAX_SLOTS)
    // A shallow segment stands in several slots of the directory: only its first counts, or its entries would come
    // up more often. Likewise a small segment has fewer slots than are drawn from.
    const shape = directory.halves[directory.halvesAt + index]!
    const span = 1 << (directory.depth - (shape & 0xff))
    if ((index & (span - 1)) !== 0) continue
    const slotBits = shape >>> 8
    const segment = directory.words[directory.at + index]!
    const ref = refAt(arena, segment, slot >>> (MAX_SLOT_BITS - slotBits))
    if (ref !== NO_REF) return ref
  }
}
