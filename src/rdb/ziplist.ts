// Ziplists, which listpacks have replaced: read only, and each checked from its first byte to its last while it is walked.
//
//   [bytes, u32 LE] [offset of the last entry, u32 LE] [count, u16 LE] entry ... entry 0xFF
//   entry   [bytes of the entry before: one, or 254 and a u32] [encoding] [text]
//
//   00llllll           text of up to 63 bytes       11000000  16-bit integer    11111110  8-bit integer
//   01llllll llllllll  text of up to 16383 bytes    11010000  32-bit integer    1111nnnn  n - 1, from 0 to 12
//   10______ u32 BE    longer text                  11100000  64-bit integer    11110000  24-bit integer

import type { Element } from '../memory/element.ts'
import type { Slice } from '../memory/slice.ts'

const HEADER_BYTES = 10
const END = 0xff
const UNKNOWN_COUNT = 0xffff
const LONG_BEFORE = 254

export class Ziplist {
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  /** Where the end mark must be. */
  #last = 0
  #at = 0
  #before = 0
  #lastEntry = 0
  #count = 0

  /** Goes before the first entry. False: it is none. */
  open({ bytes, start, length }: Slice): boolean {
    this.#bytes = bytes
    this.#start = start
    this.#at = start + HEADER_BYTES
    this.#last = start + length - 1
    this.#before = 0
    this.#lastEntry = HEADER_BYTES
    this.#count = 0
    return length > HEADER_BYTES && wordAt(bytes, start) >>> 0 === length && bytes[this.#last] === END
  }

  /** Lets `into` have the next entry. False at the end, or where there is nothing sound: see `isWhole`. */
  next(into: Element): boolean {
    const bytes = this.#bytes
    const from = this.#at
    if (from >= this.#last) return false
    const isLong = bytes[from] === LONG_BEFORE
    const before = isLong ? wordAt(bytes, from + 1) >>> 0 : bytes[from]!
    const at = from + (isLong ? 5 : 1)
    if (before !== this.#before || at >= this.#last) return false
    const end = bytes[at]! < 0xc0 ? this.#readText(at, into) : this.#readInteger(at, into)
    if (end === 0) return false
    this.#lastEntry = from - this.#start
    this.#before = end - from
    this.#at = end
    this.#count++
    return true
  }

  /** Entries that were read. */
  get count(): number {
    return this.#count
  }

  /** After the last entry: whether that was all of it, and its header was right. */
  get isWhole(): boolean {
    const bytes = this.#bytes
    const start = this.#start
    const count = bytes[start + 8]! | (bytes[start + 9]! << 8)
    if (this.#at !== this.#last || wordAt(bytes, start + 4) !== this.#lastEntry) return false
    return count === this.#count || count === UNKNOWN_COUNT
  }

  /** Where the entry ends; 0 if not within the list. */
  #readText(at: number, into: Element): number {
    const bytes = this.#bytes
    const code = bytes[at]!
    let text = at + 1
    let length = code & 0x3f
    if (code >= 0x80) {
      length =
        ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0
      text = at + 5
    } else if (code >= 0x40) {
      length = (length << 8) | bytes[at + 1]!
      text = at + 2
    }
    if (text + length > this.#last) return 0
    into.point(bytes, text, length)
    return text + length
  }

  #readInteger(at: number, into: Element): number {
    const bytes = this.#bytes
    const code = bytes[at]!
    const p = at + 1
    const end = p + integerBytes(code)
    if (end < p || end > this.#last) return 0
    if (code === 0xe0) into.setHalves(wordAt(bytes, p), wordAt(bytes, p + 4))
    else into.setInteger(integerAt(bytes, p, code))
    return end
  }
}

/** Bytes behind the encoding; less than none for what is no encoding. */
function integerBytes(code: number): number {
  if (code === 0xc0) return 2
  if (code === 0xd0) return 4
  if (code === 0xe0) return 8
  if (code === 0xf0) return 3
  if (code === 0xfe) return 1
  return code > 0xf0 && code <= 0xfd ? 0 : -1
}

function integerAt(bytes: Uint8Array, p: number, code: number): number {
  if (code === 0xd0) return wordAt(bytes, p)
  if (code === 0xc0) return (wordAt(bytes, p) << 16) >> 16
  if (code === 0xf0) return (wordAt(bytes, p) << 8) >> 8
  return code === 0xfe ? (bytes[p]! << 24) >> 24 : (code & 0x0f) - 1
}

function wordAt(bytes: Uint8Array, p: number): number {
  return bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)
}
