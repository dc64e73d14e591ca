// How long a command's calls took, in buckets that grow with the value. Resolution, range and the shape of both reports
// are those of Redis's histograms (two significant digits, one nanosecond to one second), so that tools made for
// Redis's percentiles read the same figures here.

// Values below 256 have a bucket each; above, every doubling is cut into 128 buckets.
const SUB_BITS = 7
const SUB_BUCKETS = 1 << SUB_BITS
const EXACT = 2 * SUB_BUCKETS
/** Longer calls count as this long: one second. */
const MAX_NANOSECONDS = 1_000_000_000
const BUCKETS = bucketOf(MAX_NANOSECONDS) + 1
/** The finest step of the cumulative report: about a microsecond. */
const FIRST_STEP = 1024

export class LatencyHistogram {
  /** Made at the first call: most commands are never used, and a histogram takes 24 KB. */
  #counts: Float64Array | undefined
  total = 0

  /** Counts `calls` calls that took so many whole nanoseconds each. */
  record(nanoseconds: number, calls: number): void {
    this.#counts ??= new Float64Array(BUCKETS)
    const value = Math.min(Math.max(nanoseconds, 1), MAX_NANOSECONDS)
    this.#counts[bucketOf(value)]! += calls
    this.total += calls
  }

  /** The nanoseconds that so many percent of the calls don't exceed. */
  percentile(percent: number): number {
    if (this.#counts === undefined || this.total === 0) return 0
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5))
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!
      if (seen >= wanted) return upperBound(bucket)
    }
    return upperBound(BUCKETS - 1)
  }

  /**
   * Pairs of a bound in whole microseconds and how many calls did not exceed it, for bounds that double; only those
   * where the number grows.
   */
  cumulative(): [microseconds: number, calls: number][] {
    const pairs: [number, number][] = []
    if (this.#counts === undefined) return pairs
    let seen = 0
    let reported = 0
    let bucket = 0
    for (let step = FIRST_STEP; seen < this.total; step *= 2) {
      // Redis: the bucket that begins at the step still belongs to it, hence bounds like 33, 66 and 132.
      const last = Math.min(bucketOf(step), BUCKETS - 1)
      while (bucket <= last) seen += this.#counts[bucket++]!
      if (seen > reported) pairs.push([Math.floor(upperBound(bucketOf(step)) / 1000), seen])
      reported = seen
    }
    return pairs
  }

  reset(): void {
    this.#counts = undefined
    this.total = 0
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value
  const shift = 31 - Math.clz32(value) - SUB_BITS
  return EXACT + (shift - 1) * SUB_BUCKETS + ((value >>> shift) - SUB_BUCKETS)
}

/** The largest value of a bucket. */
function upperBound(bucket: number): number {
  if (bucket < EXACT) return bucket
  const shift = Math.floor((bucket - EXACT) / SUB_BUCKETS) + 1
  const top = SUB_BUCKETS + ((bucket - EXACT) % SUB_BUCKETS)
  return (top + 1) * 2 ** shift - 1
}
