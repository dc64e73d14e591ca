// Chance that can be seeded (xoshiro128**, Blackman & Vigna 2018). Not for secrets: those come from node:crypto.

export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    // SplitMix-style filling, so that neighbouring seeds give unrelated streams.
    let state = seed | 0
    const next = () => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
      return z ^ (z >>> 16)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next() | 1
  }

  /** 32 random bits as an unsigned number. */
  uint32(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** A whole number in 0..limit-1. limit is at most 2^53; the bias of the modulus is below 2^-21 of it. */
  below(limit: number): number {
    if (limit <= 0x10000) return this.uint32() % limit
    return Math.floor(this.fraction() * limit)
  }

  /** A number in [0, 1) with 53 random bits. */
  fraction(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992
  }
}
