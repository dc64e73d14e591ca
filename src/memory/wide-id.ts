// A number of 128 bits, unsigned, as two halves of 64 bits: what orders an id tree. Four signed words, the highest
// first; mutable and reused, so that comparing and counting allocates nothing.

const TWO_32 = 4294967296

export class WideId {
  upperHigh = 0
  upperLow = 0
  lowerHigh = 0
  lowerLow = 0

  set(upperHigh: number, upperLow: number, lowerHigh: number, lowerLow: number): this {
    this.upperHigh = upperHigh | 0
    this.upperLow = upperLow | 0
    this.lowerHigh = lowerHigh | 0
    this.lowerLow = lowerLow | 0
    return this
  }

  copyFrom(other: WideId): this {
    this.upperHigh = other.upperHigh
    this.upperLow = other.upperLow
    this.lowerHigh = other.lowerHigh
    this.lowerLow = other.lowerLow
    return this
  }

  /** From four words in a row. */
  load(words: Int32Array, at: number): this {
    this.upperHigh = words[at]!
    this.upperLow = words[at + 1]!
    this.lowerHigh = words[at + 2]!
    this.lowerLow = words[at + 3]!
    return this
  }

  store(words: Int32Array, at: number): void {
    words[at] = this.upperHigh
    words[at + 1] = this.upperLow
    words[at + 2] = this.lowerHigh
    words[at + 3] = this.lowerLow
  }

  /** Below 0, 0 or above 0, as this id is less than, equal to or greater than another. */
  compare(other: WideId): number {
    if (this.upperHigh !== other.upperHigh) return (this.upperHigh >>> 0) - (other.upperHigh >>> 0)
    if (this.upperLow !== other.upperLow) return (this.upperLow >>> 0) - (other.upperLow >>> 0)
    if (this.lowerHigh !== other.lowerHigh) return (this.lowerHigh >>> 0) - (other.lowerHigh >>> 0)
    return (this.lowerLow >>> 0) - (other.lowerLow >>> 0)
  }

  get isZero(): boolean {
    return (this.upperHigh | this.upperLow | this.lowerHigh | this.lowerLow) === 0
  }

  get isLargest(): boolean {
    return (this.upperHigh & this.upperLow & this.lowerHigh & this.lowerLow) === -1
  }

  /** Becomes the next id; the largest becomes zero. */
  increment(): this {
    this.lowerLow = (this.lowerLow + 1) | 0
    if (this.lowerLow !== 0) return this
    this.lowerHigh = (this.lowerHigh + 1) | 0
    if (this.lowerHigh !== 0) return this
    this.upperLow = (this.upperLow + 1) | 0
    if (this.upperLow === 0) this.upperHigh = (this.upperHigh + 1) | 0
    return this
  }

  /** Becomes the id before; zero becomes the largest. */
  decrement(): this {
    this.lowerLow = (this.lowerLow - 1) | 0
    if (this.lowerLow !== -1) return this
    this.lowerHigh = (this.lowerHigh - 1) | 0
    if (this.lowerHigh !== -1) return this
    this.upperLow = (this.upperLow - 1) | 0
    if (this.upperLow === -1) this.upperHigh = (this.upperHigh - 1) | 0
    return this
  }

  /** Sets the upper half to a whole number from 0 to 2^53. */
  setUpper(value: number): void {
    this.upperHigh = Math.floor(value / TWO_32) | 0
    this.upperLow = value | 0
  }

  /** Sets the lower half, likewise. */
  setLower(value: number): void {
    this.lowerHigh = Math.floor(value / TWO_32) | 0
    this.lowerLow = value | 0
  }

  /** The upper half, rounded beyond 2^53. */
  get upper(): number {
    return (this.upperHigh >>> 0) * TWO_32 + (this.upperLow >>> 0)
  }

  get lower(): number {
    return (this.lowerHigh >>> 0) * TWO_32 + (this.lowerLow >>> 0)
  }
}

/** Like `compare`, with an id of four words in a row on the left. */
export function compareWords(words: Int32Array, at: number, id: WideId): number {
  const upperHigh = words[at]!
  if (upperHigh !== id.upperHigh) return (upperHigh >>> 0) - (id.upperHigh >>> 0)
  const upperLow = words[at + 1]!
  if (upperLow !== id.upperLow) return (upperLow >>> 0) - (id.upperLow >>> 0)
  const lowerHigh = words[at + 2]!
  if (lowerHigh !== id.lowerHigh) return (lowerHigh >>> 0) - (id.lowerHigh >>> 0)
  return (words[at + 3]! >>> 0) - (id.lowerLow >>> 0)
}
