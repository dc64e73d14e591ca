import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Cell } from '../../src/memory/cell.ts'
import { Key } from '../../src/memory/key.ts'
import { isListpack } from '../../src/memory/listpack.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { FrozenTable } from '../../src/memory/table-view.ts'
import { copyStream } from '../../src/types/stream-copy.ts'
import { streamFootprint } from '../../src/types/stream-footprint.ts'
import { StreamId } from '../../src/types/stream-id.ts'
import { STREAM_BYTES } from '../../src/types/stream-layout.ts'
import { nodeAt } from '../../src/types/stream-place.ts'
import { asRead, entriesOf, entriesSeen, idOf, SEED, StreamModel } from './stream-model.ts'

const NAMES = ['one', 'two', 'three']
/** What a table takes that has nothing in it. */
const EMPTY = new Table(SEED).entries.usedBytes

/** Small nodes, large ones, and nodes without a limit. */
const LIMITS = [
  { streamNodeBytes: 4096, streamNodeEntries: 100 },
  { streamNodeBytes: 300, streamNodeEntries: 0 },
  { streamNodeBytes: 4096, streamNodeEntries: 3 },
  { streamNodeBytes: 0, streamNodeEntries: 0 },
]

describe.each(LIMITS)('a stream with %o', (limits) => {
  test('has what was added and not taken away, and its groups what they were given', () => {
    const model = new StreamModel(new Random(1))
    Object.assign(model.limits, limits)
    model.check()
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 700; i++) model.step(NAMES)
      model.check()
    }
    model.dispose()
    expect(model.table.entries.usedBytes).toBe(EMPTY)
    expect(model.table.entries.large.count).toBe(0)
  })

  test('stays what it was for whoever reads the frozen pages', () => {
    const model = new StreamModel(new Random(2))
    Object.assign(model.limits, limits)
    const { entries } = model.table
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 500; i++) model.step(NAMES)
      const frozen = asRead([...model.entries])
      const image = new FrozenTable(model.table.freeze())
      for (let part = 0; part < 3; part++) {
        for (let i = 0; i < 250; i++) model.step(NAMES)
        expect(entriesSeen(image.entries, (visit) => image.each(visit))).toEqual(frozen)
      }
      model.check()
      entries.thaw()
      while (!entries.drain(50));
      model.check()
    }
    model.dispose()
    expect(entries.usedBytes).toBe(EMPTY)
  })

  test('has nodes that are listpacks from end to end', () => {
    const model = new StreamModel(new Random(3))
    Object.assign(model.limits, limits)
    for (let i = 0; i < 1500; i++) model.step(['one'])
    const { nodes } = model.open()
    let count = 0
    for (let more = nodes.first(); more; more = nodes.next()) {
      const [place, room] = [nodes.words[nodes.payloadAt]!, nodes.words[nodes.payloadAt + 1]!]
      const { bytes, start } = nodeAt(model.table.entries, place, room, new Slice())
      const length =
        bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24)
      expect(length).toBeLessThanOrEqual(room)
      expect(isListpack(bytes, start, length)).toBe(true)
      count++
    }
    expect(count).toBeGreaterThan(0)
  })
})

test('a copy has the same entries, groups and pending entries, and shares nothing', () => {
  const model = new StreamModel(new Random(4))
  for (let i = 0; i < 3000; i++) model.step(NAMES)
  const other = new Table(SEED)
  const name = new Key(SEED).point(Buffer.from('copy'), 0, 4)
  const ref = other.add(name, 6, 0, 0, STREAM_BYTES)
  const from = model.open().cell
  const to = new Cell().open(other, name, ref)
  to.bytes.set(from.view(), to.start)
  copyStream(from, to, SEED)
  const original = asRead(model.entries)
  const copies = new StreamModel(new Random(5))
  copies.workspace.stream.open(to)
  expect(entriesOf(copies.workspace.stream.all())).toEqual(original)
  const { groups } = copies.workspace
  for (const [text, group] of model.groups) {
    const bytes = Buffer.from(text)
    expect(groups.find(new Slice().set(bytes, 0, bytes.length))).toBe(true)
    expect(groups.pending.count).toBe(group.pending.size)
    expect(groups.consumers.count).toBe(group.consumers.size)
    expect(groups.consumers.names().reduce((sum, each) => sum + groups.consumers.pendingOf(each), 0)).toBe(
      group.pending.size,
    )
  }
  const { usedBytes } = other.entries
  for (let i = 0; i < 500; i++) model.step(NAMES)
  expect(entriesOf(copies.workspace.stream.open(to).all())).toEqual(original)
  expect(other.entries.usedBytes).toBe(usedBytes)
})

test('the footprint is what the arena says, but for the entry itself', () => {
  const model = new StreamModel(new Random(6))
  for (let i = 0; i < 3000; i++) model.step(NAMES)
  const { entries } = model.table
  const { ref } = model.open().cell
  const expected = entries.arena.usedBytes - EMPTY - entries.footprint(ref)
  const footprint = streamFootprint(entries, entries.value(ref, new Slice()), 0)
  // Directories and segments are counted as they are asked for, not as they are rounded up; large nodes are elsewhere.
  expect(footprint).toBeGreaterThan(expected * 0.98)
  expect(footprint).toBeLessThan(expected * 1.02 + entries.large.usedBytes)
  const sampled = streamFootprint(entries, entries.value(ref, new Slice()), 5)
  expect(sampled).toBeGreaterThan(footprint * 0.3)
})

describe('ids at the edges of their words', () => {
  const IDS = [
    '0-1',
    '0-4294967295',
    '0-4294967296',
    '0-18446744073709551615',
    '1-0',
    '1-7',
    '1-9223372036854775815',
    '4294967295-18446744073709551615',
    '4294967296-3',
    '9007199254740993-9007199254740993',
    '9223372036854775807-0',
    '9223372036854775808-9223372036854775808',
    '18446744073709551615-0',
    '18446744073709551615-18446744073709551615',
  ]

  test('come back as they were, from one node', () => {
    const model = new StreamModel(new Random(7))
    const pieces = { bytes: Buffer.from('fv'), starts: Int32Array.of(0, 1), lengths: Int32Array.of(1, 1) }
    for (const id of IDS) model.open().append(idOf(id), pieces, 0, 1)
    const stream = model.open()
    expect(stream.nodes.count).toBe(1)
    expect(entriesOf(stream.all()).map(({ id }) => id)).toEqual(IDS)
    const backwards = entriesOf(stream.range(new StreamId(), new StreamId().set(-1, -1, -1, -1), true))
    expect(backwards.map(({ id }) => id)).toEqual([...IDS].reverse())
    for (const id of IDS) expect(stream.find(idOf(id))).toBe(true)
    IDS.forEach((first, i) => {
      IDS.forEach((last, j) => {
        const inside = IDS.slice(i, j + 1)
        const range = (isBackwards: boolean) =>
          entriesOf(stream.range(idOf(first), idOf(last), isBackwards)).map(({ id }) => id)
        expect(range(false)).toEqual(inside)
        expect(range(true)).toEqual([...inside].reverse())
      })
      if (i + 1 === IDS.length) return
      const behind = stream.range(idOf(first).increment(), idOf(IDS.at(-1)!))
      expect(entriesOf(behind).map(({ id }) => id)).toEqual(IDS.slice(i + 1))
    })
  })
})
