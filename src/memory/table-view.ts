// Reads all entries of a table through its pages alone: of the table as it is, or, in a worker, as it was at a freeze.

import { PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { savedDirectory } from './directory-view.ts'
import type { MemoryImage } from './entries.ts'
import { EntryReader } from './entry-reader.ts'
import { FrozenLargeValues } from './large-values.ts'
import { HEADER_WORDS } from './segment.ts'
import { readRoot } from './table-root.ts'

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
    this.eachFrom(0, this.directory.length, visit)
  }

  /**
   * Visits the entries of some neighbouring slots of the directory, so that a reader can go in steps. A segment that
   * stands in several slots is visited with its first.
   */
  eachFrom(slot: number, slots: number, visit: (ref: Ref) => void): void {
    const directory = this.directory
    const end = Math.min(slot + slots, directory.length)
    for (let i = slot; i < end; i++) {
      const segment = directory[i]!
      // A segment's slots in the directory are neighbours.
      if (i === 0 || segment !== directory[i - 1]) this.#eachIn(segment, visit)
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

/** The table that was saved at this place, in pages as they are or as they were at a freeze. */
export function savedTable(reader: EntryReader, bytes: Uint8Array, at: number): TableView {
  const { place, depth } = readRoot(bytes, at)
  return new TableView(reader.words, reader.halves, savedDirectory(reader, place, depth))
}

/** A table at a freeze: plain data that can be posted to a worker. */
export interface TableImage {
  readonly memory: MemoryImage
  readonly directory: Int32Array
  readonly count: number
  readonly deadlineCount: number
}

/** Reads an image, in whatever thread, until the table is thawed. */
export class FrozenTable {
  /** Key, value, type, encoding, access and deadline of each entry. */
  readonly entries: EntryReader
  readonly count: number
  readonly deadlineCount: number
  readonly #view: TableView

  constructor(image: TableImage) {
    const { pages, large } = image.memory
    const words = pages.map((page) => new Int32Array(page))
    const bytes = pages.map((page) => new Uint8Array(page))
    const halves = pages.map((page) => new Uint16Array(page))
    this.entries = new EntryReader({ words, bytes, halves }, new FrozenLargeValues(large))
    this.count = image.count
    this.deadlineCount = image.deadlineCount
    this.#view = new TableView(words, halves, image.directory)
  }

  /** Slots of the directory: what `eachFrom` counts in. */
  get directorySlots(): number {
    return this.#view.directory.length
  }

  each(visit: (ref: Ref) => void): void {
    this.#view.each(visit)
  }

  /** As `each`, but of so many slots of the directory from `slot` on. */
  eachFrom(slot: number, slots: number, visit: (ref: Ref) => void): void {
    this.#view.eachFrom(slot, slots, visit)
  }
}
