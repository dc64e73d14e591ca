import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Listpack, NONE } from '../../src/memory/listpack.ts'
import { FrozenTable } from '../../src/memory/table-view.ts'
import { HASH_HASHTABLE, HASH_LISTPACK, HASH_LISTPACK_EX } from '../../src/types/value-type.ts'
import { digestsOf, HashStore, slice, textOf } from './hash-store.ts'

function drain(store: HashStore): void {
  for (let slices = 0; !store.table.entries.drain(1000); slices++) expect(slices).toBeLessThan(10_000)
}

describe('changes in any order', () => {
  test.each([1, 2, 3])('leave what plain maps have (seed %i)', (seed) => {
    const store = new HashStore(new Random(seed), 6, (index) => index % 2 === 0)
    const encodings = new Set<number>()
    for (let round = 0; round < 40; round++) {
      store.churn(150)
      store.check()
      for (let i = 0; i < 6; i++) encodings.add(store.open(i).cell.encoding)
    }
    expect([...encodings].sort()).toEqual([HASH_LISTPACK, HASH_LISTPACK_EX, HASH_HASHTABLE])
  })

  test.each([4, 5])('leave a frozen reader the moment of the freeze, and leak nothing (seed %i)', (seed) => {
    const store = new HashStore(new Random(seed), 8)
    store.churn(2000)
    for (let round = 0; round < 3; round++) {
      const before = digestsOf({ entries: store.table.entries, each: (visit) => store.table.each(visit) })
      const frozen = new FrozenTable(store.table.freeze())
      for (let i = 0; i < 4; i++) {
        store.churn(400)
        expect(digestsOf(frozen)).toEqual(before)
        store.check()
      }
      store.table.entries.thaw()
      drain(store)
    }
    for (let i = 0; i < 8; i++) store.renew(i)
    expect(store.table.entries.usedBytes).toBe(new HashStore(new Random(1), 8).table.entries.usedBytes)
  })
})

describe('the encoding', () => {
  test('is a listpack up to so many fields, and then a table', () => {
    const store = new HashStore(new Random(1), 1)
    for (let i = 0; i < 30; i++) store.set(0, `f${i}`, 'v')
    expect(store.open(0).isPacked).toBe(true)
    store.set(0, 'f29', 'w')
    expect(store.open(0).isPacked).toBe(true)
    store.set(0, 'f30', 'v')
    expect(store.open(0).isPacked).toBe(false)
    store.check()
  })

  test.each([
    ['field', 'x'.repeat(65), 'v'],
    ['value', 'f', 'x'.repeat(65)],
  ])('is a table as soon as a %s is long', (_, field, value) => {
    const store = new HashStore(new Random(1), 1)
    store.set(0, 'a', '1')
    store.set(0, field.slice(0, 64), value.slice(0, 64))
    expect(store.open(0).isPacked).toBe(true)
    store.set(0, field, value)
    expect(store.open(0).isPacked).toBe(false)
    store.check()
  })

  test('with deadlines is in threes, the earliest in front and those without at the end', () => {
    const store = new HashStore(new Random(1), 1)
    for (const name of ['a', 'b', 'c', 'd']) store.set(0, name, `value of ${name}`)
    const give = (name: string, deadline: number) => {
      const hash = store.open(0)
      expect(hash.find(slice(name))).toBe(true)
      hash.setDeadline(deadline)
    }
    give('c', store.now + 2000)
    give('b', store.now + 1000)
    give('d', store.now + 3000)
    const { cell } = store.open(0)
    const list = new Listpack().openAt(cell)
    expect(cell.length).toBe(list.byteLength)
    const names: string[] = []
    const hash = store.open(0)
    hash.each((it) => names.push(textOf(it.field())), undefined)
    expect(names).toEqual(['b', 'c', 'd', 'a'])
    expect(list.count).toBe(12)
    const deadlines = [2, 5, 8, 11].map((index) => list.integerAt(list.seek(index)))
    expect(deadlines).toEqual([store.now + 1000, store.now + 2000, store.now + 3000, 0])
    expect(list.seek(12)).toBe(NONE)
  })

  test('of many fields at once is what their number asks for, and leaves no spare bytes', () => {
    const store = new HashStore(new Random(1), 2)
    const hash = store.open(0)
    hash.reserve(5, 3, 50)
    for (let i = 0; i < 5; i++) hash.set(slice(`f${i}`), slice('123456'))
    hash.settle()
    expect(hash.cell.length).toBe(new Listpack().openAt(hash.cell).byteLength)
    const many = store.open(1)
    many.reserve(31, 1, 62)
    many.set(slice('f'), slice('v'))
    many.settle()
    expect(store.open(1).isPacked).toBe(false)
    expect(store.open(1).count).toBe(1)
  })
})

describe('fields that are due', () => {
  test.each([
    ['in a listpack', 20],
    ['in a table', 200],
  ])('are hidden from everything %s', (_, count) => {
    const store = new HashStore(new Random(2), 1)
    for (let i = 0; i < count; i++) store.set(0, `f${i}`, String(i))
    for (let i = 0; i < count; i += 2) {
      const hash = store.open(0)
      hash.find(slice(`f${i}`))
      hash.setDeadline(store.now + 10)
    }
    const left = count / 2
    store.now += 10
    const hash = store.open(0)
    expect(hash.find(slice('f0'))).toBe(false)
    expect(hash.find(slice('f1'))).toBe(true)
    expect(hash.countVisible()).toBe(left)
    const names = new Set<string>()
    hash.each((it, seen) => seen.add(textOf(it.field())), names)
    for (let i = 0; i < 300; i++) {
      expect(hash.findRandom()).toBe(true)
      names.add(textOf(hash.field()))
    }
    hash.sample(left - 1, (it, seen) => seen.add(textOf(it.field())), names)
    let cursor = 0
    do {
      cursor = hash.scan(cursor, 10)
      hash.eachScanned((it, seen) => seen.add(textOf(it.field())), names)
    } while (cursor !== 0)
    expect(names.size).toBe(left)
    expect([...names].every((name) => Number(name.slice(1)) % 2 === 1)).toBe(true)
    // Set again, such a field is new.
    expect(store.open(0).set(slice('f0'), slice('again'), true)).toBe(true)
    expect(store.open(0).find(slice('f0'))).toBe(true)
    expect(store.open(0).count).toBe(count)
  })

  test('are found by chance as little as anything else where there is nothing else', () => {
    const store = new HashStore(new Random(3), 1)
    for (let i = 0; i < 100; i++) {
      store.set(0, `f${i}`, 'v')
      const hash = store.open(0)
      hash.find(slice(`f${i}`))
      hash.setDeadline(store.now + 1)
    }
    store.now += 1
    expect(store.open(0).findRandom()).toBe(false)
    store.open(0).set(slice('f50'), slice('v'))
    expect(store.open(0).findRandom()).toBe(true)
  })
})

describe('chance', () => {
  test.each([
    ['a listpack', 20],
    ['a table', 300],
  ])('is fair in %s', (_, count) => {
    const store = new HashStore(new Random(4), 1)
    for (let i = 0; i < count; i++) store.set(0, `f${i}`, 'v')
    const hash = store.open(0)
    const times = new Map<string, number>()
    const note = (name: string) => times.set(name, (times.get(name) ?? 0) + 1)
    for (let i = 0; i < count * 100; i++) {
      hash.findRandom()
      note(textOf(hash.field()))
    }
    const sizes = [3, Math.floor(count / 2), count - 1]
    let drawn = count * 100
    for (let i = 0; i < 600; i++) {
      const names: string[] = []
      const size = sizes[i % 3]!
      hash.sample(size, (it) => names.push(textOf(it.field())), undefined)
      expect(new Set(names).size).toBe(size)
      for (const name of names) note(name)
      drawn += size
    }
    expect(times.size).toBe(count)
    const expected = drawn / count
    const chiSquare = [...times.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // The chance of more is below one in a million; samples without repetition are more even than that.
    expect(chiSquare).toBeLessThan(count + 5 * Math.sqrt(2 * count))
  })
})

test('a scan of a table sees every field that is there throughout', () => {
  const store = new HashStore(new Random(5), 1)
  for (let i = 0; i < 2000; i++) store.set(0, `stays:${i}`, 'v')
  const seen = new Set<string>()
  let cursor = 0
  let round = 0
  do {
    const hash = store.open(0)
    cursor = hash.scan(cursor, 20)
    hash.eachScanned((it, names) => names.add(textOf(it.field())), seen)
    for (let i = 0; i < 60; i++) store.set(0, `comes:${round}:${i}`, 'v')
    round++
  } while (cursor !== 0)
  expect([...seen].filter((name) => name.startsWith('stays')).length).toBe(2000)
})
