// Reads all entries of a table through its pages alone: of the table as it is, or, in a worker, as it was at a freeze.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'

const HEADER_WORDS = 4

export class TableView {
  readonly words: readonly Int32Array[]
  readonly halves: readonly Uint16Array[]
  readonly directory: Int32Array

  /** Pages as words and as halves, and the directory: all may live in shared memory. */
  constructor(words: readonly Int32Array[], halves: readonly Uint16Array[], directory: Int32Array) {
    this.words = words
    this.halves = halves
    this.directory = directory
  }

  each(visit: (ref: Ref) => void): void {
    let previous = NO_REF
    for (const segment of this.directory) {
      // A segment's slots in the directory are neighbours.
      if (segment === previous) continue
      previous = segment
      this.#eachIn(segment, visit)
    }
  }

  #eachIn(segment: Ref, visit: (ref: Ref) => void): void {
    const page = segment >>> PAGE_SHIFT
    const w = (segment & UNIT_MASK) << 1
    const words = this.words[page]!
    const halves = this.halves[page]!
    const slots = 1 << (words[w]! >>> 8)
    const tags = (w + HEADER_WORDS + slots) << 1
    for (let slot = 0; slot < slots; slot++) {
      if (halves[tags + slot] !== 0) visit(words[w + HEADER_WORDS + slot]!)
    }
  }
}
