import { describe, expect, test } from 'vitest'
import { DigestBuilder } from '../../src/keyspace/digest-builder.ts'
import { kindOf } from '../../src/keyspace/kinds.ts'
import { Table } from '../../src/memory/table.ts'
import { FrozenTable } from '../../src/memory/table-view.ts'
import { SortedSetReader } from '../../src/types/sorted-set-reader.ts'
import { SORTED_SET } from '../../src/types/value-type.ts'
import { SEED } from '../memory/store-model.ts'
import { ordered, type Pair, readAll, SortedSetModel, sliceOf, text } from './sorted-set-model.ts'

/** How many entries a listpack may have: always small, always large, or changing over. */
const ENCODINGS = { 'a listpack': 1e6, 'an index': 0, both: 60 }
const MIXES = [
  [90, 5],
  [30, 30],
  [5, 90],
] as const

function checkOrder(model: SortedSetModel): void {
  const set = model.open()
  const { pairs } = model
  expect(set.count).toBe(pairs.length)
  const ascending: Pair[] = []
  set.rewind()
  while (set.next()) ascending.push([text(set.member), set.score])
  expect(ascending).toEqual(pairs)
  const descending: Pair[] = []
  for (let more = set.seek(pairs.length - 1); more; more = set.previous())
    descending.push([text(set.member), set.score])
  expect(descending.reverse()).toEqual(pairs)
  const reader = new SortedSetReader()
  expect(readAll(reader, reader.open(model.table.entries, model.ref))).toEqual(pairs)
}

function checkRanks(model: SortedSetModel): void {
  const set = model.open()
  const { pairs } = model
  for (let n = 0; n < 10; n++) {
    const score = model.score()
    expect(set.rankOfScore(score, 'before')).toBe(pairs.filter(([, its]) => its < score).length)
    expect(set.rankOfScore(score, 'after')).toBe(pairs.filter(([, its]) => its <= score).length)
    if (pairs.length === 0) continue
    const rank = model.random.below(pairs.length)
    const bytes = Buffer.from(pairs[rank]![0], 'latin1')
    // A walk goes on where it was, whatever is asked meanwhile.
    set.seek(0)
    expect(set.scoreOf(bytes, 0, bytes.length)).toBe(pairs[rank]![1])
    expect(text(set.member)).toBe(pairs[0]![0])
    set.seek(rank)
    expect(set.find(sliceOf(pairs[rank]![0]))).toBe(true)
    expect(set.rank).toBe(rank)
  }
}

describe.each(Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[])('a sorted set as %s', (encoding) => {
  const entries = ENCODINGS[encoding]
  const members = encoding === 'a listpack' ? 100 : 1200

  test('is as a sorted array, and leaves nothing behind', () => {
    const model = new SortedSetModel(members, members, entries)
    for (const [adding, removing] of [...MIXES, ...MIXES]) {
      for (let n = 0; n < 3; n++) {
        model.churn(members, adding, removing)
        checkOrder(model)
        checkRanks(model)
      }
    }
    const disposal = kindOf(SORTED_SET, model.open().cell.encoding).dispose?.(model.table.entries, model.ref)
    model.drop()
    while (disposal?.run(7) === false);
    expect(model.table.entries.usedBytes).toBe(new Table(SEED).entries.usedBytes)
  })

  test('is what it was at a freeze, for a reader elsewhere', () => {
    const model = new SortedSetModel(members + 1, members, entries)
    model.churn(members, 90, 5)
    for (let round = 0; round < 2; round++) {
      const { pairs, ref } = model
      const frozen = new FrozenTable(model.table.freeze())
      const digest = new DigestBuilder()
      kindOf(SORTED_SET, frozen.entries.encodingOf(ref)).mix(digest, frozen.entries, ref)
      for (const [adding, removing] of MIXES) {
        model.churn(members, adding, removing)
        checkOrder(model)
        const reader = new SortedSetReader()
        expect(readAll(reader, reader.open(frozen.entries, ref))).toEqual(pairs)
      }
      const again = new DigestBuilder()
      kindOf(SORTED_SET, frozen.entries.encodingOf(ref)).mix(again, frozen.entries, ref)
      expect(again.hex).toBe(digest.hex)
      model.table.entries.thaw()
      while (!model.table.entries.drain(100));
      model.churn(members, 80, 10)
      checkOrder(model)
    }
  })

  test('gives samples of different members, each as likely', () => {
    const model = new SortedSetModel(7, 40, entries)
    model.churn(200, 100, 0)
    const set = model.open()
    const { count } = set
    for (const wanted of [1, 5, count - 1, count, count + 5]) {
      const drawn = new Map<string, number>()
      for (let n = 0; n < 300; n++) {
        const seen = new Set<string>()
        set.sample(wanted, () => seen.add(text(set.member)), undefined)
        expect(seen.size).toBe(Math.min(wanted, count))
        for (const name of seen) drawn.set(name, (drawn.get(name) ?? 0) + 1)
      }
      expect(drawn.size).toBe(count)
      const expected = (300 * Math.min(wanted, count)) / count
      for (const times of drawn.values())
        expect(Math.abs(times - expected)).toBeLessThan(6 * Math.sqrt(expected))
    }
  })

  test('a scan sees all members, each once', () => {
    const model = new SortedSetModel(9, members, entries)
    model.churn(members, 100, 0)
    const set = model.open()
    const seen: Pair[] = []
    let cursor = 0
    do {
      cursor = set.scan(cursor, 10)
      while (set.nextFound()) seen.push([text(set.member), set.score])
    } while (cursor !== 0)
    expect(ordered(seen)).toEqual(model.pairs)
  })
})

test('a set becomes large by one member too many, or by one too long, and stays so', () => {
  const many = new SortedSetModel(1, 0, 3)
  const add = (model: SortedSetModel, name: string) => {
    const set = model.open()
    expect(set.find(sliceOf(name))).toBe(false)
    set.add(sliceOf(name), 1)
  }
  for (const name of ['a', 'b', 'c']) add(many, name)
  expect(many.open().isPacked).toBe(true)
  add(many, 'd')
  expect(many.open().isPacked).toBe(false)
  many.open().removeRange(0, 3)
  expect(many.open().isPacked).toBe(false)
  const long = new SortedSetModel(1, 0, 100)
  add(long, 'x'.repeat(1000))
  expect(long.open().isPacked).toBe(true)
  add(long, 'y'.repeat(1001))
  expect(long.open().isPacked).toBe(false)
})

test('a copy is a set of its own, in another store too', () => {
  const model = new SortedSetModel(5, 500, 10)
  model.churn(900, 90, 5)
  const { pairs } = model
  const other = new SortedSetModel(6, 500, 10)
  other.churn(900, 90, 5)
  const to = other.open().cell
  const forgotten = kindOf(SORTED_SET, to.encoding).dispose?.(other.table.entries, to.ref)
  kindOf(SORTED_SET, to.encoding).copy?.(model.open().cell, to, model.environment)
  while (forgotten?.run(100) === false);
  other.items.clear()
  for (const [name, score] of pairs) other.items.set(name, score)
  checkOrder(other)
  other.churn(900, 50, 40)
  checkOrder(other)
  expect(model.pairs).toEqual(pairs)
  checkOrder(model)
})
