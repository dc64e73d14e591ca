// Many texts, one after the other in one buffer: copies, without an object for each.

import type { TextSink } from '../memory/listpack.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'

const INITIAL_BYTES = 16_384
const INITIAL_TEXTS = 1024
/** What is larger is not kept. */
const KEPT_BYTES = 1 << 20

/** Bytes of a piece, and what says that a text goes on behind them: together they fit a double exactly. */
export const PIECE_BYTES = 6
const MORE = 7
const LENGTHS = 8

export class TextColumn implements TextSink {
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
    this.bulkBytes(bytes, start, length)
  }

  bulkBytes(bytes: Uint8Array, start: number, length: number): void {
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

  /**
   * Some bytes of a text, from a place in it on, as a number. Of texts that are the same before it the numbers are ordered
   * as the texts; those with the same number are the same, or `goesOn` behind the piece.
   */
  piece(index: number, from: number): number {
    const bytes = this.#bytes
    const at = this.#ends[index]! + from
    const left = this.#ends[index + 1]! - at
    let high = 0
    let low = 0
    if (left >= PIECE_BYTES) {
      high = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      low = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!
    } else {
      for (let i = 0; i < 3; i++) high = (high << 8) | (i < left ? bytes[at + i]! : 0)
      for (let i = 3; i < PIECE_BYTES; i++) low = (low << 8) | (i < left ? bytes[at + i]! : 0)
    }
    // The length decides between a text that ends and one that has zeros there.
    return (high * 2 ** 24 + low) * LENGTHS + Math.min(left, MORE)
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

/** Whether texts with this number, or its negative, have bytes behind the piece. */
export function goesOn(piece: number): boolean {
  return Math.abs(piece) % LENGTHS === MORE
}
