// Gives a whole table back to its arena, a slice at a time: millions of entries freed at once would stall everybody.

import { NO_REF } from './arena.ts'
import { Directory } from './directory.ts'
import type { Entries } from './entries.ts'
import { AHEAD, freeSegment, refAt, slotBitsOf, touchEntries } from './segment.ts'
import { readRoot } from './table-root.ts'

/** Memory that is on its way back. */
export interface Disposal {
  /** The memory that it belongs to. */
  readonly entries: Entries
  /** Frees about so many blocks; true when nothing is left. */
  run(blocks: number): boolean
}

export class TableDisposal implements Disposal {
  readonly entries: Entries
  readonly #directory: Directory
  #slot = 0
  /** What was read ahead, so that no compiler leaves the reading out. */
  seen = 0

  /** The table that was saved at this place; its owner has forgotten it. */
  constructor(entries: Entries, bytes: Uint8Array, at: number) {
    const root = readRoot(bytes, at)
    this.entries = entries
    this.#directory = new Directory(entries)
    this.#directory.attach(entries, root.place, root.depth, root.deepest)
  }

  run(blocks: number): boolean {
    const directory = this.#directory
    for (let left = blocks; this.#slot < directory.slots; ) {
      if (left <= 0) return false
      left -= this.#freeSegment()
    }
    directory.free()
    return true
  }

  /** Frees the next segment and what is in it; says how many blocks that were. */
  #freeSegment(): number {
    const { arena } = this.entries
    const directory = this.#directory
    const segment = directory.words[directory.at + this.#slot]!
    const depth = directory.halves[directory.halvesAt + this.#slot]! & 0xff
    const slots = 1 << slotBitsOf(arena, segment)
    let freed = 1
    for (let slot = 0; slot < slots; slot++) {
      if (slot % AHEAD === 0) this.seen = touchEntries(arena, segment, slot)
      const ref = refAt(arena, segment, slot)
      if (ref === NO_REF) continue
      this.entries.free(ref)
      freed++
    }
    freeSegment(arena, segment)
    this.#slot += 1 << (directory.depth - depth)
    return freed
  }
}
