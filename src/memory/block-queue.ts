// A queue of 32-bit numbers in chunks. It holds what waits for a snapshot to end, millions of entries at times:
// an ordinary array would double with a pause of 10-38 ms, this one never copies anything.

const CHUNK = 65_536

export class BlockQueue {
  readonly #chunks: Int32Array[] = []
  #spare: Int32Array | undefined
  #head = 0
  #tail = CHUNK
  length = 0

  isEmpty(): boolean {
    return this.length === 0
  }

  push(value: number): void {
    if (this.#tail === CHUNK) {
      this.#chunks.push(this.#spare ?? new Int32Array(CHUNK))
      this.#spare = undefined
      this.#tail = 0
    }
    this.#chunks[this.#chunks.length - 1]![this.#tail++] = value
    this.length++
  }

  /** The oldest entry. The queue must not be empty. */
  shift(): number {
    const value = this.#chunks[0]![this.#head++]!
    this.length--
    if (this.#head === CHUNK || this.length === 0) {
      // Array.shift moves pointers to chunks only: a few hundred at the most.
      this.#spare = this.#chunks.shift()
      this.#head = 0
      if (this.length === 0) this.#tail = CHUNK
    }
    return value
  }
}
