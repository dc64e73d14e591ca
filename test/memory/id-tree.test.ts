import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Arena, NO_REF } from '../../src/memory/arena.ts'
import { Entries } from '../../src/memory/entries.ts'
import { IdTree, nodeBytes } from '../../src/memory/id-tree.ts'
import { IdTreeDisposal } from '../../src/memory/id-tree-disposal.ts'
import { capacityOf, countOf, IdTreeView } from '../../src/memory/id-tree-view.ts'
import { blockBytes } from '../../src/memory/size-classes.ts'
import { WideId } from '../../src/memory/wide-id.ts'

const MASK = 0xffffffffn

function wide(value: bigint, id = new WideId()): WideId {
  const word = (shift: bigint) => Number((value >> shift) & MASK)
  return id.set(word(96n), word(64n), word(32n), word(0n))
}

function bigOf(id: WideId): bigint {
  const { upperHigh, upperLow, lowerHigh, lowerLow } = id
  return [upperHigh, upperLow, lowerHigh, lowerLow].reduce(
    (sum, word) => (sum << 32n) | BigInt(word >>> 0),
    0n,
  )
}

/** All ids of a tree with the first word of their payloads, in order. */
function contentOf(tree: IdTreeView): [bigint, number][] {
  const content: [bigint, number][] = []
  const id = new WideId()
  for (let more = tree.first(); more; more = tree.next()) {
    content.push([bigOf(tree.readId(id)), tree.payloadWords > 0 ? tree.words[tree.payloadAt]! : 0])
  }
  return content
}

class TreeModel {
  readonly entries = new Entries()
  readonly tree: IdTree
  readonly model = new Map<bigint, number>()
  readonly #random: Random
  readonly #id = new WideId()
  #next = 1n

  constructor(random: Random, payloadWords: number) {
    this.#random = random
    this.tree = new IdTree(payloadWords).attach(this.entries.arena, NO_REF, 0)
  }

  /** Different magnitudes, so that all four words matter. */
  #draw(range: number): bigint {
    const value = BigInt(this.#random.below(range))
    return (value << 110n) | (value << 63n) | value
  }

  append(): void {
    this.#next += BigInt(this.#random.below(3) + 1)
    this.set(this.#next | (1n << 127n))
  }

  set(id: bigint): void {
    const { tree } = this
    wide(id, this.#id)
    if (tree.find(this.#id)) tree.own()
    else tree.insert(this.#id)
    const value = this.#random.below(1e6)
    for (let i = 0; i < tree.payloadWords; i++) tree.words[tree.payloadAt + i] = value
    this.model.set(id, tree.payloadWords > 0 ? value : 0)
  }

  remove(id: bigint): void {
    expect(this.tree.removeId(wide(id, this.#id))).toBe(this.model.delete(id))
  }

  churn(steps: number, adding: number, range: number): void {
    for (let i = 0; i < steps; i++) {
      if (this.#random.below(100) < adding) this.set(this.#draw(range))
      else this.remove(this.#draw(range))
    }
  }

  removeFirst(count: number): void {
    const id = new WideId()
    for (let i = 0; i < count && this.tree.first(); i++) {
      this.model.delete(bigOf(this.tree.readId(id)))
      this.tree.remove()
    }
  }

  sorted(): [bigint, number][] {
    return [...this.model].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  check(): void {
    const { tree } = this
    const sorted = this.sorted()
    expect(tree.count).toBe(sorted.length)
    expect(contentOf(tree)).toEqual(sorted)
    const backwards: bigint[] = []
    const id = new WideId()
    for (let more = tree.last(); more; more = tree.previous()) backwards.push(bigOf(tree.readId(id)))
    expect(backwards.reverse()).toEqual(sorted.map(([key]) => key))
    this.#checkSeeking(sorted)
    this.#checkMemory()
  }

  #checkSeeking(sorted: [bigint, number][]): void {
    const { tree } = this
    const id = new WideId()
    for (let i = 0; i < 50; i++) {
      const key = this.#draw(3000)
      const at = sorted.findIndex(([other]) => other >= key)
      const above = at < 0 ? undefined : sorted[at]![0]
      const below = above === key ? key : sorted.at(at < 0 ? -1 : at - 1)?.[0]
      wide(key, id)
      expect(tree.find(id)).toBe(above === key)
      expect(tree.seek(id) ? bigOf(tree.readId(id)) : undefined).toBe(above)
      wide(key, id)
      const hasBelow = below !== undefined && below <= key
      expect(tree.seekBack(id) ? bigOf(tree.readId(id)) : undefined).toBe(hasBelow ? below : undefined)
    }
  }

  #checkMemory(): void {
    let bytes = 0
    this.tree.eachNode((_ref, head) => {
      expect(countOf(head)).toBeGreaterThan(0)
      expect(countOf(head)).toBeLessThanOrEqual(capacityOf(head))
      bytes += blockBytes(nodeBytes(head, this.tree.leafWords))
    })
    expect(this.entries.arena.usedBytes).toBe(bytes)
  }
}

describe.each([0, 1, 5])('an id tree with %i words of payload', (payloadWords) => {
  test('has what was put in and not taken out, in order', () => {
    const model = new TreeModel(new Random(1), payloadWords)
    model.check()
    for (const adding of [90, 20, 100, 40, 0]) {
      model.churn(3000, adding, 3000)
      model.check()
    }
    for (let i = 0; i < 1500; i++) model.append()
    model.check()
    model.removeFirst(1000)
    model.check()
    model.removeFirst(1e6)
    model.check()
    expect(model.entries.arena.usedBytes).toBe(0)
  })

  test('stays what it was for whoever reads the frozen pages', () => {
    const model = new TreeModel(new Random(2), payloadWords)
    const { entries, tree } = model
    for (let round = 0; round < 3; round++) {
      model.churn(3000, 80, 2500)
      for (let i = 0; i < 300; i++) model.append()
      const frozen = model.sorted()
      const view = new IdTreeView(payloadWords).view(entries.arena.words.slice(), tree.root, tree.count)
      entries.freeze()
      for (const adding of [95, 10, 60]) {
        model.churn(1500, adding, 2500)
        model.append()
        model.removeFirst(100)
        expect(contentOf(view)).toEqual(frozen)
      }
      model.check()
      entries.thaw()
      while (!entries.drain(100));
      model.check()
    }
    model.removeFirst(1e6)
    expect(entries.arena.usedBytes).toBe(0)
  })

  test('is freed bit by bit, with what its payloads refer to', () => {
    const model = new TreeModel(new Random(3), payloadWords)
    model.churn(6000, 90, 100_000)
    const { entries, tree } = model
    const seen: number[] = []
    const disposal = new IdTreeDisposal(
      entries,
      tree.root,
      payloadWords,
      payloadWords === 0
        ? undefined
        : (_entries, words, at) => {
            seen.push(words[at]!)
            return 1
          },
    )
    let slices = 1
    while (!disposal.run(20)) slices++
    expect(slices).toBeGreaterThan(payloadWords === 0 ? 1 : 100)
    expect(entries.arena.usedBytes).toBe(0)
    const values = model.sorted().map(([, value]) => value)
    if (payloadWords > 0) expect(seen.sort()).toEqual(values.sort())
  })
})

test('ids that come in order fill their nodes, so that a million take little more than themselves', () => {
  const arena = new Arena()
  const tree = new IdTree(0).attach(arena, NO_REF, 0)
  const id = new WideId()
  for (let i = 0; i < 1_000_000; i++) tree.insert(id.increment())
  expect(arena.usedBytes / 1_000_000).toBeLessThan(16.5)
})

describe('a wide id', () => {
  test('counts up and down across its words', () => {
    const largest = (1n << 128n) - 1n
    for (const value of [0n, 5n, MASK, (1n << 64n) - 1n, (1n << 96n) - 1n, largest]) {
      const id = wide(value)
      expect(bigOf(id.increment())).toBe((value + 1n) & largest)
      expect(bigOf(id.decrement())).toBe(value)
      expect(bigOf(id.decrement())).toBe((value - 1n) & largest)
    }
    expect(wide(largest).isLargest).toBe(true)
    expect(wide(largest - 1n).isLargest).toBe(false)
    expect(wide(0n).isZero).toBe(true)
    expect(wide(1n << 127n).isZero).toBe(false)
  })

  test('compares as the unsigned number it is', () => {
    const values = [0n, 1n, 1n << 31n, 1n << 32n, 1n << 63n, 1n << 64n, 1n << 95n, 1n << 127n]
    values.forEach((a, i) => {
      values.forEach((b, j) => {
        expect(Math.sign(wide(a).compare(wide(b)))).toBe(Math.sign(i - j))
      })
    })
  })

  test('has halves that are numbers', () => {
    const id = new WideId()
    id.setUpper(2 ** 53 - 1)
    id.setLower(2 ** 40 + 7)
    expect([id.upper, id.lower]).toEqual([2 ** 53 - 1, 2 ** 40 + 7])
    expect(bigOf(id)).toBe(((2n ** 53n - 1n) << 64n) | (2n ** 40n + 7n))
  })
})
