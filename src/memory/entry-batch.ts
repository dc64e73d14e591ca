// Entries that were made apart, to be put into a table several at a time. One after the other, each would wait for memory
// two or three times: here what all of them will touch is read first, and the waits overlap. Loading five million small
// keys takes half the time.

import { type Arena, NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Directory } from './directory.ts'
import type { Entries } from './entries.ts'
import { HEADER_WORDS, nextCandidate } from './segment.ts'
import { Slice } from './slice.ts'

/** More at once would not overlap: a processor waits for some ten to twenty reads at a time. */
const ROOM = 16

export class EntryBatch {
  /** The entry that is next to be put in. */
  next = 0
  /** What was read, so that no compiler leaves the reading out. */
  seen = 0
  #count = 0
  readonly #hashes = new Int32Array(ROOM)
  readonly #refs = new Int32Array(ROOM)
  readonly #deadlines = new Float64Array(ROOM)
  readonly #key = new Slice()
  readonly #twinKey = new Slice()

  get isEmpty(): boolean {
    return this.#count === 0
  }

  get isFull(): boolean {
    return this.#count === ROOM
  }

  /** Adds an entry, with the hash of its key. There must be room. */
  add(hash: number, ref: Ref, deadline: number): void {
    const i = this.#count++
    this.#hashes[i] = hash
    this.#refs[i] = ref
    this.#deadlines[i] = deadline
  }

  clear(): void {
    this.#count = 0
    this.next = 0
  }

  /** Frees the entries that have not been put in. */
  discard(entries: Entries): void {
    for (; this.hasNext; this.next++) entries.free(this.ref)
    this.clear()
  }

  // ---- the entry that is next

  get hasNext(): boolean {
    return this.next < this.#count
  }

  get hash(): number {
    return this.#hashes[this.next]!
  }

  get ref(): Ref {
    return this.#refs[this.next]!
  }

  get deadline(): number {
    return this.#deadlines[this.next]!
  }

  /** Whether the table has an entry with its key already. */
  isTwin(arena: Arena, directory: Directory, entries: Entries): boolean {
    const { hash } = this
    const index = hash >>> directory.shift
    const segment = directory.words[directory.at + index]!
    const shape = directory.halves[directory.halvesAt + index]!
    const refs = ((segment & UNIT_MASK) << 1) + HEADER_WORDS
    let slot = nextCandidate(arena, segment, shape, hash, -1)
    while (slot >= 0) {
      if (this.#isSameKey(entries, arena.words[segment >>> PAGE_SHIFT]![refs + slot]!)) return true
      slot = nextCandidate(arena, segment, shape, hash, slot + 1)
    }
    return false
  }

  #isSameKey(entries: Entries, ref: Ref): boolean {
    return entries.key(this.ref, this.#key).equals(entries.key(ref, this.#twinKey))
  }

  /** Reads what putting them in will touch. */
  touch(arena: Arena, directory: Directory): void {
    const { words, at, halves, halvesAt, shift } = directory
    const count = this.#count
    let seen = NO_REF
    for (let i = 0; i < count; i++) {
      const hash = this.#hashes[i]!
      const index = hash >>> shift
      const segment = words[at + index]!
      const shape = halves[halvesAt + index]!
      const slotBits = shape >>> 8
      const home = (hash << (shape & 0xff)) >>> (32 - slotBits)
      const page = segment >>> PAGE_SHIFT
      const header = (segment & UNIT_MASK) << 1
      const refs = header + HEADER_WORDS
      const pageWords = arena.words[page]!
      seen ^=
        pageWords[header]! ^
        pageWords[refs + home]! ^
        arena.halves[page]![((refs + (1 << slotBits)) << 1) + home]!
    }
    this.seen = seen
  }
}
