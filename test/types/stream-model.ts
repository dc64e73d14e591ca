// Streams in a table beside plain arrays and Maps that say what ought to be in them, both changed by the same random
// steps: entries, groups, consumers, pending entries.

import { expect } from 'vitest'
import type { Random } from '../../src/base/random.ts'
import { Cell } from '../../src/memory/cell.ts'
import { Element } from '../../src/memory/element.ts'
import type { EntryReader } from '../../src/memory/entry-reader.ts'
import { IdTreeView } from '../../src/memory/id-tree-view.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { readWord } from '../../src/memory/table-root.ts'
import { defaultLimits } from '../../src/types/environment.ts'
import type { Stream } from '../../src/types/stream.ts'
import { StreamCursor } from '../../src/types/stream-cursor.ts'
import { disposeStream } from '../../src/types/stream-disposal.ts'
import { StreamId } from '../../src/types/stream-id.ts'
import { NODE_WORDS, STREAM, STREAM_BYTES } from '../../src/types/stream-layout.ts'
import { deliveredAt, deliveryCount, ownerOf } from '../../src/types/stream-pending.ts'
import { StreamWorkspace } from '../../src/types/stream-workspace.ts'

export const SEED = { low: 77, high: -5 }
const TYPE = 6

export interface ModelEntry {
  readonly id: string
  readonly pairs: readonly string[]
}

interface PendingEntry {
  owner: string
  time: number
}

interface Group {
  readonly consumers: Set<string>
  readonly pending: Map<string, PendingEntry>
  last: string
}

/** `ms-seq` of small numbers, as one number. */
export function order(id: string): number {
  const [ms, seq] = id.split('-').map(Number)
  return ms! * 1e6 + seq!
}

export function idOf(text: string, id = new StreamId()): StreamId {
  const bytes = Buffer.from(text)
  if (!id.parse(bytes, 0, bytes.length, 0)) throw new Error(`no id: ${text}`)
  return id
}

function sliceOf(text: string): Slice {
  const bytes = Buffer.from(text, 'latin1')
  return new Slice().set(bytes, 0, bytes.length)
}

/** All entries that a cursor visits. */
export function entriesOf(cursor: StreamCursor): ModelEntry[] {
  const entries: ModelEntry[] = []
  const element = new Element()
  const value = new Element()
  while (cursor.next()) {
    const pairs: string[] = []
    for (let i = 0; i < cursor.node.pairCount; i++) {
      // Sometimes only some are read: the next entry must be found all the same.
      if (entries.length % 7 === 3 && i === 1) break
      cursor.node.readPair(element, value)
      pairs.push(Buffer.from(element.view()).toString('latin1'), Buffer.from(value.view()).toString('latin1'))
    }
    entries.push({ id: cursor.id.toString(), pairs })
  }
  return entries
}

/** The same, with what `entriesOf` leaves out. */
export function asRead(entries: readonly ModelEntry[]): ModelEntry[] {
  return entries.map(({ id, pairs }, i) => ({ id, pairs: i % 7 === 3 ? pairs.slice(0, 2) : pairs }))
}

export class StreamModel {
  readonly table = new Table(SEED)
  readonly limits = defaultLimits()
  readonly workspace: StreamWorkspace
  entries: ModelEntry[] = []
  readonly groups = new Map<string, Group>()
  last = '0-0'
  added = 0
  deleted = '0-0'
  readonly #random: Random
  readonly #cell = new Cell()
  readonly #name = new Key(SEED)
  #now = 1_700_000_000_000

  constructor(random: Random) {
    this.#random = random
    this.workspace = new StreamWorkspace({ seed: SEED, limits: this.limits, chance: random })
    this.table.add(this.#key(), TYPE, 0, 0, STREAM_BYTES)
    this.workspace.stream.create(this.#hold())
  }

  #key(): Key {
    const bytes = Buffer.from('stream')
    return this.#name.point(bytes, 0, bytes.length)
  }

  #hold(): Cell {
    const key = this.#key()
    return this.#cell.open(this.table, key, this.table.find(key))
  }

  open(): Stream {
    return this.workspace.stream.open(this.#hold())
  }

  // ---- entries

  add(): void {
    const random = this.#random
    const [ms, seq] = this.last.split('-').map(Number)
    const id =
      random.below(3) > 0
        ? `${ms}-${seq! + 1 + random.below(5)}`
        : `${ms! + 1 + random.below(4)}-${random.below(3)}`
    const pairs = this.#pairs()
    const bytes = Buffer.from(pairs.join(''), 'latin1')
    const lengths = Int32Array.from(pairs, (text) => text.length)
    let at = 0
    const starts = lengths.map((length) => {
      at += length
      return at - length
    })
    this.open().append(idOf(id), { bytes, starts, lengths }, 0, pairs.length / 2)
    this.entries.push({ id, pairs })
    this.last = id
    this.added++
  }

  #pairs(): string[] {
    const random = this.#random
    const value = () =>
      random.below(2) === 0 ? String(random.below(1e9) - 1000) : 'v'.repeat(random.below(40))
    if (random.below(400) === 0) return ['large', 'x'.repeat(random.below(150_000))]
    if (random.below(3) > 0) return ['name', value(), '17', value()]
    return Array.from({ length: 1 + random.below(3) }, (_, i) => [`f${i}`, value()]).flat()
  }

  delete(): void {
    const index = this.#random.below(this.entries.length + 1)
    const id = this.entries[index]?.id ?? '3-999'
    const stream = this.open()
    expect(stream.delete(idOf(id))).toBe(index < this.entries.length)
    if (index === this.entries.length) return
    stream.settle()
    this.entries.splice(index, 1)
    if (order(id) > order(this.deleted)) this.deleted = id
  }

  trim(): void {
    const random = this.#random
    const maxLength = Math.max(0, this.entries.length - random.below(60))
    if (random.below(2) === 0) {
      const removed = this.open().trim({ maxLength, minId: new StreamId(), isApproximate: false, limit: 0 })
      expect(removed).toBe(this.entries.length - maxLength)
      this.entries.splice(0, removed)
      return
    }
    const minId = this.entries[random.below(this.entries.length + 1)]?.id ?? this.last
    const kept = this.entries.filter(({ id }) => order(id) >= order(minId))
    const isApproximate = random.below(2) === 0
    const what = { maxLength: undefined, minId: idOf(minId), isApproximate, limit: 0 }
    const removed = this.open().trim(what)
    if (isApproximate) expect(removed).toBeLessThanOrEqual(this.entries.length - kept.length)
    else expect(removed).toBe(this.entries.length - kept.length)
    this.entries.splice(0, removed)
  }

  // ---- groups

  step(names: readonly string[]): void {
    const random = this.#random
    this.#now += random.below(1000)
    const dice = random.below(100)
    const name = names[random.below(names.length)]!
    if (dice < 45) this.add()
    else if (dice < 55) this.delete()
    else if (dice < 57) this.trim()
    else if (dice < 60) this.#toggleGroup(name)
    else this.#stepGroup(name, dice)
  }

  #toggleGroup(name: string): void {
    this.open()
    const { groups } = this.workspace
    const known = this.groups.get(name)
    expect(groups.find(sliceOf(name))).toBe(known !== undefined)
    if (known === undefined) {
      groups.add(sliceOf(name), idOf('0-0'), -1n)
      this.groups.set(name, { consumers: new Set(), pending: new Map(), last: '0-0' })
    } else if (this.#random.below(3) === 0) {
      const disposal = groups.remove()
      while (!disposal.run(10));
      this.groups.delete(name)
    }
  }

  #stepGroup(name: string, dice: number): void {
    const group = this.groups.get(name)
    if (group === undefined) return
    const random = this.#random
    const consumer = `consumer-${random.below(6)}`
    this.open()
    const { groups } = this.workspace
    expect(groups.find(sliceOf(name))).toBe(true)
    if (dice < 80) this.#deliver(group, consumer)
    else if (dice < 92) {
      const ids = [...group.pending.keys()]
      const id = ids[random.below(ids.length + 1)] ?? '0-1'
      expect(groups.acknowledge(idOf(id))).toBe(group.pending.delete(id))
    } else if (dice < 98) this.#claim(group, consumer)
    else this.#removeConsumer(group, consumer)
  }

  #enter(group: Group, consumer: string): void {
    const { groups } = this.workspace
    expect(groups.consumers.find(sliceOf(consumer))).toBe(group.consumers.has(consumer))
    if (group.consumers.has(consumer)) groups.noteSeen(this.#now)
    else groups.addConsumer(sliceOf(consumer), this.#now)
    group.consumers.add(consumer)
  }

  #deliver(group: Group, consumer: string): void {
    const { groups } = this.workspace
    this.#enter(group, consumer)
    // Now and then from the start, so that what is pending changes hands.
    const from = this.#random.below(10) === 0 ? 0 : order(group.last)
    for (const { id } of this.entries.filter((entry) => order(entry.id) > from).slice(0, 4)) {
      if (order(id) > order(group.last)) {
        groups.advance(idOf(id))
        group.last = id
      }
      groups.deliver(idOf(id), this.#now)
      group.pending.set(id, { owner: consumer, time: this.#now })
    }
  }

  #claim(group: Group, consumer: string): void {
    const { groups } = this.workspace
    const ids = [...group.pending.keys()]
    if (ids.length === 0) return
    const id = ids[this.#random.below(ids.length)]!
    this.#enter(group, consumer)
    // What is acknowledged meanwhile may be the same consumer's.
    if (this.#random.below(2) === 0) {
      const other = ids[this.#random.below(ids.length)]!
      expect(groups.acknowledge(idOf(other))).toBe(group.pending.delete(other))
      if (other === id) return
    }
    expect(groups.pending.find(idOf(id))).toBe(true)
    groups.claim(idOf(id))
    group.pending.get(id)!.owner = consumer
  }

  #removeConsumer(group: Group, consumer: string): void {
    const { groups } = this.workspace
    if (!groups.consumers.find(sliceOf(consumer))) return
    const disposal = groups.removeConsumer()
    while (!disposal.run(10));
    group.consumers.delete(consumer)
    for (const [id, { owner }] of group.pending) if (owner === consumer) group.pending.delete(id)
  }

  // ---- checking

  check(): void {
    const stream = this.open()
    expect(stream.length).toBe(this.entries.length)
    expect(stream.lastId.toString()).toBe(this.last)
    expect(stream.added).toBe(BigInt(this.added))
    expect(stream.readDeletedId(new StreamId()).toString()).toBe(this.deleted)
    expect(stream.readFirstId(new StreamId()).toString()).toBe(this.entries[0]?.id ?? '0-0')
    expect(entriesOf(stream.all())).toEqual(asRead(this.entries))
    this.#checkRanges(stream)
    for (const [name, group] of this.groups) this.#checkGroup(name, group)
    expect(this.workspace.groups.names().map((name) => Buffer.from(name).toString())).toEqual(
      [...this.groups.keys()].sort(),
    )
  }

  #checkRanges(stream: Stream): void {
    const random = this.#random
    for (let i = 0; i < 20; i++) {
      const [first, last] = [0, 1].map(() => `${random.below(this.added + 3)}-${random.below(9)}`)
      const inside = this.entries.filter(({ id }) => order(id) >= order(first!) && order(id) <= order(last!))
      expect(entriesOf(stream.range(idOf(first!), idOf(last!)))).toEqual(asRead(inside))
      expect(entriesOf(stream.range(idOf(first!), idOf(last!), true))).toEqual(asRead(inside.reverse()))
    }
  }

  #checkGroup(name: string, { consumers, pending, last }: Group): void {
    const { groups } = this.workspace
    this.open()
    expect(groups.find(sliceOf(name))).toBe(true)
    expect(groups.lastId.toString()).toBe(last)
    const id = new StreamId()
    const found: [string, PendingEntry][] = []
    for (let more = groups.pending.first(); more; more = groups.pending.next()) {
      const { words, payloadAt } = groups.pending
      const owner = Buffer.from(groups.consumers.nameOf(ownerOf(words, payloadAt)).view()).toString()
      found.push([groups.pending.readId(id).toString(), { owner, time: deliveredAt(words, payloadAt) }])
      expect(deliveryCount(words, payloadAt)).toBe(1n)
    }
    expect(groups.pending.count).toBe(found.length)
    expect(found).toEqual([...pending].sort(([a], [b]) => order(a) - order(b)))
    expect(groups.consumers.names().map((name) => Buffer.from(name).toString())).toEqual(
      [...consumers].sort(),
    )
    for (const consumer of consumers) {
      groups.consumers.find(sliceOf(consumer))
      const owned: string[] = []
      const tree = groups.consumers.owned
      for (let more = tree.first(); more; more = tree.next()) owned.push(tree.readId(id).toString())
      expect(owned).toEqual(found.filter(([, { owner }]) => owner === consumer).map(([id]) => id))
      expect(groups.consumers.pendingOf(Buffer.from(consumer))).toBe(owned.length)
    }
  }

  /** Takes the stream away, with all that belongs to it. */
  dispose(): void {
    const key = this.#key()
    const ref = this.table.find(key)
    const { bytes, start } = this.table.entries.value(ref, new Slice())
    const disposal = disposeStream(this.table.entries, bytes, start)
    this.table.remove(key, ref)
    for (let slices = 0; !disposal.run(64); slices++) expect(slices).toBeLessThan(10_000)
  }
}

/** The entries of the stream in a table, as a reader of its pages sees them. */
export function entriesSeen(reader: EntryReader, each: (visit: (ref: number) => void) => void): ModelEntry[] {
  const entries: ModelEntry[] = []
  each((ref) => {
    const { bytes, start } = reader.value(ref, new Slice())
    const nodes = new IdTreeView(NODE_WORDS).view(reader.words, readWord(bytes, start + STREAM.nodes), 0)
    const largest = new StreamId().set(-1, -1, -1, -1)
    entries.push(...entriesOf(new StreamCursor().forwards(reader, nodes, new StreamId(), largest)))
  })
  return entries
}
