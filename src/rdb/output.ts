// What is being written in the RDB format: bytes, lengths, strings. Whoever writes a file takes the bytes as they come by
// `onFull`; without it they all gather here. Knows no type of value.

import { parseSafeInteger } from '../base/integers.ts'
import { LzfCompressor } from '../base/lzf.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'
import { COMPRESSED, INTEGER_8, INTEGER_16, INTEGER_32, LENGTH_32, LENGTH_64 } from './format.ts'

const INITIAL_BYTES = 16_384
/** From here on `onFull` is called. */
const FULL_BYTES = 65_536
/** Larger buffers are not kept. */
const KEPT_BYTES = 1 << 20
/** No integer of 32 bits has a longer text. */
const LONGEST_INTEGER = 11
/** Redis: shorter strings are not compressed, and the result has to save four bytes. */
const SHORTEST_COMPRESSED = 21
const LEAST_SAVED = 4
const TWO_32 = 2 ** 32

export class RdbOutput {
  bytes = new Uint8Array(INITIAL_BYTES)
  length = 0
  /** Follows `rdbcompression`. */
  compresses = true
  /** Gets what has gathered, which is valid during the call. */
  onFull: ((bytes: Uint8Array) => void) | undefined = undefined
  readonly #compressor = new LzfCompressor()
  #compressed = new Uint8Array(INITIAL_BYTES)

  /** Begins anew. */
  clear(): void {
    this.length = 0
    if (this.bytes.length > KEPT_BYTES) this.bytes = new Uint8Array(INITIAL_BYTES)
  }

  /** Hands over what has gathered. */
  flush(): void {
    if (this.length > 0) this.onFull?.(this.bytes.subarray(0, this.length))
    this.clear()
  }

  byte(value: number): void {
    this.#reserve(1)
    this.bytes[this.length++] = value
  }

  /** A length or a number: whole, up to 2^53. */
  size(value: number): void {
    if (value < TWO_32) this.size64(value | 0, 0)
    else this.size64(value | 0, Math.floor(value / TWO_32) | 0)
  }

  /** Likewise, of 64 bits, unsigned, in halves. */
  size64(low: number, high: number): void {
    if (high !== 0) {
      this.byte(LENGTH_64)
      this.bigEndian(high)
      this.bigEndian(low)
    } else if (low >= 0 && low < 1 << 6) this.byte(low)
    else if (low >= 0 && low < 1 << 14) {
      this.byte(0x40 | (low >>> 8))
      this.byte(low & 0xff)
    } else {
      this.byte(LENGTH_32)
      this.bigEndian(low)
    }
  }

  bigEndian(word: number): void {
    this.#reserve(4)
    for (let shift = 24; shift >= 0; shift -= 8) this.bytes[this.length++] = word >>> shift
  }

  littleEndian(word: number): void {
    this.#reserve(4)
    for (let shift = 0; shift < 32; shift += 8) this.bytes[this.length++] = word >>> shift
  }

  /** A moment in milliseconds: a signed 64-bit number, up to 2^53. */
  milliseconds(value: number): void {
    this.littleEndian(value | 0)
    this.littleEndian(Math.floor(value / TWO_32) | 0)
  }

  double(value: number): void {
    this.#reserve(8)
    new DataView(this.bytes.buffer).setFloat64(this.length, value, true)
    this.length += 8
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array, start: number, length: number): void {
    this.#reserve(length)
    copyBytes(bytes, start, this.bytes, this.length, length)
    this.length += length
  }

  text({ bytes, start, length }: Slice): void {
    this.string(bytes, start, length)
  }

  /** A string, in the shortest of its forms. */
  string(bytes: Uint8Array, start: number, length: number): void {
    if (length <= LONGEST_INTEGER) {
      const value = parseSafeInteger(bytes, start, length)
      if (value === (value | 0)) {
        this.#integer(value)
        return
      }
    }
    if (this.compresses && length >= SHORTEST_COMPRESSED && this.#compress(bytes, start, length)) return
    this.size(length)
    this.raw(bytes, start, length)
  }

  #integer(value: number): void {
    const isShort = value >= -0x8000 && value <= 0x7fff
    if (value >= -0x80 && value <= 0x7f) {
      this.byte(INTEGER_8)
      this.byte(value & 0xff)
    } else if (isShort) {
      this.byte(INTEGER_16)
      this.byte(value & 0xff)
      this.byte((value >> 8) & 0xff)
    } else {
      this.byte(INTEGER_32)
      this.littleEndian(value)
    }
  }

  /** False, and nothing is written, if it would not be shorter. */
  #compress(bytes: Uint8Array, start: number, length: number): boolean {
    const room = length - LEAST_SAVED
    if (this.#compressed.length < room) this.#compressed = new Uint8Array(room)
    const out = this.#compressed.subarray(0, room)
    const compressed = this.#compressor.compress(bytes, start, length, out)
    if (compressed > 0) {
      this.byte(COMPRESSED)
      this.size(compressed)
      this.size(length)
      this.raw(out, 0, compressed)
    }
    if (this.#compressed.length > KEPT_BYTES) this.#compressed = new Uint8Array(INITIAL_BYTES)
    return compressed > 0
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    if (this.onFull !== undefined && this.length >= FULL_BYTES) this.flush()
    if (this.length + more <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
