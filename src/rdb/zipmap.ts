// Zipmaps, the small hashes of Redis before 2.6: read only, and checked while they are walked.
//
//   [count, not to be relied on] pair ... pair 0xFF
//   pair   [length] field [length] [spare] value, and so many spare bytes
//
// A length is one byte, or 254 and a u32 LE.

import type { Element } from '../memory/element.ts'
import type { Slice } from '../memory/slice.ts'

const LONG = 254
const END = 255

export class Zipmap {
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #last = 0
  #length = 0

  /** Goes before the first pair. False: it is none. */
  open({ bytes, start, length }: Slice): boolean {
    this.#bytes = bytes
    this.#at = start + 1
    this.#last = start + length - 1
    return length >= 2 && bytes[this.#last] === END
  }

  /** Reads the next pair. False at the end, or where there is nothing sound: see `isWhole`. */
  next(field: Element, value: Element): boolean {
    const bytes = this.#bytes
    if (this.#at >= this.#last) return false
    const from = this.#readLength(this.#at)
    if (from < 0 || from + this.#length > this.#last) return false
    field.point(bytes, from, this.#length)
    const spareAt = this.#readLength(from + this.#length)
    if (spareAt < 0 || spareAt >= this.#last) return false
    const end = spareAt + 1 + this.#length + bytes[spareAt]!
    if (end > this.#last) return false
    value.point(bytes, spareAt + 1, this.#length)
    this.#at = end
    return true
  }

  get isWhole(): boolean {
    return this.#at === this.#last
  }

  /** Returns the place behind the length, which is then `#length`; -1: there is none. */
  #readLength(at: number): number {
    const bytes = this.#bytes
    if (at >= this.#last || bytes[at] === END) return -1
    this.#length = bytes[at]!
    if (this.#length < LONG) return at + 1
    if (at + 5 > this.#last) return -1
    this.#length =
      (bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 24)) >>> 0
    return at + 5
  }
}
