// The decimal digits of a double, by the Grisu2 method (F. Loitsch, "Printing floating-point numbers quickly and
// accurately with integers", PLDI 2010). Knows nothing of how the digits are laid out: doubles.ts does that.
//
// Why not String(value): Grisu2 always gives digits that read back as the same double, but in about one case in a
// thousand not the fewest (5e22 gives 49999999999999996e6). Redis prints what Grisu2 gives, hence so do we, down to
// the choices the method leaves open: powers eight apart, and the window of exponents below.
//
// The method: w is the double, low and high are the middles towards its neighbours. All three are scaled by one power
// of ten, so that the digits of `high` can be read off one by one; they stop where the rest is inside low..high.
//
// 64-bit whole numbers are pairs of 32-bit halves, which allocate nothing. A number takes about twice as long as with
// String(value), which allocates.

const TWO_32 = 2 ** 32

/** Powers of ten that w can be scaled with: 10^-348, 10^-340, ..., 10^340. */
const FIRST_POWER = -348
const POWER_STEP = 8
const POWER_COUNT = 87

/** After scaling, the binary exponent lies in this window: 4 to 32 bits stand before the binary point. */
const MIN_EXPONENT = -60
const MAX_EXPONENT = -32

const LOG10_OF_2 = Math.log10(2)

interface Powers {
  /** The 64 leading bits of each power, rounded, in two halves. */
  readonly high: Uint32Array
  readonly low: Uint32Array
  /** Binary exponents: power = bits * 2^exponent. */
  readonly exponent: Int16Array
}

/** A decimal number: the digits read as a whole number, times 10^exponent. */
export class Digits {
  /** ASCII digits; the first is not '0'. */
  readonly bytes: Uint8Array = new Uint8Array(20)
  count = 0
  exponent = 0
}

/** What scale hands to generate. In an object, as module variables would allocate a number at each assignment. */
class Scaled {
  // The upper middle.
  high = 0
  low = 0
  // Its distance to the double: how far to go back for the digits nearest to it.
  toValueHigh = 0
  toValueLow = 0
  // Its distance to the lower middle: how far the digits may go back at all.
  widthHigh = 0
  widthLow = 0
}

const POWERS = computePowers()
const view = new DataView(new ArrayBuffer(8))
const scaled = new Scaled()
// A 64-bit product in two halves.
const product = { high: 0, low: 0 }

/** Fills `into` with the digits of a finite double above zero. */
export function findDigits(value: number, into: Digits): void {
  view.setFloat64(0, value)
  let high = view.getUint32(0)
  let low = view.getUint32(4)
  const biased = high >>> 20
  high &= 0xfffff
  const isPowerOfTwo = biased !== 0 && high === 0 && low === 0
  if (biased !== 0) high |= 0x100000

  // Shift left until the top bit is set.
  const shift = high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low)
  if (shift >= 32) {
    high = low << (shift - 32)
    low = 0
  } else {
    high = (high << shift) | (low >>> (32 - shift))
    low <<= shift
  }
  const exponent = Math.max(biased, 1) - 1075 - shift
  const index = findPower(exponent)
  // The middles lie half a unit of the last place away; below a power of two, a quarter.
  scale(high >>> 0, low >>> 0, shift - 1, isPowerOfTwo ? shift - 2 : shift - 1, index)
  into.count = 0
  into.exponent = -(FIRST_POWER + index * POWER_STEP)
  generate(-(exponent + POWERS.exponent[index]! + 64) - 32, into)
}

/**
 * Scales w and the middles w + 2^above and w - 2^below, then moves the middles one unit inwards, which covers the
 * error of the scaling.
 */
function scale(wHigh: number, wLow: number, above: number, below: number, index: number): void {
  const powerHigh = POWERS.high[index]!
  const powerLow = POWERS.low[index]!
  // w has zeros there, so adding is setting a bit. (A shift counts modulo 32.)
  if (above < 32) multiply(wHigh, (wLow | (1 << above)) >>> 0, powerHigh, powerLow)
  else multiply((wHigh | (1 << above)) >>> 0, wLow, powerHigh, powerLow)
  let high = product.high
  let low = product.low - 1
  if (low < 0) {
    low += TWO_32
    high--
  }
  scaled.high = high
  scaled.low = low

  multiply(wHigh, wLow, powerHigh, powerLow)
  const valueBorrow = low < product.low ? 1 : 0
  scaled.toValueHigh = high - product.high - valueBorrow
  scaled.toValueLow = low - product.low + valueBorrow * TWO_32

  const unit = (1 << below) >>> 0
  if (below >= 32) multiply((wHigh - unit) >>> 0, wLow, powerHigh, powerLow)
  else multiply(wLow < unit ? wHigh - 1 : wHigh, (wLow - unit) >>> 0, powerHigh, powerLow)
  const widthBorrow = low < product.low + 1 ? 1 : 0
  scaled.widthHigh = high - product.high - widthBorrow
  scaled.widthLow = low - product.low - 1 + widthBorrow * TWO_32
}

/** Reads off the digits of the upper middle; its binary point stands `pointBits` (0 to 28) into the high half. */
function generate(pointBits: number, into: Digits): void {
  const mask = (1 << pointBits) - 1
  const { widthHigh, widthLow } = scaled
  let whole = scaled.high >>> pointBits
  const fraction = scaled.high & mask
  // Digits before the binary point. `place` is the value of the digit just taken.
  let place = 1_000_000_000
  for (let left = 9; left >= 0; left--) {
    if (whole >= place || into.count !== 0) {
      const digit = (whole / place) >>> 0
      into.bytes[into.count++] = 0x30 + digit
      whole -= digit * place
    }
    const rest = ((whole << pointBits) | fraction) >>> 0
    if (rest < widthHigh || (rest === widthHigh && scaled.low <= widthLow)) {
      into.exponent += left
      round(into, rest, scaled.low, place * (1 << pointBits))
      return
    }
    place /= 10
  }
  generateFraction(pointBits, fraction, into)
}

/** Digits after the binary point: everything grows by ten instead of the place shrinking. */
function generateFraction(pointBits: number, fraction: number, into: Digits): void {
  const mask = (1 << pointBits) - 1
  let { widthHigh, widthLow, toValueHigh, toValueLow } = scaled
  let restHigh = fraction
  let restLow = scaled.low
  do {
    let carry = carryOfTen(restLow)
    restLow = restLow * 10 - carry * TWO_32
    restHigh = restHigh * 10 + carry
    carry = carryOfTen(widthLow)
    widthLow = widthLow * 10 - carry * TWO_32
    widthHigh = widthHigh * 10 + carry
    carry = carryOfTen(toValueLow)
    toValueLow = toValueLow * 10 - carry * TWO_32
    toValueHigh = toValueHigh * 10 + carry
    into.exponent--
    const digit = restHigh >>> pointBits
    if (digit !== 0 || into.count !== 0) into.bytes[into.count++] = 0x30 + digit
    restHigh &= mask
  } while (restHigh > widthHigh || (restHigh === widthHigh && restLow >= widthLow))
  scaled.widthHigh = widthHigh
  scaled.widthLow = widthLow
  scaled.toValueHigh = toValueHigh
  scaled.toValueLow = toValueLow
  round(into, restHigh, restLow, 1 << pointBits)
}

/** What a low half times ten carries into the high half. */
function carryOfTen(low: number): number {
  return ((low * 10) / TWO_32) | 0
}

/**
 * Lowers the last digit while that brings the number nearer to the double and keeps it inside. `rest` is how far
 * the digits lie below the upper middle, a step of the last digit is `stepHigh` * 2^32.
 */
function round(into: Digits, restHigh: number, restLow: number, stepHigh: number): void {
  const { toValueHigh, toValueLow, widthHigh, widthLow } = scaled
  const beyondLow = restLow - toValueLow
  let high = restHigh
  while (
    compare(high - toValueHigh, beyondLow) < 0 &&
    compare(widthHigh - high - stepHigh, widthLow - restLow) >= 0 &&
    (compare(high + stepHigh - toValueHigh, beyondLow) < 0 ||
      compare(2 * (toValueHigh - high) - stepHigh, -2 * beyondLow) > 0)
  ) {
    into.bytes[into.count - 1]!--
    high += stepHigh
  }
}

/** The sign of high * 2^32 + low: exact, as a sum of two doubles may be rounded but never changes its sign. */
function compare(high: number, low: number): number {
  return high * TWO_32 + low
}

/** The upper 64 bits of a product of two 64-bit numbers, rounded at the bit below. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const outer = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bHigh) >>> 0)
  const carried = Math.floor((outer + upperHalf(aLow, bLow) + 0x80000000) / TWO_32)
  const low = (Math.imul(aHigh, bHigh) >>> 0) + upperHalf(aHigh, bLow) + upperHalf(aLow, bHigh) + carried
  const carry = (low / TWO_32) | 0
  product.low = low - carry * TWO_32
  product.high = upperHalf(aHigh, bHigh) + carry
}

/** The upper 32 bits of a product of two 32-bit numbers, by way of 48-bit products, which a double holds exactly. */
function upperHalf(a: number, b: number): number {
  const low = Math.floor((a * (b & 0xffff)) / 65536)
  return Math.floor((a * (b >>> 16) + low) / 65536)
}

/** The power that brings a 64-bit number with this binary exponent into the window. */
function findPower(exponent: number): number {
  // A guess that may be one off. Where two powers would do, it decides which: a part of what makes the digits Redis's.
  const guess = Math.trunc(-(exponent + POWER_COUNT) * LOG10_OF_2)
  let index = Math.trunc((guess - FIRST_POWER) / POWER_STEP)
  for (;;) {
    const shifted = exponent + POWERS.exponent[index]! + 64
    if (shifted < MIN_EXPONENT) index++
    else if (shifted > MAX_EXPONENT) index--
    else return index
  }
}

function computePowers(): Powers {
  const high = new Uint32Array(POWER_COUNT)
  const low = new Uint32Array(POWER_COUNT)
  const exponent = new Int16Array(POWER_COUNT)
  for (let i = 0; i < POWER_COUNT; i++) {
    const power = FIRST_POWER + i * POWER_STEP
    // More than enough bits of the power, as a whole number; then cut to 64, rounding to nearest.
    const scaledBits = power < 0 ? 1400 : 64
    const ratio = power < 0 ? (1n << 1400n) / 10n ** BigInt(-power) : (10n ** BigInt(power)) << 64n
    let drop = ratio.toString(2).length - 64
    let bits = (ratio + (1n << BigInt(drop - 1))) >> BigInt(drop)
    if (bits >> 64n !== 0n) {
      bits >>= 1n
      drop++
    }
    high[i] = Number(bits >> 32n)
    low[i] = Number(bits & 0xffffffffn)
    exponent[i] = drop - scaledBits
  }
  return { high, low, exponent }
}
