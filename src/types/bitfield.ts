// Integers of any width in a string: fields of 1 to 64 bits that start at any bit and have their highest bit first.
// Bits are numbered as in bitmap.ts. Knows no key and no reply.
//
// Numbers up to 32 bits wide are JS numbers throughout; wider ones, and whatever overflows, are BigInts.

import type { Slice } from '../memory/slice.ts'

export interface FieldType {
  readonly isSigned: boolean
  /** In bits: 1 to 64 if signed, else 1 to 63. */
  readonly width: number
}

/** What becomes of a result that does not fit: it wraps around, stays at the limit, or is not stored. */
export type Overflow = 'wrap' | 'saturate' | 'fail'

/** So far a sum with a 32-bit number is exact. */
const MAX_EXACT_OPERAND = 2 ** 52

/** The number in a field; bits beyond the end of the value are 0. */
export function readField(value: Slice, offset: number, type: FieldType): number | bigint {
  const { isSigned, width } = type
  if (width > 32) {
    const high = BigInt(readBits(value, offset, width - 32))
    const bits = (high << 32n) | BigInt(readBits(value, offset + width - 32, 32))
    return isSigned ? BigInt.asIntN(width, bits) : bits
  }
  const bits = readBits(value, offset, width)
  return isSigned && bits >= 2 ** (width - 1) ? bits - 2 ** width : bits
}

/** Stores a number that fits into a field that lies within the value. */
export function writeField(value: Slice, offset: number, type: FieldType, number: number | bigint): void {
  const { width } = type
  if (width > 32) {
    const bits = BigInt.asUintN(width, BigInt(number))
    writeBits(value, offset, width - 32, Number(bits >> 32n))
    writeBits(value, offset + width - 32, 32, Number(bits & 0xffffffffn))
    return
  }
  const bits = Number(number)
  writeBits(value, offset, width, bits < 0 ? bits + 2 ** width : bits)
}

/** What a field holds after being set to a 64-bit integer; undefined: it is left as it is. */
export function fitted(type: FieldType, wanted: bigint, overflow: Overflow): number | bigint | undefined {
  const { isSigned, width } = type
  // Redis: an unsigned field sees a negative number as the large one of the same 64 bits.
  const number = isSigned ? wanted : BigInt.asUintN(64, wanted)
  const { min, max } = limits(type)
  if (number >= min && number <= max) return slim(type, number)
  // Redis: how far it is to the maximum is computed in 64 bits. From numbers far below the minimum that wraps around,
  // and they count as too large.
  const isAbove = number > max || (width < 64 && max - number >= 2n ** 63n)
  return overflowed(type, number, isAbove, overflow)
}

/** What a field holds after adding a 64-bit integer to its number; undefined: it is left as it is. */
export function increased(
  type: FieldType,
  old: number | bigint,
  increment: number | bigint,
  overflow: Overflow,
): number | bigint | undefined {
  if (typeof old === 'number' && typeof increment === 'number' && Math.abs(increment) <= MAX_EXACT_OPERAND) {
    const sum = old + increment
    const size = 2 ** (type.isSigned ? type.width - 1 : type.width)
    if (sum < size && sum >= (type.isSigned ? -size : 0)) return sum
  }
  const sum = BigInt(old) + BigInt(increment)
  const { min, max } = limits(type)
  if (sum >= min && sum <= max) return slim(type, sum)
  return overflowed(type, sum, sum > max, overflow)
}

function overflowed(
  type: FieldType,
  number: bigint,
  isAbove: boolean,
  overflow: Overflow,
): number | bigint | undefined {
  if (overflow === 'fail') return undefined
  if (overflow === 'wrap') {
    return slim(type, type.isSigned ? BigInt.asIntN(type.width, number) : BigInt.asUintN(type.width, number))
  }
  const { min, max } = limits(type)
  return slim(type, isAbove ? max : min)
}

function limits({ isSigned, width }: FieldType): { min: bigint; max: bigint } {
  const size = 1n << BigInt(isSigned ? width - 1 : width)
  return { min: isSigned ? -size : 0n, max: size - 1n }
}

/** As readField would return it, so that the two compare by ===. */
function slim(type: FieldType, number: bigint): number | bigint {
  return type.width > 32 ? number : Number(number)
}

/** Up to 32 bits as an unsigned number. They touch five bytes at most: 40 bits, which a double holds. */
function readBits(value: Slice, offset: number, width: number): number {
  const first = Math.floor(offset / 8)
  const last = Math.floor((offset + width - 1) / 8)
  let bits = 0
  for (let byte = first; byte <= last; byte++) {
    bits = bits * 256 + (byte < value.length ? value.bytes[value.start + byte]! : 0)
  }
  const below = last * 8 + 7 - (offset + width - 1)
  return Math.floor(bits / 2 ** below) % 2 ** width
}

/** Byte by byte from the end: what a byte takes are the lowest bits that are left. */
function writeBits(value: Slice, offset: number, width: number, number: number): void {
  let rest = number
  let end = offset + width
  while (end > offset) {
    const byte = Math.floor((end - 1) / 8)
    const from = Math.max(offset, byte * 8)
    const size = 2 ** (end - from)
    const shift = byte * 8 + 8 - end
    const mask = (size - 1) << shift
    const at = value.start + byte
    value.bytes[at] = (value.bytes[at]! & ~mask) | ((rest % size) << shift)
    rest = Math.floor(rest / size)
    end = from
  }
}
