// Floating-point numbers as text: reading what Redis reads, writing what Redis 7.4 writes.
// Knows nothing of scores or replies; long doubles (INCRBYFLOAT) are in long-double.ts.

import type { FloatText } from './float-text.ts'
import { readFloatText, roundBinary } from './float-text.ts'
import { Digits, findDigits } from './grisu.ts'
import { parseSafeInteger, writeDecimal } from './integers.ts'

/** Room that writeDouble may need: sign, 17 digits and 8 zeros, or as many bytes with a point. */
export const MAX_DOUBLE_LENGTH = 32

/** Below 2^53 in digits, and below 10^22, a whole number and a power of ten are exact doubles: so is one division. */
const EXACT_DIGITS = 15
const EXACT_POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power)

/** Beyond it a further digit might not be exact; digits that are left out make less than this difference. */
const MAX_MANTISSA = 1e14
export const APPROXIMATE = 1e-13

/** Whole numbers up to here are written digit by digit, beyond it with the fewest digits: Redis's border, 2^62. */
const MAX_WHOLE = 2 ** 62

/** With a point before or behind all of them, still far from the ends of what a double can be. */
const MAX_LONG_DIGITS = 40

/** No sensible number is longer; the limit keeps a client from having us build huge strings. */
const MAX_TEXT_LENGTH = 1 << 20

/** What C's isspace takes. */
const LEADING_BLANKS = /^[ \t\n\v\f\r]+/

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const LETTER_E = 0x65

/**
 * The double that the bytes spell: decimal ('1', '-.5', '1e3'), hexadecimal ('0x1.8p3') or infinite ('inf', '+Infinity').
 * undefined for 'nan', for anything around the number, and for a number too large or too small for a double.
 */
export function parseDouble(bytes: Uint8Array, start: number, length: number): number | undefined {
  const whole = parseSafeInteger(bytes, start, length)
  if (!Number.isNaN(whole)) return whole
  const plain = parsePlainDecimal(bytes, start, length)
  if (!Number.isNaN(plain)) return plain
  if (isLongDecimal(bytes, start, length)) return Number(latin1(bytes, start, length))
  if (length > MAX_TEXT_LENGTH) return undefined
  return parseText(latin1(bytes, start, length))
}

/**
 * As C's strtod reads a number, if it is all there is: blanks before it are fine, a zero byte ends the text, nothing is 0,
 * and what is too large is infinite. undefined for anything else, and for 'nan'.
 */
export function parseLeniently(bytes: Uint8Array, start: number, length: number): number | undefined {
  const plain = parsePlainDecimal(bytes, start, length)
  if (!Number.isNaN(plain)) return plain
  if (length > MAX_TEXT_LENGTH) return undefined
  const given = Buffer.from(bytes.buffer, bytes.byteOffset + start, length)
  const end = given.indexOf(0)
  const text = given.toString('latin1', 0, end < 0 ? length : end)
  if (text === '') return 0
  const parts = readFloatText(text.replace(LEADING_BLANKS, ''))
  if (parts === undefined) return undefined
  let magnitude = 0
  if (parts.kind === 'infinite') magnitude = Number.POSITIVE_INFINITY
  else if (parts.kind === 'hexadecimal') magnitude = parts.digits === '' ? 0 : fromHexadecimal(parts)
  else magnitude = Math.abs(Number(text))
  return parts.isNegative ? -magnitude : magnitude
}

/**
 * About the number that decimal digits without an exponent spell, wrong by less than APPROXIMATE of it; NaN if they are
 * something else, or too many before the point. A tenth of what reading 17 digits takes: enough to compare most numbers.
 */
export function approximateDecimal(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length
  const isNegative = bytes[start] === MINUS
  let mantissa = 0
  let fraction = -1
  for (let at = isNegative ? start + 1 : start; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit >= 0 && digit <= 9) {
      if (mantissa < MAX_MANTISSA) {
        mantissa = mantissa * 10 + digit
        if (fraction >= 0) fraction++
      } else if (fraction < 0) return Number.NaN
    } else if (digit === POINT - ZERO && fraction < 0) fraction = 0
    else return Number.NaN
  }
  if (fraction > EXACT_DIGITS) return Number.NaN
  const value = fraction > 0 ? mantissa / EXACT_POWERS[fraction]! : mantissa
  return isNegative ? -value : value
}

/** The text of a double in a reply, as writeDouble writes it. */
export function formatDouble(value: number): string {
  return scratch.toString('latin1', 0, writeDouble(scratch, 0, value))
}

/**
 * Writes a double and returns the position after it; needs MAX_DOUBLE_LENGTH bytes of room.
 *
 *   nan inf -inf 0 -0      by name                      4611686018427387904   whole numbers up to 2^62, in full
 *   0.1  1234.5  0.000001  digits that read back        1e-7  1.5e+300  1e+19  the same with exponent: no padding
 *
 * Where 7.0 wrote 17 digits (0.10000000000000001, 1e-05), that is format17.
 */
export function writeDouble(out: Uint8Array, at: number, value: number): number {
  if (value === Math.floor(value) && value >= -MAX_WHOLE && value <= MAX_WHOLE)
    return writeWhole(out, at, value)
  if (!(Math.abs(value) <= Number.MAX_VALUE)) return writeText(out, at, nameOf(value))
  let next = at
  if (value < 0) out[next++] = MINUS
  findDigits(Math.abs(value), digits)
  return layOut(out, next, digits)
}

/** A double with 17 significant digits, as printf's %.17g prints it: always enough to read it back. */
export function format17(value: number): string {
  if (!(Math.abs(value) <= Number.MAX_VALUE)) return nameOf(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa, exponentText] = roundHalfEven(value).split('e') as [string, string]
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 17) {
    return `${trimZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const sign = value < 0 ? '-' : ''
  const all = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return trimZeros(`${sign}0.${'0'.repeat(-exponent - 1)}${all}`)
  return trimZeros(`${sign}${all.slice(0, exponent + 1)}.${all.slice(exponent + 1)}`)
}

const scratch = Buffer.alloc(MAX_DOUBLE_LENGTH)
const digits = new Digits()

/** Digits with at most one point and no exponent, few enough to be exact: nearly all that is ever sent. NaN if not so. */
function parsePlainDecimal(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length
  let at = start
  const isNegative = bytes[at] === MINUS
  if (isNegative) at++
  // Sign, point and digits.
  if (end - at > EXACT_DIGITS + 1) return Number.NaN
  let mantissa = 0
  let count = 0
  let pointAt = -1
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      count++
    } else if (digit === POINT - ZERO && pointAt === -1) {
      pointAt = at
    } else {
      return Number.NaN
    }
  }
  if (count === 0 || count > EXACT_DIGITS) return Number.NaN
  const value = pointAt === -1 ? mantissa : mantissa / EXACT_POWERS[end - pointAt - 1]!
  return isNegative ? -value : value
}

/**
 * Whether these are digits with at most one point and no exponent, more than parsePlainDecimal takes but not so many that
 * the number could be too large or too small: then Number reads them as they are. 17 digits are what other programs write.
 */
function isLongDecimal(bytes: Uint8Array, start: number, length: number): boolean {
  const end = start + length
  let at = bytes[start] === MINUS ? start + 1 : start
  let digits = end - at
  if (digits > MAX_LONG_DIGITS) return false
  let hasPoint = false
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte === POINT && !hasPoint) {
      hasPoint = true
      digits--
    } else if (byte < ZERO || byte > ZERO + 9) return false
  }
  return digits > 0
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
}

function parseText(text: string): number | undefined {
  const parts = readFloatText(text)
  if (parts === undefined) return undefined
  const magnitude = magnitudeOf(parts, text)
  if (magnitude === undefined) return undefined
  return parts.isNegative ? -magnitude : magnitude
}

/** undefined if a finite number rounds to infinity, or one that is not zero to zero. */
function magnitudeOf(parts: FloatText, text: string): number | undefined {
  if (parts.kind === 'infinite') return Number.POSITIVE_INFINITY
  if (parts.digits === '') return 0
  const value = parts.kind === 'decimal' ? Math.abs(Number(text)) : fromHexadecimal(parts)
  return value === 0 || value === Number.POSITIVE_INFINITY ? undefined : value
}

function fromHexadecimal({ digits: hex, exponent }: FloatText): number {
  const top = hex.length * 4 + exponent
  if (top > 1100) return Number.POSITIVE_INFINITY
  if (top < -1100) return 0
  const rounded = roundBinary({ mantissa: BigInt(`0x${hex}`), exponent }, 53, -1074)
  return scaleByPowerOfTwo(Number(rounded.mantissa), rounded.exponent)
}

/** Exact unless it overflows: in steps, since 2^exponent alone may lie outside the range of doubles. */
function scaleByPowerOfTwo(mantissa: number, exponent: number): number {
  let value = mantissa
  let left = exponent
  for (; left > 1000; left -= 1000) value *= 2 ** 1000
  for (; left < -1000; left += 1000) value *= 2 ** -1000
  return value * 2 ** left
}

function writeWhole(out: Uint8Array, at: number, value: number): number {
  if (Number.isSafeInteger(value)) {
    return Object.is(value, -0) ? writeText(out, at, '-0') : writeDecimal(out, at, value)
  }
  return writeText(out, at, BigInt(value).toString())
}

function writeText(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return at + text.length
}

function nameOf(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  return value === Number.NEGATIVE_INFINITY ? '-inf' : 'nan'
}

/** Chooses between whole, point and exponent form, by Redis's borders. */
function layOut(out: Uint8Array, at: number, { bytes, count, exponent }: Digits): number {
  const scientific = exponent + count - 1
  // At most seven zeros are appended to a whole number, and few put before a small one.
  if (exponent >= 0 && scientific < count + 7) {
    return writeZeros(out, writeDigits(out, at, bytes, 0, count), exponent)
  }
  if (exponent < 0 && (exponent > -7 || Math.abs(scientific) < 4)) {
    const beforePoint = count + exponent
    if (beforePoint > 0) {
      const next = writeDigits(out, at, bytes, 0, beforePoint)
      out[next] = POINT
      return writeDigits(out, next + 1, bytes, beforePoint, count)
    }
    out[at] = ZERO
    out[at + 1] = POINT
    return writeDigits(out, writeZeros(out, at + 2, -beforePoint), bytes, 0, count)
  }
  let next = writeDigits(out, at, bytes, 0, 1)
  if (count > 1) {
    out[next] = POINT
    next = writeDigits(out, next + 1, bytes, 1, count)
  }
  out[next] = LETTER_E
  out[next + 1] = scientific < 0 ? MINUS : 0x2b
  return writeDecimal(out, next + 2, Math.abs(scientific))
}

function writeDigits(out: Uint8Array, at: number, bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) out[at + i - from] = bytes[i]!
  return at + to - from
}

function writeZeros(out: Uint8Array, at: number, count: number): number {
  for (let i = 0; i < count; i++) out[at + i] = ZERO
  return at + count
}

/** 17 digits as 'd.ddde±x'. toExponential takes the larger of two equally near numbers, printf the even one. */
function roundHalfEven(value: number): string {
  const up = value.toExponential(16)
  const one = value.toExponential(17)
  const tail = one.indexOf('e') - 1
  if (one[tail] !== '5' || !'02468'.includes(one[tail - 1]!)) return up
  // A tie needs all further digits to be zero; no double is this near to one without being one.
  const isTie = /^-?\d\.\d{17}0*e/.test(value.toExponential(100))
  return isTie ? one.slice(0, tail) + one.slice(tail + 1) : up
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0*$/, '') : text
}
