// Many texts, one after the other in one buffer: copies, without an object for each.

import { copyBytes, type Slice } from '../memory/slice.ts'

const INITIAL_BYTES = 16_384
const INITIAL_TEXTS = 1024
/** What is larger is not kept. */
const KEPT_BYTES = 1 << 20

export class TextColumn {
  #bytes = new Uint8Array(INITIAL_BYTES)
  /** Text i is from `#ends[i]` to `#ends[i + 1]`. */
  #ends = new Float64Array(INITIAL_TEXTS + 1)
  count = 0

  clear(): void {
    this.count = 0
    if (this.#bytes.length <= KEPT_BYTES && this.#ends.length <= KEPT_BYTES / 8) return
    this.#bytes = new Uint8Array(INITIAL_BYTES)
    this.#ends = new Float64Array(INITIAL_TEXTS + 1)
  }

  addSlice({ bytes, start, length }: Slice): void {
    this.add(bytes, start, length)
  }

  add(bytes: Uint8Array, start: number, length: number): void {
    const { count } = this
    const at = this.#ends[count]!
    if (count + 2 > this.#ends.length || at + length > this.#bytes.length) this.#grow(at + length)
    copyBytes(bytes, start, this.#bytes, at, length)
    this.#ends[count + 1] = at + length
    this.count = count + 1
  }

  /** Points the slice at a text; valid until the next one is added. */
  read(index: number, slice: Slice): Slice {
    const start = this.#ends[index]!
    return slice.set(this.#bytes, start, this.#ends[index + 1]! - start)
  }

  /** Below 0 if one text comes before another, byte by byte; 0 if they are the same. */
  compare(index: number, other: number): number {
    const bytes = this.#bytes
    const start = this.#ends[index]!
    const otherStart = this.#ends[other]!
    const length = this.#ends[index + 1]! - start
    const otherLength = this.#ends[other + 1]! - otherStart
    const common = Math.min(length, otherLength)
    for (let i = 0; i < common; i++) {
      const difference = bytes[start + i]! - bytes[otherStart + i]!
      if (difference !== 0) return difference
    }
    return length - otherLength
  }

  #grow(needed: number): void {
    if (this.count + 2 > this.#ends.length) {
      const ends = new Float64Array(this.#ends.length * 2)
      ends.set(this.#ends)
      this.#ends = ends
    }
    if (needed <= this.#bytes.length) return
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }
}
