// Entries from a random place of a table, as candidates for eviction: neighbours in the order of hashes, which is as good
// as chance and costs one look into a segment instead of one for each. Knows directories, segments and deadlines only.

import { type Arena, NO_REF, type Ref } from './arena.ts'
import { NO_DEADLINE } from './deadline.ts'
import type { Directory } from './directory.ts'
import type { DueList } from './due.ts'
import type { Entries } from './entries.ts'
import { earliestOf, homeSlot, refAt, setEarliest } from './segment.ts'
import type { Chance } from './table-random.ts'

/** `maxmemory-samples` is no more than this. */
export const MOST_SAMPLES = 64
/** Segments that are looked at for an entry: of those without deadlines the header only. */
const MOST_SEGMENTS = 64
/** Segments whose entries are looked at in vain, each about a thousand. */
const MOST_FRUITLESS = 2
const TWO_32 = 2 ** 32

/** What is to be known of a table besides its directory. */
interface SampledTable {
  readonly entries: Entries
  readonly count: number
  readonly deadlineCount: number
  readonly due: DueList
}

interface Asked {
  readonly wanted: number
  readonly isVolatile: boolean
}

export class TableSample {
  count = 0
  readonly refs = new Int32Array(MOST_SAMPLES)
  /** Where the search for deadlines goes on that has found none so far; -1: at a random place. */
  #position = -1

  at(index: number): Ref {
    return this.refs[index]!
  }

  /**
   * Takes up to `wanted` entries, if asked only of those that have a deadline. May find none of these at once, as they may
   * be few among many: then the next call goes on where this one has ended.
   */
  take(table: SampledTable, directory: Directory, chance: Chance, asked: Asked): void {
    this.count = 0
    if (!asked.isVolatile) {
      if (table.count > 0) this.#fill(table.entries.arena, directory, chance, asked.wanted)
    } else if (table.deadlineCount > 0) this.#fillVolatile(table, directory, chance, asked.wanted)
  }

  #fill(arena: Arena, directory: Directory, chance: Chance, wanted: number): void {
    for (let tries = 0; tries < MOST_SEGMENTS && this.count === 0; tries++) {
      // At random among the hashes, not the segments: one that serves more of them has more entries to be found.
      const hash = chance.below(TWO_32) | 0
      const index = hash >>> directory.shift
      const segment = directory.words[directory.at + index]!
      const slotBits = directory.halves[directory.halvesAt + index]! >>> 8
      const depth = directory.halves[directory.halvesAt + index]! & 0xff
      const from = homeSlot(hash, depth, slotBits)
      const mask = (1 << slotBits) - 1
      for (let n = 0; n <= mask && this.count < wanted; n++) {
        const ref = refAt(arena, segment, (from + n) & mask)
        if (ref !== NO_REF) this.refs[this.count++] = ref
      }
    }
  }

  #fillVolatile(table: SampledTable, directory: Directory, chance: Chance, wanted: number): void {
    const { entries } = table
    const { arena } = entries
    let position = this.#position >= 0 ? this.#position : chance.below(TWO_32)
    let fruitless = 0
    for (let n = 0; n < MOST_SEGMENTS && fruitless < MOST_FRUITLESS && this.count === 0; n++) {
      const index = position >>> directory.shift
      const segment = directory.words[directory.at + index]!
      const shape = directory.halves[directory.halvesAt + index]!
      if (earliestOf(arena, segment) !== NO_DEADLINE) {
        const from = homeSlot(position | 0, shape & 0xff, shape >>> 8)
        this.#takeVolatile(entries, segment, { from, slots: 1 << (shape >>> 8), wanted })
        if (this.count === 0) {
          fruitless++
          // What it remembers has gone since; or is inside of values.
          if ((table.due.inner?.count ?? 0) === 0) setEarliest(arena, segment, NO_DEADLINE)
        }
      }
      const span = 1 << (directory.depth - (shape & 0xff))
      position = (((index & ~(span - 1)) + span) * 2 ** directory.shift) % TWO_32
    }
    this.#position = this.count === 0 ? position : -1
  }

  #takeVolatile(
    entries: Entries,
    segment: Ref,
    { from, slots, wanted }: { from: number; slots: number; wanted: number },
  ): void {
    for (let n = 0; n < slots && this.count < wanted; n++) {
      const ref = refAt(entries.arena, segment, (from + n) & (slots - 1))
      if (ref !== NO_REF && entries.hasDeadline(ref)) this.refs[this.count++] = ref
    }
  }
}
