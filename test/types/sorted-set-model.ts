// A sorted set in a table beside a Map that says what ought to be in it, both changed by the same random steps.

import { Random } from '../../src/base/random.ts'
import { Cell } from '../../src/memory/cell.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { defaultLimits, type TypeEnvironment } from '../../src/types/environment.ts'
import { EMPTY_SORTED_SET_BYTES, SortedSetValue } from '../../src/types/sorted-set.ts'
import type { SortedSetReader } from '../../src/types/sorted-set-reader.ts'
import { SORTED_SET, SORTED_SET_LISTPACK } from '../../src/types/value-type.ts'
import { memberName } from '../memory/ordered-model.ts'
import { SEED } from '../memory/store-model.ts'

export type Pair = readonly [member: string, score: number]

const NAME = Buffer.from('the set')

export function text(slice: { view(): Uint8Array }): string {
  return Buffer.from(slice.view()).toString('latin1')
}

export function sliceOf(name: string): Slice {
  const bytes = Buffer.from(name, 'latin1')
  return new Slice().set(bytes, 0, bytes.length)
}

/** In the order of a sorted set. */
export function ordered(pairs: Iterable<Pair>): Pair[] {
  return [...pairs].sort(([a, x], [b, y]) =>
    x === y ? Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')) : x - y,
  )
}

export function readAll(set: SortedSetReader, isThere: boolean): Pair[] {
  const pairs: Pair[] = []
  for (let more = isThere; more; more = set.next()) pairs.push([text(set.member), set.score])
  return pairs
}

export class SortedSetModel {
  readonly table = new Table(SEED)
  readonly items = new Map<string, number>()
  readonly set: SortedSetValue
  readonly environment: TypeEnvironment
  readonly random: Random
  readonly #cell = new Cell()
  readonly #key = new Key(SEED).point(NAME, 0, NAME.length)
  readonly #members: number

  constructor(seed: number, members: number, entries: number) {
    this.random = new Random(seed)
    this.#members = members
    const limits = { ...defaultLimits(), sortedSetListpackEntries: entries, sortedSetListpackValue: 1000 }
    this.environment = { seed: SEED, chance: this.random, limits }
    this.set = new SortedSetValue(this.environment)
    this.table.add(this.#key, SORTED_SET, SORTED_SET_LISTPACK, 0, EMPTY_SORTED_SET_BYTES)
    this.set.create(this.#cell.open(this.table, this.#key, this.ref))
  }

  /** The entry of the set. */
  get ref(): number {
    return this.table.find(this.#key)
  }

  open(): SortedSetValue {
    return this.set.open(this.#cell.open(this.table, this.#key, this.ref))
  }

  drop(): void {
    this.table.remove(this.#key, this.ref)
  }

  get pairs(): Pair[] {
    return ordered(this.items)
  }

  score(): number {
    const kind = this.random.below(20)
    if (kind === 0) return this.random.below(2) === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    if (kind < 4) return this.random.fraction() * 100
    if (kind < 6) return this.random.below(2 ** 40) * 1e6
    return this.random.below(7) - 3
  }

  /** So many steps: of a hundred about `adding` add or change a score, `removing` remove. */
  churn(steps: number, adding: number, removing: number): void {
    for (let n = 0; n < steps; n++) {
      const name = memberName(this.random.below(this.#members))
      const member = sliceOf(name)
      const set = this.open()
      const isThere = set.find(member)
      if (isThere !== this.items.has(name)) throw new Error(`find is wrong about ${name}`)
      if (isThere && set.score !== this.items.get(name)) throw new Error(`the score of ${name} is wrong`)
      const kind = this.random.below(100)
      if (kind < adding) this.#put(set, name, isThere)
      else if (kind < adding + removing && isThere) {
        set.remove()
        this.items.delete(name)
      } else if (kind >= 98) this.#removeRange(set)
    }
  }

  #put(set: SortedSetValue, name: string, isThere: boolean): void {
    const score = this.score()
    if (isThere) set.setScore(sliceOf(name), score)
    else set.add(sliceOf(name), score)
    this.items.set(name, score)
  }

  #removeRange(set: SortedSetValue): void {
    const from = this.random.below(this.items.size + 1)
    const to = Math.min(this.items.size, from + this.random.below(5) ** 2)
    for (const [name] of this.pairs.slice(from, to)) this.items.delete(name)
    set.removeRange(from, to)
  }
}
