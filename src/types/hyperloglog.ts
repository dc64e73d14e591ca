// HyperLogLog: how many different elements were added, to about 0.81 %, in at most 12 KB. A value is a string with a
// layout of its own, byte by byte that of Redis, so that either reads what the other has written:
//
//   0      4         5         8                             16
//   HYLL   encoding  not used  cardinality, little-endian    registers: dense, or sparse (hyperloglog-sparse.ts)
//
// The cardinality is that of the last count; its highest bit says that registers have changed since.
// Dense: 16,384 registers of 6 bits, the first in the lowest bits of the first byte. Knows no key and no reply.
// (Flajolet et al., "HyperLogLog", 2007; Heule et al., "HyperLogLog in practice", 2013.)

import { MurmurHash64 } from '../base/murmur-hash.ts'
import type { Slice } from '../memory/slice.ts'

export const HEADER_BYTES = 16
export const REGISTERS = 16_384
/** Bytes of a value with dense registers. */
export const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8

const DENSE = 0
const SPARSE = 1
const LETTER_H = 0x48
const LETTER_Y = 0x59
const LETTER_L = 0x4c
const MAGIC = [LETTER_H, LETTER_Y, LETTER_L, LETTER_L] as const
const ENCODING_AT = 4
const CARDINALITY_AT = 8
const STALE_AT = 15
const STALE = 0x80
const TWO_32 = 2 ** 32

/** All registers zero, in the sparse encoding: a header and one run of zeros. */
const EMPTY = Uint8Array.of(...MAGIC, SPARSE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, STALE, 0x7f, 0xff)
export const EMPTY_BYTES = EMPTY.length

/** Whether a string can be one: its header and, if dense, its length. Sparse registers may still make no sense. */
export function isHyperLogLog({ bytes, start, length }: Slice): boolean {
  if (length < HEADER_BYTES) return false
  if (bytes[start] !== LETTER_H || bytes[start + 1] !== LETTER_Y) return false
  if (bytes[start + 2] !== LETTER_L || bytes[start + 3] !== LETTER_L) return false
  const encoding = bytes[start + ENCODING_AT]
  return encoding === SPARSE || (encoding === DENSE && length === DENSE_BYTES)
}

export function isDense({ bytes, start }: Slice): boolean {
  return bytes[start + ENCODING_AT] === DENSE
}

/** Makes EMPTY_BYTES of room a value to which nothing was added. */
export function writeEmpty(room: Slice): void {
  room.bytes.set(EMPTY, room.start)
}

/** Says that dense registers follow the header. */
export function markDense({ bytes, start }: Slice): void {
  bytes[start + ENCODING_AT] = DENSE
}

// ---- the cardinality in the header

export function isStale({ bytes, start }: Slice): boolean {
  return (bytes[start + STALE_AT]! & STALE) !== 0
}

export function markStale({ bytes, start }: Slice): void {
  bytes[start + STALE_AT]! |= STALE
}

/** What the last count found, if it isn't stale. */
export function cardinalityOf({ bytes, start }: Slice): number | bigint {
  let low = 0
  let high = 0
  for (let i = 3; i >= 0; i--) {
    low = low * 256 + bytes[start + CARDINALITY_AT + i]!
    high = high * 256 + bytes[start + CARDINALITY_AT + 4 + i]!
  }
  const cardinality = high * TWO_32 + low
  return Number.isSafeInteger(cardinality) ? cardinality : (BigInt(high) << 32n) | BigInt(low)
}

export function writeCardinality({ bytes, start }: Slice, cardinality: number | bigint): void {
  const isSmall = typeof cardinality === 'number'
  const low = isSmall ? cardinality % TWO_32 : Number(BigInt.asUintN(32, cardinality))
  const high = isSmall ? Math.floor(cardinality / TWO_32) : Number(BigInt.asIntN(32, cardinality >> 32n))
  for (let i = 0; i < 4; i++) {
    bytes[start + CARDINALITY_AT + i] = low >>> (i * 8)
    bytes[start + CARDINALITY_AT + 4 + i] = high >>> (i * 8)
  }
}

// ---- elements and dense registers

/** Which register an element belongs to, and what it must hold at least. */
export class ElementPlace {
  register = 0
  /** 1 and the number of zeros at the end of the hash, behind the bits that chose the register: 1..51. */
  rank = 0
  readonly #hash = new MurmurHash64(0xadc83b19)

  find(bytes: Uint8Array, start: number, length: number): void {
    const hash = this.#hash
    hash.compute(bytes, start, length)
    this.register = hash.low & (REGISTERS - 1)
    const low = (hash.low >>> 14) | (hash.high << 18)
    // A one above the 50 bits ends the zeros.
    this.rank = low !== 0 ? trailingZeros(low) + 1 : trailingZeros((hash.high >>> 14) | (1 << 18)) + 33
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}

/** Raises a register of a dense value to a rank; false if it is as high already. */
export function raiseDense({ bytes, start }: Slice, register: number, rank: number): boolean {
  const bit = register * 6
  const at = start + HEADER_BYTES + (bit >>> 3)
  const shift = bit & 7
  // The last register ends with the last byte: one that lies in a single byte must not touch the next.
  if (shift <= 2) {
    if (((bytes[at]! >>> shift) & 63) >= rank) return false
    bytes[at] = (bytes[at]! & ~(63 << shift)) | (rank << shift)
    return true
  }
  const pair = bytes[at]! | (bytes[at + 1]! << 8)
  if (((pair >>> shift) & 63) >= rank) return false
  const raised = (pair & ~(63 << shift)) | (rank << shift)
  bytes[at] = raised
  bytes[at + 1] = raised >>> 8
  return true
}
