// MurmurHash64A (Austin Appleby, public domain): a fast hash of 64 bits, not keyed against chosen input. Knows no use of
// it.
//
// A 64-bit number is two 32-bit halves; a round takes 8 bytes and three multiplications, 18 ns.

/** The multiplier, 0xc6a4a7935bd1e995, in halves; the lower one once more in halves of its own. */
const HIGH = 0xc6a4a793
const LOW = 0x5bd1e995
const LOW_TOP = 0x5bd1
const LOW_BOTTOM = 0xe995
/** Shifts by 47 bits: the upper half, moved down by so many. */
const SHIFT = 47 - 32

/** Hashes bytes; the result stays in two fields until the next call. */
export class MurmurHash64 {
  /** The lower and the upper half of the hash, as signed 32-bit numbers. */
  low = 0
  high = 0
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed | 0
  }

  compute(bytes: Uint8Array, start: number, length: number): void {
    let low = this.#seed ^ Math.imul(length, LOW)
    let high = upperHalf(length, 0)
    const end = start + length
    let at = start
    for (; at + 8 <= end; at += 8) {
      let wordLow = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      let wordHigh = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)
      wordHigh = upperHalf(wordLow, wordHigh)
      wordLow = Math.imul(wordLow, LOW) ^ (wordHigh >>> SHIFT)
      high ^= upperHalf(wordLow, wordHigh)
      low ^= Math.imul(wordLow, LOW)
      high = upperHalf(low, high)
      low = Math.imul(low, LOW)
    }
    if (at < end) {
      low ^= restOf(bytes, at, Math.min(end, at + 4))
      high ^= restOf(bytes, at + 4, end)
      high = upperHalf(low, high)
      low = Math.imul(low, LOW)
    }
    low ^= high >>> SHIFT
    high = upperHalf(low, high)
    low = Math.imul(low, LOW)
    this.low = low ^ (high >>> SHIFT)
    this.high = high
  }
}

/** The upper half of a 64-bit number times the multiplier; the lower half is Math.imul(low, LOW). */
function upperHalf(low: number, high: number): number {
  const bottom = low & 0xffff
  const top = low >>> 16
  const outer = Math.imul(bottom, LOW_TOP)
  const inner = Math.imul(top, LOW_BOTTOM)
  const middle = (Math.imul(bottom, LOW_BOTTOM) >>> 16) + (outer & 0xffff) + (inner & 0xffff)
  const carried = Math.imul(top, LOW_TOP) + (outer >>> 16) + (inner >>> 16) + (middle >>> 16)
  return (carried + Math.imul(low, HIGH) + Math.imul(high, LOW)) | 0
}

/** Up to four bytes as a little-endian word; none if the range is empty. */
function restOf(bytes: Uint8Array, from: number, to: number): number {
  let word = 0
  for (let at = to - 1; at >= from; at--) word = (word << 8) | bytes[at]!
  return word
}
