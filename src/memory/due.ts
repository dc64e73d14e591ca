// Which entries of a segment are due: what the table's active expiry works through, segment by segment.
// Reads only; knows no hashes. One list is reused for all segments.

import { type Arena, NO_REF, type Ref } from './arena.ts'
import { NO_DEADLINE } from './deadline.ts'
import type { Directory } from './directory.ts'
import type { EntryReader } from './entry-reader.ts'
import { earliestOf, MAX_SLOT_BITS, refAt, slotBitsOf } from './segment.ts'

/** For values whose elements have deadlines of their own, so that an entry may be due on account of them. */
export interface InnerDeadlines {
  /** Entries with such a value: counted by who changes values. */
  count: number
  /** No element of the entry's value is due before. */
  earliestIn(ref: Ref): number
}

export class DueList {
  /** undefined: elements have no deadlines. */
  inner: InnerDeadlines | undefined = undefined
  count = 0
  readonly refs = new Int32Array(1 << MAX_SLOT_BITS)
  /** Where in the segment they were seen, in ascending order. */
  readonly slots = new Int16Array(1 << MAX_SLOT_BITS)
  /** The earliest deadline of those that are due, and of those that are not. */
  earliestDue = NO_DEADLINE
  earliestLater = NO_DEADLINE

  fill(arena: Arena, entries: EntryReader, segment: Ref, now: number): void {
    const slots = 1 << slotBitsOf(arena, segment)
    this.count = 0
    this.earliestDue = NO_DEADLINE
    this.earliestLater = NO_DEADLINE
    for (let slot = 0; slot < slots; slot++) {
      const ref = refAt(arena, segment, slot)
      if (ref === NO_REF) continue
      let deadline = entries.deadlineOf(ref)
      if (this.inner !== undefined) deadline = Math.min(deadline, this.inner.earliestIn(ref))
      if (deadline > now) this.earliestLater = Math.min(this.earliestLater, deadline)
      else {
        this.earliestDue = Math.min(this.earliestDue, deadline)
        this.slots[this.count] = slot
        this.refs[this.count++] = ref
      }
    }
  }
}

/** No deadline in any segment is earlier. */
export function earliestOfAll(arena: Arena, directory: Directory): number {
  let earliest = NO_DEADLINE
  directory.eachSegment((segment) => {
    const deadline = earliestOf(arena, segment)
    if (deadline < earliest) earliest = deadline
  })
  return earliest
}
