import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { Ref } from '../../src/memory/arena.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { numberedKeys, SEED, StoreModel } from './store-model.ts'
import { checkTable } from './table-invariants.ts'

const slice = new Slice()

function nameOf(table: Table, ref: Ref): string {
  const { bytes, start, length } = table.entries.key(ref, slice)
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
}

/** Scans from beginning to end, with something happening between calls; returns how often each key came. */
function scanAll(table: Table, count: number, between: (call: number) => void): Map<string, number> {
  const seen = new Map<string, number>()
  let cursor = 0
  for (let call = 0; ; call++) {
    cursor = table.scan(cursor, count, (ref) => {
      const name = nameOf(table, ref)
      seen.set(name, (seen.get(name) ?? 0) + 1)
    })
    if (cursor === 0) return seen
    if (call > 1_000_000) throw new Error('the scan does not end')
    between(call)
  }
}

describe('scan', () => {
  test.each([0, 1, 15, 16, 700, 5000])('of %i entries that stay returns each once', (entries) => {
    const model = new StoreModel(new Random(61), { keys: [] })
    for (const bytes of numberedKeys(entries)) model.set(bytes)
    for (const count of [1, 10, 1000, 1e9]) {
      const seen = scanAll(model.table, count, () => {})
      expect(seen.size).toBe(entries)
      expect([...seen.values()].every((times) => times === 1)).toBe(true)
    }
  })

  test.each([
    { seed: 1, every: 9, isFull: false, count: 3 },
    { seed: 2, every: 9, isFull: true, count: 20 },
    { seed: 3, every: 40, isFull: true, count: 5 },
    { seed: 4, every: 300, isFull: false, count: 10 },
  ])('returns what stays once, whatever comes and goes: %o', ({ seed, every, isFull, count }) => {
    const random = new Random(seed)
    const keys = numberedKeys(9000)
    const staying = keys.filter((_, n) => n % every === 0)
    const passing = keys.filter((_, n) => n % every !== 0)
    const model = new StoreModel(random, { keys: passing })
    for (const bytes of isFull ? keys : staying) model.set(bytes)
    const sizes = new Set<number>()
    let at = 0
    let isGrowing = !isFull
    const seen = scanAll(model.table, count, () => {
      // Long waves from empty to full and back, so that segments split and merge all the while.
      for (let n = random.below(50 * count); n > 0; n--) {
        if (isGrowing) model.set(passing[at]!)
        else model.remove(passing[at]!)
        at = (at + 1) % passing.length
        if (at === 0) isGrowing = !isGrowing
      }
      sizes.add(model.table.image().directory.length)
    })
    const missed = staying.filter((bytes) => seen.get(bytes.toString('latin1')) !== 1)
    expect(missed).toEqual([])
    expect(sizes.size).toBeGreaterThan(2)
    checkTable(model.table)
  })

  test('ends from whatever cursor it is given', () => {
    const model = new StoreModel(new Random(62), { keys: [] })
    for (const bytes of numberedKeys(3000)) model.set(bytes)
    for (const cursor of [1, 12345, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, 2 ** 53]) {
      let calls = 0
      for (let at = cursor; calls === 0 || at !== 0; calls++) {
        at = model.table.scan(at, 10, () => {})
        if (calls > 10_000) throw new Error('the scan does not end')
      }
    }
  })
})

/** Chi-square of drawing so many times per entry, in standard deviations from what chance gives. */
function unevenness(table: Table, perEntry: number): number {
  const random = new Random(71)
  const counts = new Map<Ref, number>()
  for (let n = table.count * perEntry; n > 0; n--) {
    const ref = table.random(random)
    counts.set(ref, (counts.get(ref) ?? 0) + 1)
  }
  let chiSquare = (table.count - counts.size) * perEntry
  for (const count of counts.values()) chiSquare += (count - perEntry) ** 2 / perEntry
  const degrees = table.count - 1
  return (chiSquare - degrees) / Math.sqrt(2 * degrees)
}

describe('random', () => {
  test('says nothing of an empty table', () => {
    expect(new Table(SEED).random(new Random(1))).toBe(0)
  })

  test.each([2, 13, 100, 900, 3000])('any of %i entries is as likely as any other', (entries) => {
    const model = new StoreModel(new Random(72), { keys: [] })
    for (const bytes of numberedKeys(entries)) model.set(bytes)
    expect(Math.abs(unevenness(model.table, 60))).toBeLessThan(5)
  })

  test('so it is among segments of different depths', () => {
    const model = new StoreModel(new Random(73), { keys: [] })
    const key = new Key(SEED)
    // Many keys in an eighth of the hashes, few in the rest.
    numberedKeys(20_000).forEach((bytes, n) => {
      if (key.point(bytes, 0, bytes.length).hash >>> 29 === 5 || n % 40 === 0) model.set(bytes)
    })
    const shape = checkTable(model.table)
    expect(shape.deepest - shape.shallowest).toBeGreaterThan(2)
    expect(Math.abs(unevenness(model.table, 40))).toBeLessThan(5)
  })
})

describe('collectDue', () => {
  const START = 1_000_000

  function timedModel(seed: number, keys: number): StoreModel {
    const random = new Random(seed)
    const model = new StoreModel(random, { keys: [] })
    for (const bytes of numberedKeys(keys)) {
      const deadline = random.below(4) === 0 ? Number.POSITIVE_INFINITY : START + random.below(10_000)
      model.set(bytes, { type: 0, encoding: 0, value: Buffer.from('value'), deadline })
    }
    return model
  }

  /** Removes an entry as an expiry cycle does: by its key. */
  function removeByRef(model: StoreModel, ref: Ref): void {
    model.remove(Buffer.from(nameOf(model.table, ref), 'latin1'))
  }

  test.each([50, 900, 9000])(
    'finds all that is due among %i, and nothing else, while they are removed',
    (keys) => {
      const model = timedModel(81, keys)
      for (let now = START - 1; now < START + 11_000; now += 700) {
        const due = new Set<string>()
        for (const [name, { deadline }] of model.items) if (deadline <= now) due.add(name)
        for (let calls = 0; ; calls++) {
          const isDone = model.table.collectDue(now, 1 + (calls % 3), (ref) => {
            if (!due.delete(nameOf(model.table, ref))) throw new Error('an entry came that is not due')
            removeByRef(model, ref)
          })
          if (isDone) break
          if (calls > 1000) throw new Error('there is no end of it')
        }
        expect(due.size).toBe(0)
        expect(model.table.earliestDeadline).toBeGreaterThan(now)
        checkTable(model.table)
      }
      expect(model.table.deadlineCount).toBe(0)
      expect(model.table.earliestDeadline).toBe(Number.POSITIVE_INFINITY)
    },
  )

  test('what is let live comes up again', () => {
    const model = timedModel(82, 3000)
    const now = START + 5000
    const due = [...model.items.values()].filter(({ deadline }) => deadline <= now).length
    for (let round = 0; round < 3; round++) {
      let found = 0
      // Every other one is removed in the second round, the rest in the last.
      for (let n = 0; n < model.table.image().directory.length + 1; n++) {
        model.table.collectDue(now, 1, (ref) => {
          found++
          if (round === 2 || (round === 1 && found % 2 === 0)) removeByRef(model, ref)
        })
        checkTable(model.table)
      }
      expect(found).toBeGreaterThanOrEqual(round === 2 ? due / 2 : due)
    }
    while (!model.table.collectDue(now, 10, (ref) => removeByRef(model, ref)));
    expect([...model.items.values()].some(({ deadline }) => deadline <= now)).toBe(false)
  })

  test('asks nothing when nothing can be due', () => {
    const model = timedModel(83, 100)
    expect(model.table.collectDue(START - 1, 1, () => expect.unreachable())).toBe(true)
    const empty = new Table(SEED)
    expect(empty.collectDue(START, 1, () => expect.unreachable())).toBe(true)
  })
})
