import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Slice } from '../../src/memory/slice.ts'
import { type BitOperation, combineBits, countBits, findBit, getBit, setBit } from '../../src/types/bitmap.ts'

/** A slice somewhere in a buffer of ones, so that a look beyond its ends would be seen. `shift` misaligns it. */
function sliceOf(content: Uint8Array, shift: number): Slice {
  const bytes = new Uint8Array(content.length + 16).fill(0xff)
  bytes.set(content, 4 + shift)
  return new Slice().set(bytes, 4 + shift, content.length)
}

/** The bits as text: the model of everything here. */
function textOf(content: Uint8Array): string {
  return Array.from(content, (byte) => byte.toString(2).padStart(8, '0')).join('')
}

/** Random bytes; mostly runs of equal ones, as they are what words are for. */
function content(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const filler = [0, 0xff, 0x55][random.below(3)]!
  for (let i = 0; i < length; i++) bytes[i] = random.below(20) === 0 ? random.below(256) : filler
  return bytes
}

describe('one bit', () => {
  test('is counted from the highest of the first byte', () => {
    const value = sliceOf(Uint8Array.of(0x80, 0x01), 1)
    expect([0, 1, 7, 8, 14, 15].map((offset) => getBit(value, offset))).toEqual([1, 0, 0, 0, 0, 1])
  })

  test('beyond the end is 0, however far', () => {
    const value = sliceOf(Uint8Array.of(0xff), 0)
    for (const offset of [8, 100, 2 ** 31, 2 ** 32 - 1, 2 ** 34]) expect(getBit(value, offset)).toBe(0)
  })

  test('is set and cleared without touching its neighbours', () => {
    for (let offset = 0; offset < 24; offset++) {
      for (const filler of [0, 0xff]) {
        const value = sliceOf(new Uint8Array(3).fill(filler), 2)
        setBit(value, offset, filler === 0 ? 1 : 0)
        const expected = Array.from(textOf(new Uint8Array(3).fill(filler)))
        expected[offset] = filler === 0 ? '1' : '0'
        expect(textOf(value.view())).toBe(expected.join(''))
      }
    }
  })
})

describe('ranges of bits', () => {
  test('are counted and searched as a text of zeros and ones would be', () => {
    const random = new Random(7)
    for (let round = 0; round < 1500; round++) {
      const bytes = content(random, 1 + random.below(random.below(2) === 0 ? 20 : 700))
      const text = textOf(bytes)
      const value = sliceOf(bytes, random.below(4))
      const first = random.below(text.length)
      const last = random.below(text.length)
      const range = first > last ? '' : text.slice(first, last + 1)
      expect(countBits(value, first, last)).toBe(range.replaceAll('0', '').length)
      for (const bit of [0, 1]) {
        const found = range.indexOf(String(bit))
        expect(findBit(value, bit, first, last)).toBe(found < 0 ? -1 : first + found)
      }
    }
  })

  test('of an empty value have nothing in them', () => {
    const value = new Slice()
    expect(countBits(value, 0, -1)).toBe(0)
    expect(findBit(value, 0, 0, -1)).toBe(-1)
  })

  test('are counted right where every bit of every word is set', () => {
    const value = sliceOf(new Uint8Array(100_003).fill(0xff), 1)
    expect(countBits(value, 0, value.length * 8 - 1)).toBe(value.length * 8)
    expect(findBit(value, 0, 0, value.length * 8 - 1)).toBe(-1)
  })
})

describe('combining values', () => {
  const operations: Record<BitOperation, (bits: string[]) => boolean> = {
    and: (bits) => bits.every((bit) => bit === '1'),
    or: (bits) => bits.some((bit) => bit === '1'),
    xor: (bits) => bits.filter((bit) => bit === '1').length % 2 === 1,
    not: (bits) => bits[0] === '0',
  }

  function model(operation: BitOperation, texts: string[]): string {
    const length = Math.max(...texts.map((text) => text.length))
    const padded = texts.map((text) => text.padEnd(length, '0'))
    let result = ''
    for (let i = 0; i < length; i++) {
      result += operations[operation](padded.map((text) => text[i]!)) ? '1' : '0'
    }
    return result
  }

  test.each(['and', 'or', 'xor', 'not'] as const)(
    '%s goes bit by bit, short values going on in zeros',
    (operation) => {
      const random = new Random(3)
      for (let round = 0; round < 300; round++) {
        const count = operation === 'not' ? 1 : 1 + random.below(4)
        const contents = Array.from({ length: count }, () =>
          content(random, random.below(random.below(2) === 0 ? 9 : 400)),
        )
        const values = contents.map((bytes) => sliceOf(bytes, random.below(4)))
        expect(textOf(combineBits(operation, values))).toBe(model(operation, contents.map(textOf)))
      }
    },
  )

  test('leaves the values as they are', () => {
    const one = sliceOf(Uint8Array.of(1, 2, 3), 0)
    combineBits('not', [one])
    combineBits('xor', [one, one])
    expect([...one.view()]).toEqual([1, 2, 3])
  })

  test('of no bytes has no bytes', () => {
    expect(combineBits('or', [new Slice(), new Slice()])).toHaveLength(0)
  })
})
