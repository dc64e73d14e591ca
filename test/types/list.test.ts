// Lists in both forms, against arrays: random operations on several lists in one store, under several limits, also while
// the store is frozen: then a reader goes on seeing what there was. And memory comes back to the byte.

import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Cell } from '../../src/memory/cell.ts'
import { ChunkCompressor } from '../../src/memory/chunk-compression.ts'
import { COMPRESSED, LIST_ROOT_BYTES } from '../../src/memory/chunk-directory.ts'
import {
  ChunkDisposal,
  ChunkReader,
  chunkFootprint,
  copyChunks,
  emitChunks,
} from '../../src/memory/chunk-disposal.ts'
import { Element } from '../../src/memory/element.ts'
import { Key } from '../../src/memory/key.ts'
import { Listpack, type TextSink } from '../../src/memory/listpack.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { FrozenTable } from '../../src/memory/table-view.ts'
import { defaultLimits, type EncodingLimits } from '../../src/types/environment.ts'
import { EMPTY_LIST_BYTES, ListValue } from '../../src/types/list.ts'
import { LIST, LIST_LISTPACK, LIST_QUICKLIST } from '../../src/types/value-type.ts'

const SEED = { low: 3, high: 4 }

class Texts implements TextSink {
  readonly texts: string[] = []

  bulkBytes(bytes: Uint8Array, start: number, length: number): void {
    this.texts.push(Buffer.from(bytes.subarray(start, start + length)).toString('latin1'))
  }
}

/** Lists in one store, and what should be in them. */
class Lists {
  readonly table = new Table(SEED)
  readonly limits = defaultLimits()
  readonly models: string[][] = []
  readonly random: Random
  readonly list: ListValue
  readonly cell = new Cell()
  readonly #key = new Key(SEED)
  readonly #element = new Element()

  constructor(count: number, seed: number) {
    this.random = new Random(seed)
    this.list = new ListValue({ seed: SEED, chance: this.random, limits: this.limits })
    for (let i = 0; i < count; i++) {
      this.models.push([])
      this.add(i)
    }
  }

  add(index: number): void {
    const key = this.key(index)
    this.table.add(key, LIST, LIST_LISTPACK, 0, EMPTY_LIST_BYTES)
    this.list.create(this.cell.open(this.table, key, this.table.find(key)))
  }

  key(index: number): Key {
    const bytes = Buffer.from(`list:${index}`)
    return this.#key.point(bytes, 0, bytes.length)
  }

  open(index: number): ListValue {
    const key = this.key(index)
    return this.list.open(this.cell.open(this.table, key, this.table.find(key)))
  }

  element(text: string): Element {
    const bytes = Buffer.from(text, 'latin1')
    return this.#element.point(bytes, 0, bytes.length)
  }

  text(): string {
    const { random } = this
    switch (random.below(12)) {
      case 0:
        return String(random.below(10) - 5)
      case 1:
        return String(random.below(2 ** 31) * (random.below(2) === 0 ? 1 : -1_000_000))
      case 2:
        return 'x'.repeat(random.below(300))
      case 3:
        return random.below(10) === 0 ? 'y'.repeat(random.below(12_000)) : 'y'
      case 4:
        return random.below(30) === 0 ? 'z'.repeat(60_000 + random.below(20_000)) : '-0'
      case 5:
        return '9223372036854775807'
      default:
        return `element ${random.below(40)}`
    }
  }

  content(index: number): string[] {
    const list = this.open(index)
    const texts = new Texts()
    if (list.count > 0) list.emit(0, list.count, texts)
    return texts.texts
  }

  check(index: number): void {
    const model = this.models[index]!
    const list = this.open(index)
    expect(list.count).toBe(model.length)
    expect(this.content(index)).toEqual(model)
    const forward: string[] = []
    for (let isThere = list.seek(0); isThere; isThere = list.next()) forward.push(this.#read(list))
    expect(forward).toEqual(model)
    const backward: string[] = []
    for (let isThere = list.seek(-1); isThere; isThere = list.previous()) backward.push(this.#read(list))
    expect(backward.reverse()).toEqual(model)
  }

  readonly #into = new Element()

  #read(list: ListValue): string {
    return Buffer.from(list.read(this.#into).copy()).toString('latin1')
  }

  /** One random change of a list and its model. */
  change(index: number): void {
    const { random } = this
    const model = this.models[index]!
    const text = this.text()
    const list = this.open(index)
    const kind = random.below(model.length > 400 ? 16 : 12)
    if (kind < 5) this.#push(list, model, random.below(4) > 0)
    else if (kind < 7) this.#insert(list, model, text)
    else if (kind === 7 && model.length > 0) {
      const at = random.below(model.length)
      list.expect(text.length, 1)
      expect(list.seek(random.below(2) === 0 ? at : at - model.length)).toBe(true)
      list.replace(this.element(text))
      list.shrink()
      model[at] = text
    } else if (kind === 8 && model.length > 0) {
      const wanted = model[random.below(model.length)]!
      const limit = 1 + random.below(4)
      const isFromEnd = random.below(2) === 0
      const removed = isFromEnd
        ? list.removeLast(this.element(wanted), limit)
        : list.removeFirst(this.element(wanted), limit)
      list.shrink()
      expect(removed).toBe(removeFrom(model, wanted, limit, isFromEnd))
    } else if (model.length > 0) {
      const start = [0, random.below(model.length), model.length - 1][random.below(3)]!
      const most = kind > 12 ? model.length : 1 + random.below(3)
      const count = Math.min(1 + random.below(most), model.length - start)
      list.removeRange(start, count)
      list.shrink()
      model.splice(start, count)
    }
  }

  #push(list: ListValue, model: string[], isMany: boolean): void {
    const { random } = this
    const texts = Array.from({ length: isMany ? 1 + random.below(20) : 1 }, () => this.text())
    const atFront = random.below(2) === 0
    list.expect(
      texts.reduce((sum, { length }) => sum + length, 0),
      texts.length,
    )
    for (const text of texts) {
      if (atFront) {
        list.pushFirst(this.element(text))
        model.unshift(text)
      } else {
        list.pushLast(this.element(text))
        model.push(text)
      }
    }
  }

  #insert(list: ListValue, model: string[], text: string): void {
    if (model.length === 0) return
    const { random } = this
    const pivot = model[random.below(model.length)]!
    list.expect(text.length, 1)
    list.seek(0)
    expect(list.find(this.element(pivot))).toBe(true)
    const at = model.indexOf(pivot)
    if (random.below(2) === 0) {
      list.insertBefore(this.element(text))
      model.splice(at, 0, text)
    } else {
      list.insertAfter(this.element(text))
      model.splice(at + 1, 0, text)
    }
  }

  /** Removes a list with all that belongs to it. */
  remove(index: number): void {
    const key = this.key(index)
    const { entries } = this.table
    const entry = this.table.find(key)
    if (entries.encodingOf(entry) === LIST_QUICKLIST) {
      const { bytes, start } = entries.value(entry, new Slice())
      const disposal = new ChunkDisposal(entries, bytes, start)
      this.table.remove(key, entry)
      while (!disposal.run(3));
    } else this.table.remove(key, entry)
  }
}

function removeFrom(model: string[], text: string, limit: number, isFromEnd: boolean): number {
  let removed = 0
  while (removed < limit) {
    const at = isFromEnd ? model.lastIndexOf(text) : model.indexOf(text)
    if (at < 0) break
    model.splice(at, 1)
    removed++
  }
  return removed
}

/** What a reader of a freeze finds. */
function frozenContent(frozen: FrozenTable): Map<string, string[]> {
  const content = new Map<string, string[]>()
  frozen.each((entry) => {
    const { entries } = frozen
    const texts = new Texts()
    const value = entries.value(entry, new Slice())
    if (entries.encodingOf(entry) === LIST_QUICKLIST) emitChunks(entries, value, texts)
    else {
      const pack = new Listpack().openAt(value)
      pack.emit(pack.first, pack.count, texts)
    }
    content.set(Buffer.from(entries.key(entry, new Slice()).copy()).toString(), texts.texts)
  })
  return content
}

const LIMITS: [string, Partial<EncodingLimits>][] = [
  ['8 KB', {}],
  ['4 KB', { listListpackSize: -1 }],
  ['64 KB', { listListpackSize: -5 }],
  ['3 elements', { listListpackSize: 3 }],
  ['16 elements', { listListpackSize: 16 }],
  ['no elements at all', { listListpackSize: 0 }],
  ['8 KB and long texts apart', { listPackedThreshold: 12 }],
  ['16 elements, the inner ones compressed', { listListpackSize: 16, listCompressDepth: 1 }],
  ['40 elements, compressed but for two at each end', { listListpackSize: 40, listCompressDepth: 2 }],
  [
    '4 KB, the inner ones compressed, and long texts',
    { listListpackSize: -1, listCompressDepth: 1, listPackedThreshold: 200 },
  ],
]

describe.each(LIMITS)('with chunks of %s', (_, limits) => {
  test('random changes do what they do to an array', () => {
    const lists = new Lists(3, 1)
    Object.assign(lists.limits, limits)
    for (let i = 0; i < 2500; i++) {
      const index = lists.random.below(3)
      lists.change(index)
      if (i % 10 === 0 || lists.models[index]!.length < 20) lists.check(index)
    }
    for (let i = 0; i < 3; i++) lists.check(i)
  })

  test('a frozen reader sees what there was, whatever is changed meanwhile', () => {
    const lists = new Lists(4, 2)
    Object.assign(lists.limits, limits)
    const empty = new Lists(0, 2).table.entries.usedBytes
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 60; i++) lists.change(lists.random.below(4))
      const frozen = new FrozenTable(lists.table.freeze())
      const expected = new Map(lists.models.map((model, index) => [`list:${index}`, model.slice()]))
      for (let i = 0; i < 60; i++) lists.change(lists.random.below(4))
      expect(frozenContent(frozen)).toEqual(expected)
      for (let i = 0; i < 4; i++) lists.check(i)
      lists.table.entries.thaw()
      while (!lists.table.entries.drain(1000));
    }
    for (let i = 0; i < 4; i++) lists.remove(i)
    expect(lists.table.entries.usedBytes).toBe(empty)
  })

  test('memory comes back to the byte, and what it takes is told', () => {
    const lists = new Lists(1, 3)
    Object.assign(lists.limits, limits)
    const before = lists.table.entries.usedBytes
    for (let i = 0; i < 400; i++) {
      lists.change(0)
      const { entries } = lists.table
      const entry = lists.table.find(lists.key(0))
      const besides =
        entries.encodingOf(entry) === LIST_QUICKLIST
          ? chunkFootprint(entries, entries.value(entry, new Slice()), 0)
          : 0
      const directoryOverhead = 64
      expect(entries.usedBytes - before).toBeLessThanOrEqual(
        entries.footprint(entry) + besides + directoryOverhead,
      )
      expect(entries.usedBytes - before).toBeGreaterThanOrEqual(besides)
    }
    lists.remove(0)
    lists.models[0] = []
    lists.add(0)
    expect(lists.table.entries.usedBytes).toBe(before)
  })
})

/** Says which chunks of the list in the cell are compressed, and throws if others should be. */
function compressedChunks({ entries, bytes, start }: Cell, depth: number): boolean[] {
  const reader = new ChunkReader(entries, new Slice().set(bytes, start, 0))
  const { slots } = reader
  return Array.from({ length: slots.chunks }, (_, i) => {
    const isCompressed = slots.kindOf(i) === COMPRESSED
    const isInner = i >= depth && i < slots.chunks - depth
    const isWorthIt = reader.open(i) && new ChunkCompressor().compress(reader.pack) !== undefined
    if (isCompressed !== (isInner && isWorthIt)) throw new Error(`chunk ${i} of ${slots.chunks}`)
    return isCompressed
  })
}

describe.each([1, 2, 5])('with %i chunks at each end that are not compressed', (depth) => {
  test('all others are, after every change', () => {
    const lists = new Lists(1, 11)
    Object.assign(lists.limits, { listListpackSize: 8, listCompressDepth: depth })
    let most = 0
    for (let i = 0; i < 1500; i++) {
      lists.change(0)
      const { cell } = lists.open(0)
      if (cell.encoding !== LIST_QUICKLIST) continue
      most = Math.max(most, compressedChunks(cell, depth).filter(Boolean).length)
    }
    expect(most).toBeGreaterThan(5)
  })
})

test('lists are what they are while compression is switched on and off', () => {
  const lists = new Lists(2, 12)
  lists.limits.listListpackSize = 10
  for (let i = 0; i < 3000; i++) {
    if (i % 50 === 0) lists.limits.listCompressDepth = lists.random.below(4)
    lists.change(i % 2)
    if (i % 20 === 0) lists.check(i % 2)
  }
})

test('a compressed list takes a fraction of the memory, and its copy too', () => {
  const sizes = [0, 1].map((depth) => {
    const lists = new Lists(2, 13)
    lists.limits.listCompressDepth = depth
    const list = lists.open(0)
    for (let i = 0; i < 20_000; i++) {
      list.expect(40, 1)
      list.pushLast(lists.element(`a text that is much like the others: ${i}`))
    }
    const { entries } = lists.table
    const root = new Slice().set(list.cell.bytes, list.cell.start, list.cell.length)
    const before = entries.usedBytes
    const copy = new Cell()
    copyChunks(entries, root, entries, copy.set(new Uint8Array(LIST_ROOT_BYTES), 0, LIST_ROOT_BYTES))
    const texts = new Texts()
    emitChunks(entries, copy, texts)
    expect(texts.texts).toEqual(lists.content(0))
    expect(entries.usedBytes - before).toBeLessThanOrEqual(before)
    return before
  })
  expect(sizes[1]! * 4).toBeLessThan(sizes[0]!)
})

test('a long list grows at both ends, and empties from both', () => {
  const lists = new Lists(1, 4)
  const list = lists.open(0)
  for (let i = 0; i < 60_000; i++) {
    list.expect(6, 1)
    list.pushLast(lists.element(`${100_000 + i}`))
    list.pushFirst(lists.element(`${99_999 - i}`))
  }
  expect(list.count).toBe(120_000)
  for (const index of [0, 1, 777, 59_999, 60_000, 119_999]) {
    expect(list.seek(index)).toBe(true)
    expect(list.read(new Element()).integer).toBe(40_000 + index)
    expect(list.seek(index - 120_000)).toBe(true)
    expect(list.read(new Element()).integer).toBe(40_000 + index)
  }
  expect(list.seek(120_000)).toBe(false)
  expect(list.seek(-120_001)).toBe(false)
  for (let i = 0; i < 59_990; i++) {
    list.removeRange(0, 1)
    list.removeRange(list.count - 1, 1)
  }
  list.shrink()
  expect(list.cell.encoding).toBe(LIST_LISTPACK)
  expect(lists.content(0)).toEqual(Array.from({ length: 20 }, (_, i) => `${99_990 + i}`))
})

test('a list with a directory that fits into no block', () => {
  const lists = new Lists(1, 5)
  lists.limits.listListpackSize = 1
  const list = lists.open(0)
  for (let i = 0; i < 20_000; i++) {
    list.expect(5, 1)
    list.pushFirst(lists.element(`e${i}`))
  }
  const frozen = new FrozenTable(lists.table.freeze())
  for (let i = 0; i < 19_000; i++) list.removeRange(list.count - 1, 1)
  expect(frozenContent(frozen).get('list:0')).toHaveLength(20_000)
  lists.table.entries.thaw()
  expect(lists.content(0)).toEqual(Array.from({ length: 1000 }, (_, i) => `e${19_999 - i}`))
})

test('a copy is equal and independent', () => {
  const lists = new Lists(1, 6)
  for (let i = 0; i < 300; i++) lists.change(0)
  const list = lists.open(0)
  list.expect(100_000, 1)
  list.pushLast(lists.element('w'.repeat(100_000)))
  const texts = lists.content(0)
  const other = new Lists(1, 7)
  const target = other.open(0)
  target.expect(100_000, 1)
  const { cell } = lists.open(0)
  // The copy's own root goes first, as a new value has none.
  const old = new ChunkDisposal(other.table.entries, other.cell.bytes, other.cell.start)
  while (!old.run(100));
  copyChunks(cell.entries, cell, other.table.entries, other.cell)
  lists.remove(0)
  expect(other.content(0)).toEqual(texts)
})

test('becomes large by the bytes or the elements that are expected, and small again at half of that', () => {
  const lists = new Lists(1, 8)
  const list = lists.open(0)
  list.expect(8192 - 7, 1)
  expect(list.cell.encoding).toBe(LIST_LISTPACK)
  list.expect(8192 - 6, 1)
  expect(list.cell.encoding).toBe(LIST_QUICKLIST)
  for (let i = 0; i < 9; i++) list.pushLast(lists.element('x'.repeat(500)))
  list.removeRange(0, 1)
  list.shrink()
  expect(list.cell.encoding).toBe(LIST_LISTPACK)
})
