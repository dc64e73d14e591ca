// A value on its way into a packed structure (listpack, intset) or out of one: its bytes, and the integer that they
// spell, if they do. Packed structures keep such an integer as a number and give its text back unchanged.
// Reused: one Element serves all requests.

import { isCanonicalInt64, parseInt64, parseSafeInteger, writeDecimal } from '../base/integers.ts'
import { Slice } from './slice.ts'

/** '-9223372036854775808' */
const INT64_TEXT_BYTES = 20
const TWO_32 = 2 ** 32
/** The high word of numbers up to 2^53. */
const SAFE_HIGH = 0x200000
const ZERO = 0x30
const NINE = 0x39
const MINUS = 0x2d

export class Element extends Slice {
  /** Whether the bytes are the canonical text of a signed 64-bit integer. */
  isInteger = false
  /** The integer's two's complement, in signed halves. */
  low = 0
  high = 0
  /** Where the text of an integer is that came without one. */
  readonly #digits = new Uint8Array(INT64_TEXT_BYTES)

  /** Points at bytes and looks whether they are an integer. */
  point(bytes: Uint8Array, start: number, length: number): this {
    this.set(bytes, start, length)
    this.isInteger = false
    if (length === 0 || length > INT64_TEXT_BYTES) return this
    const first = bytes[start]!
    if ((first < ZERO || first > NINE) && first !== MINUS) return this
    const value = parseSafeInteger(bytes, start, length)
    if (!Number.isNaN(value)) {
      this.low = value | 0
      this.high = Math.floor(value / TWO_32)
      this.isInteger = true
    } else if (isCanonicalInt64(bytes, start, length)) {
      this.#setHalves(parseInt64(bytes, start, length)!)
    }
    return this
  }

  /** Points at bytes that are known to be no integer. */
  pointText(bytes: Uint8Array, start: number, length: number): this {
    this.set(bytes, start, length)
    this.isInteger = false
    return this
  }

  /** Becomes a safe integer. */
  setInteger(value: number): this {
    return this.setHalves(value | 0, Math.floor(value / TWO_32))
  }

  /** Becomes an integer of 32 bits. */
  setSmall(value: number): this {
    this.low = value
    this.high = value >> 31
    this.isInteger = true
    return this.set(this.#digits, 0, writeDecimal(this.#digits, 0, value))
  }

  /** Becomes a signed 64-bit integer. */
  setInt64(value: bigint): this {
    return this.setHalves(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
  }

  /** Becomes the integer of these halves, with its text. */
  setHalves(low: number, high: number): this {
    this.low = low
    this.high = high
    this.isInteger = true
    const value = safeInteger(low, high)
    const digits = this.#digits
    const length = Number.isNaN(value) ? writeInt64(digits, low, high) : writeDecimal(digits, 0, value)
    return this.set(digits, 0, length)
  }

  /** The integer; NaN if it is none, or beyond the safe range. */
  get integer(): number {
    return this.isInteger ? safeInteger(this.low, this.high) : Number.NaN
  }

  #setHalves(value: bigint): void {
    this.low = Number(BigInt.asIntN(32, value))
    this.high = Number(BigInt.asIntN(32, value >> 32n))
    this.isInteger = true
  }
}

/** The number of these halves; NaN if it is beyond the safe range. */
export function safeInteger(low: number, high: number): number {
  if (high < -SAFE_HIGH || high >= SAFE_HIGH) return Number.NaN
  const value = high * TWO_32 + (low >>> 0)
  // -2^53 itself has a spelling that another number rounds to.
  return Number.isSafeInteger(value) ? value : Number.NaN
}

/** The whole 64-bit integer of these halves. */
export function int64(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}

/** Writes an integer beyond the safe range, which is rare enough for a string. */
function writeInt64(out: Uint8Array, low: number, high: number): number {
  const text = int64(low, high).toString()
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i)
  return text.length
}
