// Where what is written of a snapshot goes: an open descriptor, in pieces, forced to the disk on the way if that is wanted,
// and at the end in any case. Knows no format.

import fs from 'node:fs'

const PIECE_BYTES = 262_144
const SYNC_BYTES = 4 * 1024 * 1024

export class FileSink {
  /** Written so far. */
  bytes = 0
  readonly #fd: number
  readonly #syncsOnTheWay: boolean
  #unsynced = 0

  /** `syncsOnTheWay`: the disk is made to keep up, so that the end has little left to wait for. */
  constructor(fd: number, syncsOnTheWay: boolean) {
    this.#fd = fd
    this.#syncsOnTheWay = syncsOnTheWay
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const piece = Math.min(bytes.length - done, PIECE_BYTES)
      done += fs.writeSync(this.#fd, bytes, done, piece)
    }
    this.bytes += bytes.length
    this.#unsynced += bytes.length
    if (this.#syncsOnTheWay && this.#unsynced >= SYNC_BYTES) this.sync()
  }

  sync(): void {
    fs.fsyncSync(this.#fd)
    this.#unsynced = 0
  }
}
