import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { startWorker } from '../../src/base/worker.ts'
import { NO_REF } from '../../src/memory/arena.ts'
import { MAX_KEY_BYTES } from '../../src/memory/entries.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { FrozenTable } from '../../src/memory/table-view.ts'
import { digestOf } from './digest.ts'
import { allValues, checkItems, numberedKeys, SEED, StoreModel, smallValues } from './store-model.ts'
import { checkTable } from './table-invariants.ts'

/** Shares of adding and removing, in percent: growing, shrinking, overwriting, changing. */
const MIXES = [
  [80, 5],
  [5, 85],
  [95, 0],
  [10, 5],
] as const

/** Bytes of large buffers that hold nothing yet: how many depends on how a value grew. */
function spareBytes(table: Table): number {
  const { entries } = table
  let spare = entries.large.usedBytes
  table.each((ref) => {
    if (!entries.isExternal(ref)) return
    const keyLength = entries.keyLength(ref)
    spare -= entries.valueLength(ref) + (keyLength > MAX_KEY_BYTES ? keyLength : 0)
  })
  return spare
}

/** Throws unless a store takes what one with the same content takes that was built afresh. */
function expectNoLeak(model: StoreModel): void {
  const { entries } = model.table
  const shape = checkTable(model.table)
  const fresh = new StoreModel(new Random(1), { keys: [] })
  for (const [name, item] of model.items) fresh.set(Buffer.from(name, 'latin1'), item)
  const freshShape = checkTable(fresh.table)
  expect(shape.entryBytes - spareBytes(model.table)).toBe(freshShape.entryBytes - spareBytes(fresh.table))
  expect(entries.large.count).toBe(fresh.table.entries.large.count)
  expect(entries.arena.quarantinedBytes).toBe(0)
  expect(shape.segments).toBeLessThanOrEqual(4 * freshShape.segments)
}

function drain(table: Table): void {
  for (let slices = 0; !table.entries.drain(100); slices++) {
    if (slices > 1e6) throw new Error('the quarantine does not drain')
  }
}

describe('what a frozen table shows', () => {
  test.each([
    { seed: 1, keys: 60, steps: 300, valueLength: allValues },
    { seed: 2, keys: 1500, steps: 3000, valueLength: allValues },
    { seed: 3, keys: 5000, steps: 10_000, valueLength: smallValues },
  ])('is the moment of the freeze, and nothing leaks: %o', ({ seed, keys, steps, valueLength }) => {
    const model = new StoreModel(new Random(seed), { keys: numberedKeys(keys), valueLength })
    const { table } = model
    model.churn(steps, 60, 10)
    const directories = new Set<number>()
    for (let round = 0; round < 3; round++) {
      const items = new Map(model.items)
      const image = table.freeze()
      expect(image.count).toBe(items.size)
      expect(image.deadlineCount).toBe(table.deadlineCount)
      for (const [adding, removing] of MIXES) {
        model.churn(steps, adding, removing)
        checkItems(items, new FrozenTable(image))
        checkItems(model.items, table)
        directories.add(checkTable(table).directorySlots)
      }
      table.entries.thaw()
      // The second round's quarantine is drained only after the third's freeze.
      if (round !== 1) drain(table)
      model.churn(steps / 10, 30, 30)
    }
    expect(table.entries.frozen).toBe(false)
    expectNoLeak(model)
    if (keys >= 5000) expect(directories.size).toBeGreaterThan(1)
    for (const name of [...model.items.keys()]) model.remove(Buffer.from(name, 'latin1'))
    expect(table.entries.usedBytes).toBe(new Table(SEED).entries.usedBytes)
  })

  test('can be read in steps over the directory', () => {
    const model = new StoreModel(new Random(4), { keys: numberedKeys(5000) })
    model.churn(8000, 90, 2)
    const items = new Map(model.items)
    const frozen = new FrozenTable(model.table.freeze())
    model.churn(8000, 5, 80)
    checkItems(items, {
      entries: frozen.entries,
      each(visit) {
        for (let slot = 0; slot < frozen.directorySlots; slot += 3) frozen.eachFrom(slot, 3, visit)
      },
    })
  })

  test('of an empty table is empty', () => {
    const table = new Table(SEED)
    const frozen = new FrozenTable(table.freeze())
    table.add(new Key(SEED).point(Buffer.from('a'), 0, 1), 0, 0, 0, 5)
    frozen.each(() => expect.unreachable())
    expect(frozen.count).toBe(0)
  })

  test('outlives the store, as when all is flushed during a snapshot', () => {
    const model = new StoreModel(new Random(5), { keys: numberedKeys(500), valueLength: allValues })
    model.churn(1000, 80, 5)
    const items = new Map(model.items)
    const frozen = new FrozenTable(model.table.freeze())
    while (!model.table.entries.discard(1 << 24));
    expect(model.table.entries.usedBytes).toBe(0)
    checkItems(items, frozen)
  })
})

test('after the thaw values and deadlines change in place again', () => {
  const model = new StoreModel(new Random(6), { keys: numberedKeys(500), valueLength: allValues })
  const { table } = model
  const key = new Key(SEED)
  model.churn(1000, 90, 5)
  /** How many entries move when they are given the same lengths and other deadlines. */
  const moves = () => {
    let moved = 0
    for (const name of model.items.keys()) {
      const bytes = Buffer.from(name, 'latin1')
      const ref = table.find(key.point(bytes, 0, bytes.length))
      if (ref === NO_REF) throw new Error('an entry is missing')
      const resized = table.resize(key, ref, table.entries.valueLength(ref))
      const timed = table.entries.hasDeadline(resized) ? table.setDeadline(key, resized, 5000) : resized
      if (timed !== ref) moved++
    }
    return moved
  }
  table.freeze()
  expect(moves()).toBe(model.items.size)
  expect(moves()).toBe(0)
  table.entries.thaw()
  drain(table)
  expect(moves()).toBe(0)
  checkTable(table)
})

test('a large value whose deadline changes while frozen is copied before its bytes change', () => {
  const table = new Table(SEED)
  const slice = new Slice()
  const key = new Key(SEED).point(Buffer.from('large'), 0, 5)
  const ref = table.add(key, 0, 0, 0, 100_000)
  const frozen = new FrozenTable(table.freeze())
  const timed = table.setDeadline(key, ref, 5000)
  // So far both show the same bytes.
  expect(table.entries.isShared(timed)).toBe(true)
  const written = table.resize(key, timed, 100_000)
  table.entries.value(written, slice).bytes.fill(1)
  frozen.each((old) => {
    expect(frozen.entries.deadlineOf(old)).toBe(Number.POSITIVE_INFINITY)
    expect(Buffer.alloc(100_000).equals(frozen.entries.value(old, slice).view())).toBe(true)
  })
  expect(table.entries.deadlineOf(written)).toBe(5000)
  table.remove(key, written)
  expect(table.entries.large.count).toBe(0)
})

test('changes that expiry makes to the earliest deadlines leave the frozen entries alone', () => {
  const model = new StoreModel(new Random(7), { keys: numberedKeys(3000) })
  model.churn(6000, 80, 5)
  const items = new Map(model.items)
  const frozen = new FrozenTable(model.table.freeze())
  const slice = new Slice()
  while (
    !model.table.collectDue(1_700_000_500_000, 1, (ref) => {
      model.remove(Buffer.from(model.table.entries.key(ref, slice).copy()))
    })
  );
  expect(model.items.size).toBeLessThan(items.size)
  checkItems(items, frozen)
  checkTable(model.table)
})

test('freezing a frozen table is an error, and so is thawing twice', () => {
  const table = new Table(SEED)
  table.freeze()
  expect(() => table.freeze()).toThrow('frozen already')
  table.entries.thaw()
  expect(() => table.entries.thaw()).toThrow('not frozen')
  table.freeze()
})

test('a worker thread reads the moment of the freeze while everything is written', async () => {
  const model = new StoreModel(new Random(8), { keys: numberedKeys(4000), valueLength: allValues })
  model.churn(6000, 80, 5)
  for (let round = 0; round < 2; round++) {
    const expected = digestOf(model.table)
    const image = model.table.freeze()
    const worker = startWorker(new URL('./frozen-table-worker.ts', import.meta.url), { workerData: image })
    try {
      for (const [adding, removing] of MIXES) {
        const answer = once(worker, 'message')
        worker.postMessage('digest')
        let isAnswered = false
        void answer.then(() => {
          isAnswered = true
        })
        let steps = 0
        while (!isAnswered) {
          model.churn(200, adding, removing)
          steps += 200
          await new Promise(setImmediate)
        }
        expect(await answer).toEqual([expected])
        expect(steps).toBeGreaterThan(0)
      }
    } finally {
      await worker.terminate()
    }
    expect(digestOf(model.table)).not.toBe(expected)
    model.table.entries.thaw()
    drain(model.table)
    checkItems(model.items, model.table)
    expectNoLeak(model)
  }
})
