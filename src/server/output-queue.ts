// Replies that wait because the socket is busy. Small ones share chunks, so that a client that never reads costs what
// its replies weigh and not an object for each. Knows no socket.

const FIRST_CHUNK_BYTES = 16_384
const CHUNK_BYTES = 65_536

export class OutputQueue {
  /** Bytes that wait. */
  bytes = 0
  #chunks: Buffer[] = []
  /** Index of the first chunk that has not been taken: shifting an array of thousands would copy it. */
  #head = 0
  /** Bytes used of the last chunk; what is adopted is full. */
  #used = 0

  get pieces(): number {
    return this.#chunks.length - this.#head
  }

  /** Adds a copy. */
  push(bytes: Uint8Array): void {
    this.bytes += bytes.length
    let from = 0
    while (from < bytes.length) {
      const last = this.#lastWithRoom()
      const length = Math.min(bytes.length - from, last.length - this.#used)
      last.set(bytes.subarray(from, from + length), this.#used)
      this.#used += length
      from += length
    }
  }

  /** Adds a buffer itself: nobody may write into it any more. */
  adopt(bytes: Buffer): void {
    this.#closeLast()
    this.#chunks.push(bytes)
    this.#used = bytes.length
    this.bytes += bytes.length
  }

  /** Takes the first chunk; undefined if nothing waits. */
  take(): Buffer | undefined {
    if (this.pieces === 0) return undefined
    if (this.pieces === 1) this.#closeLast()
    const chunk = this.#chunks[this.#head]!
    this.#chunks[this.#head++] = EMPTY
    this.bytes -= chunk.length
    if (this.pieces === 0) this.clear()
    else if (this.#head > 1024 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head)
      this.#head = 0
    }
    return chunk
  }

  clear(): void {
    this.#chunks = []
    this.#head = 0
    this.#used = 0
    this.bytes = 0
  }

  #lastWithRoom(): Buffer {
    const last = this.#chunks[this.#chunks.length - 1]
    if (this.pieces > 0 && this.#used < last!.length) return last!
    const chunk = Buffer.allocUnsafeSlow(this.pieces === 0 ? FIRST_CHUNK_BYTES : CHUNK_BYTES)
    this.#chunks.push(chunk)
    this.#used = 0
    return chunk
  }

  /** Cuts off what is not used of the last chunk. */
  #closeLast(): void {
    if (this.pieces === 0) return
    const last = this.#chunks.length - 1
    this.#chunks[last] = this.#chunks[last]!.subarray(0, this.#used)
  }
}

const EMPTY = Buffer.alloc(0)
