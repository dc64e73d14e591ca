// Where the chunks of a long list are: a deque of slots, with room at both ends, in a block of the arena or, beyond
// MAX_BLOCK_BYTES, in a large value. Knows nothing of what is in chunks.
//
//   a slot, in words   [place] [elements:16 | kind:2] [offset:16 | room:16, packed; else length]
//     packed       a listpack in a block of `room` units of 8 bytes, `offset` bytes from its start
//     whole        one element, too long for a listpack, in a block of its own; or (large) in a large value
//     compressed   a listpack that is to be expanded before anybody can read it: see chunk-compression.ts
//
//   a root, in words   [place] [slots there are] [slots before the first] [chunks] [elements]
//
// The root lies in a value and is read by `attach` and written by `save`. While the arena is frozen, the directory is
// copied before its first change. Invariant: no chunk is empty.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Cell } from './cell.ts'
import type { Entries } from './entries.ts'
import type { EntryReader } from './entry-reader.ts'
import { MAX_BLOCK_BYTES } from './size-classes.ts'
import type { Slice } from './slice.ts'
import { readWord, writeWord } from './table-root.ts'

export const PACKED = 0
export const WHOLE = 1
export const WHOLE_LARGE = 2
export const COMPRESSED = 3
export type ChunkKind = typeof PACKED | typeof WHOLE | typeof WHOLE_LARGE | typeof COMPRESSED

export const LIST_ROOT_BYTES = 20

export const SLOT_WORDS = 3
const SLOT_BYTES = SLOT_WORDS * 4
const GROUP_WORDS = 4 * SLOT_WORDS
const FEWEST_SLOTS = 4
export const COUNT_MASK = 0xffff
export const KIND_SHIFT = 16
export const ROOM_SHIFT = 16
export const OFFSET_MASK = 0xffff
const NO_WORDS = new Int32Array(0)

/** The slots of a directory, for reading; of a list as it is, or as it was at a freeze. */
export class ChunkSlots {
  /** Chunks there are. */
  chunks = 0
  /** Elements of all of them. */
  count = 0
  words: Int32Array = NO_WORDS
  /** Where the slot of the first chunk is. */
  at = 0
  /** The block's ref, or the handle of the large value. */
  protected place: Ref = NO_REF
  /** Slots that the directory has room for, and how many of them stand empty before the first. */
  protected slots = 0
  protected first = 0

  /** Looks at the directory whose root was saved there. */
  look(reader: EntryReader, bytes: Uint8Array, at: number): this {
    this.slots = readWord(bytes, at + 4)
    this.first = readWord(bytes, at + 8)
    this.chunks = readWord(bytes, at + 12)
    this.count = readWord(bytes, at + 16) >>> 0
    this.point(reader, readWord(bytes, at))
    return this
  }

  protected point(reader: EntryReader, place: number): void {
    this.place = place
    if (isInBlock(this.slots)) {
      this.words = reader.words[place >>> PAGE_SHIFT]!
      this.at = ((place & UNIT_MASK) << 1) + this.first * SLOT_WORDS
    } else {
      this.words = reader.large.words(place)
      this.at = this.first * SLOT_WORDS
    }
  }

  /** Bytes of the directory itself, as they were asked for. */
  get bytes(): number {
    return this.slots * SLOT_BYTES
  }

  /** Where in `words` the slot of a chunk is, for those who cannot afford a call for each of its words. */
  slotOf(chunk: number): number {
    return this.at + chunk * SLOT_WORDS
  }

  kindOf(chunk: number): ChunkKind {
    return (this.words[this.at + chunk * SLOT_WORDS + 1]! >>> KIND_SHIFT) as ChunkKind
  }

  placeOf(chunk: number): Ref {
    return this.words[this.at + chunk * SLOT_WORDS]!
  }

  countOf(chunk: number): number {
    return this.words[this.at + chunk * SLOT_WORDS + 1]! & COUNT_MASK
  }

  /** Of a packed chunk: where in its block the listpack begins, and bytes of the block. */
  offsetOf(chunk: number): number {
    return this.words[this.at + chunk * SLOT_WORDS + 2]! & OFFSET_MASK
  }

  roomOf(chunk: number): number {
    return (this.words[this.at + chunk * SLOT_WORDS + 2]! >>> ROOM_SHIFT) << 3
  }

  /** Of a whole chunk: bytes of the element. Of a compressed one: bytes of what it is compressed to. */
  lengthOf(chunk: number): number {
    return this.words[this.at + chunk * SLOT_WORDS + 2]!
  }

  /**
   * The chunk that an element is in, counted from the nearer end; `before` is then how many elements are before it.
   * The element must be there.
   */
  chunkAt(index: number): number {
    return index * 2 <= this.count ? this.#fromFirst(index) : this.#fromLast(index)
  }

  #fromFirst(index: number): number {
    const { words } = this
    const first = this.at + 1
    const end = first + this.chunks * SLOT_WORDS
    let before = 0
    let w = first
    // Four at a time: looking after each whether that was enough takes longer than adding them up.
    for (; w + GROUP_WORDS <= end; w += GROUP_WORDS) {
      const here = fourCounts(words, w)
      if (before + here > index) break
      before += here
    }
    for (let n = words[w]! & COUNT_MASK; before + n <= index; n = words[w]! & COUNT_MASK) {
      before += n
      w += SLOT_WORDS
    }
    this.before = before
    return (w - first) / SLOT_WORDS
  }

  #fromLast(index: number): number {
    const { words } = this
    const first = this.at + 1
    /** The slot behind the one that is looked for, and the elements before it. */
    let w = first + this.chunks * SLOT_WORDS
    let before = this.count
    for (; w - GROUP_WORDS >= first; w -= GROUP_WORDS) {
      const here = fourCounts(words, w - GROUP_WORDS)
      if (before - here <= index) break
      before -= here
    }
    while (before > index) {
      w -= SLOT_WORDS
      before -= words[w]! & COUNT_MASK
    }
    this.before = before
    return (w - first) / SLOT_WORDS
  }

  /** See `chunkAt`. */
  before = 0
}

/** The elements of four slots, of which the first has its number of them there. */
function fourCounts(words: Int32Array, w: number): number {
  return (
    (words[w]! & COUNT_MASK) +
    (words[w + SLOT_WORDS]! & COUNT_MASK) +
    (words[w + 2 * SLOT_WORDS]! & COUNT_MASK) +
    (words[w + 3 * SLOT_WORDS]! & COUNT_MASK)
  )
}

/** The same, for changing. */
export class ChunkDirectory extends ChunkSlots {
  #entries: Entries | undefined = undefined
  /** Whether more of the root has changed than the number of elements. */
  #hasMoved = false

  attach(entries: Entries, bytes: Uint8Array, at: number): this {
    this.#entries = entries
    this.#hasMoved = false
    this.look(entries, bytes, at)
    return this
  }

  /** Likewise of a value that is held, the quick way. */
  hold(cell: Cell): void {
    const { entries, words } = cell
    if (words.length === 0) {
      this.attach(entries, cell.bytes, cell.start)
      return
    }
    // A value in a block begins at a word: a fifth of the loads.
    const w = cell.start >>> 2
    this.#entries = entries
    this.#hasMoved = false
    const place = words[w]!
    this.slots = words[w + 1]!
    this.first = words[w + 2]!
    this.chunks = words[w + 3]!
    this.count = words[w + 4]! >>> 0
    if (!isInBlock(this.slots)) {
      this.point(entries, place)
      return
    }
    this.place = place
    this.words = entries.words[place >>> PAGE_SHIFT]!
    this.at = ((place & UNIT_MASK) << 1) + this.first * SLOT_WORDS
  }

  /** Writes what has changed of the root: it was read there, or is all new. */
  save({ bytes, start: at }: Slice): void {
    writeWord(bytes, at + 16, this.count)
    if (!this.#hasMoved) return
    this.#hasMoved = false
    writeWord(bytes, at, this.place)
    writeWord(bytes, at + 4, this.slots)
    writeWord(bytes, at + 8, this.first)
    writeWord(bytes, at + 12, this.chunks)
  }

  /** Becomes a new directory without chunks. */
  create(entries: Entries): this {
    this.#entries = entries
    this.chunks = 0
    this.count = 0
    this.#allocate(FEWEST_SLOTS, FEWEST_SLOTS >>> 1)
    return this
  }

  /** Gives back the directory alone. */
  free(): void {
    this.#release(this.place, this.slots)
  }

  /** Fills a slot. The slots are this list's alone: see `own`. */
  set(chunk: number, place: Ref, kind: ChunkKind, count: number): void {
    const w = this.at + chunk * SLOT_WORDS
    this.words[w] = place
    this.words[w + 1] = (kind << KIND_SHIFT) | count
  }

  setCount(chunk: number, count: number): void {
    const w = this.at + chunk * SLOT_WORDS + 1
    this.words[w] = (this.words[w]! & ~COUNT_MASK) | count
  }

  /** Where a packed chunk is in its block, and the block's bytes. */
  setExtent(chunk: number, offset: number, room: number): void {
    this.words[this.at + chunk * SLOT_WORDS + 2] = ((room >>> 3) << ROOM_SHIFT) | offset
  }

  setLength(chunk: number, length: number): void {
    this.words[this.at + chunk * SLOT_WORDS + 2] = length
  }

  /** Before slots are changed: a frozen reader may be looking at them, and then gets to keep them. */
  own(): void {
    const entries = this.#entries!
    if (!entries.frozen) return
    const { place, slots, first } = this
    if (isInBlock(slots) ? entries.arena.isShared(place) : entries.large.isShared(place)) {
      this.#resize(slots, first)
    }
  }

  /** Makes an empty slot before a chunk, or behind the last. */
  insert(chunk: number): void {
    this.own()
    this.#hasMoved = true
    const atFront = chunk * 2 < this.chunks
    if (atFront ? this.first === 0 : this.first + this.chunks === this.slots) this.#makeRoom()
    const { words } = this
    if (atFront) {
      this.first--
      this.at -= SLOT_WORDS
      words.copyWithin(this.at, this.at + SLOT_WORDS, this.at + (chunk + 1) * SLOT_WORDS)
    } else {
      const from = this.at + chunk * SLOT_WORDS
      words.copyWithin(from + SLOT_WORDS, from, this.at + this.chunks * SLOT_WORDS)
    }
    this.chunks++
  }

  /** Takes slots out. */
  remove(chunk: number, count = 1): void {
    this.own()
    this.#hasMoved = true
    const { words } = this
    const behind = this.chunks - chunk - count
    if (chunk < behind) {
      words.copyWithin(this.at + count * SLOT_WORDS, this.at, this.at + chunk * SLOT_WORDS)
      this.first += count
      this.at += count * SLOT_WORDS
    } else {
      const to = this.at + chunk * SLOT_WORDS
      words.copyWithin(to, to + count * SLOT_WORDS, this.at + this.chunks * SLOT_WORDS)
    }
    this.chunks -= count
    if (this.slots > FEWEST_SLOTS && this.chunks < this.slots >>> 3) this.#resizeTo(this.slots >>> 1)
  }

  /** Room at both ends again, in a directory twice as large unless this one has plenty. */
  #makeRoom(): void {
    this.#resizeTo(this.chunks * 4 >= this.slots * 3 ? this.slots * 2 : this.slots)
  }

  #resizeTo(slots: number): void {
    this.#resize(slots, (slots - this.chunks) >>> 1)
  }

  #resize(slots: number, first: number): void {
    const { words, at, place, chunks } = this
    const before = this.slots
    this.#allocate(slots, first)
    this.words.set(words.subarray(at, at + chunks * SLOT_WORDS), this.at)
    this.#release(place, before)
  }

  #allocate(slots: number, first: number): void {
    const { arena, large } = this.#entries!
    this.slots = slots
    this.first = first
    this.#hasMoved = true
    const bytes = slots * SLOT_BYTES
    this.point(this.#entries!, isInBlock(slots) ? arena.alloc(bytes) : large.create(bytes))
  }

  #release(place: Ref, slots: number): void {
    if (isInBlock(slots)) this.#entries!.arena.free(place, slots * SLOT_BYTES)
    else this.#entries!.large.free(place)
  }
}

function isInBlock(slots: number): boolean {
  return slots * SLOT_BYTES <= MAX_BLOCK_BYTES
}
