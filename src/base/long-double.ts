// Long doubles as x87 processors have them, 64 bits of mantissa and 15 of exponent: INCRBYFLOAT and HINCRBYFLOAT add
// in them, and its rounding shows in their replies. Made of BigInt: exact first, then rounded once, as the hardware does.
// Knows no keys and no error texts.

import type { Binary, FloatText } from './float-text.ts'
import { bitLength, readFloatText, roundBinary, shiftRounding } from './float-text.ts'

const MANTISSA_BITS = 64
/** The last bit of a subnormal. */
const MIN_EXPONENT = -16445
/** All finite numbers are below 2^16384. */
const EXPONENT_LIMIT = 16384

/** Decimal exponents beyond which text is an overflow or underflow whatever its digits: no need to compute with it. */
const MAX_DECIMAL_EXPONENT = 4934
const MIN_DECIMAL_EXPONENT = -4960

/** Redis: longer text is no number. */
export const MAX_TEXT_LENGTH = 5 * 1024 - 1

/** Digits after the point in toHumanString. */
const FRACTION_DIGITS = 17
const FRACTION_UNIT = 10n ** BigInt(FRACTION_DIGITS)

/** An immutable long double. It has one zero: the sign of zero is never shown. */
export class LongDouble {
  static readonly ZERO = new LongDouble(0n, 0, 0)

  /** The value is mantissa * 2^exponent; |mantissa| is below 2^64. */
  readonly #mantissa: bigint
  readonly #exponent: number
  /** Infinity, -Infinity or NaN; 0 if the number is finite. */
  readonly #special: number

  private constructor(mantissa: bigint, exponent: number, special: number) {
    this.#mantissa = mantissa
    this.#exponent = exponent
    this.#special = special
  }

  /** The long double nearest to mantissa * 2^exponent. */
  static fromBinary(isNegative: boolean, exact: Binary): LongDouble {
    if (exact.mantissa === 0n) return LongDouble.ZERO
    const { mantissa, exponent } = roundBinary(exact, MANTISSA_BITS, MIN_EXPONENT)
    if (bitLength(mantissa) + exponent > EXPONENT_LIMIT) return LongDouble.infinite(isNegative)
    return new LongDouble(isNegative ? -mantissa : mantissa, exponent, 0)
  }

  static infinite(isNegative: boolean): LongDouble {
    return new LongDouble(0n, 0, isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
  }

  isFinite(): boolean {
    return this.#special === 0
  }

  isZero(): boolean {
    return this.#special === 0 && this.#mantissa === 0n
  }

  /** The rounded sum. Not finite if it overflows, or if one of the two is not finite. */
  add(other: LongDouble): LongDouble {
    // Infinities add up, or cancel out to NaN, as doubles do.
    const special = this.#special + other.#special
    if (special !== 0) return new LongDouble(0n, 0, special)
    const exponent = Math.min(this.#exponent, other.#exponent)
    const sum = this.#scaledTo(exponent) + other.#scaledTo(exponent)
    return LongDouble.fromBinary(sum < 0n, { mantissa: sum < 0n ? -sum : sum, exponent })
  }

  /** At most 17 digits after the point, never an exponent, no zeros at the end: '3', '10.6', '-0.00000000000000001'. */
  toHumanString(): string {
    if (this.#special !== 0) return Number.isNaN(this.#special) ? 'nan' : this.#special > 0 ? 'inf' : '-inf'
    const isNegative = this.#mantissa < 0n
    const scaled = (isNegative ? -this.#mantissa : this.#mantissa) * FRACTION_UNIT
    const units =
      this.#exponent < 0 ? shiftRounding(scaled, -this.#exponent) : scaled << BigInt(this.#exponent)
    if (units === 0n) return '0'
    const whole = units / FRACTION_UNIT
    const fraction = String(units % FRACTION_UNIT).padStart(FRACTION_DIGITS, '0')
    return `${isNegative ? '-' : ''}${whole}.${fraction}`.replace(/\.?0+$/, '')
  }

  /** The mantissa that goes with a smaller exponent. */
  #scaledTo(exponent: number): bigint {
    return this.#mantissa << BigInt(this.#exponent - exponent)
  }
}

/**
 * The long double nearest to the number the text spells, in the forms parseDouble accepts. undefined if it spells
 * none, if the number is too large, or so small that it would round to zero; 'inf' is a number here.
 */
export function parseLongDouble(text: string): LongDouble | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined
  const parts = readFloatText(text)
  if (parts === undefined) return undefined
  if (parts.kind === 'infinite') return LongDouble.infinite(parts.isNegative)
  if (parts.digits === '') return LongDouble.ZERO
  const exact = parts.kind === 'decimal' ? fromDecimal(parts) : fromHexadecimal(parts)
  if (exact === undefined) return undefined
  const value = LongDouble.fromBinary(parts.isNegative, exact)
  return value.isFinite() && !value.isZero() ? value : undefined
}

/** Exact, or cut off where it cannot matter, the last bit then being set to say that there was more. */
function fromDecimal({ digits, exponent }: FloatText): Binary | undefined {
  const top = digits.length + exponent
  if (!(top <= MAX_DECIMAL_EXPONENT && top >= MIN_DECIMAL_EXPONENT)) return undefined
  const numerator = BigInt(digits)
  if (exponent >= 0) return { mantissa: numerator * 10n ** BigInt(exponent), exponent: 0 }
  const denominator = 10n ** BigInt(-exponent)
  const shift = Math.max(0, bitLength(denominator) - bitLength(numerator) + MANTISSA_BITS + 2)
  const scaled = numerator << BigInt(shift)
  const quotient = scaled / denominator
  const hasMore = quotient * denominator !== scaled
  return { mantissa: (quotient << 1n) | (hasMore ? 1n : 0n), exponent: -shift - 1 }
}

function fromHexadecimal({ digits, exponent }: FloatText): Binary | undefined {
  const top = digits.length * 4 + exponent
  if (!(top <= EXPONENT_LIMIT + 4 && top >= MIN_EXPONENT - 4)) return undefined
  return { mantissa: BigInt(`0x${digits}`), exponent }
}
