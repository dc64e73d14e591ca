// A walk over the entries of a table, one at a time, for who can't be called back. In the order of hashes, so that a walk
// over one table that looks everything up in another stays in neighbouring segments. Knows a table by what it has saved.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { Directory } from './directory.ts'
import { Entries } from './entries.ts'
import { AHEAD, HEADER_WORDS, hashInTag, touchEntries, WHOLE_HASH_BITS } from './segment.ts'
import { readRoot } from './table-root.ts'

const NOWHERE = new Entries()

export class TableCursor {
  #entries = NOWHERE
  readonly #directory = new Directory(NOWHERE)
  /** The slot of the directory that comes next. */
  #index = 0
  #segment: Ref = NO_REF
  /** The segment that is being walked: its page, where its refs and tags begin, its next slot and their number. */
  #page = 0
  #refs = 0
  #tags = 0
  #slot = 0
  #slots = 0
  /** The first bits of all hashes in the segment, and how many bits of each the tags know. */
  #prefix = 0
  #bits = 0
  /** Whether all entries are going to be looked at, and not only those that another table may have too. */
  readsAll = true
  /** What was read ahead, so that no compiler leaves the reading out. */
  seen = 0
  /** The entry where the walk is. */
  ref: Ref = NO_REF

  /** Before the first entry of the table that was saved at this place. The walk is valid until the table changes. */
  begin(entries: Entries, bytes: Uint8Array, at: number): void {
    const { place, depth, deepest } = readRoot(bytes, at)
    this.#entries = entries
    this.#directory.attach(entries, place, depth, deepest)
    this.#index = 0
    this.#slot = 0
    this.#slots = 0
  }

  /** The next entry; NO_REF behind the last. */
  next(): Ref {
    const { halves: pages, words } = this.#entries
    for (;;) {
      const halves = pages[this.#page]!
      while (this.#slot < this.#slots) {
        const slot = this.#slot++
        if (slot % AHEAD === 0 && this.readsAll) this.seen = touchEntries(this.#entries, this.#segment, slot)
        if (halves[this.#tags + slot] !== 0) {
          this.ref = words[this.#page]![this.#refs + slot]!
          return this.ref
        }
      }
      if (!this.#nextSegment()) return NO_REF
    }
  }

  /** What is known of the hash where the walk is, without a look at its entry: see `hashBits`. */
  get hash(): number {
    const tag = this.#entries.halves[this.#page]![this.#tags + this.#slot - 1]!
    return this.#prefix | hashInTag(tag, this.#bits)
  }

  /** So many first bits of `hash` are right, and the last five. */
  get hashBits(): number {
    return this.#bits >= WHOLE_HASH_BITS ? 32 : this.#bits
  }

  #nextSegment(): boolean {
    const { words, at, halves, halvesAt, depth, slots } = this.#directory
    const index = this.#index
    if (index >= slots) return false
    const segment = words[at + index]!
    const shape = halves[halvesAt + index]!
    this.#segment = segment
    this.#page = segment >>> PAGE_SHIFT
    this.#slots = 1 << (shape >>> 8)
    this.#slot = 0
    this.#refs = ((segment & UNIT_MASK) << 1) + HEADER_WORDS
    this.#tags = (this.#refs + this.#slots) << 1
    this.#prefix = index << (32 - depth)
    this.#bits = (shape & 0xff) + (shape >>> 8)
    // A shallow segment stands in several neighbouring slots.
    this.#index = index + (1 << (depth - (shape & 0xff)))
    return true
  }
}
