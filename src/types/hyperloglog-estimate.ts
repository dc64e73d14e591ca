// From the registers of a HyperLogLog to a number of elements: the "improved raw estimator" of Otmar Ertl, "New
// cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6. All it needs to know is how many
// registers hold which rank. Knows no format.

/** Bits of the hash that the ranks are taken from: a rank is at most one more. */
const RANK_BITS = 50
/** 1 / (2 ln 2), the paper's alpha for a great many registers. */
const ALPHA = 0.5 / Math.LN2
const LEAST_INT64 = -(2n ** 63n)

/** How many elements were added. `histogram[rank]` is the number of registers with that rank. */
export function estimate(histogram: Int32Array, registers: number): number | bigint {
  let sum = registers * tau((registers - histogram[RANK_BITS + 1]!) / registers)
  for (let rank = RANK_BITS; rank >= 1; rank--) sum = (sum + histogram[rank]!) * 0.5
  sum += registers * sigma(histogram[0]! / registers)
  return toInt64((ALPHA * registers * registers) / sum)
}

/** x + the sum of x^(2^k) * 2^(k-1) for k from 1: what registers that are still zero tell. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY
  let power = x
  let weight = 1
  let sum = x
  for (;;) {
    power *= power
    const next = sum + power * weight
    if (next === sum) return sum
    sum = next
    weight += weight
  }
}

/** (1 - x - the sum of (1 - x^(2^-k))^2 * 2^-k for k from 1) / 3: what registers that can rise no more tell. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let root = x
  let weight = 1
  let sum = 1 - x
  for (;;) {
    root = Math.sqrt(root)
    weight *= 0.5
    const next = sum - (1 - root) ** 2 * weight
    if (next === sum) return sum / 3
    sum = next
  }
}

/** Rounded. Redis: what is too large for 64 bits, infinity too, becomes the least number there is. */
function toInt64(value: number): number | bigint {
  const rounded = Math.round(value)
  if (Number.isSafeInteger(rounded)) return rounded
  return rounded < 2 ** 63 ? BigInt(rounded) : LEAST_INT64
}
