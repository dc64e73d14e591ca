// The directory of a table: which segment serves which hashes. It is indexed by the top bits of the hash, and lies in a
// block of the arena like all else, or, beyond MAX_BLOCK_BYTES, in a large value. Knows nothing of what is in segments.
//
//   a word per slot: the segment's ref        a half per slot: the segment's shape (depth | slot bits << 8)
//
// The shape stands here too because the segment's own header would be one more cache miss for each search.
// Invariants: 2^depth slots, depth >= 1, so that `hash >>> shift` is always defined · a segment of depth d stands in
// 2^(depth-d) neighbouring slots. While the arena is frozen, the directory is copied before its first change.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { directoryBytes, isInBlock } from './directory-view.ts'
import type { Entries } from './entries.ts'
import { Slice } from './slice.ts'

const NO_WORDS = new Int32Array(0)
const NO_HALVES = new Uint16Array(0)
/** Deepest directory: 2^22 segments, more than 32 GiB of entries can fill. */
const MAX_DEPTH = 22

export class Directory {
  /** Slot i: the segment is `words[at + i]`, its shape `halves[halvesAt + i]`. */
  words: Int32Array = NO_WORDS
  at = 0
  halves: Uint16Array = NO_HALVES
  halvesAt = 0
  /** Bits of the hash that index the directory, and how far a hash is shifted to get them. */
  depth = 1
  shift = 31
  /** Segments whose depth is the directory's: when there are none, the directory halves. */
  deepest = 0
  /** The block's ref, or the handle of the large value. */
  place = NO_REF
  #entries: Entries
  readonly #slice = new Slice()

  constructor(entries: Entries) {
    this.#entries = entries
  }

  get slots(): number {
    return 1 << this.depth
  }

  get bytes(): number {
    return directoryBytes(this.depth)
  }

  /** A new directory of two slots, both of one segment. */
  create(entries: Entries, segment: Ref, shape: number): void {
    this.#entries = entries
    this.deepest = 0
    this.#allocate(1)
    this.words.fill(segment, this.at, this.at + 2)
    this.halves.fill(shape, this.halvesAt, this.halvesAt + 2)
  }

  /** Becomes one of segments that are all of this depth and shape. Those that it had are the caller's. */
  reshape(depth: number, createSegment: () => Ref, shape: number): void {
    const old = this.place
    const oldDepth = this.depth
    // One of depth 0 stands in both slots of the smallest directory.
    this.#allocate(Math.max(depth, 1))
    this.#free(old, oldDepth)
    this.deepest = depth === 0 ? 0 : this.slots
    this.halves.fill(shape, this.halvesAt, this.halvesAt + this.slots)
    if (depth === 0) this.words.fill(createSegment(), this.at, this.at + this.slots)
    else for (let i = 0; i < this.slots; i++) this.words[this.at + i] = createSegment()
  }

  /** Looks at a directory that is there already. */
  attach(entries: Entries, place: number, depth: number, deepest: number): void {
    this.#entries = entries
    this.deepest = deepest
    this.#look(place, depth)
  }

  free(): void {
    this.#free(this.place, this.depth)
  }

  /** Lets all slots of a segment's range point at it. `hash` is one of the range. */
  point(hash: number, segment: Ref, shape: number): void {
    this.#own()
    const span = 1 << (this.depth - (shape & 0xff))
    const first = (hash >>> this.shift) & ~(span - 1)
    this.words.fill(segment, this.at + first, this.at + first + span)
    this.halves.fill(shape, this.halvesAt + first, this.halvesAt + first + span)
  }

  double(): void {
    if (this.depth === MAX_DEPTH) throw new Error('the table is full')
    const { words, at, halves, halvesAt, place, depth, slots } = this
    this.#allocate(depth + 1)
    for (let i = 0; i < slots; i++) {
      this.words.fill(words[at + i]!, this.at + 2 * i, this.at + 2 * i + 2)
      this.halves.fill(halves[halvesAt + i]!, this.halvesAt + 2 * i, this.halvesAt + 2 * i + 2)
    }
    this.deepest = 0
    this.#free(place, depth)
  }

  /** Halves it as often as there is no segment of its own depth. */
  shrink(): void {
    while (this.deepest === 0 && this.depth > 1) this.#halve()
  }

  /** Where the hashes of the segment end that has this position. */
  endOf(position: number): number {
    const index = position >>> this.shift
    const span = 1 << (this.depth - (this.halves[this.halvesAt + index]! & 0xff))
    return ((index & ~(span - 1)) + span) * 2 ** this.shift
  }

  /** The segments in the order of their hashes, each with its first slot. */
  eachSegment(visit: (segment: Ref, slot: number) => void): void {
    for (let i = 0; i < this.slots; ) {
      visit(this.words[this.at + i]!, i)
      i += 1 << (this.depth - (this.halves[this.halvesAt + i]! & 0xff))
    }
  }

  /** The segments' refs, where they lie: what a frozen reader needs. */
  view(): Int32Array {
    return this.words.subarray(this.at, this.at + this.slots)
  }

  #halve(): void {
    const { words, at, halves, halvesAt, place, depth, slots } = this
    this.#allocate(depth - 1)
    for (let i = 0; i < slots / 2; i++) {
      this.words[this.at + i] = words[at + 2 * i]!
      this.halves[this.halvesAt + i] = halves[halvesAt + 2 * i]!
      if ((halves[halvesAt + 2 * i]! & 0xff) === this.depth) this.deepest++
    }
    this.#free(place, depth)
  }

  #own(): void {
    const entries = this.#entries
    if (!entries.frozen) return
    const { place, depth } = this
    if (!(isInBlock(depth) ? entries.arena.isShared(place) : entries.large.isShared(place))) return
    const { words, at, halves, halvesAt, slots } = this
    this.#allocate(depth)
    this.words.set(words.subarray(at, at + slots), this.at)
    this.halves.set(halves.subarray(halvesAt, halvesAt + slots), this.halvesAt)
    this.#free(place, depth)
  }

  #allocate(depth: number): void {
    const bytes = directoryBytes(depth)
    const { arena, large } = this.#entries
    this.#look(isInBlock(depth) ? arena.alloc(bytes) : large.create(bytes), depth)
  }

  #look(place: number, depth: number): void {
    const { arena, large } = this.#entries
    this.place = place
    this.depth = depth
    this.shift = 32 - depth
    if (isInBlock(depth)) {
      const page = place >>> PAGE_SHIFT
      this.words = arena.words[page]!
      this.halves = arena.halves[page]!
      this.at = (place & UNIT_MASK) << 1
    } else {
      const { buffer } = large.view(place, this.#slice).bytes
      this.words = new Int32Array(buffer)
      this.halves = new Uint16Array(buffer)
      this.at = 0
    }
    this.halvesAt = (this.at + this.slots) << 1
  }

  #free(place: number, depth: number): void {
    if (isInBlock(depth)) this.#entries.arena.free(place, directoryBytes(depth))
    else this.#entries.large.free(place)
  }
}
