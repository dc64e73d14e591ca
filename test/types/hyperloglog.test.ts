import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Slice } from '../../src/memory/slice.ts'
import {
  cardinalityOf,
  DENSE_BYTES,
  ElementPlace,
  EMPTY_BYTES,
  HEADER_BYTES,
  isDense,
  isHyperLogLog,
  isStale,
  markDense,
  markStale,
  REGISTERS,
  raiseDense,
  writeCardinality,
  writeEmpty,
} from '../../src/types/hyperloglog.ts'
import { countValue, Union } from '../../src/types/hyperloglog-registers.ts'
import { selfTest } from '../../src/types/hyperloglog-self-test.ts'
import {
  CHANGED,
  CORRUPT,
  describeRuns,
  SparseChange,
  UNCHANGED,
} from '../../src/types/hyperloglog-sparse.ts'

/** Room in the middle of a buffer of ones, so that a step beyond it would be seen. */
function roomOf(length: number, shift = 0): Slice {
  return new Slice().set(new Uint8Array(length + 64).fill(0xff), 16 + shift, length)
}

function isUntouchedAround({ bytes, start, length }: Slice): boolean {
  return bytes.every((byte, at) => byte === 0xff || (at >= start && at < start + length))
}

/** An empty value with dense registers. */
function emptyDense(shift = 0): Slice {
  const value = roomOf(DENSE_BYTES, shift)
  value.view().fill(0)
  Buffer.from('HYLL').copy(value.view())
  markDense(value)
  return value
}

/** A sparse value with room to grow. */
function sparseValue(opcodes = [0x7f, 0xff]): Slice {
  const value = roomOf(20_000)
  value.length = EMPTY_BYTES
  writeEmpty(value)
  value.bytes.set(opcodes, value.start + HEADER_BYTES)
  value.length = HEADER_BYTES + opcodes.length
  return value
}

/** The registers of a value; undefined if they make no sense. */
function ranksOf(value: Slice): number[] | undefined {
  const union = new Union()
  return union.add(value) ? [...union.ranks] : undefined
}

/** Raises a register of a sparse value as long as it takes. */
function raise(value: Slice, change: SparseChange, register: number, rank: number): number {
  const outcome = change.plan(value, register, rank)
  if (outcome !== CHANGED) return outcome
  const { length } = value
  value.length += Math.max(0, change.growth)
  change.apply(value, length)
  value.length = length + change.growth
  return outcome
}

/** Ranks as elements make them: half of them 1, a quarter 2. */
function rankFrom(random: Random): number {
  return Math.min(32, 1 + Math.clz32(random.uint32()))
}

describe('the header', () => {
  test('of a new value says: sparse, stale, nothing', () => {
    const value = sparseValue()
    expect([...value.view()]).toEqual([72, 89, 76, 76, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x7f, 0xff])
    expect([isHyperLogLog(value), isDense(value), isStale(value)]).toEqual([true, false, true])
    expect(countValue(value)).toBe(0)
  })

  test('keeps cardinalities of up to 63 bits', () => {
    const value = sparseValue()
    for (const cardinality of [0, 1, 255, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2n ** 53n, 2n ** 63n - 1n]) {
      writeCardinality(value, cardinality)
      expect(isStale(value)).toBe(false)
      expect(cardinalityOf(value)).toBe(cardinality)
      markStale(value)
      expect(isStale(value)).toBe(true)
    }
    writeCardinality(value, -(2n ** 63n))
    expect([...value.view().subarray(8, 16)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0x80])
  })

  test('tells other strings apart', () => {
    const of = (text: string) => isHyperLogLog(new Slice().set(Buffer.from(text, 'latin1'), 0, text.length))
    expect(of(`HYLL\x01${'\0'.repeat(11)}`)).toBe(true)
    expect(of(`HYLL\0${'\0'.repeat(DENSE_BYTES - 5)}`)).toBe(true)
    expect(of(`HYLL\x01${'\0'.repeat(10)}`)).toBe(false)
    expect(of(`HYLM\x01${'\0'.repeat(11)}`)).toBe(false)
    expect(of(`HYLL\x02${'\0'.repeat(11)}`)).toBe(false)
    expect(of(`HYLL\0${'\0'.repeat(DENSE_BYTES - 6)}`)).toBe(false)
    expect(of(`HYLL\0${'\0'.repeat(DENSE_BYTES - 4)}`)).toBe(false)
    expect(of('')).toBe(false)
  })
})

describe('the place of an element', () => {
  test('is the one that Redis gives it', () => {
    const place = new ElementPlace()
    const of = (text: string) => {
      place.find(Buffer.from(text), 0, text.length)
      return [place.register, place.rank]
    }
    expect(of('a')).toEqual([12_711, 2])
    expect(of('b')).toEqual([15_780, 1])
  })

  test('has ranks up to 51, half of them 1', () => {
    const place = new ElementPlace()
    const counts = new Map<number, number>()
    for (let i = 0; i < 40_000; i++) {
      const text = Buffer.from(String(i))
      place.find(text, 0, text.length)
      counts.set(place.rank, (counts.get(place.rank) ?? 0) + 1)
    }
    for (const rank of [1, 2, 3, 4]) expect(counts.get(rank)! / (40_000 / 2 ** rank)).toBeCloseTo(1, 0)
    expect(Math.max(...counts.keys())).toBeLessThanOrEqual(51)
  })
})

describe('dense registers', () => {
  test.each([0, 1, 2, 3])('hold what they were raised to, wherever they lie (%i bytes off)', (shift) => {
    const random = new Random(shift)
    const value = emptyDense(shift)
    const model = new Array<number>(REGISTERS).fill(0)
    let surprises = 0
    for (let i = 0; i < 60_000; i++) {
      const register = i < 10 ? REGISTERS - 1 - i : random.below(REGISTERS)
      const rank = 1 + random.below(63)
      if (raiseDense(value, register, rank) !== rank > model[register]!) surprises++
      model[register] = Math.max(rank, model[register]!)
    }
    expect(surprises).toBe(0)
    expect(ranksOf(value)).toEqual(model)
    expect(isUntouchedAround(value)).toBe(true)
  })

  test('are packed as they were unpacked', () => {
    const random = new Random(5)
    for (const shift of [0, 1]) {
      const value = emptyDense(shift)
      for (let i = HEADER_BYTES; i < DENSE_BYTES; i++) value.view()[i] = random.below(256)
      const union = new Union()
      union.add(value)
      const copy = emptyDense(shift)
      union.writeTo(copy)
      expect(Buffer.compare(copy.view(), value.view())).toBe(0)
      expect(isUntouchedAround(copy)).toBe(true)
    }
  })
})

describe('sparse registers', () => {
  test.each([
    ['few', 300, 1],
    ['many', 6000, 2],
    ['all in a corner', 3000, 3],
  ] as const)('hold what they were raised to: %s', (name, steps, seed) => {
    const random = new Random(seed)
    const value = sparseValue()
    const change = new SparseChange()
    const model = new Array<number>(REGISTERS).fill(0)
    const range = name === 'all in a corner' ? 400 : REGISTERS
    for (let i = 0; i < steps; i++) {
      const register = REGISTERS - 1 - random.below(range)
      const rank = rankFrom(random)
      expect(raise(value, change, register, rank)).toBe(rank > model[register]! ? CHANGED : UNCHANGED)
      model[register] = Math.max(rank, model[register]!)
      if (i % 500 === 0) expect(ranksOf(value)).toEqual(model)
    }
    expect(ranksOf(value)).toEqual(model)
  })

  test('come out the same whether each search begins at the start or where the last one ended', () => {
    const random = new Random(9)
    for (let round = 0; round < 30; round++) {
      const one = sparseValue()
      const other = sparseValue()
      const resuming = new SparseChange()
      for (let i = 0; i < 300; i++) {
        // Mostly in rising order, as a merge raises them.
        const register =
          random.below(10) === 0 ? random.below(REGISTERS) : (i * 50 + random.below(60)) % REGISTERS
        const rank = rankFrom(random)
        expect(raise(one, resuming, register, rank)).toBe(raise(other, new SparseChange(), register, rank))
      }
      expect(Buffer.compare(one.view(), other.view())).toBe(0)
    }
  })

  test('are cut and joined as Redis does it', () => {
    const value = sparseValue()
    const change = new SparseChange()
    const shown: string[] = []
    const steps = [
      [100, 3],
      [101, 3],
      [0, 1],
      [102, 3],
      [103, 3],
      [104, 3],
      [102, 4],
      [16_383, 32],
      [103, 4],
      [36, 1],
    ] as const
    for (const [register, rank] of steps) {
      raise(value, change, register, rank)
      shown.push(describeRuns(value))
    }
    expect(shown).toEqual([
      'Z:100 v:3,1 Z:16283',
      'Z:100 v:3,2 Z:16282',
      'v:1,1 Z:99 v:3,2 Z:16282',
      'v:1,1 Z:99 v:3,3 Z:16281',
      'v:1,1 Z:99 v:3,4 Z:16280',
      'v:1,1 Z:99 v:3,4 v:3,1 Z:16279',
      'v:1,1 Z:99 v:3,2 v:4,1 v:3,2 Z:16279',
      'v:1,1 Z:99 v:3,2 v:4,1 v:3,2 Z:16278 v:32,1',
      'v:1,1 Z:99 v:3,2 v:4,2 v:3,1 Z:16278 v:32,1',
      'v:1,1 z:35 v:1,1 z:63 v:3,2 v:4,2 v:3,1 Z:16278 v:32,1',
    ])
  })

  test('that are too few or too many are noticed', () => {
    for (const opcodes of [
      [],
      [0x7f],
      [0x7f, 0xfe],
      [0x7f, 0xff, 0x00],
      [0x7f, 0xfe, 0x81],
      [0x7f, 0xff, 0x7f, 0xff],
    ]) {
      expect(countValue(sparseValue(opcodes))).toBeUndefined()
      expect(ranksOf(sparseValue(opcodes))).toBeUndefined()
    }
    const value = sparseValue([0x7f, 0xfe])
    expect(new SparseChange().plan(value, REGISTERS - 1, 1)).toBe(CORRUPT)
    expect(new SparseChange().plan(sparseValue([]), 0, 1)).toBe(CORRUPT)
  })

  test('of any bytes are read and changed without leaving the value', () => {
    const random = new Random(4)
    for (let round = 0; round < 600; round++) {
      const opcodes = Array.from({ length: random.below(12) }, () => random.below(256))
      const value = sparseValue(opcodes)
      value.bytes.fill(0xff, value.start + value.length)
      const change = new SparseChange()
      for (let i = 0; i < 3; i++)
        raise(value, change, random.below(random.below(2) === 0 ? 300 : REGISTERS), 3)
      countValue(value)
      ranksOf(value)
      describeRuns(value)
      expect(isUntouchedAround(value)).toBe(true)
    }
  })
})

describe('a union', () => {
  test('has the highest rank of each register, dense or sparse', () => {
    const random = new Random(8)
    const model = new Array<number>(REGISTERS).fill(0)
    const union = new Union()
    for (let round = 0; round < 6; round++) {
      const value = round % 2 === 0 ? emptyDense(round % 4) : sparseValue()
      const change = new SparseChange()
      for (let i = 0; i < 3000; i++) {
        const register = random.below(REGISTERS)
        const rank = rankFrom(random)
        if (round % 2 === 0) raiseDense(value, register, rank)
        else raise(value, change, register, rank)
        model[register] = Math.max(model[register]!, rank)
      }
      expect(union.add(value)).toBe(true)
      expect([...union.ranks]).toEqual(model)
    }
    const dense = emptyDense()
    union.writeTo(dense)
    expect(countValue(dense)).toBe(union.count())
  })
})

describe('the estimate', () => {
  test('is within two per cent, sparse and dense alike', () => {
    const place = new ElementPlace()
    const dense = emptyDense()
    const sparse = sparseValue()
    const change = new SparseChange()
    for (let i = 1; i <= 100_000; i++) {
      const text = Buffer.from(`number ${i}`)
      place.find(text, 0, text.length)
      raiseDense(dense, place.register, place.rank)
      if (i <= 3000) raise(sparse, change, place.register, place.rank)
      if (![1, 2, 5, 10, 100, 1000, 3000, 10_000, 40_000, 100_000].includes(i)) continue
      const counted = Number(countValue(dense))
      expect(Math.abs(counted - i)).toBeLessThanOrEqual(Math.ceil(i * 0.02))
      if (i <= 3000) expect(countValue(sparse)).toBe(counted)
    }
  })

  test('of registers that no element can have made is the least number of 64 bits', () => {
    const value = emptyDense()
    value.view().fill(0xff, HEADER_BYTES)
    expect(countValue(value)).toBe(-(2n ** 63n))
  })
})

test('the self-test finds nothing', () => {
  expect(selfTest()).toBeUndefined()
})
