import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { NO_DEADLINE } from '../../src/memory/deadline.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { TableSample } from '../../src/memory/table-sample.ts'
import { SEED } from './store-model.ts'

const key = new Key(SEED)
const slice = new Slice()

function point(name: string): Key {
  const bytes = Buffer.from(name)
  return key.point(bytes, 0, bytes.length)
}

function tableOf(count: number, deadlineOf: (n: number) => number = () => NO_DEADLINE): Table {
  const table = new Table(SEED)
  for (let n = 0; n < count; n++) table.add(point(`k${n}`), 0, 0, 0, 1, deadlineOf(n))
  return table
}

function namesIn(table: Table, sample: TableSample): string[] {
  const names: string[] = []
  for (let i = 0; i < sample.count; i++) {
    names.push(Buffer.from(table.entries.key(sample.at(i), slice).view()).toString())
  }
  return names
}

describe('any entries', () => {
  test.each([1, 2, 5, 40, 900, 30_000])('of %i: as many as wanted, each once', (count) => {
    const table = tableOf(count)
    const sample = new TableSample()
    const random = new Random(count)
    for (const wanted of [1, 5, 64]) {
      table.sample(sample, random, wanted, false)
      const names = namesIn(table, sample)
      expect(new Set(names).size).toBe(Math.min(wanted, count))
      for (const name of names) expect(table.find(point(name))).not.toBe(0)
    }
  })

  test('all of them come up, none much more often than others', () => {
    const count = 3000
    const table = tableOf(count)
    const sample = new TableSample()
    const random = new Random(7)
    const seen = new Map<string, number>()
    for (let n = 0; n < 60_000; n++) {
      table.sample(sample, random, 5, false)
      for (const name of namesIn(table, sample)) seen.set(name, (seen.get(name) ?? 0) + 1)
    }
    expect(seen.size).toBe(count)
    // 100 on average; those behind gaps come up more often, those in the middle of a crowd less.
    expect(Math.max(...seen.values())).toBeLessThan(500)
    expect(Math.min(...seen.values())).toBeGreaterThan(25)
  })

  test('of an empty table there are none', () => {
    const sample = new TableSample()
    new Table(SEED).sample(sample, new Random(1), 5, false)
    expect(sample.count).toBe(0)
  })

  test('of a table that has lost nearly all', () => {
    const table = tableOf(20_000)
    for (let n = 3; n < 20_000; n++) table.remove(point(`k${n}`), table.find(point(`k${n}`)))
    const sample = new TableSample()
    table.sample(sample, new Random(2), 5, false)
    expect(namesIn(table, sample).sort()).toEqual(['k0', 'k1', 'k2'])
  })
})

/** Calls until something is found. */
function callsUntilFound(table: Table, sample: TableSample, random: Random): number {
  for (let calls = 1; calls <= 1000; calls++) {
    table.sample(sample, random, 5, true)
    if (sample.count > 0) return calls
  }
  return Number.POSITIVE_INFINITY
}

describe('entries with a deadline', () => {
  test('the only one among many is found, wherever the search begins', () => {
    const table = tableOf(50_000, (n) => (n === 12_345 ? 5000 : NO_DEADLINE))
    for (let seed = 1; seed <= 20; seed++) {
      const sample = new TableSample()
      // Some 100 segments, 64 at a time.
      expect(callsUntilFound(table, sample, new Random(seed))).toBeLessThan(5)
      expect(namesIn(table, sample)).toEqual(['k12345'])
    }
  })

  test('only they are found, and all of them come up', () => {
    const table = tableOf(5000, (n) => (n % 10 === 0 ? 5000 + n : NO_DEADLINE))
    const sample = new TableSample()
    const random = new Random(3)
    const seen = new Set<string>()
    for (let n = 0; n < 10_000; n++) {
      table.sample(sample, random, 5, true)
      for (const name of namesIn(table, sample)) seen.add(name)
    }
    expect(seen.size).toBe(500)
    for (const name of seen) expect(Number(name.slice(1)) % 10).toBe(0)
  })

  test('where others have had one, the search passes soon', () => {
    const table = tableOf(50_000, () => 5000)
    for (let n = 1; n < 50_000; n++) {
      table.setDeadline(point(`k${n}`), table.find(point(`k${n}`)), NO_DEADLINE)
    }
    const sample = new TableSample()
    const random = new Random(4)
    expect(callsUntilFound(table, sample, random)).toBeLessThan(200)
    expect(namesIn(table, sample)).toEqual(['k0'])
    for (let n = 0; n < 100; n++) callsUntilFound(table, sample, random)
    expect(callsUntilFound(table, sample, random)).toBeLessThan(5)
  })

  test('a table without any is not looked through', () => {
    const sample = new TableSample()
    tableOf(1000).sample(sample, new Random(1), 5, true)
    expect(sample.count).toBe(0)
  })

  test('a deadline that comes later is found where there was none, and is met when it is due', () => {
    const table = tableOf(3000, (n) => (n === 1 ? 5000 : NO_DEADLINE))
    const sample = new TableSample()
    const random = new Random(5)
    callsUntilFound(table, sample, random)
    table.setDeadline(point('k1'), table.find(point('k1')), NO_DEADLINE)
    table.setDeadline(point('k2'), table.find(point('k2')), 6000)
    callsUntilFound(table, sample, random)
    expect(namesIn(table, sample)).toEqual(['k2'])
    table.setDeadline(point('k1'), table.find(point('k1')), 5500)
    const due: string[] = []
    while (
      !table.collectDue(6000, 1, (ref) => {
        const name = Buffer.from(table.entries.key(ref, slice).view()).toString()
        due.push(name)
        table.remove(point(name), ref)
      })
    );
    expect(due.sort()).toEqual(['k1', 'k2'])
  })

  test('while frozen too', () => {
    const table = tableOf(3000, (n) => (n % 2 === 0 ? 5000 : NO_DEADLINE))
    table.freeze()
    const sample = new TableSample()
    table.sample(sample, new Random(6), 5, true)
    expect(sample.count).toBe(5)
    for (const name of namesIn(table, sample)) table.remove(point(name), table.find(point(name)))
    table.sample(sample, new Random(6), 5, true)
    expect(sample.count).toBe(5)
    table.entries.thaw()
  })
})
