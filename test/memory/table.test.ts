import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { NO_REF } from '../../src/memory/arena.ts'
import { MAX_DEADLINE, NO_DEADLINE } from '../../src/memory/deadline.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { allValues, checkItems, numberedKeys, SEED, StoreModel } from './store-model.ts'
import { checkTable } from './table-invariants.ts'

const key = new Key(SEED)

function point(text: string): Key {
  const bytes = Buffer.from(text)
  return key.point(bytes, 0, bytes.length)
}

/** So many keys whose hashes have these bits at the top: a table finds them hard to tell apart. */
function crowdedKeys(count: number, bits: number, wanted: number): Buffer[] {
  const keys: Buffer[] = []
  for (let n = 0; keys.length < count; n++) {
    const bytes = Buffer.from(`c${n}`)
    if (key.point(bytes, 0, bytes.length).hash >>> (32 - bits) === wanted) keys.push(bytes)
  }
  return keys
}

function check(model: StoreModel) {
  const shape = checkTable(model.table)
  checkItems(model.items, model.table)
  expect(model.table.count).toBe(model.items.size)
  return shape
}

describe('against a Map', () => {
  test.each([3, 20, 200])('%i keys, values of all lengths', (count) => {
    const model = new StoreModel(new Random(count), { keys: numberedKeys(count), valueLength: allValues })
    for (const [adding, removing] of [
      [40, 10],
      [10, 40],
      [30, 30],
    ] as const) {
      for (let part = 0; part < 2; part++) {
        model.churn(1500, adding, removing)
        check(model)
      }
    }
  })

  test('20,000 keys, growing and shrinking over and over', () => {
    const model = new StoreModel(new Random(50), { keys: numberedKeys(20_000) })
    let largest = 0
    for (const [adding, removing] of [
      [80, 5],
      [5, 80],
      [60, 20],
    ] as const) {
      model.churn(35_000, adding, removing)
      largest = Math.max(largest, check(model).directorySlots)
    }
    expect(largest).toBeGreaterThanOrEqual(32)
  })

  test.each([0, 0x3ff])('1,500 keys that share the top ten bits of their hash, %i', (wanted) => {
    const keys = crowdedKeys(1500, 10, wanted)
    const model = new StoreModel(new Random(wanted), { keys })
    model.churn(3000, 80, 5)
    expect(check(model).deepest).toBeGreaterThan(10)
    model.churn(4000, 20, 50)
    check(model)
    for (const bytes of keys) model.remove(bytes)
    expect(check(model)).toMatchObject({ directorySlots: 2, segments: 1, entryBytes: 0 })
  })

  test('keys that all want the last slots of a segment wrap around to its first', () => {
    const keys = crowdedKeys(200, 8, 0xff)
    const model = new StoreModel(new Random(51), { keys })
    for (let round = 0; round < 20; round++) {
      model.churn(300, round % 2 === 0 ? 70 : 10, round % 2 === 0 ? 20 : 70)
      check(model)
    }
  })
})

describe('shrinking', () => {
  test('a table emptied in any order is as small as a new one', () => {
    const fresh = new Table(SEED).entries.usedBytes
    const orders: ((keys: Buffer[], model: StoreModel) => Buffer[])[] = [
      (keys) => keys,
      (keys) => keys.toReversed(),
      // In the order of the hashes, as a client deletes what SCAN has told it.
      (_, model) => {
        const inOrder: Buffer[] = []
        model.table.scan(0, 1e6, (ref) => {
          inOrder.push(Buffer.from(model.table.entries.key(ref, new Slice()).copy()))
        })
        return inOrder
      },
    ]
    for (const order of orders) {
      const keys = numberedKeys(8000)
      const model = new StoreModel(new Random(52), { keys })
      for (const bytes of keys) model.set(bytes)
      const removed = order(keys, model)
      expect(removed).toHaveLength(8000)
      for (const bytes of removed) model.remove(bytes)
      expect(check(model)).toMatchObject({ directorySlots: 2, segments: 1 })
      expect(model.table.entries.usedBytes).toBe(fresh)
      expect(model.table.earliestDeadline).toBeLessThanOrEqual(NO_DEADLINE)
    }
  })
})

describe('order', () => {
  test('depends on the seed', () => {
    const orders = [SEED, { low: SEED.low + 1, high: SEED.high }, SEED].map((seed) => {
      const table = new Table(seed)
      const own = new Key(seed)
      for (let n = 0; n < 500; n++) table.add(own.point(Buffer.from(`${n}`), 0, `${n}`.length), 0, 0, 0, 0)
      const order: string[] = []
      table.each((ref) => {
        order.push(Buffer.from(table.entries.key(ref, new Slice()).copy()).toString())
      })
      return order.join()
    })
    expect(orders[0]).not.toBe(orders[1])
    expect(orders[0]).toBe(orders[2])
  })
})

describe('changing in place', () => {
  test('a value of the same size class keeps its place', () => {
    const table = new Table(SEED)
    const ref = table.add(point('key'), 0, 0, 0, 10)
    expect(table.replace(point('key'), ref, 1, 2, 3, 9)).toBe(ref)
    expect(table.resize(point('key'), ref, 10)).toBe(ref)
    expect(table.replace(point('key'), ref, 1, 2, 3, 100)).not.toBe(ref)
  })

  test('a deadline that changes keeps the place, one that comes or goes does not', () => {
    const table = new Table(SEED)
    const ref = table.add(point('key'), 0, 0, 0, 10)
    expect(table.setDeadline(point('key'), ref, NO_DEADLINE)).toBe(ref)
    const timed = table.setDeadline(point('key'), ref, 1000)
    expect(table.setDeadline(point('key'), timed, 2000)).toBe(timed)
    expect(table.earliestDeadline).toBe(1000)
    expect(table.deadlineCount).toBe(1)
    table.setDeadline(point('key'), timed, NO_DEADLINE)
    expect(table.deadlineCount).toBe(0)
    checkTable(table)
  })

  test('the deadline of a large value changes without a copy of it', () => {
    const table = new Table(SEED)
    const slice = new Slice()
    const ref = table.add(point('key'), 0, 0, 0, 1e6)
    const { bytes } = table.entries.value(ref, slice)
    const moved = table.setDeadline(point('key'), ref, 1000)
    expect(table.entries.value(moved, slice).bytes).toBe(bytes)
    checkTable(table)
  })

  test('the farthest deadline is never due', () => {
    const table = new Table(SEED)
    const ref = table.add(point('key'), 0, 0, 0, 10, Number(9223372036854775807n))
    expect(table.entries.deadlineOf(ref)).toBe(MAX_DEADLINE)
    expect(table.earliestDeadline).toBeGreaterThan(1e18)
    expect(table.collectDue(8_640_000_000_000_000, 100, () => expect.unreachable())).toBe(true)
    table.setDeadline(point('key'), ref, 2 ** 63)
    checkTable(table)
  })

  test('removing what is not there says so', () => {
    const table = new Table(SEED)
    const ref = table.add(point('here'), 0, 0, 0, 10)
    expect(table.find(point('away'))).toBe(NO_REF)
    expect(() => table.remove(point('away'), ref)).toThrow('not in the table')
  })
})
