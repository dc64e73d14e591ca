// The id of a stream's entry: milliseconds and a sequence number, 64 bits each, unsigned; written `ms-seq`. How clients
// write ids is read here too, as far as it doesn't depend on a stream; what else they write is commands' business.

import { writeDecimal } from '../base/integers.ts'
import { WideId } from '../memory/wide-id.ts'

/** `18446744073709551615-18446744073709551615` */
export const ID_TEXT_BYTES = 41
const SAFE_HIGH = 0x200000
const MINUS = 0x2d
const ZERO = 0x30
/** Digits of a number that a double holds exactly, whatever they are. */
const SAFE_DIGITS = 15
/** Redis reads longer ids as none. */
const LONGEST_TEXT = 127
const TWO_64 = 2n ** 64n
const CANONICAL_NEGATIVE = /^-[1-9]\d*$/
/** What C's strtoull takes. */
const LENIENT_NUMBER = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/

export class StreamId extends WideId {
  /** Writes the id as text and returns the place behind it; ID_TEXT_BYTES must be there. */
  write(out: Uint8Array, at: number): number {
    const middle = writeHalf(out, at, this.upperHigh, this.upperLow)
    out[middle] = MINUS
    return writeLower(out, middle + 1, this)
  }

  /** As text. */
  override toString(): string {
    const bytes = new Uint8Array(ID_TEXT_BYTES)
    return Buffer.from(bytes.buffer, 0, this.write(bytes, 0)).toString('latin1')
  }

  /**
   * Becomes the id that bytes spell: `ms-seq`, or `ms` alone, whose sequence number is then `missingSequence`, 0 or -1
   * for the largest. False if they spell none.
   */
  parse(bytes: Uint8Array, start: number, length: number, missingSequence: 0 | -1): boolean {
    if (length > LONGEST_TEXT) return false
    const end = textEnd(bytes, start, length)
    let middle = start
    while (middle < end && bytes[middle] !== MINUS) middle++
    if (!parseHalf(bytes, start, middle)) return false
    this.upperHigh = parsedHigh
    this.upperLow = parsedLow
    if (middle === end) {
      this.lowerHigh = missingSequence
      this.lowerLow = missingSequence
      return true
    }
    if (!parseHalf(bytes, middle + 1, end)) return false
    this.lowerHigh = parsedHigh
    this.lowerLow = parsedLow
    return true
  }

  /** Becomes the id with the milliseconds of `ms-*` and the sequence number 0. False if bytes don't spell that. */
  parsePartial(bytes: Uint8Array, start: number, length: number): boolean {
    if (length > LONGEST_TEXT) return false
    const end = textEnd(bytes, start, length)
    let middle = start
    while (middle < end && bytes[middle] !== MINUS) middle++
    if (middle + 2 !== end || bytes[middle + 1] !== 0x2a || !parseHalf(bytes, start, middle)) return false
    this.set(parsedHigh, parsedLow, 0, 0)
    return true
  }

  /** The milliseconds, whole. */
  get milliseconds(): bigint {
    return wholeHalf(this.upperHigh, this.upperLow)
  }

  get sequence(): bigint {
    return wholeHalf(this.lowerHigh, this.lowerLow)
  }
}

/** Writes the milliseconds of an id, and the sign behind them, at the start; returns the place behind. */
export function writeUpper(out: Uint8Array, { upperHigh, upperLow }: StreamId): number {
  const end = writeHalf(out, 0, upperHigh, upperLow)
  out[end] = MINUS
  return end + 1
}

/** Writes the sequence number of an id; returns the place behind. */
export function writeLower(out: Uint8Array, at: number, { lowerHigh, lowerLow }: StreamId): number {
  return writeHalf(out, at, lowerHigh, lowerLow)
}

/** Redis: ids are C strings, which end at a zero byte. */
function textEnd(bytes: Uint8Array, start: number, length: number): number {
  for (let p = start; p < start + length; p++) if (bytes[p] === 0) return p
  return start + length
}

function wholeHalf(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

function writeHalf(out: Uint8Array, at: number, high: number, low: number): number {
  if (high >>> 0 < SAFE_HIGH) return writeDecimal(out, at, high * 4294967296 + (low >>> 0))
  const text = wholeHalf(high, low).toString()
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return at + text.length
}

// What parseHalf has read: two variables instead of an object per number.
let parsedHigh = 0
let parsedLow = 0

function parseHalf(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > SAFE_DIGITS || end === start) return parseLenient(bytes, start, end)
  let value = 0
  for (let p = start; p < end; p++) {
    const digit = bytes[p]! - ZERO
    if (digit < 0 || digit > 9) return parseLenient(bytes, start, end)
    value = value * 10 + digit
  }
  parsedHigh = (value / 4294967296) | 0
  parsedLow = value | 0
  return true
}

/**
 * Redis: a number is what C's strtoull takes, so white space before it, a sign and leading zeros are fine, and a minus
 * counts from 2^64 down; except that a plain negative number of 64 bits is refused.
 */
function parseLenient(bytes: Uint8Array, start: number, end: number): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  const parts = LENIENT_NUMBER.exec(text)
  if (parts === null) return false
  const magnitude = BigInt(parts[2]!)
  if (magnitude >= TWO_64) return false
  const isNegative = parts[1] === '-'
  if (isNegative && magnitude <= TWO_64 / 2n && CANONICAL_NEGATIVE.test(text)) return false
  const value = isNegative ? -magnitude : magnitude
  parsedHigh = Number(BigInt.asIntN(32, value >> 32n))
  parsedLow = Number(BigInt.asIntN(32, value))
  return true
}
