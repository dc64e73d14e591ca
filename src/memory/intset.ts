// Intsets: small sets of integers in one piece of memory, sorted, byte for byte as Redis has them in memory and in its
// files. Works at a place in a buffer and knows nothing of its owner.
//
//   [width, u32 LE: 2, 4 or 8] [count, u32 LE] [integers of so many bytes, ascending, LE]
//
// The width is that of the widest integer there ever was: it grows with a new one and never shrinks.

import { type Element, safeInteger } from './element.ts'
import type { Slice } from './slice.ts'

const HEADER_BYTES = 8
/** Bytes of an intset without integers. */
export const EMPTY_BYTES = HEADER_BYTES
const NARROWEST = 2

/** Writes an intset without integers. */
export function writeEmpty(bytes: Uint8Array, start: number): void {
  bytes.fill(0, start, start + HEADER_BYTES)
  bytes[start] = NARROWEST
}

/**
 * An intset that lies somewhere; reused for one after the other. `add` expects the room that `bytesWith` says, and
 * memory that may be changed. Elements handed in must be integers.
 */
export class Intset {
  bytes: Uint8Array = new Uint8Array(EMPTY_BYTES)
  start = 0

  constructor() {
    writeEmpty(this.bytes, 0)
  }

  open(bytes: Uint8Array, start: number): this {
    this.bytes = bytes
    this.start = start
    return this
  }

  openAt(place: Slice): this {
    return this.open(place.bytes, place.start)
  }

  /** Bytes per integer. */
  get width(): number {
    return this.bytes[this.start]!
  }

  get count(): number {
    return readInt32(this.bytes, this.start + 4) >>> 0
  }

  get byteLength(): number {
    return HEADER_BYTES + this.count * this.width
  }

  /** Bytes that it takes with one integer more. */
  bytesWith(element: Element): number {
    return HEADER_BYTES + (this.count + 1) * Math.max(this.width, widthOf(element))
  }

  // ---- reading

  /** The integer with this index, from 0; NaN if it is beyond the safe range. */
  integerAt(index: number): number {
    return safeInteger(this.#low(index), this.#high(index))
  }

  /** Lets `into` have the integer with this index, and its text. */
  read<T extends Element>(index: number, into: T): T {
    return into.setHalves(this.#low(index), this.#high(index))
  }

  has(element: Element): boolean {
    return this.indexOf(element) >= 0
  }

  /** The index of an integer; if it isn't there, -1 - the index where it belongs. */
  indexOf(element: Element): number {
    const { count } = this
    let low = 0
    let high = count
    // What goes behind all others is what comes most often.
    if (count > 0 && this.#compare(count - 1, element) < 0) low = high
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = this.#compare(middle, element)
      if (order === 0) return middle
      if (order < 0) low = middle + 1
      else high = middle
    }
    return -1 - low
  }

  /** A random integer's index. The set must not be empty. */
  random(chance: { below(limit: number): number }): number {
    return chance.below(this.count)
  }

  /** Below 0 if the integer at an index is less than the element, above if it is more. */
  #compare(index: number, element: Element): number {
    const high = this.#high(index)
    if (high !== element.high) return high - element.high
    return (this.#low(index) >>> 0) - (element.low >>> 0)
  }

  #low(index: number): number {
    return lowAt(this.bytes, this.start, this.width, index)
  }

  #high(index: number): number {
    return highAt(this.bytes, this.start, this.width, index)
  }

  // ---- changing

  /** Adds an integer; false if it is there already. */
  add(element: Element): boolean {
    const width = widthOf(element)
    if (width > this.width) {
      // Wider than all that is there, it is also less or greater than all.
      const index = element.high < 0 ? 0 : this.count
      this.#widen(width, index)
      this.#write(index, element.low, element.high)
      return true
    }
    const found = this.indexOf(element)
    if (found >= 0) return false
    const index = -1 - found
    const place = this.start + HEADER_BYTES + index * this.width
    this.bytes.copyWithin(place + this.width, place, this.start + this.byteLength)
    this.#setCount(this.count + 1)
    this.#write(index, element.low, element.high)
    return true
  }

  /** Takes out `count` integers from an index on. */
  removeAt(index: number, count = 1): void {
    const { start, width } = this
    const place = start + HEADER_BYTES + index * width
    this.bytes.copyWithin(place, place + count * width, start + this.byteLength)
    this.#setCount(this.count - count)
  }

  /** Takes an integer out; false if it isn't there. */
  remove(element: Element): boolean {
    const index = this.indexOf(element)
    if (index < 0) return false
    this.removeAt(index)
    return true
  }

  /** Gives all integers another width, and leaves a gap at an index. */
  #widen(width: number, gap: number): void {
    const { bytes, start, count } = this
    const oldWidth = this.width
    bytes[start] = width
    // From behind, so that nothing is written over before it was read.
    for (let i = count - 1; i >= 0; i--) {
      const low = lowAt(bytes, start, oldWidth, i)
      this.#write(i >= gap ? i + 1 : i, low, highAt(bytes, start, oldWidth, i))
    }
    this.#setCount(count + 1)
  }

  #write(index: number, low: number, high: number): void {
    const { bytes, width } = this
    const p = this.start + HEADER_BYTES + index * width
    bytes[p] = low & 0xff
    bytes[p + 1] = (low >>> 8) & 0xff
    if (width === 2) return
    bytes[p + 2] = (low >>> 16) & 0xff
    bytes[p + 3] = low >>> 24
    if (width === 4) return
    writeInt32(bytes, p + 4, high)
  }

  #setCount(count: number): void {
    writeInt32(this.bytes, this.start + 4, count)
  }
}

/** Whether bytes from somewhere are an intset from their first to their last: whole, ascending, nothing twice. */
export function isIntset(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < HEADER_BYTES) return false
  const width = readInt32(bytes, start)
  if (width !== 2 && width !== 4 && width !== 8) return false
  const count = readInt32(bytes, start + 4) >>> 0
  if (HEADER_BYTES + count * width !== length) return false
  let before = Number.NEGATIVE_INFINITY
  let beforeLow = 0
  for (let i = 0; i < count; i++) {
    const low = lowAt(bytes, start, width, i) >>> 0
    const high = highAt(bytes, start, width, i)
    if (high < before || (high === before && low <= beforeLow)) return false
    before = high
    beforeLow = low
  }
  return true
}

/** Bytes that an integer takes. */
function widthOf({ low, high }: Element): number {
  if (high !== low >> 31) return 8
  return low >= -0x8000 && low <= 0x7fff ? 2 : 4
}

/** The low half of the integer with an index. */
function lowAt(bytes: Uint8Array, start: number, width: number, index: number): number {
  const p = start + HEADER_BYTES + index * width
  return width === 2 ? ((bytes[p]! | (bytes[p + 1]! << 8)) << 16) >> 16 : readInt32(bytes, p)
}

function highAt(bytes: Uint8Array, start: number, width: number, index: number): number {
  if (width === 8) return readInt32(bytes, start + HEADER_BYTES + index * 8 + 4)
  return lowAt(bytes, start, width, index) >> 31
}

function readInt32(bytes: Uint8Array, p: number): number {
  return bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)
}

function writeInt32(bytes: Uint8Array, p: number, value: number): void {
  bytes[p] = value & 0xff
  bytes[p + 1] = (value >>> 8) & 0xff
  bytes[p + 2] = (value >>> 16) & 0xff
  bytes[p + 3] = value >>> 24
}
