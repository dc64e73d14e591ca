// How a chunk of a long list lies when it is compressed, and how it is read. Knows no directory and no block.
//
//   [bytes of the listpack, a word][the listpack in LZF]
//
// Buffers are made when they are first needed: most servers have no compressed chunk.

import { decompressLzf, LzfCompressor } from '../base/lzf.ts'
import type { Listpack } from './listpack.ts'
import { readWord, writeWord } from './table-root.ts'

const HEAD_BYTES = 4
/** Redis: shorter ones are not compressed, and it has to save so many bytes. */
const FEWEST_BYTES = 48
const FEWEST_SAVED = 8
const NOTHING = new Uint8Array(0)

export class ChunkCompressor {
  #compressor: LzfCompressor | undefined = undefined
  #out = NOTHING

  /** The bytes of the compressed chunk, until the next call; undefined if it is not worth it. */
  compress({ bytes, start, byteLength }: Listpack): Uint8Array | undefined {
    if (byteLength < FEWEST_BYTES) return undefined
    if (this.#out.length < byteLength) this.#out = new Uint8Array(byteLength)
    this.#compressor ??= new LzfCompressor()
    const room = this.#out.subarray(HEAD_BYTES, byteLength - FEWEST_SAVED)
    const compressed = this.#compressor.compress(bytes, start, byteLength, room)
    if (compressed === 0) return undefined
    writeWord(this.#out, 0, byteLength)
    return this.#out.subarray(0, HEAD_BYTES + compressed)
  }
}

/** Opens compressed chunks, each in the place of the one before. */
export class ChunkExpander {
  #room = NOTHING

  /** Opens what is compressed there as a listpack, which is there until the next call. */
  open(bytes: Uint8Array, start: number, length: number, pack: Listpack): void {
    const plain = plainBytes(bytes, start)
    if (this.#room.length < plain) this.#room = new Uint8Array(plain)
    const room = this.#room.subarray(0, plain)
    if (!decompressLzf(bytes, start + HEAD_BYTES, length - HEAD_BYTES, room)) {
      throw new Error('a compressed chunk is damaged')
    }
    pack.open(this.#room, 0)
  }
}

/** Bytes of the listpack that is compressed there. */
export function plainBytes(bytes: Uint8Array, start: number): number {
  return readWord(bytes, start)
}
