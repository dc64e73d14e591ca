// Whole numbers as text: signed 64-bit, in the one canonical spelling. Works on bytes, makes no strings.
// Knows nothing of who sends the bytes or what an error is called.
//
// Canonical: an optional '-', then digits without a leading zero; '0' but not '-0'; nothing else around it.
// So a number has one spelling only, and text that parses can be stored as a number and given back unchanged.

export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n

const MINUS = 0x2d
const ZERO = 0x30

/** Digits that fit a 32-bit integer whatever they are: the fast part of every loop here. */
const INT32_DIGITS = 9
/** Digits of Number.MAX_SAFE_INTEGER. */
const SAFE_DIGITS = 16
/** Digits of 2^63. */
const INT64_DIGITS = 19

const MAX_MAGNITUDE_DIGITS = digitsOf('9223372036854775807')
const MIN_MAGNITUDE_DIGITS = digitsOf('9223372036854775808')

/**
 * The integer that `length` bytes at `start` spell; NaN if they spell none, or one beyond the safe range.
 * Who needs the whole 64-bit range asks parseInt64 when this says NaN.
 */
export function parseSafeInteger(bytes: Uint8Array, start: number, length: number): number {
  if (length < 1) return Number.NaN
  const end = start + length
  let at = start
  let negative = false
  if (bytes[at] === MINUS) {
    negative = true
    at++
  }
  const digits = end - at
  if (digits < 1 || digits > SAFE_DIGITS) return Number.NaN
  const first = bytes[at]! - ZERO
  // A leading zero is canonical in '0' alone.
  if (first < 1) return first === 0 && length === 1 ? 0 : Number.NaN

  // The first nine digits stay in 32-bit arithmetic; most numbers have no more.
  const split = digits > INT32_DIGITS ? at + INT32_DIGITS : end
  let value = 0
  for (; at < split; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    value = (value * 10 + digit) | 0
  }
  if (at < end) {
    value = appendDigits(value, bytes, at, end)
    // Sixteen digits may pass 2^53: rounding keeps the order, so the comparison is still right. It refuses NaN too.
    if (!(value <= Number.MAX_SAFE_INTEGER)) return Number.NaN
  }
  return negative ? -value : value
}

/** Any signed 64-bit integer; undefined if the bytes are not canonical text or the number does not fit. */
export function parseInt64(bytes: Uint8Array, start: number, length: number): bigint | undefined {
  if (!isCanonicalInt64(bytes, start, length)) return undefined
  const end = start + length
  const negative = bytes[start] === MINUS
  const first = negative ? start + 1 : start
  // Two exact doubles, since a BigInt per digit would cost an allocation each.
  const split = Math.max(first, end - INT32_DIGITS)
  const high = appendDigits(0, bytes, first, split)
  const low = appendDigits(0, bytes, split, end)
  const magnitude = BigInt(high) * 1_000_000_000n + BigInt(low)
  return negative ? -magnitude : magnitude
}

/** Whether the bytes are the canonical text of a signed 64-bit integer: such a string can be kept as a number. */
export function isCanonicalInt64(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < 1 || length > INT64_DIGITS + 1) return false
  const end = start + length
  let at = start
  let limit = MAX_MAGNITUDE_DIGITS
  if (bytes[at] === MINUS) {
    limit = MIN_MAGNITUDE_DIGITS
    at++
  }
  const digits = end - at
  if (digits < 1 || digits > INT64_DIGITS) return false
  const first = bytes[at]! - ZERO
  if (first < 1 || first > 9) return first === 0 && length === 1
  for (let i = at + 1; i < end; i++) {
    const digit = bytes[i]! - ZERO
    if (digit < 0 || digit > 9) return false
  }
  return digits < INT64_DIGITS || isAtMost(bytes, at, limit)
}

export function isInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX
}

/** How many bytes writeDecimal will write for a safe integer, the sign included. */
export function decimalLength(value: number): number {
  let length = 0
  let magnitude = value
  if (value < 0) {
    length = 1
    magnitude = -value
  }
  if (magnitude >= 1e8) {
    // Exact below 2^53: see writeDecimal.
    magnitude = Math.floor(magnitude / 1e8)
    length += 8
  }
  if (magnitude < 10) return length + 1
  if (magnitude < 100) return length + 2
  if (magnitude < 1e3) return length + 3
  if (magnitude < 1e4) return length + 4
  if (magnitude < 1e5) return length + 5
  if (magnitude < 1e6) return length + 6
  if (magnitude < 1e7) return length + 7
  return length + 8
}

/** Writes a safe integer as decimal text and returns the position after it. The room is the caller's to ensure. */
export function writeDecimal(out: Uint8Array, at: number, value: number): number {
  if (value < 0) {
    out[at] = MINUS
    return writeMagnitude(out, at + 1, -value)
  }
  return writeMagnitude(out, at, value)
}

/**
 * A size as configuration writes it: '100', '1k' (1000), '1kb' (1024), '1m', '1mb', '1g', '1gb', '5b', in any case.
 * undefined for an unknown unit, a sign, a fraction or text that is no number.
 */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d{0,127})([a-z]*)$/i.exec(text)
  if (match === null) return undefined
  const multiplier = UNITS.get(match[2]!.toLowerCase())
  if (multiplier === undefined) return undefined
  // Redis: no digits at all mean 0, so 'mb' is a valid size. Digits beyond 64 bits mean the largest of them.
  return Math.min(Number(match[1]), 2 ** 64) * multiplier
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1000 ** 2],
  ['mb', 1024 ** 2],
  ['g', 1000 ** 3],
  ['gb', 1024 ** 3],
])

/** '00' '01' ... '99', so that one division gives two digits. */
const DIGIT_PAIRS = digitPairs()

function writeMagnitude(out: Uint8Array, at: number, magnitude: number): number {
  if (magnitude < 10) {
    out[at] = ZERO + magnitude
    return at + 1
  }
  if (magnitude < 1e8) return writeBelowHundredMillion(out, at, magnitude)
  // The quotient of two whole numbers below 2^53 cannot round up to the next whole number, so floor is exact.
  const high = Math.floor(magnitude / 1e8)
  const end = writeBelowHundredMillion(out, at, high) + 8
  writePairs(out, end, magnitude - high * 1e8, 4)
  return end
}

function writeBelowHundredMillion(out: Uint8Array, at: number, value: number): number {
  const end = at + decimalLength(value)
  const pairs = (end - at) >> 1
  const rest = writePairs(out, end, value, pairs)
  if ((end - at) & 1) out[at] = ZERO + rest
  return end
}

/** Writes the last `pairs * 2` digits so that they end at `end`; returns what is left of the number. */
function writePairs(out: Uint8Array, end: number, value: number, pairs: number): number {
  let rest = value | 0
  let at = end
  for (let i = 0; i < pairs; i++) {
    const quotient = (rest / 100) | 0
    const pair = (rest - quotient * 100) << 1
    at -= 2
    out[at] = DIGIT_PAIRS[pair]!
    out[at + 1] = DIGIT_PAIRS[pair + 1]!
    rest = quotient
  }
  return rest
}

/** `value` followed by the digits from `at` to `end`; NaN if one is no digit. Exact up to 15 digits in all. */
function appendDigits(value: number, bytes: Uint8Array, at: number, end: number): number {
  let result = value
  for (let i = at; i < end; i++) {
    const digit = bytes[i]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    result = result * 10 + digit
  }
  return result
}

/** Compares as many digits as `limit` has; digits of equal count compare like text. */
function isAtMost(bytes: Uint8Array, at: number, limit: Uint8Array): boolean {
  for (let i = 0; i < limit.length; i++) {
    const difference = bytes[at + i]! - limit[i]!
    if (difference !== 0) return difference < 0
  }
  return true
}

function digitsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (digit) => digit.charCodeAt(0))
}

function digitPairs(): Uint8Array {
  const pairs = new Uint8Array(200)
  for (let i = 0; i < 100; i++) {
    pairs[i * 2] = ZERO + Math.floor(i / 10)
    pairs[i * 2 + 1] = ZERO + (i % 10)
  }
  return pairs
}
