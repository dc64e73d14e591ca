import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Element } from '../../src/memory/element.ts'
import { EMPTY_BYTES, Intset, isIntset, writeEmpty } from '../../src/memory/intset.ts'

const START = 5

function element(value: bigint): Element {
  return new Element().setInt64(value)
}

function emptySet(room: number): Intset {
  const bytes = new Uint8Array(START + room)
  bytes.fill(0xee)
  writeEmpty(bytes, START)
  return new Intset().open(bytes, START)
}

function bytesOf(set: Intset): Buffer {
  return Buffer.from(set.bytes.slice(set.start, set.start + set.byteLength))
}

function valuesOf(set: Intset): bigint[] {
  const into = new Element()
  return Array.from({ length: set.count }, (_, i) => BigInt(Buffer.from(set.read(i, into).view()).toString()))
}

describe('the bytes are those of redis-server 7.0.15', () => {
  test.each<[bigint[], string]>([
    [[1n, 2n, -5n], '0200000003000000fbff01000200'],
    [[1n, 40000n, -7n], '0400000003000000f9ffffff01000000409c0000'],
    [[1n, 2n ** 31n, -3n], '0800000003000000fdffffffffffffff01000000000000000000008000000000'],
    [[2n ** 63n - 1n, -(2n ** 63n), 0n], '080000000300000000000000000000800000000000000000ffffffffffffff7f'],
    [[32767n, -32768n], '02000000020000000080ff7f'],
    [[32768n], '040000000100000000800000'],
    [[2147483647n, -2147483648n], '040000000200000000000080ffffff7f'],
  ])('for %s', (values, hex) => {
    const set = emptySet(100)
    for (const value of values) set.add(element(value))
    expect(bytesOf(set).toString('hex')).toBe(hex)
  })
})

/** Magnitudes that come up again and again, so that additions repeat and removals find something. */
function randomValue(random: Random, bits: number): bigint {
  const value = BigInt.asIntN(bits, (BigInt(random.uint32()) << 32n) | BigInt(random.uint32()))
  if (random.below(3) === 0) return BigInt.asIntN(bits, BigInt(random.below(200) - 100))
  return random.below(10) === 0
    ? BigInt.asIntN(bits, (1n << BigInt(bits - 1)) - BigInt(random.below(3)))
    : value
}

describe('any changes in a row', () => {
  test.each([
    [1, [14]],
    [2, [14, 30]],
    [3, [14, 64]],
    [4, [8, 16, 17, 32, 33, 54, 64]],
  ])('leave what a plain set has (seed %d, bits %s)', (seed, widths) => {
    const random = new Random(seed)
    const set = emptySet(40_000)
    const model = new Set<bigint>()
    for (let step = 0; step < 6000; step++) {
      const bits = widths[Math.min(widths.length - 1, Math.floor((step * widths.length) / 3000))]!
      const value = randomValue(random, bits)
      const it = element(value)
      expect(set.has(it)).toBe(model.has(value))
      if (random.below(5) < 3) {
        const wanted = set.bytesWith(it)
        const isNew = set.add(it)
        expect(isNew).toBe(!model.has(value))
        if (isNew) expect(set.byteLength).toBe(wanted)
        model.add(value)
      } else expect(set.remove(it)).toBe(model.delete(value))
      if (step % 97 !== 0) continue
      const sorted = [...model].sort((a, b) => (a < b ? -1 : 1))
      expect(valuesOf(set)).toEqual(sorted)
      expect(isIntset(set.bytes, set.start, set.byteLength)).toBe(true)
      const numbers = sorted.map(Number).map((n) => (Number.isSafeInteger(n) ? n : Number.NaN))
      expect(sorted.map((_, i) => set.integerAt(i))).toEqual(numbers)
      expect(sorted.map((value) => set.indexOf(element(value)))).toEqual(sorted.map((_, i) => i))
    }
    expect(set.bytes[START - 1]).toBe(0xee)
  })
})

test('removeAt takes out a range', () => {
  const set = emptySet(100)
  for (let i = 0; i < 10; i++) set.add(element(BigInt(i)))
  set.removeAt(2, 5)
  expect(valuesOf(set)).toEqual([0n, 1n, 7n, 8n, 9n])
  set.removeAt(0, 5)
  expect(set.byteLength).toBe(EMPTY_BYTES)
})

test('random gives every integer its chance', () => {
  const set = emptySet(100)
  for (let i = 0; i < 5; i++) set.add(element(BigInt(i)))
  const random = new Random(1)
  const seen = new Array<number>(5).fill(0)
  for (let i = 0; i < 5000; i++) seen[set.random(random)]!++
  for (const times of seen) expect(times).toBeGreaterThan(800)
})

describe('isIntset', () => {
  const bytes = Buffer.from('0400000003000000f9ffffff01000000409c0000', 'hex')

  test('accepts a whole one', () => {
    expect(isIntset(bytes, 0, bytes.length)).toBe(true)
  })

  test.each([
    ['cut short', bytes.subarray(0, -1)],
    ['longer than it says', Buffer.concat([bytes, Buffer.alloc(4)])],
    ['of an unknown width', Buffer.from('0300000001000000010000', 'hex')],
    ['without a header', Buffer.from('02000000', 'hex')],
    ['out of order', Buffer.from('020000000200000002000100', 'hex')],
    ['with something twice', Buffer.from('020000000200000001000100', 'hex')],
    ['with a count beyond all memory', Buffer.from('08000000ffffffff0100000000000000', 'hex')],
  ])('refuses one that is %s', (_, wrong) => {
    expect(isIntset(wrong, 0, wrong.length)).toBe(false)
  })
})
