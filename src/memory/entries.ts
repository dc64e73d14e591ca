// One entry: a key with its value in a block. Knows the layout and nothing of hash tables or of what values mean.
// Everyone else asks here; nobody computes an address inside an entry.
//
//   word 0   type:3  encoding:3  deadline?:1  external?:1  access:24
//   word 1   length of the key in bytes
//   word 2   length of the value in bytes; or, external, the handle of its large value
//  [word 3-4 deadline in milliseconds since the epoch, low and high word: only with the deadline bit]
//   key      padded to a word, so that it can be compared and stored word by word
//   value    its bytes; nothing here if external
//
// External: key and value don't fit into one block. A key over MAX_KEY_BYTES then lies in the large value too, before
// the value's bytes.

import { Arena, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Key } from './key.ts'
import { LargeValues } from './large-values.ts'
import { blockBytes, MAX_BLOCK_BYTES } from './size-classes.ts'
import { copyBytes, Slice } from './slice.ts'

const TYPE_MASK = 0x07
const ENCODING_SHIFT = 3
const ENCODING_MASK = 0x07
const HAS_DEADLINE = 0x40
const IS_EXTERNAL = 0x80
const ACCESS_SHIFT = 8
export const MAX_ACCESS = 0xffffff

const HEADER_BYTES = 12
const DEADLINE_BYTES = 8
const TWO_32 = 4294967296

/** Longer keys live with their value in a large value. */
export const MAX_KEY_BYTES = 32_768

/** The deadline of an entry that has none: later than every other. */
export const NO_DEADLINE = Number.POSITIVE_INFINITY

export class Entries {
  readonly arena: Arena
  readonly large = new LargeValues()
  readonly #from = new Slice()

  constructor(arena: Arena = new Arena()) {
    this.arena = arena
  }

  /** Bytes in use for entries, large values and whatever else the arena holds. */
  get usedBytes(): number {
    return this.arena.usedBytes + this.large.usedBytes
  }

  /**
   * A new entry with room for a value of so many bytes, which the caller fills (they hold anything).
   * Type and encoding are 0..7 and mean what the caller wants.
   */
  create(
    key: Key,
    type: number,
    encoding: number,
    access: number,
    valueLength: number,
    deadline: number,
  ): Ref {
    const hasDeadline = deadline !== NO_DEADLINE
    const bodyBytes = HEADER_BYTES + (hasDeadline ? DEADLINE_BYTES : 0)
    const keyBytes = (key.length + 3) & ~3
    const isExternal = bodyBytes + keyBytes + valueLength > MAX_BLOCK_BYTES || key.length > MAX_KEY_BYTES
    if (isExternal) return this.#createExternal(key, type, encoding, access, valueLength, deadline)
    const ref = this.arena.alloc(bodyBytes + keyBytes + valueLength)
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    let w = (ref & UNIT_MASK) << 1
    words[w] =
      (access << ACCESS_SHIFT) | (hasDeadline ? HAS_DEADLINE : 0) | (encoding << ENCODING_SHIFT) | type
    words[w + 1] = key.length
    words[w + 2] = valueLength
    w += 3
    if (hasDeadline) {
      writeDeadline(words, w, deadline)
      w += 2
    }
    if (key.hasWords) {
      const keyWords = key.words
      const count = keyBytes >>> 2
      for (let i = 0; i < count; i++) words[w + i] = keyWords[i]!
    } else {
      key.writeTo(this.arena.bytes[ref >>> PAGE_SHIFT]!, w << 2)
    }
    return ref
  }

  #createExternal(
    key: Key,
    type: number,
    encoding: number,
    access: number,
    valueLength: number,
    deadline: number,
  ): Ref {
    const hasDeadline = deadline !== NO_DEADLINE
    const keyIsLarge = key.length > MAX_KEY_BYTES
    const headBytes = HEADER_BYTES + (hasDeadline ? DEADLINE_BYTES : 0)
    const ref = this.arena.alloc(headBytes + (keyIsLarge ? 0 : (key.length + 3) & ~3))
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const handle = this.large.create(keyIsLarge ? key.length + valueLength : valueLength)
    words[w] =
      (access << ACCESS_SHIFT) |
      IS_EXTERNAL |
      (hasDeadline ? HAS_DEADLINE : 0) |
      (encoding << ENCODING_SHIFT) |
      type
    words[w + 1] = key.length
    words[w + 2] = handle
    if (hasDeadline) writeDeadline(words, w + 3, deadline)
    if (keyIsLarge) {
      const buffer = this.large.view(handle, this.#from)
      key.writeTo(buffer.bytes, 0)
    } else {
      key.writeTo(this.arena.bytes[ref >>> PAGE_SHIFT]!, (w << 2) + headBytes)
    }
    return ref
  }

  /** Gives the entry's memory back, its large value included. */
  free(ref: Ref): void {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    if ((words[w]! & IS_EXTERNAL) !== 0) this.large.free(words[w + 2]!)
    this.arena.free(ref, this.#blockLength(ref))
  }

  /** Bytes of the entry's block, before rounding. */
  #blockLength(ref: Ref): number {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    const keyLength = words[w + 1]!
    const body = HEADER_BYTES + ((head & HAS_DEADLINE) !== 0 ? DEADLINE_BYTES : 0)
    if ((head & IS_EXTERNAL) !== 0) return keyLength > MAX_KEY_BYTES ? body : body + ((keyLength + 3) & ~3)
    return body + ((keyLength + 3) & ~3) + words[w + 2]!
  }

  /** Bytes that the entry really takes. */
  footprint(ref: Ref): number {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const large = (words[w]! & IS_EXTERNAL) !== 0 ? this.large.capacity(words[w + 2]!) : 0
    return blockBytes(this.#blockLength(ref)) + large
  }

  typeOf(ref: Ref): number {
    return this.arena.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! & TYPE_MASK
  }

  encodingOf(ref: Ref): number {
    return (this.arena.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! >>> ENCODING_SHIFT) & ENCODING_MASK
  }

  /** Changes all that the first word says, but for deadline and external. Not for entries shared with a reader. */
  setHead(ref: Ref, type: number, encoding: number, access: number): void {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const kept = words[w]! & (HAS_DEADLINE | IS_EXTERNAL)
    words[w] = (access << ACCESS_SHIFT) | kept | (encoding << ENCODING_SHIFT) | type
  }

  /** Changes the encoding. The entry must not be shared with a frozen reader. */
  setEncoding(ref: Ref, encoding: number): void {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    words[w] = (words[w]! & ~(ENCODING_MASK << ENCODING_SHIFT)) | (encoding << ENCODING_SHIFT)
  }

  /** The 24 bits that eviction looks at. */
  accessOf(ref: Ref): number {
    return this.arena.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! >>> ACCESS_SHIFT
  }

  /** Sets the access bits, in place even while frozen: a snapshot may see the old or the new ones. */
  setAccess(ref: Ref, access: number): void {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    // Writing only what differs leaves the cache line clean for a key that is read all the time.
    if (head >>> ACCESS_SHIFT !== access) words[w] = (head & 0xff) | (access << ACCESS_SHIFT)
  }

  hasDeadline(ref: Ref): boolean {
    return (this.arena.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! & HAS_DEADLINE) !== 0
  }

  /** Milliseconds since the epoch; NO_DEADLINE if there is none. */
  deadlineOf(ref: Ref): number {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    if ((words[w]! & HAS_DEADLINE) === 0) return NO_DEADLINE
    return words[w + 4]! * TWO_32 + (words[w + 3]! >>> 0)
  }

  /** Overwrites the deadline of an entry that has one and is not shared with a frozen reader. */
  overwriteDeadline(ref: Ref, deadline: number): void {
    writeDeadline(this.arena.words[ref >>> PAGE_SHIFT]!, ((ref & UNIT_MASK) << 1) + 3, deadline)
  }

  /** Points the slice at the key's bytes. */
  key(ref: Ref, slice: Slice): Slice {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    const length = words[w + 1]!
    if (length > MAX_KEY_BYTES) {
      this.large.view(words[w + 2]!, slice)
      slice.length = length
      return slice
    }
    const start = (w << 2) + HEADER_BYTES + ((head & HAS_DEADLINE) !== 0 ? DEADLINE_BYTES : 0)
    return slice.set(this.arena.bytes[ref >>> PAGE_SHIFT]!, start, length)
  }

  /** Points the slice at the value's bytes. */
  value(ref: Ref, slice: Slice): Slice {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    const keyLength = words[w + 1]!
    if ((head & IS_EXTERNAL) !== 0) {
      this.large.view(words[w + 2]!, slice)
      if (keyLength > MAX_KEY_BYTES) {
        slice.start += keyLength
        slice.length -= keyLength
      }
      return slice
    }
    const body = HEADER_BYTES + ((head & HAS_DEADLINE) !== 0 ? DEADLINE_BYTES : 0)
    slice.bytes = this.arena.bytes[ref >>> PAGE_SHIFT]!
    slice.start = (w << 2) + body + ((keyLength + 3) & ~3)
    slice.length = words[w + 2]!
    return slice
  }

  /** Length of the value in bytes. */
  valueLength(ref: Ref): number {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    if ((words[w]! & IS_EXTERNAL) === 0) return words[w + 2]!
    const keyLength = words[w + 1]!
    return this.large.length(words[w + 2]!) - (keyLength > MAX_KEY_BYTES ? keyLength : 0)
  }

  /** Whether the entry holds this key. */
  isKey(ref: Ref, key: Key): boolean {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
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

  /** Whether any of the entry's memory may be seen by a frozen reader. */
  isShared(ref: Ref): boolean {
    if (!this.arena.frozen) return false
    if (this.arena.isShared(ref)) return true
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    return (words[w]! & IS_EXTERNAL) !== 0 && this.large.isShared(words[w + 2]!)
  }

  /**
   * Gives the value another length in place, if the block allows it; bytes that are new hold anything, except in
   * large values, where they are zero. False if the entry has to move.
   */
  resizeInPlace(ref: Ref, valueLength: number): boolean {
    if (this.isShared(ref)) return false
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const keyLength = words[w + 1]!
    if ((words[w]! & IS_EXTERNAL) !== 0) {
      // A value that has shrunk to fit a block moves back into one, unless its key keeps it outside.
      const keyIsLarge = keyLength > MAX_KEY_BYTES
      if (!keyIsLarge && this.#blockLength(ref) + valueLength <= MAX_BLOCK_BYTES) return false
      this.large.resize(words[w + 2]!, keyIsLarge ? keyLength + valueLength : valueLength)
      return true
    }
    const old = this.#blockLength(ref)
    const wanted = old - words[w + 2]! + valueLength
    if (wanted > MAX_BLOCK_BYTES || !Arena.sameClass(old, wanted)) return false
    words[w + 2] = valueLength
    return true
  }

  /**
   * Copies value bytes of one entry to another, as many as both have, and fills what is left of the longer one with
   * zeros.
   */
  copyValue(from: Ref, to: Ref): void {
    const source = this.value(from, this.#from)
    const { bytes, start, length } = source
    const target = this.value(to, source)
    const kept = Math.min(length, target.length)
    copyBytes(bytes, start, target.bytes, target.start, kept)
    if (target.length > kept) target.bytes.fill(0, target.start + kept, target.start + target.length)
  }
}

function writeDeadline(words: Int32Array, at: number, deadline: number): void {
  words[at] = deadline | 0
  words[at + 1] = Math.floor(deadline / TWO_32)
}
