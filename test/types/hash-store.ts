// Hashes in a table as a database has them, changed at random together with plain maps that say what ought to be there.

import { expect } from 'vitest'
import type { Random } from '../../src/base/random.ts'
import { DigestBuilder } from '../../src/keyspace/digest-builder.ts'
import { disposalOf, earliestElementDeadline, kindOf } from '../../src/keyspace/kinds.ts'
import { Cell } from '../../src/memory/cell.ts'
import { NO_DEADLINE } from '../../src/memory/deadline.ts'
import type { EntryReader } from '../../src/memory/entry-reader.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { defaultLimits, type TypeEnvironment } from '../../src/types/environment.ts'
import { EMPTY_HASH_BYTES, HashValue } from '../../src/types/hash.ts'
import { HASH, HASH_LISTPACK } from '../../src/types/value-type.ts'

export const SEED = { low: 1, high: 2 }

interface Field {
  value: string
  deadline: number
}

export type Model = Map<string, Field>

export function slice(text: string): Slice {
  const bytes = Buffer.from(text, 'latin1')
  return new Slice().set(bytes, 0, bytes.length)
}

export function textOf(place: Slice): string {
  return Buffer.from(place.copy()).toString('latin1')
}

/** Short and long, numbers and text; few enough to meet again. */
function randomField(random: Random): string {
  const kind = random.below(30)
  if (kind === 0) return `long:${random.below(3)}`.padEnd(70, '-')
  if (kind < 10) return String(random.below(40) - 5)
  return `field:${random.below(40)}`
}

function randomValue(random: Random): string {
  const kind = random.below(60)
  if (kind === 0) return 'x'.repeat(65 + random.below(200))
  if (kind === 1) return 'y'.repeat(random.below(2) * 70_000)
  if (kind < 20) return String(random.below(1e6) * 2 ** random.below(30))
  return 'abc'.repeat(random.below(8))
}

export class HashStore {
  readonly table = new Table(SEED)
  readonly environment: TypeEnvironment
  readonly models: Model[] = []
  now = 1_700_000_000_000
  readonly #random: Random
  readonly #hash: HashValue
  readonly #cell = new Cell()
  readonly #key = new Key(SEED)
  readonly #isLarge: (index: number) => boolean

  /** `isLarge`: which hashes grow beyond a listpack. */
  constructor(random: Random, count: number, isLarge: (index: number) => boolean = () => true) {
    this.#random = random
    this.environment = { seed: SEED, chance: random, limits: { ...defaultLimits(), hashListpackEntries: 30 } }
    this.#hash = new HashValue(this.environment)
    this.#isLarge = isLarge
    for (let i = 0; i < count; i++) {
      this.models.push(new Map())
      this.create(i)
    }
  }

  #keyOf(index: number): Key {
    const bytes = Buffer.from(`hash:${index}`)
    return this.#key.point(bytes, 0, bytes.length)
  }

  /** The hash with a number; whatever is done with it must come after another was opened. */
  open(index: number, now = this.now): HashValue {
    const key = this.#keyOf(index)
    return this.#hash.open(this.#cell.open(this.table, key, this.table.find(key)), now)
  }

  create(index: number): void {
    const key = this.#keyOf(index)
    const ref = this.table.add(key, HASH, HASH_LISTPACK, 0, EMPTY_HASH_BYTES)
    this.#hash.create(this.#cell.open(this.table, key, ref), this.now)
    this.models[index]!.clear()
  }

  /** Removes a hash with all that it has, and begins it anew. */
  renew(index: number): void {
    const key = this.#keyOf(index)
    const ref = this.table.find(key)
    const disposal = disposalOf(this.table.entries, ref)
    while (disposal !== undefined && !disposal.run(1000));
    this.table.remove(key, ref)
    this.create(index)
  }

  copy(from: number, to: number): void {
    this.renew(to)
    const source = this.open(from).cell
    const { entries } = this.table
    const ref = source.ref
    const key = new Key(SEED)
    const bytes = Buffer.from(`hash:${to}`)
    key.point(bytes, 0, bytes.length)
    const placed = this.table.replace(
      key,
      this.table.find(key),
      HASH,
      entries.encodingOf(ref),
      0,
      source.length,
    )
    entries.copyValue(ref, placed)
    const target = new Cell().open(this.table, key, placed)
    kindOf(HASH, entries.encodingOf(ref)).copy?.(source, target, this.environment)
    for (const [name, field] of this.models[from]!) this.models[to]!.set(name, { ...field })
  }

  churn(steps: number): void {
    for (let step = 0; step < steps; step++) this.#change(this.#random.below(this.models.length))
  }

  #change(index: number): void {
    const random = this.#random
    const kind = random.below(100)
    const model = this.models[index]!
    if (kind < 45) {
      const name = this.#fieldFor(index)
      this.set(
        index,
        name,
        this.#isLarge(index) ? randomValue(random) : randomValue(random).slice(0, 60),
        kind < 10,
      )
    } else if (kind < 65) this.remove(index, this.#fieldFor(index))
    else if (kind < 90) this.setDeadline(index, this.#fieldFor(index))
    else if (kind < 95) this.removeDue(index)
    else if (kind === 95 && model.size > 20) this.renew(index)
    else if (kind === 96) this.copy(index, (index + 1) % this.models.length)
    else this.now += random.below(2000)
  }

  #fieldFor(index: number): string {
    if (this.#isLarge(index)) return randomField(this.#random)
    return `f${this.#random.below(25)}`
  }

  set(index: number, name: string, value: string, keeps = false): void {
    const model = this.models[index]!
    const old = this.visible(index, name)
    const isNew = this.open(index).set(slice(name), slice(value), keeps)
    expect(isNew).toBe(old === undefined)
    model.set(name, { value, deadline: keeps && old !== undefined ? old.deadline : NO_DEADLINE })
  }

  remove(index: number, name: string): void {
    const hash = this.open(index)
    const isThere = hash.find(slice(name))
    expect(isThere).toBe(this.visible(index, name) !== undefined)
    if (!isThere) return
    hash.remove()
    this.models[index]!.delete(name)
  }

  setDeadline(index: number, name: string): void {
    const hash = this.open(index)
    if (!hash.find(slice(name))) return
    const deadline = this.#random.below(3) === 0 ? NO_DEADLINE : this.now + 1 + this.#random.below(20_000)
    hash.setDeadline(deadline)
    expect(textOf(hash.field())).toBe(name)
    expect(hash.deadline).toBe(deadline)
    this.models[index]!.get(name)!.deadline = deadline
  }

  removeDue(index: number): void {
    const model = this.models[index]!
    const removed: string[] = []
    const hash = this.open(index)
    while (!hash.removeDue(this.now, 1, (due, names) => names.push(textOf(due.field())), removed));
    const due = [...model].filter(([, { deadline }]) => deadline <= this.now).map(([name]) => name)
    expect(removed.sort()).toEqual(due.sort())
    for (const name of due) model.delete(name)
    expect(hash.earliestDeadline).toBeGreaterThan(this.now)
  }

  visible(index: number, name: string): Field | undefined {
    const field = this.models[index]!.get(name)
    return field !== undefined && field.deadline > this.now ? field : undefined
  }

  visibleNames(index: number): string[] {
    return [...this.models[index]!].filter(([, { deadline }]) => deadline > this.now).map(([name]) => name)
  }

  /** Throws unless every hash is what its model says. */
  check(): void {
    this.models.forEach((model, index) => {
      const all = this.open(index, Number.NEGATIVE_INFINITY)
      const seen: Model = new Map()
      all.each((hash, found) => {
        found.set(textOf(hash.field()), { value: textOf(hash.value()), deadline: hash.deadline })
      }, seen)
      expect(seen).toEqual(model)
      expect(all.count).toBe(model.size)
      const earliest = Math.min(...[...model.values()].map(({ deadline }) => deadline), NO_DEADLINE)
      // Of a table it is a lower bound.
      expect(all.hasDeadlines).toBe(earliest !== NO_DEADLINE)
      expect(all.earliestDeadline).toBeLessThanOrEqual(earliest)
      expect(earliestElementDeadline(this.table.entries, all.cell.ref)).toBe(all.earliestDeadline)
      expect(this.open(index).countVisible()).toBe(this.visibleNames(index).length)
    })
  }
}

/** Digests of the hashes that a reader finds, by key. */
export function digestsOf(reader: {
  readonly entries: EntryReader
  each(visit: (ref: number) => void): void
}): Map<string, string> {
  const digests = new Map<string, string>()
  reader.each((ref) => {
    const { entries } = reader
    const digest = new DigestBuilder()
    kindOf(entries.typeOf(ref), entries.encodingOf(ref)).mix(digest, entries, ref)
    digests.set(textOf(entries.key(ref, new Slice())), digest.hex)
  })
  return digests
}
