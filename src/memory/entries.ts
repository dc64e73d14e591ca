// Making, changing and freeing entries; their layout and how to read them is entry-reader.ts. Also the one place that
// knows all the memory of a store, blocks and large values, and so the one that freezes and thaws it.

import { Arena, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { NO_DEADLINE, writeDeadline } from './deadline.ts'
import {
  ACCESS_SHIFT,
  DEADLINE_BYTES,
  DEADLINE_WORD,
  ENCODING_MASK,
  ENCODING_SHIFT,
  EntryReader,
  HAS_DEADLINE,
  HEADER_BYTES,
  IS_EXTERNAL,
  MAX_KEY_BYTES,
} from './entry-reader.ts'
import { type Key, WORD_LIMIT } from './key.ts'
import { type LargeImage, LargeValues } from './large-values.ts'
import { blockBytes, MAX_BLOCK_BYTES } from './size-classes.ts'
import { copyBytes, Slice } from './slice.ts'

export { MAX_DEADLINE, NO_DEADLINE } from './deadline.ts'
export { MAX_KEY_BYTES } from './entry-reader.ts'

export const MAX_ACCESS = 0xffffff

/** All memory of a store at a freeze: plain data that can be posted to a worker. */
export interface MemoryImage {
  /** By page number; a page without memory has no bytes. */
  readonly pages: SharedArrayBuffer[]
  readonly large: LargeImage
}

export class Entries extends EntryReader<LargeValues> {
  readonly arena: Arena
  readonly #from = new Slice()
  readonly #to = new Slice()

  constructor(arena: Arena = new Arena()) {
    super(arena, new LargeValues())
    this.arena = arena
  }

  /** Bytes in use for entries, large values and whatever else the arena holds. */
  get usedBytes(): number {
    return this.arena.usedBytes + this.large.usedBytes
  }

  // ---- creating and freeing

  /**
   * A new entry with room for a value of so many bytes, which the caller fills (they hold anything; zeros if
   * external). Type and encoding are 0..7 and mean what the caller wants.
   */
  create(
    key: Key,
    type: number,
    encoding: number,
    access: number,
    valueLength: number,
    deadline: number,
  ): Ref {
    const body = bodyBytes(key.length, deadline !== NO_DEADLINE)
    const head = (access << ACCESS_SHIFT) | (encoding << ENCODING_SHIFT) | type
    if (body + valueLength > MAX_BLOCK_BYTES || key.length > MAX_KEY_BYTES) {
      return this.#createExternal(key, head, valueLength, deadline)
    }
    const ref = this.arena.alloc(body + valueLength)
    this.#writeHead(ref, key, head, valueLength, deadline)
    return ref
  }

  /** A new entry with the key of another and nothing else; `scratch` is for long ones. */
  copyKey(from: Ref, scratch: Key): Ref {
    const source = this.words[from >>> PAGE_SHIFT]!
    const f = (from & UNIT_MASK) << 1
    const length = source[f + 1]!
    if (length > WORD_LIMIT) {
      const { bytes, start } = this.key(from, this.#from)
      return this.create(scratch.point(bytes, start, length), 0, 0, 0, 0, NO_DEADLINE)
    }
    const ref = this.arena.alloc(bodyBytes(length, false))
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    words[w] = 0
    words[w + 1] = length
    words[w + 2] = 0
    const keyAt = f + ((source[f]! & HAS_DEADLINE) !== 0 ? 5 : 3)
    const count = (length + 3) >>> 2
    for (let i = 0; i < count; i++) words[w + 3 + i] = source[keyAt + i]!
    return ref
  }

  #createExternal(key: Key, head: number, valueLength: number, deadline: number): Ref {
    const keyIsLarge = key.length > MAX_KEY_BYTES
    // The large value first: if the system refuses the memory, no block is lost.
    const handle = this.large.create(keyIsLarge ? key.length + valueLength : valueLength)
    if (keyIsLarge) key.writeTo(this.large.view(handle, this.#from).bytes, 0)
    const ref = this.arena.alloc(bodyBytes(key.length, deadline !== NO_DEADLINE))
    this.#writeHead(ref, key, head | IS_EXTERNAL, handle, deadline)
    return ref
  }

  /** Writes all of an entry but its value. `tail` is the third word: the value's length, or its handle. */
  #writeHead(ref: Ref, key: Key, head: number, tail: number, deadline: number): void {
    const page = ref >>> PAGE_SHIFT
    const words = this.words[page]!
    let w = (ref & UNIT_MASK) << 1
    words[w + 1] = key.length
    words[w + 2] = tail
    if (deadline !== NO_DEADLINE) {
      words[w] = head | HAS_DEADLINE
      writeDeadline(words, w + DEADLINE_WORD, deadline)
      w += 5
    } else {
      words[w] = head
      w += 3
    }
    if (key.hasWords) {
      const keyWords = key.words
      const count = (key.length + 3) >>> 2
      for (let i = 0; i < count; i++) words[w + i] = keyWords[i]!
    } else if (key.length <= MAX_KEY_BYTES) {
      key.writeTo(this.bytes[page]!, w << 2)
    }
  }

  /** Gives the entry's memory back, its large value included. */
  free(ref: Ref): void {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    if ((words[w]! & IS_EXTERNAL) !== 0) this.large.free(words[w + 2]!)
    this.arena.free(ref, this.#blockLength(ref))
  }

  /** Bytes of the entry's block, before rounding. */
  #blockLength(ref: Ref): number {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    const body = bodyBytes(words[w + 1]!, (head & HAS_DEADLINE) !== 0)
    return (head & IS_EXTERNAL) !== 0 ? body : body + words[w + 2]!
  }

  /** Bytes that the entry really takes. */
  footprint(ref: Ref): number {
    const large = this.isExternal(ref) ? this.large.capacity(this.#thirdWord(ref)) : 0
    return blockBytes(this.#blockLength(ref)) + large
  }

  #thirdWord(ref: Ref): number {
    return this.words[ref >>> PAGE_SHIFT]![((ref & UNIT_MASK) << 1) + 2]!
  }

  // ---- comparing and changing

  /** Whether the entry holds this key. */
  isKey(ref: Ref, key: Key): boolean {
    const words = this.words[ref >>> PAGE_SHIFT]!
    let w = (ref & UNIT_MASK) << 1
    const length = key.length
    if (words[w + 1] !== length) return false
    if (!key.hasWords) return this.key(ref, this.#from).equals(key)
    w += (words[w]! & HAS_DEADLINE) !== 0 ? 5 : 3
    const keyWords = key.words
    const count = (length + 3) >>> 2
    for (let i = 0; i < count; i++) if (words[w + i] !== keyWords[i]) return false
    return true
  }

  /** Whether two entries have the same key. */
  isSameKey(ref: Ref, other: Ref): boolean {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const otherWords = this.words[other >>> PAGE_SHIFT]!
    let w = (ref & UNIT_MASK) << 1
    let o = (other & UNIT_MASK) << 1
    const length = words[w + 1]!
    if (otherWords[o + 1] !== length) return false
    if (length > WORD_LIMIT) return this.key(ref, this.#from).equals(this.key(other, this.#to))
    w += (words[w]! & HAS_DEADLINE) !== 0 ? 5 : 3
    o += (otherWords[o]! & HAS_DEADLINE) !== 0 ? 5 : 3
    const count = (length + 3) >>> 2
    for (let i = 0; i < count; i++) if (words[w + i] !== otherWords[o + i]) return false
    return true
  }

  /** Changes all that the first word says, but for deadline and external. Not for entries shared with a reader. */
  setHead(ref: Ref, type: number, encoding: number, access: number): void {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const kept = words[w]! & (HAS_DEADLINE | IS_EXTERNAL)
    words[w] = (access << ACCESS_SHIFT) | kept | (encoding << ENCODING_SHIFT) | type
  }

  /** Changes the encoding. The entry must not be shared with a frozen reader. */
  setEncoding(ref: Ref, encoding: number): void {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    words[w] = (words[w]! & ~(ENCODING_MASK << ENCODING_SHIFT)) | (encoding << ENCODING_SHIFT)
  }

  /** Sets the access bits, in place even while frozen: a snapshot may see the old or the new ones. */
  setAccess(ref: Ref, access: number): void {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    // Writing only what differs leaves the cache line clean for a key that is read all the time.
    if (head >>> ACCESS_SHIFT !== access) words[w] = (head & 0xff) | (access << ACCESS_SHIFT)
  }

  /** Overwrites the deadline of an entry that has one and is not shared with a frozen reader. */
  overwriteDeadline(ref: Ref, deadline: number): void {
    writeDeadline(this.words[ref >>> PAGE_SHIFT]!, ((ref & UNIT_MASK) << 1) + DEADLINE_WORD, deadline)
  }

  /**
   * The same entry in a new block, with another key or deadline. A large value is not copied if it stays one: both
   * entries hold it until the old one is let go by `freeMoved`.
   */
  move(key: Key, ref: Ref, deadline: number): Ref {
    const body = bodyBytes(key.length, deadline !== NO_DEADLINE)
    if (this.isExternal(ref) && this.#canShareLarge(key, ref, body)) {
      const head = this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! & ~HAS_DEADLINE
      const moved = this.arena.alloc(body)
      this.#writeHead(moved, key, head, this.#thirdWord(ref), deadline)
      return moved
    }
    const moved = this.create(
      key,
      this.typeOf(ref),
      this.encodingOf(ref),
      this.accessOf(ref),
      this.valueLength(ref),
      deadline,
    )
    this.copyValue(ref, moved)
    return moved
  }

  /** Whether the large value of an entry can be that of another with this key and so many bytes before the value. */
  #canShareLarge(key: Key, ref: Ref, body: number): boolean {
    // A large value that holds a key is of no use to another key.
    if (key.length > MAX_KEY_BYTES) return this.isKey(ref, key)
    return this.keyLength(ref) <= MAX_KEY_BYTES && body + this.valueLength(ref) > MAX_BLOCK_BYTES
  }

  /** Gives back what `move` has left of the old entry. */
  freeMoved(ref: Ref, moved: Ref): void {
    const isShared =
      this.isExternal(ref) && this.isExternal(moved) && this.#thirdWord(ref) === this.#thirdWord(moved)
    if (isShared) this.arena.free(ref, this.#blockLength(ref))
    else this.free(ref)
  }

  /** Whether any of the entry's memory may be seen by a frozen reader. */
  isShared(ref: Ref): boolean {
    if (!this.arena.frozen) return false
    if (this.arena.isShared(ref)) return true
    return this.isExternal(ref) && this.large.isShared(this.#thirdWord(ref))
  }

  /**
   * Gives the value another length in place, if the block allows it; bytes that are new hold anything, except in
   * large values, where they are zero. False if the entry has to move.
   */
  resizeInPlace(ref: Ref, valueLength: number): boolean {
    if (this.isShared(ref)) return false
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const isExternal = (words[w]! & IS_EXTERNAL) !== 0
    // As a counter does nine times out of ten.
    if (!isExternal && words[w + 2] === valueLength) return true
    const keyLength = words[w + 1]!
    const old = this.#blockLength(ref)
    if (isExternal) {
      // A value that has shrunk to fit a block moves back into one, unless its key keeps it outside.
      const keyIsLarge = keyLength > MAX_KEY_BYTES
      if (!keyIsLarge && old + valueLength <= MAX_BLOCK_BYTES) return false
      this.large.resize(words[w + 2]!, keyIsLarge ? keyLength + valueLength : valueLength)
      return true
    }
    const wanted = old - words[w + 2]! + valueLength
    if (wanted > MAX_BLOCK_BYTES || !Arena.sameClass(old, wanted)) return false
    words[w + 2] = valueLength
    return true
  }

  /**
   * Copies value bytes of one entry to another that was just created, as many as both have; what is left of a longer
   * one is zero.
   */
  copyValue(from: Ref, to: Ref): void {
    const source = this.value(from, this.#from)
    const { bytes, start, length } = source
    const target = this.value(to, source)
    const kept = Math.min(length, target.length)
    copyBytes(bytes, start, target.bytes, target.start, kept)
    // Not for large values, which are zero already: filling 512 MB would touch every page of it.
    if (target.length > kept && !this.isExternal(to)) {
      target.bytes.fill(0, target.start + kept, target.start + target.length)
    }
  }

  // ---- freezing

  get frozen(): boolean {
    return this.arena.frozen
  }

  /**
   * From now on nothing that the image shows changes, until `thaw`; access bits excepted. Costs O(pages + large
   * values). Entries are still created, freed and, where not `isShared`, changed.
   */
  freeze(): MemoryImage {
    this.arena.freeze()
    return { pages: this.arena.buffers(), large: this.large.freeze() }
  }

  /** All memory as it is: until the next change, if it is not frozen. */
  image(): MemoryImage {
    return { pages: this.arena.buffers(), large: this.large.image() }
  }

  /** All readers of the image have finished. What was freed meanwhile comes back by `drain`. */
  thaw(): void {
    this.arena.thaw()
    this.large.thaw()
  }

  /** Bytes that are in use no more, and kept for the readers of the image or until `drain` has come to them. */
  get keptBytes(): number {
    return this.arena.quarantinedBytes + this.large.keptBytes
  }

  /** Frees up to so many blocks that had to wait for the thaw; true when none is left (or while frozen). */
  drain(blocks: number): boolean {
    return this.arena.drain(blocks)
  }

  /**
   * For a store that nobody will use again: gives back about so many bytes of its memory, and is to be called until it
   * says true. In slices, because returning 4 GB to the system at once takes half a second.
   */
  discard(bytes: number): boolean {
    return this.arena.discard(bytes) && this.large.discard(bytes)
  }
}

/** Bytes of an entry without its value, if that is not external. */
function bodyBytes(keyLength: number, hasDeadline: boolean): number {
  const head = hasDeadline ? HEADER_BYTES + DEADLINE_BYTES : HEADER_BYTES
  return keyLength > MAX_KEY_BYTES ? head : head + ((keyLength + 3) & ~3)
}
