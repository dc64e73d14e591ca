// What counts as the text of a floating-point number: C's strtod without its leniency about blanks, junk and 'nan'.
// doubles.ts and long-double.ts turn the parts into numbers; the rounding they share stands here too.

export interface FloatText {
  readonly isNegative: boolean
  /** 'decimal': digits * 10^exponent; 'hexadecimal': digits * 2^exponent; 'infinite': neither. */
  readonly kind: 'decimal' | 'hexadecimal' | 'infinite'
  /** Digits without leading zeros: '' for zero. */
  readonly digits: string
  /** May be infinite, if the text gives an absurd one. */
  readonly exponent: number
}

// Each way to match is the only one, so that no text makes the expressions go back and forth.
const DECIMAL = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:e([+-]?\d+))?$/i
const HEXADECIMAL = /^([+-]?)0x(?:([\da-f]+)(?:\.([\da-f]*))?|\.([\da-f]+))(?:p([+-]?\d+))?$/i
const INFINITE = /^([+-]?)inf(?:inity)?$/i

/** The parts of a number's text; undefined if it is none. */
export function readFloatText(text: string): FloatText | undefined {
  const infinite = INFINITE.exec(text)
  if (infinite) return { isNegative: infinite[1] === '-', kind: 'infinite', digits: '', exponent: 0 }
  const decimal = DECIMAL.exec(text)
  const match = decimal ?? HEXADECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fractionAfter = '', fractionAlone = '', exponent = '0'] = match
  const fraction = fractionAfter + fractionAlone
  return {
    isNegative: sign === '-',
    kind: decimal ? 'decimal' : 'hexadecimal',
    digits: (whole + fraction).replace(/^0+/, ''),
    exponent: Number(exponent) - fraction.length * (decimal ? 1 : 4),
  }
}

/** A whole number times a power of two. */
export interface Binary {
  readonly mantissa: bigint
  readonly exponent: number
}

/** The number of bits of a number above or equal to zero. */
export function bitLength(value: bigint): number {
  // Where a double can tell, it does: three times as fast as by way of text.
  const approximate = Number(value)
  if (approximate < Number.MAX_SAFE_INTEGER) {
    const high = Math.floor(approximate / 2 ** 32)
    return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(approximate)
  }
  if (approximate < 2 ** 104) return bitLength(value >> 52n) + 52
  const hex = value.toString(16)
  return (hex.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(hex[0]!, 16))
}

/**
 * Rounds a number above zero to `bits` bits, or fewer where the last would lie below 2^minExponent (subnormals).
 * To nearest, ties to even. May give 2^bits, and 0 if all is lost.
 */
export function roundBinary({ mantissa, exponent }: Binary, bits: number, minExponent: number): Binary {
  const drop = Math.max(bitLength(mantissa) - bits, minExponent - exponent)
  if (drop <= 0) return { mantissa, exponent }
  return { mantissa: shiftRounding(mantissa, drop), exponent: exponent + drop }
}

/** mantissa / 2^drop to the nearest whole number, ties to even. drop is above zero. */
export function shiftRounding(mantissa: bigint, drop: number): bigint {
  const kept = mantissa >> BigInt(drop)
  const cut = mantissa - (kept << BigInt(drop))
  const half = 1n << BigInt(drop - 1)
  const isUp = cut > half || (cut === half && (kept & 1n) === 1n)
  return isUp ? kept + 1n : kept
}
