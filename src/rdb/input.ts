// What is being read in the RDB format: bytes, lengths, strings. They come piece by piece from a source, and may be
// anything: no more memory is taken than bytes have come, but for what a compressed string can hold. Knows no type of
// value.

import { Crc64 } from '../base/crc64.ts'
import { decompressLzf } from '../base/lzf.ts'
import type { Element } from '../memory/element.ts'
import { Slice } from '../memory/slice.ts'
import { COMPRESSED, INTEGER_8, INTEGER_16, INTEGER_32, LENGTH_32, LENGTH_64 } from './format.ts'
import { RdbError } from './rdb-error.ts'

/** The next piece, which stays as it is; undefined at the end. */
export type Pull = () => Uint8Array | undefined

const TWO_32 = 2 ** 32
const SAFE_HIGH = 0x200000
/** What three compressed bytes stand for at most is 264. */
const MOST_EXPANSION = 88
/** Nothing longer can be one piece of memory. */
const MOST_BYTES = 2 ** 31 - 1
/** What is said of bytes that aren't there. */
export const UNEXPECTED_END = 'unexpected end'
/** What is counted upon where nobody knows how much will come. */
const UNKNOWN_BYTES = 2 ** 20
const NOTHING = new Uint8Array(0)

export class RdbInput {
  #bytes: Uint8Array = NOTHING
  #at = 0
  #end = 0
  /** Offset of the first byte of `#bytes`. */
  #base = 0
  #pull: Pull | undefined = undefined
  /** All bytes before this one are in the checksum. */
  #summed = 0
  readonly #crc = new Crc64()
  /** Whether anybody will ask for the checksum. */
  isSummed = true
  /** Bytes that there are, as far as known. */
  totalBytes = UNKNOWN_BYTES
  readonly #view = new DataView(new ArrayBuffer(8))
  /** The last number that was read, of 64 bits, in halves. */
  low = 0
  high = 0
  readonly #raw = new Slice()

  /** Begins to read what a source gives. */
  open(pull: Pull): this {
    return this.#begin(NOTHING, 0, 0, pull)
  }

  /** Begins to read bytes that are all there. */
  openBytes(bytes: Uint8Array, start: number, length: number): this {
    return this.#begin(bytes, start, start + length, undefined)
  }

  #begin(bytes: Uint8Array, start: number, end: number, pull: Pull | undefined): this {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#base = -start
    this.#pull = pull
    this.#summed = start
    this.#crc.reset()
    this.isSummed = true
    this.totalBytes = UNKNOWN_BYTES
    return this
  }

  get offset(): number {
    return this.#base + this.#at
  }

  /** Whether nothing is left. */
  get isAtEnd(): boolean {
    return this.#at === this.#end && !this.#gather(1)
  }

  /** No more bytes than this will come; a guess where nobody has said so. */
  get remaining(): number {
    if (this.#pull === undefined) return this.#end - this.#at
    return Math.max(0, this.totalBytes - this.offset)
  }

  /** The checksum of all that was read. */
  get checksum(): Crc64 {
    this.#sum()
    return this.#crc
  }

  #sum(): void {
    if (this.isSummed) this.#crc.update(this.#bytes, this.#summed, this.#at)
    this.#summed = this.#at
  }

  fail(message: string): never {
    throw new RdbError(message, this.offset)
  }

  // ---- bytes

  /** Sees to it that so many bytes lie in a row. */
  #need(count: number): void {
    if (this.#end - this.#at < count && !this.#gather(count)) this.fail(UNEXPECTED_END)
  }

  /** Likewise, by asking the source; false if there aren't so many. */
  #gather(count: number): boolean {
    if (this.#pull === undefined) return false
    this.#sum()
    let have = this.#end - this.#at
    let gathered = this.#bytes.subarray(this.#at, this.#end)
    while (have < count) {
      const piece = this.#pull()
      if (piece === undefined) return this.#hold(gathered, have, false)
      if (have === 0) gathered = piece
      else {
        if (have + piece.length > gathered.length || gathered.buffer === this.#bytes.buffer) {
          // Twice as much each time, but not more than is asked for.
          const room = Math.max(have + piece.length, Math.min(count, 2 * have))
          const grown = new Uint8Array(room)
          grown.set(gathered.subarray(0, have))
          gathered = grown
        }
        gathered.set(piece, have)
      }
      have += piece.length
    }
    return this.#hold(gathered, have, true)
  }

  #hold(bytes: Uint8Array, length: number, isEnough: boolean): boolean {
    this.#base += this.#at
    this.#bytes = bytes
    this.#at = 0
    this.#end = length
    this.#summed = 0
    return isEnough
  }

  byte(): number {
    if (this.#at === this.#end) this.#need(1)
    return this.#bytes[this.#at++]!
  }

  /** So many bytes as they are. The slice is reused by the next call; the bytes stay. */
  raw(count: number): Slice {
    if (count > MOST_BYTES) this.fail('too long')
    this.#need(count)
    this.#raw.set(this.#bytes, this.#at, count)
    this.#at += count
    return this.#raw
  }

  bigEndian(): number {
    const { bytes, start } = this.raw(4)
    return (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
  }

  littleEndian(): number {
    const { bytes, start } = this.raw(4)
    return bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24)
  }

  /** A moment: a signed number of 64 bits. */
  milliseconds(): number {
    const low = this.littleEndian()
    const high = this.littleEndian()
    if (high >= SAFE_HIGH || high < -SAFE_HIGH) this.fail('time out of range')
    return high * TWO_32 + (low >>> 0)
  }

  double(): number {
    const { bytes, start } = this.raw(8)
    for (let i = 0; i < 8; i++) this.#view.setUint8(i, bytes[start + i]!)
    return this.#view.getFloat64(0, true)
  }

  // ---- lengths and strings

  /** A length, or a number that is not negative: up to 2^53. */
  size(): number {
    this.size64()
    const { low, high } = this
    if (high < 0 || high >= SAFE_HIGH) this.fail('number out of range')
    return high * TWO_32 + (low >>> 0)
  }

  /** A number of 64 bits, into `low` and `high`. */
  size64(): void {
    const first = this.byte()
    if (!this.#readSize(first)) this.fail('not a length')
  }

  /** False: the first byte begins no length. */
  #readSize(first: number): boolean {
    this.high = 0
    if (first < 0x40) this.low = first
    else if (first < 0x80) this.low = ((first & 0x3f) << 8) | this.byte()
    else if (first === LENGTH_32) this.low = this.bigEndian()
    else if (first === LENGTH_64) {
      this.high = this.bigEndian()
      this.low = this.bigEndian()
    } else return false
    return true
  }

  /** A string, whatever its form. Its bytes stay as they are, but for those of an integer: these are the element's. */
  string<T extends Element>(into: T): T {
    const first = this.byte()
    if (this.#readSize(first)) {
      if (this.high !== 0) this.fail('too long')
      const { bytes, start, length } = this.raw(this.low >>> 0)
      return into.point(bytes, start, length) as T
    }
    if (first === COMPRESSED) return this.#decompressed(into)
    return into.setInteger(this.#integer(first)) as T
  }

  #integer(form: number): number {
    if (form === INTEGER_8) return (this.byte() << 24) >> 24
    if (form === INTEGER_32) return this.littleEndian()
    if (form !== INTEGER_16) this.fail('unknown form of string')
    const low = this.byte()
    return ((low | (this.byte() << 8)) << 16) >> 16
  }

  #decompressed<T extends Element>(into: T): T {
    const compressed = this.size()
    const length = this.size()
    if (length > MOST_BYTES || length > compressed * MOST_EXPANSION) this.fail('impossible compression')
    const { bytes, start } = this.raw(compressed)
    const out = new Uint8Array(length)
    if (!decompressLzf(bytes, start, compressed, out)) this.fail('bad compression')
    return into.point(out, 0, length) as T
  }
}
