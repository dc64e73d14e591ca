// An ordered index beside a sorted array that says what ought to be in it, both changed by the same random steps.

import type { Random } from '../../src/base/random.ts'
import type { Ref } from '../../src/memory/arena.ts'
import { NO_DEADLINE } from '../../src/memory/deadline.ts'
import { Entries } from '../../src/memory/entries.ts'
import type { EntryReader } from '../../src/memory/entry-reader.ts'
import { Key } from '../../src/memory/key.ts'
import { OrderedCursor, type TreePlace } from '../../src/memory/ordered-cursor.ts'
import { OrderedIndex, TREE_BYTES } from '../../src/memory/ordered-index.ts'
import { Slice } from '../../src/memory/slice.ts'
import { SEED } from './store-model.ts'

export interface Item {
  readonly score: number
  readonly name: string
  readonly ref: Ref
}

export interface OrderedHabits {
  /** How many members there are to choose from. */
  readonly members: number
  readonly score: (random: Random) => number
}

export function compareItems(a: Item, b: Item): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  return Buffer.compare(Buffer.from(a.name, 'latin1'), Buffer.from(b.name, 'latin1'))
}

/** Members of all lengths, some of them the beginning of others, with high bytes among them. */
export function memberName(n: number): string {
  const name = n % 3 === 0 ? `${n}` : Buffer.from([n >>> 8, n & 0xff, 200 + (n % 50)]).toString('latin1')
  return n % 5 === 0 ? name.padEnd(n % 40, '\u00ff') : name
}

export class OrderedModel {
  readonly entries = new Entries()
  readonly tree = new OrderedIndex().create(this.entries)
  items: Item[] = []
  readonly #byName = new Map<string, Item>()
  readonly #place = new Uint8Array(TREE_BYTES)
  readonly #key = new Key(SEED)
  readonly #slice = new Slice()
  readonly #random: Random
  readonly #habits: OrderedHabits

  constructor(random: Random, habits: OrderedHabits) {
    this.#random = random
    this.#habits = habits
    this.tree.save(this.#place, 0)
  }

  /** So many steps: of a hundred about `adding` add, `removing` remove, and the rest changes what is there. */
  churn(steps: number, adding: number, removing: number): void {
    const random = this.#random
    for (let n = 0; n < steps; n++) {
      const name = memberName(random.below(this.#habits.members))
      const kind = random.below(100)
      // One tree after another is attached to the same index: nothing may be kept in it.
      this.tree.create(this.entries).attach(this.entries, this.#place, 0)
      if (kind < adding) this.add(name, this.#habits.score(random))
      else if (kind < adding + removing) this.remove(name)
      else this.#change(name)
      this.tree.save(this.#place, 0)
    }
  }

  add(name: string, score: number): void {
    if (this.#byName.has(name)) return
    const bytes = Buffer.from(name, 'latin1')
    const ref = this.entries.create(this.#key.point(bytes, 0, bytes.length), 0, 0, 0, 8, NO_DEADLINE)
    this.tree.insert(score, ref)
    this.#put({ score, name, ref })
  }

  remove(name: string): void {
    const item = this.#byName.get(name)
    if (item === undefined) return
    this.tree.remove(item.score, item.ref)
    this.entries.free(item.ref)
    this.#drop(item)
  }

  removeRange(from: number, to: number): void {
    for (const item of this.items.slice(from, to)) {
      this.entries.free(item.ref)
      this.#byName.delete(item.name)
    }
    this.items.splice(from, to - from)
    this.tree.removeRange(from, to)
  }

  #change(name: string): void {
    const item = this.#byName.get(name)
    const kind = this.#random.below(20)
    if (kind === 0) {
      const from = this.#random.below(this.items.length + 1)
      this.removeRange(from, Math.min(this.items.length, from + this.#random.below(8) ** 3))
    } else if (item === undefined) {
      return
    } else if (kind < 10) {
      // To a near score now and then, which can leave the item where it is.
      const score = this.#random.below(2) === 0 ? item.score + 0.125 : this.#habits.score(this.#random)
      this.#rescore(item, score)
    } else {
      const ref = this.#move(item)
      this.tree.replaceMember(item.score, item.ref, ref)
      this.#drop(item)
      this.#put({ ...item, ref })
    }
  }

  #rescore(item: Item, score: number): void {
    const ref = this.#random.below(2) === 0 ? this.#move(item) : item.ref
    this.tree.rescore(item.score, item.ref, score, ref)
    this.#drop(item)
    this.#put({ ...item, score, ref })
  }

  /** The entry in another block; the old one is freed, and what was in it overwritten. */
  #move(item: Item): Ref {
    const bytes = Buffer.from(item.name, 'latin1')
    const ref = this.entries.move(this.#key.point(bytes, 0, bytes.length), item.ref, NO_DEADLINE)
    this.entries.freeMoved(item.ref, ref)
    return ref
  }

  #put(item: Item): void {
    this.items.splice(this.#indexOf(item), 0, item)
    this.#byName.set(item.name, item)
  }

  #drop(item: Item): void {
    this.items.splice(this.#indexOf(item), 1)
    this.#byName.delete(item.name)
  }

  /** How many items come before this one. */
  #indexOf(item: Item): number {
    let low = 0
    let high = this.items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareItems(this.items[middle]!, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Throws unless ranks by item, score and, where all scores are the same, member are right. */
  checkRanks(checks: number): void {
    const { tree, items } = this
    const random = this.#random
    for (let n = 0; n < checks; n++) {
      const score = this.#habits.score(random)
      const name = memberName(random.below(this.#habits.members))
      const bytes = Buffer.from(name, 'latin1')
      this.#slice.set(bytes, 0, bytes.length)
      expectSame(tree.rankOf(score, this.#slice), this.#indexOf({ score, name, ref: 0 }), 'rankOf')
      const lower = items.filter((item) => item.score < score).length
      const notHigher = items.filter((item) => item.score <= score).length
      expectSame(tree.rankOfScore(score, 'before'), lower, 'rankOfScore')
      expectSame(tree.rankOfScore(score, 'after'), notHigher, 'rankOfScore')
      if (items.length === 0) continue
      const rank = random.below(items.length)
      expectSame(tree.rankOfEntry(items[rank]!.score, items[rank]!.ref), rank, 'rankOfEntry')
      if (items[0]!.score !== items[items.length - 1]!.score) continue
      const before = this.#indexOf({ score: items[0]!.score, name, ref: 0 })
      const after = items[before]?.name === name ? before + 1 : before
      expectSame(tree.rankOfMember(this.#slice, 'before'), before, 'rankOfMember')
      expectSame(tree.rankOfMember(this.#slice, 'after'), after, 'rankOfMember')
    }
  }
}

function expectSame(is: number, ought: number, what: string): void {
  if (is !== ought) throw new Error(`${what} is ${is} and ought to be ${ought}`)
}

/** Throws unless a reader finds just these items, from any rank on, in both directions. */
export function checkItems(items: readonly Item[], reader: EntryReader, place: TreePlace): void {
  const cursor = new OrderedCursor()
  const slice = new Slice()
  const check = (rank: number) => {
    const item = items[rank]!
    const name = Buffer.from(reader.key(cursor.member, slice).view()).toString('latin1')
    if (cursor.member !== item.ref || name !== item.name || cursor.score !== item.score) {
      throw new Error(`rank ${rank} is ${cursor.score} ${name} and ought to be ${item.score} ${item.name}`)
    }
  }
  const last = items.length - 1
  for (const start of new Set([0, 1, last >> 1, last])) {
    if (cursor.seek(reader, place, start) !== (start >= 0 && start <= last)) throw new Error(`seek ${start}`)
    if (start < 0 || start > last) continue
    for (let rank = start; ; rank++) {
      check(rank)
      if (cursor.next() !== rank < last) throw new Error(`an end at ${rank} of ${last}`)
      if (rank === last) break
    }
    cursor.seek(reader, place, start)
    for (let rank = start; ; rank--) {
      check(rank)
      if (cursor.previous() !== rank > 0) throw new Error(`a beginning at ${rank}`)
      if (rank === 0) break
    }
  }
  if (cursor.seek(reader, place, last + 1) || cursor.seek(reader, place, -1))
    throw new Error('there is nothing beyond the ends')
}
