import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { EntryReader } from '../../src/memory/entry-reader.ts'
import { FrozenLargeValues } from '../../src/memory/large-values.ts'
import { OrderedDisposal } from '../../src/memory/ordered-disposal.ts'
import { checkOrderedIndex } from './ordered-invariants.ts'
import { checkItems, memberName, OrderedModel } from './ordered-model.ts'

const SCORES = {
  different: (random: Random) => random.fraction() * 2000 - 1000,
  few: (random: Random) =>
    [0, -0, 1, 1, 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][random.below(7)]!,
  same: () => 0,
}

/** Shares of adding and removing, in percent: growing, changing, shrinking, emptying. */
const MIXES = [
  [90, 5],
  [20, 10],
  [10, 60],
  [2, 98],
] as const

function check(model: OrderedModel): void {
  const { entries, tree } = model
  const shape = checkOrderedIndex(entries, tree)
  checkItems(model.items, entries, tree)
  const members = model.items.reduce((sum, item) => sum + entries.footprint(item.ref), 0)
  expect(entries.arena.usedBytes).toBe(shape.bytes + members)
}

describe.each(Object.keys(SCORES) as (keyof typeof SCORES)[])('with scores that are %s', (kind) => {
  test.each([20, 200, 6000])('an ordered index of up to %d members is as a sorted array', (members) => {
    const model = new OrderedModel(new Random(members), { members, score: SCORES[kind] })
    let heighest = 0
    for (let round = 0; round < 2; round++) {
      for (const [adding, removing] of MIXES) {
        for (let n = 0; n < 4; n++) {
          model.churn(members, adding, removing)
          check(model)
          model.checkRanks(20)
          heighest = Math.max(heighest, model.tree.height)
        }
      }
    }
    expect(heighest).toBe({ 20: 1, 200: 2, 6000: 3 }[members])
    model.removeRange(0, model.items.length)
    expect(model.tree.count).toBe(0)
    expect(model.entries.usedBytes).toBe(0)
  })

  test.each([60, 6000])(
    'while frozen an ordered index of %d members still shows the moment of the freeze',
    (members) => {
      const model = new OrderedModel(new Random(members + 1), { members, score: SCORES[kind] })
      const { entries, tree } = model
      model.churn(members * 2, 80, 10)
      for (let round = 0; round < 3; round++) {
        const items = model.items.slice()
        const place = { root: tree.root, height: tree.height }
        const { pages, large } = entries.freeze()
        const words = pages.map((page) => new Int32Array(page))
        const bytes = pages.map((page) => new Uint8Array(page))
        const frozen = new EntryReader({ words, bytes, halves: [] }, new FrozenLargeValues(large))
        for (const [adding, removing] of MIXES) {
          model.churn(members, adding, removing)
          check(model)
          model.checkRanks(10)
          checkItems(items, frozen, place)
        }
        entries.thaw()
        if (round !== 1) while (!entries.drain(100));
        model.churn(members, 80, 10)
        check(model)
      }
      model.removeRange(0, model.items.length)
      expect(entries.usedBytes).toBe(0)
      expect(entries.arena.quarantinedBytes).toBe(0)
    },
  )
})

test('leaves are at least 70 % full after random inserts, and nearly full after ascending ones', () => {
  const random = new OrderedModel(new Random(3), { members: 40_000, score: SCORES.different })
  random.churn(40_000, 100, 0)
  expect(checkOrderedIndex(random.entries, random.tree).fill).toBeGreaterThan(0.7)
  const ascending = new OrderedModel(new Random(3), { members: 0, score: SCORES.same })
  for (let n = 0; n < 10_000; n++) ascending.add(memberName(n), n)
  expect(checkOrderedIndex(ascending.entries, ascending.tree).fill).toBeGreaterThan(0.98)
  const descending = new OrderedModel(new Random(3), { members: 0, score: SCORES.same })
  for (let n = 0; n < 10_000; n++) descending.add(memberName(n), -n)
  expect(checkOrderedIndex(descending.entries, descending.tree).fill).toBeGreaterThan(0.7)
})

test('a range of ranks is removed wherever it begins and ends', () => {
  const random = new Random(4)
  for (let n = 0; n < 60; n++) {
    const model = new OrderedModel(random, { members: 0, score: SCORES.same })
    const size = random.below(9000)
    for (let member = 0; member < size; member++) model.add(memberName(member), member % 100)
    const from = random.below(size + 1)
    model.removeRange(from, from + random.below(size - from + 1))
    check(model)
  }
})

describe('disposing of a tree', () => {
  test.each([0, 5, 500, 9000])(
    'of %d items takes slices of so many nodes, and leaves nothing behind',
    (members) => {
      const model = new OrderedModel(new Random(5), { members, score: SCORES.different })
      for (let n = 0; n < members; n++) model.add(memberName(n), n)
      const { nodes } = checkOrderedIndex(model.entries, model.tree)
      const disposal = new OrderedDisposal(model.entries, model.tree)
      model.tree.create(model.entries)
      let steps = 1
      while (!disposal.run(10)) steps++
      expect(steps).toBe(Math.max(1, Math.ceil(nodes / 10)))
      for (const item of model.items) model.entries.free(item.ref)
      expect(model.entries.usedBytes).toBe(0)
    },
  )

  test('can go on during a freeze, which still shows the tree as far as it was left', () => {
    const model = new OrderedModel(new Random(6), { members: 0, score: SCORES.same })
    const { entries, tree } = model
    for (let n = 0; n < 9000; n++) model.add(memberName(n), n)
    const place = { root: tree.root, height: tree.height }
    entries.freeze()
    const disposal = new OrderedDisposal(entries, place)
    tree.create(model.entries)
    while (!disposal.run(7));
    checkItems(model.items, entries, place)
    entries.thaw()
    while (!entries.drain(50));
    for (const item of model.items) entries.free(item.ref)
    expect(entries.usedBytes).toBe(0)
  })
})
