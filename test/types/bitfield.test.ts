import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Slice } from '../../src/memory/slice.ts'
import {
  type FieldType,
  fitted,
  increased,
  type Overflow,
  readField,
  writeField,
} from '../../src/types/bitfield.ts'

const OVERFLOWS: Overflow[] = ['wrap', 'saturate', 'fail']

function around(bytes: Uint8Array): Slice {
  return new Slice().set(bytes, 3, bytes.length - 6)
}

function textOf(value: Slice): string {
  return Array.from(value.view(), (byte) => byte.toString(2).padStart(8, '0')).join('')
}

function limitsOf({ isSigned, width }: FieldType): [bigint, bigint] {
  return isSigned
    ? [-(1n << BigInt(width - 1)), (1n << BigInt(width - 1)) - 1n]
    : [0n, (1n << BigInt(width)) - 1n]
}

function anyType(random: Random): FieldType {
  const isSigned = random.below(2) === 0
  return { isSigned, width: 1 + random.below(isSigned ? 64 : 63) }
}

/** Numbers on edges: near zero and near powers of two, of either sign. */
function anyInt64(random: Random): bigint {
  const power = 1n << BigInt(random.below(64))
  const number = (random.below(2) === 0 ? power : -power) + BigInt(random.below(5) - 2)
  return BigInt.asIntN(64, number)
}

describe('a field', () => {
  test('gives back what was written, and its neighbours keep theirs', () => {
    const random = new Random(11)
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from({ length: 26 }, () => random.below(256))
      const value = around(bytes)
      const type = anyType(random)
      const offset = random.below(value.length * 8 - type.width + 1)
      const [min, max] = limitsOf(type)
      const number = [min, max, 0n, min + (max - min) / 3n][random.below(4)]!
      const before = textOf(value)
      writeField(value, offset, type, type.width > 32 ? number : Number(number))
      expect(BigInt(readField(value, offset, type))).toBe(number)
      const written = BigInt.asUintN(type.width, number).toString(2).padStart(type.width, '0')
      expect(textOf(value)).toBe(before.slice(0, offset) + written + before.slice(offset + type.width))
    }
  })

  test('beyond the end of the value is read as zeros', () => {
    const value = new Slice().set(Uint8Array.of(0xff, 0xff, 0xff), 0, 1)
    expect(readField(value, 4, { isSigned: false, width: 8 })).toBe(0xf0)
    expect(readField(value, 4, { isSigned: true, width: 64 })).toBe(BigInt.asIntN(64, 0xfn << 60n))
    expect(readField(value, 2 ** 32, { isSigned: true, width: 5 })).toBe(0)
  })
})

describe('incrementing', () => {
  test('is exact where the sum fits, and else does what the overflow rule says', () => {
    const random = new Random(5)
    for (let round = 0; round < 6000; round++) {
      const type = anyType(random)
      const [min, max] = limitsOf(type)
      const old = BigInt.asIntN(64, min + (BigInt(random.below(1001)) * (max - min)) / 1000n)
      const increment = anyInt64(random)
      const overflow = OVERFLOWS[random.below(3)]!
      const sum = old + increment
      const wrapped = type.isSigned ? BigInt.asIntN(type.width, sum) : BigInt.asUintN(type.width, sum)
      const expected =
        sum >= min && sum <= max
          ? sum
          : { wrap: wrapped, saturate: sum > max ? max : min, fail: undefined }[overflow]
      const isSafe = Number.isSafeInteger(Number(increment))
      const result = increased(
        type,
        type.width > 32 ? old : Number(old),
        isSafe ? Number(increment) : increment,
        overflow,
      )
      expect(result === undefined ? undefined : BigInt(result)).toBe(expected)
    }
  })
})

describe('setting', () => {
  const i8: FieldType = { isSigned: true, width: 8 }
  const u8: FieldType = { isSigned: false, width: 8 }
  const i63: FieldType = { isSigned: true, width: 63 }

  test('stores what fits', () => {
    for (const overflow of OVERFLOWS) {
      expect(fitted(i8, -128n, overflow)).toBe(-128)
      expect(fitted(u8, 255n, overflow)).toBe(255)
      expect(fitted({ isSigned: true, width: 64 }, -(2n ** 63n), overflow)).toBe(-(2n ** 63n))
    }
  })

  test('wraps, stays at the nearer limit or is refused', () => {
    expect(OVERFLOWS.map((overflow) => fitted(i8, 300n, overflow))).toEqual([44, 127, undefined])
    expect(OVERFLOWS.map((overflow) => fitted(i8, -300n, overflow))).toEqual([-44, -128, undefined])
    expect(OVERFLOWS.map((overflow) => fitted(u8, 256n, overflow))).toEqual([0, 255, undefined])
  })

  // What redis-server 7.0 does.
  test('takes a negative number for an unsigned field as a large one', () => {
    expect(OVERFLOWS.map((overflow) => fitted(u8, -1n, overflow))).toEqual([255, 255, undefined])
  })

  // What redis-server 7.0 does.
  test('takes a number for a signed field as too large if it is 2^63 below the maximum', () => {
    expect(fitted(i8, -(2n ** 63n), 'saturate')).toBe(127)
    expect(fitted(i63, -(2n ** 62n) - 1n, 'saturate')).toBe(2n ** 62n - 1n)
    expect(fitted({ isSigned: true, width: 62 }, -6611686018427387906n, 'saturate')).toBe(-(2n ** 61n))
    expect(fitted({ isSigned: true, width: 62 }, -7611686018427387906n, 'saturate')).toBe(2n ** 61n - 1n)
  })
})
