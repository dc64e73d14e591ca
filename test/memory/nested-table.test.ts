import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Cell } from '../../src/memory/cell.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { TableDisposal } from '../../src/memory/table-disposal.ts'
import { TABLE_ROOT_BYTES } from '../../src/memory/table-root.ts'
import { FrozenTable, savedTable, type TableImage } from '../../src/memory/table-view.ts'
import { SEED } from './store-model.ts'

const TYPE = 4

/** Tables that are values of another table, all worked on through one object; and what should be in them. */
class Nest {
  readonly outer = new Table(SEED)
  readonly inner = Table.unattached(SEED)
  readonly models: Map<string, string>[] = []
  readonly #cell = new Cell()
  readonly #name = new Key(SEED)
  readonly #member = new Key(SEED)

  constructor(count: number) {
    for (let i = 0; i < count; i++) {
      this.models.push(new Map())
      this.outer.add(this.#nameOf(i), TYPE, 0, 0, TABLE_ROOT_BYTES)
      const cell = this.#cellOf(i)
      this.inner.create(this.outer.entries).save(cell.bytes, cell.start)
    }
  }

  #nameOf(index: number): Key {
    const bytes = Buffer.from(`table:${index}`)
    return this.#name.point(bytes, 0, bytes.length)
  }

  #cellOf(index: number): Cell {
    const name = this.#nameOf(index)
    return this.#cell.open(this.outer, name, this.outer.find(name))
  }

  #memberOf(text: string): Key {
    const bytes = Buffer.from(text)
    return this.#member.point(bytes, 0, bytes.length)
  }

  set(index: number, member: string, text: string): void {
    const cell = this.#cellOf(index)
    cell.own()
    const table = this.inner.attach(cell.entries, cell.bytes, cell.start)
    const key = this.#memberOf(member)
    const found = table.find(key)
    const value = Buffer.from(text)
    const ref = found
      ? table.replace(key, found, 0, 0, 0, value.length)
      : table.add(key, 0, 0, 0, value.length)
    const { bytes, start } = cell.entries.value(ref, new Slice())
    bytes.set(value, start)
    table.save(cell.bytes, cell.start)
    this.models[index]!.set(member, text)
  }

  delete(index: number, member: string): void {
    const cell = this.#cellOf(index)
    cell.own()
    const table = this.inner.attach(cell.entries, cell.bytes, cell.start)
    const key = this.#memberOf(member)
    const found = table.find(key)
    expect(found !== 0).toBe(this.models[index]!.delete(member))
    if (found) table.remove(key, found)
    table.save(cell.bytes, cell.start)
  }

  content(index: number): Map<string, string> {
    const cell = this.#cellOf(index)
    const table = this.inner.attach(cell.entries, cell.bytes, cell.start)
    const content = new Map<string, string>()
    const slice = new Slice()
    table.each((ref) => {
      const member = Buffer.from(cell.entries.key(ref, slice).copy()).toString()
      content.set(member, Buffer.from(cell.entries.value(ref, slice).copy()).toString())
    })
    expect(content.size).toBe(table.count)
    return content
  }

  churn(random: Random, steps: number, adding: number): void {
    for (let step = 0; step < steps; step++) {
      const index = random.below(this.models.length)
      const member = `m${random.below(4000 >> index)}`
      if (random.below(100) < adding) this.set(index, member, `v${random.below(1e6)}`)
      else this.delete(index, member)
    }
  }

  check(): void {
    this.models.forEach((model, index) => {
      expect(this.content(index)).toEqual(model)
    })
  }

  /** Removes a table with all that is in it. */
  dispose(index: number): void {
    const cell = this.#cellOf(index)
    const disposal = new TableDisposal(cell.entries, cell.bytes, cell.start)
    for (let slices = 0; !disposal.run(50); slices++) expect(slices).toBeLessThan(1000)
    const name = this.#nameOf(index)
    this.outer.remove(name, this.outer.find(name))
    this.models.splice(index, 1)
  }
}

/** The tables in the values of a frozen one, by number. */
function frozenContents(image: TableImage): Map<string, string>[] {
  const contents: Map<string, string>[] = []
  const { entries } = new FrozenTable(image)
  const slice = new Slice()
  new FrozenTable(image).each((outer) => {
    const index = Number(Buffer.from(entries.key(outer, slice).copy()).toString().split(':')[1])
    const content = new Map<string, string>()
    const root = entries.value(outer, new Slice())
    savedTable(entries, root.bytes, root.start).each((ref) => {
      const member = Buffer.from(entries.key(ref, slice).copy()).toString()
      content.set(member, Buffer.from(entries.value(ref, slice).copy()).toString())
    })
    contents[index] = content
  })
  return contents
}

describe('tables in values', () => {
  test('are found again by what was saved, whatever one object did with others meanwhile', () => {
    const nest = new Nest(4)
    const random = new Random(5)
    for (const adding of [90, 20, 95, 5]) {
      nest.churn(random, 6000, adding)
      nest.check()
    }
  })

  test('give all memory back when they are disposed of', () => {
    const nest = new Nest(3)
    const { entries } = nest.outer
    const empty = new Table(SEED).entries.usedBytes
    nest.churn(new Random(6), 9000, 90)
    while (nest.models.length > 0) nest.dispose(nest.models.length - 1)
    expect(nest.outer.count).toBe(0)
    expect(entries.usedBytes).toBe(empty)
  })

  test('stay what they were for whoever reads the frozen pages', () => {
    const nest = new Nest(3)
    const random = new Random(7)
    nest.churn(random, 8000, 90)
    const frozen = nest.models.map((model) => new Map(model))
    const image = nest.outer.freeze()
    for (const adding of [95, 5, 60]) nest.churn(random, 4000, adding)
    nest.check()
    expect(frozenContents(image)).toEqual(frozen)
    nest.outer.entries.thaw()
    while (!nest.outer.entries.drain(1000));
    nest.check()
    while (nest.models.length > 0) nest.dispose(nest.models.length - 1)
    expect(nest.outer.entries.usedBytes).toBe(new Table(SEED).entries.usedBytes)
  })
})
