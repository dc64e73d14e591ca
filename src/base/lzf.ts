// LZF, the compression that RDB files and DUMP use for long strings (Marc Lehmann's liblzf; the format is his, the way to
// find repetitions is our own). Quick rather than thorough. Knows no file format.
//
//   000nnnnn                      the next n + 1 bytes as they are, 1 to 32
//   lllooooo oooooooo             l + 2 bytes, 3 to 8, as they stand o + 1 bytes before the end of the output so far
//   111ooooo llllllll oooooooo    the same, l + 9 bytes, up to 264

const LONGEST_LITERALS = 32
const SHORTEST_MATCH = 3
/** From here on the length of a match has a byte of its own. */
const LONG_MATCH = 9
const LONGEST_MATCH = 264
/** How far back a repetition may lie. */
const REACH = 8192

const HASH_BITS = 14
const HASH_MULTIPLIER = 0x9e3779b1
/** After 2^6 places without a repetition every other place is looked at, after as many again every third. */
const PATIENCE_BITS = 6
const MOST_POSITIONS = 2 ** 31 - 1

/** Compresses, one input after the other. */
export class LzfCompressor {
  /** By the hash of three bytes, where they were last seen. Positions are counted through all inputs: those of former ones are below `#base`. */
  readonly #seen = new Int32Array(1 << HASH_BITS)
  #base = 1
  #out: Uint8Array = NOTHING
  #written = 0

  /**
   * Compresses `length` bytes from `start` into `out`, from its beginning. Returns how many bytes that took; 0 if there
   * was no room for them.
   */
  compress(bytes: Uint8Array, start: number, length: number, out: Uint8Array): number {
    if (this.#base > MOST_POSITIONS - length) {
      this.#seen.fill(0)
      this.#base = 1
    }
    this.#out = out
    this.#written = 0
    const isDone = this.#run(bytes, start, start + length)
    this.#base += length
    this.#out = NOTHING
    return isDone ? this.#written : 0
  }

  #run(bytes: Uint8Array, start: number, end: number): boolean {
    const seen = this.#seen
    const offset = this.#base - start
    const lastStart = end - SHORTEST_MATCH
    let literals = start
    let at = start
    let misses = 0
    while (at <= lastStart) {
      const three = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
      const hash = Math.imul(three, HASH_MULTIPLIER) >>> (32 - HASH_BITS)
      const match = seen[hash]! - offset
      seen[hash] = at + offset
      if (
        match < start ||
        at - match > REACH ||
        bytes[match] !== bytes[at] ||
        bytes[match + 1] !== bytes[at + 1] ||
        bytes[match + 2] !== bytes[at + 2]
      ) {
        at += 1 + (misses++ >> PATIENCE_BITS)
        continue
      }
      misses = 0
      const length = matchLength(bytes, match, at, Math.min(LONGEST_MATCH, end - at))
      if (!this.#writeLiterals(bytes, literals, at) || !this.#writeMatch(at - match - 1, length)) return false
      at += length
      literals = at
    }
    return this.#writeLiterals(bytes, literals, end)
  }

  #writeLiterals(bytes: Uint8Array, from: number, to: number): boolean {
    const out = this.#out
    let written = this.#written
    for (let at = from; at < to; ) {
      const count = Math.min(LONGEST_LITERALS, to - at)
      if (written + 1 + count > out.length) return false
      out[written++] = count - 1
      for (const end = at + count; at < end; at++) out[written++] = bytes[at]!
    }
    this.#written = written
    return true
  }

  #writeMatch(distance: number, length: number): boolean {
    const out = this.#out
    let written = this.#written
    if (written + (length < LONG_MATCH ? 2 : 3) > out.length) return false
    if (length < LONG_MATCH) out[written++] = ((length - 2) << 5) | (distance >> 8)
    else {
      out[written++] = 0xe0 | (distance >> 8)
      out[written++] = length - LONG_MATCH
    }
    out[written++] = distance & 0xff
    this.#written = written
    return true
  }
}

const NOTHING = new Uint8Array(0)

/** How many bytes at two places are the same, up to a limit; the first three are known to be. */
function matchLength(bytes: Uint8Array, match: number, at: number, limit: number): number {
  let length = SHORTEST_MATCH
  while (length < limit && bytes[match + length] === bytes[at + length]) length++
  return length
}

/**
 * Decompresses `length` bytes from `start` into the whole of `out`. False if they make no sense, or not exactly as many
 * bytes as `out` has. They may come from anybody.
 */
export function decompressLzf(bytes: Uint8Array, start: number, length: number, out: Uint8Array): boolean {
  const end = start + length
  let at = start
  let written = 0
  while (at < end) {
    const control = bytes[at++]!
    if (control < LONGEST_LITERALS) {
      const next = at + control + 1
      if (next > end || written + control + 1 > out.length) return false
      while (at < next) out[written++] = bytes[at++]!
      continue
    }
    let count = (control >> 5) + 2
    if (count === LONG_MATCH) {
      if (at >= end) return false
      count += bytes[at++]!
    }
    if (at >= end) return false
    let from = written - (((control & 31) << 8) | bytes[at++]!) - 1
    const next = written + count
    if (from < 0 || next > out.length) return false
    // Byte by byte: what is repeated may reach into what is being written.
    while (written < next) out[written++] = out[from++]!
  }
  return written === out.length
}
