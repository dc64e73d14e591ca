// One entry: a key with its value in a block. This file is the layout and reading; writing is entries.ts. Knows nothing of
// hash tables or of what values mean. Everyone else asks here: nobody computes an address inside an entry.
//
//   word 0   type:3  encoding:3  deadline?:1  external?:1  access:24
//   word 1   length of the key in bytes
//   word 2   length of the value in bytes; or, external, the handle of its large value
//  [word 3-4 deadline in milliseconds since the epoch, low and high word: only with the deadline bit]
//   key      padded with zeros to a word, so that it can be compared and stored word by word
//   value    its bytes; nothing here if external
//
// External: key and value don't fit into one block. A key over MAX_KEY_BYTES then lies in the large value too, before
// the value's bytes.
//
// Reading needs the pages and the large values only, wherever they are: in the server's thread or, frozen, in a worker.

import { PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { NO_DEADLINE, readDeadline } from './deadline.ts'
import type { LargeReader } from './large-values.ts'
import type { Slice } from './slice.ts'

export const TYPE_MASK = 0x07
export const ENCODING_SHIFT = 3
export const ENCODING_MASK = 0x07
export const HAS_DEADLINE = 0x40
export const IS_EXTERNAL = 0x80
export const ACCESS_SHIFT = 8

export const HEADER_BYTES = 12
export const DEADLINE_BYTES = 8
/** Where the deadline is, in words from the entry's start. */
export const DEADLINE_WORD = 3

/** Longer keys live with their value in a large value. */
export const MAX_KEY_BYTES = 32_768

export interface PageViews {
  readonly words: readonly Int32Array[]
  readonly bytes: readonly Uint8Array[]
  readonly halves: readonly Uint16Array[]
}

export class EntryReader<Large extends LargeReader = LargeReader> {
  /** The pages as words, as bytes and as halves. */
  readonly words: readonly Int32Array[]
  readonly bytes: readonly Uint8Array[]
  readonly halves: readonly Uint16Array[]
  readonly large: Large

  constructor(pages: PageViews, large: Large) {
    this.words = pages.words
    this.bytes = pages.bytes
    this.halves = pages.halves
    this.large = large
  }

  typeOf(ref: Ref): number {
    return this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! & TYPE_MASK
  }

  encodingOf(ref: Ref): number {
    return (this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! >>> ENCODING_SHIFT) & ENCODING_MASK
  }

  /** The 24 bits that eviction looks at. */
  accessOf(ref: Ref): number {
    return this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! >>> ACCESS_SHIFT
  }

  hasDeadline(ref: Ref): boolean {
    return (this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! & HAS_DEADLINE) !== 0
  }

  /** Milliseconds since the epoch; NO_DEADLINE if there is none. */
  deadlineOf(ref: Ref): number {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    if ((words[w]! & HAS_DEADLINE) === 0) return NO_DEADLINE
    return readDeadline(words, w + DEADLINE_WORD)
  }

  /** Whether the value has a buffer of its own. Then bytes that growing adds are zero. */
  isExternal(ref: Ref): boolean {
    return (this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]! & IS_EXTERNAL) !== 0
  }

  keyLength(ref: Ref): number {
    return this.words[ref >>> PAGE_SHIFT]![((ref & UNIT_MASK) << 1) + 1]!
  }

  /** Points the slice at the key's bytes. */
  key(ref: Ref, slice: Slice): Slice {
    const page = ref >>> PAGE_SHIFT
    const words = this.words[page]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    const length = words[w + 1]!
    if (length > MAX_KEY_BYTES) {
      this.large.view(words[w + 2]!, slice)
      slice.length = length
      return slice
    }
    const start = (w << 2) + HEADER_BYTES + ((head & HAS_DEADLINE) !== 0 ? DEADLINE_BYTES : 0)
    return slice.set(this.bytes[page]!, start, length)
  }

  /** Points the slice at the value's bytes. */
  value(ref: Ref, slice: Slice): Slice {
    const page = ref >>> PAGE_SHIFT
    const words = this.words[page]!
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
    return slice.set(this.bytes[page]!, (w << 2) + body + ((keyLength + 3) & ~3), words[w + 2]!)
  }

  /** Length of the value in bytes. */
  valueLength(ref: Ref): number {
    const words = this.words[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    if ((words[w]! & IS_EXTERNAL) === 0) return words[w + 2]!
    const keyLength = words[w + 1]!
    return this.large.length(words[w + 2]!) - (keyLength > MAX_KEY_BYTES ? keyLength : 0)
  }
}
