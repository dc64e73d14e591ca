import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { PAGE_SHIFT, UNIT_MASK } from '../../src/memory/arena.ts'
import { Entries, MAX_ACCESS, MAX_DEADLINE, MAX_KEY_BYTES, NO_DEADLINE } from '../../src/memory/entries.ts'
import { Key } from '../../src/memory/key.ts'
import { MAX_BLOCK_BYTES, UNIT_BITS } from '../../src/memory/size-classes.ts'
import { Slice } from '../../src/memory/slice.ts'

const SEED = { low: 1, high: 2 }
const DEADLINE = 1_700_000_000_123
const random = new Random(41)
const slice = new Slice()

const KEY_LENGTHS = [
  ...Array.from({ length: 301 }, (_, length) => length),
  ...[32_767, 32_768, 32_769, 32_770, 70_000],
]

function keyOf(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)))
}

function point(bytes: Uint8Array): Key {
  return new Key(SEED).point(bytes, 0, bytes.length)
}

/** An arena whose free blocks are full of ones: what is not written shows. */
function dirtyEntries(): Entries {
  const entries = new Entries()
  for (let bytes = 8; bytes <= 1024; bytes += 8) {
    const ref = entries.arena.alloc(bytes)
    const start = (ref & UNIT_MASK) << UNIT_BITS
    entries.arena.bytes[ref >>> PAGE_SHIFT]!.fill(0xff, start, start + bytes)
    entries.arena.free(ref, bytes)
  }
  return entries
}

/** Value lengths on both sides of where an entry with this key stops fitting into a block. */
function lengthsAround(keyLength: number, deadline: number): number[] {
  const room = MAX_BLOCK_BYTES - 12 - (deadline === NO_DEADLINE ? 0 : 8) - ((keyLength + 3) & ~3)
  return room < 0 ? [0, 1, 5000] : [0, 1, 2, 3, 4, 5, 100, room - 1, room, room + 1, 70_000]
}

describe('an entry', () => {
  test.each([NO_DEADLINE, DEADLINE])('holds every length of key and value, deadline %d', (deadline) => {
    const entries = dirtyEntries()
    let wrong = 0
    for (const keyLength of KEY_LENGTHS) {
      const bytes = keyOf(keyLength)
      const key = point(bytes)
      const lengths = lengthsAround(keyLength, deadline)
      for (const valueLength of keyLength % 16 === 0 || keyLength > 300 ? lengths : lengths.slice(0, 6)) {
        const before = entries.usedBytes
        const ref = entries.create(key, 5, 6, 0xabcdef, valueLength, deadline)
        const value = entries.value(ref, slice)
        value.bytes.fill(0x5a, value.start, value.start + value.length)
        const isRight =
          entries.typeOf(ref) === 5 &&
          entries.encodingOf(ref) === 6 &&
          entries.accessOf(ref) === 0xabcdef &&
          entries.deadlineOf(ref) === deadline &&
          entries.hasDeadline(ref) === (deadline !== NO_DEADLINE) &&
          entries.keyLength(ref) === keyLength &&
          bytes.equals(entries.key(ref, slice).view()) &&
          entries.isKey(ref, key) &&
          entries.valueLength(ref) === valueLength &&
          Buffer.alloc(valueLength, 0x5a).equals(entries.value(ref, slice).view()) &&
          entries.footprint(ref) === entries.usedBytes - before
        entries.free(ref)
        if (!isRight || entries.usedBytes !== before) wrong++
      }
    }
    expect(wrong).toBe(0)
    expect(entries.large.count).toBe(0)
  })

  test('is external just when it does not fit into a block', () => {
    const entries = new Entries()
    const key = point(keyOf(6))
    const room = MAX_BLOCK_BYTES - 12 - 8
    expect(entries.isExternal(entries.create(key, 0, 0, 0, room, NO_DEADLINE))).toBe(false)
    expect(entries.isExternal(entries.create(key, 0, 0, 0, room + 1, NO_DEADLINE))).toBe(true)
    expect(entries.isExternal(entries.create(key, 0, 0, 0, room, DEADLINE))).toBe(true)
    expect(entries.isExternal(entries.create(point(keyOf(MAX_KEY_BYTES)), 0, 0, 0, 1, NO_DEADLINE))).toBe(
      false,
    )
    expect(entries.isExternal(entries.create(point(keyOf(MAX_KEY_BYTES + 1)), 0, 0, 0, 1, NO_DEADLINE))).toBe(
      true,
    )
  })

  test('does not hold a key that differs in one byte or in length', () => {
    const entries = dirtyEntries()
    let wrong = 0
    for (const length of [1, 3, 4, 5, 16, 255, 256, 257, 300, 32_768, 32_769]) {
      for (const valueLength of [10, 70_000]) {
        const bytes = keyOf(length)
        const ref = entries.create(point(bytes), 0, 0, 0, valueLength, NO_DEADLINE)
        const other = Buffer.from(bytes)
        other[length - 1]! ^= 1
        if (entries.isKey(ref, point(other))) wrong++
        if (entries.isKey(ref, point(bytes.subarray(0, length - 1)))) wrong++
        if (entries.isKey(ref, point(Buffer.concat([bytes, Buffer.of(0)])))) wrong++
        if (!entries.isKey(ref, point(bytes))) wrong++
      }
    }
    expect(wrong).toBe(0)
  })

  test('keeps the rest of its head when one part of it changes', () => {
    const entries = new Entries()
    const head = (ref: number) => [
      entries.typeOf(ref),
      entries.encodingOf(ref),
      entries.accessOf(ref),
      entries.hasDeadline(ref),
      entries.isExternal(ref),
    ]
    for (const deadline of [NO_DEADLINE, DEADLINE]) {
      for (const valueLength of [5, 70_000]) {
        const flags = [deadline === DEADLINE, valueLength === 70_000]
        const ref = entries.create(point(keyOf(5)), 7, 7, MAX_ACCESS, valueLength, deadline)
        entries.setEncoding(ref, 0)
        expect(head(ref)).toEqual([7, 0, MAX_ACCESS, ...flags])
        entries.setAccess(ref, 0)
        expect(head(ref)).toEqual([7, 0, 0, ...flags])
        entries.setAccess(ref, MAX_ACCESS)
        entries.setHead(ref, 1, 2, 0x800000)
        expect(head(ref)).toEqual([1, 2, 0x800000, ...flags])
      }
    }
  })

  test('keeps deadlines of every size and sign', () => {
    const entries = new Entries()
    const ref = entries.create(point(keyOf(5)), 0, 0, 0, 3, DEADLINE)
    entries.value(ref, slice).bytes.fill(9, slice.start, slice.start + 3)
    for (const deadline of [0, 1, -1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63]) {
      entries.overwriteDeadline(ref, deadline)
      expect(entries.deadlineOf(ref)).toBe(Math.min(deadline, MAX_DEADLINE))
    }
    expect(entries.value(ref, slice).copy()).toEqual(Uint8Array.of(9, 9, 9))
  })
})

describe('resizeInPlace', () => {
  test('keeps block, key and bytes, or says no and changes nothing', () => {
    const entries = new Entries()
    const bytes = keyOf(7)
    const key = point(bytes)
    let stayed = 0
    let wrong = 0
    for (let n = 0; n < 2000; n++) {
      const from = random.below(n % 20 === 0 ? 80_000 : 600)
      const to = random.below(n % 20 === 0 ? 80_000 : 600)
      const ref = entries.create(key, 0, 0, 0, from, n % 3 === 0 ? DEADLINE : NO_DEADLINE)
      entries.value(ref, slice).bytes.fill(n, slice.start, slice.start + from)
      const before = entries.usedBytes
      const fits = entries.resizeInPlace(ref, to)
      stayed += Number(fits)
      const value = entries.value(ref, slice)
      const kept = Math.min(from, value.length)
      const isRight =
        value.length === (fits ? to : from) &&
        Buffer.alloc(kept, n).equals(value.view().subarray(0, kept)) &&
        entries.isKey(ref, key) &&
        (entries.isExternal(ref) || entries.usedBytes === before)
      if (!isRight) wrong++
      entries.free(ref)
    }
    expect(wrong).toBe(0)
    expect(stayed).toBeGreaterThan(50)
    expect(entries.usedBytes).toBe(0)
  })

  test('says no for entries that a frozen reader sees, and yes again after the thaw', () => {
    const entries = new Entries()
    for (const valueLength of [10, 70_000]) {
      const ref = entries.create(point(keyOf(7)), 0, 0, 0, valueLength, NO_DEADLINE)
      entries.freeze()
      expect(entries.isShared(ref)).toBe(true)
      expect(entries.resizeInPlace(ref, valueLength)).toBe(false)
      const young = entries.create(point(keyOf(7)), 0, 0, 0, valueLength, NO_DEADLINE)
      expect(entries.isShared(young)).toBe(false)
      expect(entries.resizeInPlace(young, valueLength)).toBe(true)
      entries.thaw()
      expect(entries.isShared(ref)).toBe(false)
      expect(entries.resizeInPlace(ref, valueLength)).toBe(true)
    }
  })
})

test('copyValue copies what both have and fills the rest with zeros, in blocks and in large values', () => {
  const entries = dirtyEntries()
  for (const keyLength of [3, 40_000]) {
    for (const from of [0, 5, 100, 500, 70_000]) {
      for (const to of [0, 5, 63, 64, 65, 300, 900, 66_000, 90_000]) {
        const key = point(keyOf(keyLength))
        const source = entries.create(key, 0, 0, 0, from, NO_DEADLINE)
        const value = entries.value(source, slice)
        value.bytes.fill(7, value.start, value.start + from)
        const target = entries.create(key, 0, 0, 0, to, NO_DEADLINE)
        entries.copyValue(source, target)
        const expected = Buffer.alloc(to)
        expected.fill(7, 0, Math.min(from, to))
        expect(expected.equals(entries.value(target, slice).view())).toBe(true)
        expect(entries.isKey(target, key)).toBe(true)
        entries.free(source)
        entries.free(target)
      }
    }
  }
  expect(entries.usedBytes).toBe(0)
})

describe('move', () => {
  const lengths = [0, 10, MAX_BLOCK_BYTES - 12 - 8 - 8, MAX_BLOCK_BYTES - 12 - 8, MAX_BLOCK_BYTES, 500_000]
  test.each([
    [7, 7],
    [40_000, 40_000],
    [7, 40_000],
    [40_000, 7],
    [900, 7],
    [7, 900],
  ])('keeps everything else, from a key of %d bytes to one of %d', (oldLength, keyLength) => {
    const entries = new Entries()
    const oldKey = point(keyOf(oldLength))
    const key = keyLength === oldLength ? oldKey : new Key(SEED).point(keyOf(keyLength), 0, keyLength)
    for (const length of lengths) {
      for (const [from, to] of [
        [NO_DEADLINE, DEADLINE],
        [DEADLINE, NO_DEADLINE],
        [DEADLINE, DEADLINE + 1],
      ] as const) {
        const ref = entries.create(oldKey, 3, 4, 5, length, from)
        const { bytes } = entries.value(ref, slice)
        bytes.fill(0x33, slice.start, slice.start + length)
        const moved = entries.move(key, ref, to)
        entries.freeMoved(ref, moved)
        expect(entries.deadlineOf(moved)).toBe(to)
        expect([entries.typeOf(moved), entries.encodingOf(moved), entries.accessOf(moved)]).toEqual([3, 4, 5])
        expect(entries.isKey(moved, key)).toBe(true)
        const value = entries.value(moved, slice)
        expect(Buffer.alloc(length, 0x33).equals(value.view())).toBe(true)
        // A large value that stays large is handed over, not copied.
        if (length === 500_000 && oldLength < 40_000 === keyLength < 40_000) expect(value.bytes).toBe(bytes)
        expect(entries.usedBytes).toBe(entries.footprint(moved))
        const fresh = entries.create(key, 3, 4, 5, length, to)
        expect(entries.footprint(moved)).toBe(entries.footprint(fresh))
        entries.free(fresh)
        entries.free(moved)
        expect(entries.usedBytes).toBe(0)
        expect(entries.large.count).toBe(0)
      }
    }
  })
})
