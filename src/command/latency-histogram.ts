// How long a command's calls took, in buckets that grow with the value: 16 per doubling, so percentiles are within 6 %.

const SUB_BITS = 4
const SUB_BUCKETS = 1 << SUB_BITS
/** Up to 2^30 microseconds, 18 minutes; longer calls count as that. */
const BUCKETS = (30 - SUB_BITS + 1) * SUB_BUCKETS
const MAX_MICROSECONDS = 2 ** 30 - 1

export class LatencyHistogram {
  /** Made at the first call: most commands are never used. */
  #counts: Float64Array | undefined
  total = 0

  /** Counts `calls` calls that took so many whole microseconds each. */
  record(microseconds: number, calls: number): void {
    this.#counts ??= new Float64Array(BUCKETS)
    const value = Math.min(microseconds, MAX_MICROSECONDS)
    this.#counts[bucketOf(value)]! += calls
    this.total += calls
  }

  /** The value that so many percent of the calls don't exceed, in microseconds. */
  percentile(percent: number): number {
    if (this.#counts === undefined || this.total === 0) return 0
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.total))
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!
      if (seen >= wanted) return upperBound(bucket)
    }
    return upperBound(BUCKETS - 1)
  }

  /** Pairs of a power of two (microseconds) and how many calls took at most so long; only where that number grows. */
  cumulative(): [number, number][] {
    const pairs: [number, number][] = []
    if (this.#counts === undefined) return pairs
    let seen = 0
    let reported = 0
    let bucket = 0
    for (let limit = 1; limit <= 2 ** 30 && seen < this.total; limit *= 2) {
      while (bucket < BUCKETS && upperBound(bucket) <= limit) seen += this.#counts[bucket++]!
      if (seen > reported) pairs.push([limit, seen])
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
  if (value < SUB_BUCKETS) return value
  const shift = 31 - Math.clz32(value) - SUB_BITS
  return (shift + 1) * SUB_BUCKETS + ((value >>> shift) - SUB_BUCKETS)
}

/** The largest value of a bucket. */
function upperBound(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1
  const top = SUB_BUCKETS + (bucket % SUB_BUCKETS)
  return (top + 1) * 2 ** shift - 1
}
