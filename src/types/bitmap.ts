// Strings as arrays of bits. Bit 0 is the highest bit of the first byte, so that bits read as they are written:
//
//   byte      0                1
//   bit       0 1 2 3 4 5 6 7  8 9 ...
//   in byte   7 6 5 4 3 2 1 0  7 6 ...
//
// Long stretches go by 32-bit words where those are aligned: in the store a value's first byte is, unless its key is
// huge. Knows no key and no reply.

import type { Slice } from '../memory/slice.ts'

/** From this many bytes on, making a view of words (0.1 µs) pays. */
const VIEW_BYTES = 128

/** The bit at an offset; beyond the end all bits are 0. */
export function getBit(value: Slice, offset: number): number {
  const byte = Math.floor(offset / 8)
  return byte < value.length ? (value.bytes[value.start + byte]! >> (7 - (offset & 7))) & 1 : 0
}

/** Sets the bit at an offset within the value. */
export function setBit(value: Slice, offset: number, bit: number): void {
  const at = value.start + Math.floor(offset / 8)
  const mask = 0x80 >> (offset & 7)
  const byte = value.bytes[at]!
  value.bytes[at] = bit === 1 ? byte | mask : byte & ~mask
}

/** The number of ones from one bit to another, both included and within the value. */
export function countBits(value: Slice, first: number, last: number): number {
  if (first > last) return 0
  const { bytes } = value
  const from = value.start + Math.floor(first / 8)
  const to = value.start + Math.floor(last / 8)
  const firstMask = 0xff >> (first & 7)
  const lastMask = (0xff00 >> ((last & 7) + 1)) & 0xff
  if (from === to) return ones(bytes[from]! & firstMask & lastMask)
  return ones(bytes[from]! & firstMask) + countBytes(bytes, from + 1, to) + ones(bytes[to]! & lastMask)
}

/** The first bit that is `bit`, from one bit to another, both included and within the value; -1 if there is none. */
export function findBit(value: Slice, bit: number, first: number, last: number): number {
  if (first > last) return -1
  const { bytes, start } = value
  // Looking for a 1 in bytes that are flipped if it is a 0 that is wanted.
  const flip = bit === 1 ? 0 : 0xff
  const from = start + Math.floor(first / 8)
  const to = start + Math.floor(last / 8)
  let at = from
  let byte = (bytes[at]! ^ flip) & (0xff >> (first & 7))
  if (byte === 0) {
    at = skipBytes(bytes, from + 1, to, flip)
    if (at > to) return -1
    byte = bytes[at]! ^ flip
  }
  if (byte === 0) return -1
  const found = (at - start) * 8 + Math.clz32(byte) - 24
  return found <= last ? found : -1
}

export type BitOperation = 'and' | 'or' | 'xor' | 'not'

/**
 * The bitwise combination of values; as long as the longest, the others go on in zeros. `not` takes one value.
 * The result is new.
 */
export function combineBits(operation: BitOperation, values: readonly Slice[]): Uint8Array {
  let length = 0
  for (const value of values) length = Math.max(length, value.length)
  const out = new Uint8Array(length)
  const [first] = values
  if (first === undefined) return out
  out.set(first.view())
  if (operation === 'not') invert(out)
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!
    const done = combineWords(operation, out, value)
    combineBytes(operation, out, value, done)
    if (operation === 'and') out.fill(0, value.length)
  }
  return out
}

// ---- counting

/** Ones from `from` up to, not including, `to`. */
function countBytes(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < VIEW_BYTES) return countOneByOne(bytes, from, to)
  const aligned = from + (-(bytes.byteOffset + from) & 3)
  const count = (to - aligned) >>> 2
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, count)
  const end = aligned + count * 4
  return countOneByOne(bytes, from, aligned) + countWords(words) + countOneByOne(bytes, end, to)
}

function countOneByOne(bytes: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) count += ONES_OF_BYTE[bytes[at]!]!
  return count
}

/**
 * Three words at a time: the third one's odd and even bits ride along in the two-bit sums of the others. Twelve words
 * fill the bytes of `sums` to 96 at most. 2.0 GB/s against 1.3 for one word at a time and 0.8 for a table of bytes.
 */
function countWords(words: Int32Array): number {
  const { length } = words
  let count = 0
  let at = 0
  for (; at + 12 <= length; at += 12) {
    let sums = 0
    for (let i = at; i < at + 12; i += 3) {
      const rider = words[i + 2]!
      let a = words[i]!
      let b = words[i + 1]!
      a = a - ((a >>> 1) & 0x55555555) + (rider & 0x55555555)
      b = b - ((b >>> 1) & 0x55555555) + ((rider >>> 1) & 0x55555555)
      const nibbles =
        (a & 0x33333333) + ((a >>> 2) & 0x33333333) + (b & 0x33333333) + ((b >>> 2) & 0x33333333)
      sums += (nibbles & 0x0f0f0f0f) + ((nibbles >>> 4) & 0x0f0f0f0f)
    }
    count += (sums & 0xff) + ((sums >>> 8) & 0xff) + ((sums >>> 16) & 0xff) + (sums >>> 24)
  }
  for (; at < length; at++) count += ones(words[at]!)
  return count
}

/** The number of ones in a 32-bit word. */
function ones(word: number): number {
  let sums = word - ((word >>> 1) & 0x55555555)
  sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333)
  return Math.imul((sums + (sums >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const ONES_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => ones(byte))

// ---- finding

/** The first byte from `from` to `to`, both included, that differs from `skipped`; `to` itself if there is none. */
function skipBytes(bytes: Uint8Array, from: number, to: number, skipped: number): number {
  let at = from
  if (to - at >= VIEW_BYTES) {
    while (((bytes.byteOffset + at) & 3) !== 0) {
      if (bytes[at] !== skipped) return at
      at++
    }
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (to - at) >>> 2)
    const skippedWord = skipped === 0 ? 0 : -1
    let word = 0
    while (word < words.length && words[word] === skippedWord) word++
    at += word * 4
  }
  while (at < to && bytes[at] === skipped) at++
  return at
}

// ---- combining

function invert(out: Uint8Array): void {
  const words = new Int32Array(out.buffer, 0, out.length >>> 2)
  for (let i = 0; i < words.length; i++) words[i] = ~words[i]!
  for (let at = words.length * 4; at < out.length; at++) out[at] = ~out[at]!
}

/** Combines as much as can be done by words; returns how many bytes that was. */
function combineWords(operation: BitOperation, out: Uint8Array, value: Slice): number {
  const offset = value.bytes.byteOffset + value.start
  if (value.length < VIEW_BYTES || (offset & 3) !== 0) return 0
  const count = value.length >>> 2
  const words = new Int32Array(out.buffer, 0, count)
  const others = new Int32Array(value.bytes.buffer, offset, count)
  // A loop for each: a choice within one would cost more than the operation.
  if (operation === 'and') for (let i = 0; i < count; i++) words[i]! &= others[i]!
  else if (operation === 'or') for (let i = 0; i < count; i++) words[i]! |= others[i]!
  else for (let i = 0; i < count; i++) words[i]! ^= others[i]!
  return count * 4
}

function combineBytes(operation: BitOperation, out: Uint8Array, value: Slice, from: number): void {
  const { bytes, start, length } = value
  if (operation === 'and') for (let i = from; i < length; i++) out[i]! &= bytes[start + i]!
  else if (operation === 'or') for (let i = from; i < length; i++) out[i]! |= bytes[start + i]!
  else for (let i = from; i < length; i++) out[i]! ^= bytes[start + i]!
}
