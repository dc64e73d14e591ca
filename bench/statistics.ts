// Medians and a histogram of durations. Pure.

/** The middle of the values, the mean of the two middle ones if their count is even; undefined if there are none. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
}

/** a / b, or undefined where either is missing or b is 0. */
export function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || b === 0 ? undefined : a / b
}

const BUCKET_US = 10
const BUCKETS = 100_000

/**
 * Durations in buckets of 10 µs up to 1 s, the longest kept exactly. Fixed size: recording a million of them
 * must not make the pinger's own garbage collector the longest pause of all.
 */
export class Histogram {
  #buckets = new Uint32Array(BUCKETS + 1)
  #count = 0
  #maxUs = 0

  get count(): number {
    return this.#count
  }

  get maxMs(): number {
    return this.#maxUs / 1000
  }

  record(us: number): void {
    const bucket = Math.min(BUCKETS, Math.floor(us / BUCKET_US))
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1
    this.#count++
    if (us > this.#maxUs) this.#maxUs = us
  }

  /** The duration that `share` (0..1) of all do not exceed, to 10 µs upwards; 0 if nothing was recorded. */
  percentileMs(share: number): number {
    let left = Math.ceil(this.#count * share)
    if (left <= 0) return 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#buckets[bucket] as number
      if (left <= 0) return Math.min(this.#maxUs, (bucket + 1) * BUCKET_US) / 1000
    }
    return this.maxMs
  }
}
