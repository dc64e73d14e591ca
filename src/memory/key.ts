// A key on its way into the store: its bytes, their keyed hash, and the bytes as words, so that comparing and storing
// a key goes four bytes at a time. Reused: one Key serves all requests.

import { copyBytes, Slice } from './slice.ts'

/**
 * Keys up to this length are kept as words while hashing. Longer ones take the slower way, byte by byte.
 * 256 bytes covers what people use.
 */
export const WORD_LIMIT = 256

const NOTHING_HASHED = -1

/** 64 secret bits, per process: without them nobody can choose keys that collide. */
export interface HashSeed {
  readonly low: number
  readonly high: number
}

export class Key extends Slice {
  /** HalfSipHash-1-2 of the bytes, as a signed 32-bit number. */
  hash = 0
  /** The bytes as little-endian words, the last padded with zeros; only if `hasWords`. */
  readonly words = new Int32Array(WORD_LIMIT / 4)
  hasWords = false
  /** The length of what is in `words`, with its hash in `hash`. */
  #hashedLength = NOTHING_HASHED
  readonly #low: number
  readonly #high: number

  constructor(seed: HashSeed) {
    super()
    this.#low = seed.low | 0
    this.#high = seed.high | 0
  }

  /** Points at a key and hashes it, unless it is the same as the last one: most of a pipeline may be about one key. */
  point(bytes: Uint8Array, start: number, length: number): this {
    this.bytes = bytes
    this.start = start
    this.length = length
    if (length === this.#hashedLength && this.#isSame(bytes, start)) return this
    this.hasWords = length <= WORD_LIMIT
    this.hash = this.#halfSipHash(bytes, start, length)
    this.#hashedLength = this.hasWords ? length : NOTHING_HASHED
    return this
  }

  /** Whether these bytes, as many as were hashed last, are those. */
  #isSame(bytes: Uint8Array, start: number): boolean {
    const { words } = this
    const whole = this.#hashedLength >>> 2
    const rest = this.#hashedLength & 3
    // From behind: keys that differ have their beginnings in common more often than their ends.
    if (rest > 0 && lastWord(bytes, start + whole * 4, rest) !== words[whole]) return false
    for (let w = whole - 1, i = start + w * 4; w >= 0; w--, i -= 4) {
      const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
      if (word !== words[w]) return false
    }
    return true
  }

  /** Writes the bytes to `to`, as at `point`. */
  writeTo(to: Uint8Array, at: number): void {
    copyBytes(this.bytes, this.start, to, at, this.length)
  }

  /**
   * HalfSipHash (Aumasson, Bernstein), one round per word and two to finish, as Redis uses SipHash-1-2. Unlike the
   * paper's, the length goes into the first state instead of into a last word: the padding stays unambiguous and a key
   * of whole words saves a round (48 ns instead of 65 for 16 bytes; an unkeyed murmur3 takes 19).
   */
  #halfSipHash(bytes: Uint8Array, start: number, length: number): number {
    const words = this.words
    const keep = this.hasWords
    let v0 = this.#low
    let v1 = this.#high
    let v2 = 0x6c796765 ^ v0
    let v3 = 0x74656462 ^ v1 ^ length
    const count = (length + 3) >>> 2
    const whole = length >>> 2
    for (let w = 0, i = start; w < count; w++, i += 4) {
      const m =
        w < whole
          ? bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
          : lastWord(bytes, i, length & 3)
      if (keep) words[w] = m
      v3 ^= m
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (((v0 << 16) | (v0 >>> 16)) + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= m
    }
    v2 ^= 0xff
    for (let round = 0; round < 2; round++) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (((v0 << 16) | (v0 >>> 16)) + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    return v1 ^ v3
  }
}

/** The 1..3 bytes that don't fill a word. */
function lastWord(bytes: Uint8Array, at: number, rest: number): number {
  let word = bytes[at]!
  if (rest > 1) word |= bytes[at + 1]! << 8
  if (rest > 2) word |= bytes[at + 2]! << 16
  return word
}
