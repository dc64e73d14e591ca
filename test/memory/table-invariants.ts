// Walks a whole table and throws at the first thing that is not as it must be.

import type { Ref } from '../../src/memory/arena.ts'
import { Key } from '../../src/memory/key.ts'
import {
  countOf,
  depthOf,
  earliestOf,
  homeAt,
  homeSlot,
  MAX_SLOT_BITS,
  refAt,
  segmentBytes,
  segmentLimit,
  slotBitsOf,
} from '../../src/memory/segment.ts'
import { blockBytes, MAX_BLOCK_BYTES } from '../../src/memory/size-classes.ts'
import { Slice } from '../../src/memory/slice.ts'
import type { Table } from '../../src/memory/table.ts'
import { SEED } from './store-model.ts'

export interface TableShape {
  readonly directorySlots: number
  readonly segments: number
  readonly deepest: number
  readonly shallowest: number
  /** Bytes of all entries, and of all segments. */
  readonly entryBytes: number
  readonly segmentBytes: number
}

function demand(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`table: ${what}`)
}

/** Checks the table; its entries and segments must be all that its arena holds. */
export function checkTable(table: Table): TableShape {
  const { directory } = table.image()
  const { arena } = table.entries
  const depth = Math.log2(directory.length)
  demand(Number.isInteger(depth) && depth >= 1, 'the directory has 2^n slots')
  const shape = { directorySlots: directory.length, segments: 0, deepest: 0, shallowest: 99 }
  let entryBytes = 0
  let segmentsBytes = 0
  const totals = { count: 0, deadlines: 0 }
  const seen = new Set<Ref>()
  for (let index = 0; index < directory.length; ) {
    const segment = directory[index]!
    const itsDepth = depthOf(arena, segment)
    demand(!seen.has(segment), 'a segment stands in neighbouring slots only')
    seen.add(segment)
    demand(itsDepth <= depth, 'no segment is deeper than the directory')
    const span = 2 ** (depth - itsDepth)
    demand(index % span === 0, 'a segment begins at a multiple of its span')
    for (let i = index; i < index + span; i++) demand(directory[i] === segment, 'a segment fills its span')
    entryBytes += checkSegment(table, segment, index / span, totals)
    segmentsBytes += blockBytes(segmentBytes(slotBitsOf(arena, segment)))
    shape.segments++
    shape.deepest = Math.max(shape.deepest, itsDepth)
    shape.shallowest = Math.min(shape.shallowest, itsDepth)
    index += span
  }
  demand(depth === 1 || shape.deepest === depth, 'the directory is no larger than its deepest segment needs')
  demand(totals.count === table.count, `count is ${table.count}, entries are ${totals.count}`)
  demand(totals.deadlines === table.deadlineCount, 'deadlineCount counts the deadlines')
  const directoryBytes =
    table.directoryBytes <= MAX_BLOCK_BYTES ? blockBytes(table.directoryBytes) : table.directoryBytes
  demand(table.entries.usedBytes === entryBytes + segmentsBytes + directoryBytes, 'the accounting is exact')
  return { ...shape, entryBytes, segmentBytes: segmentsBytes }
}

/** Checks a segment whose hashes begin with `prefix`; returns the bytes of its entries. */
function checkSegment(
  table: Table,
  segment: Ref,
  prefix: number,
  totals: { count: number; deadlines: number },
): number {
  const { entries } = table
  const { arena } = entries
  const depth = depthOf(arena, segment)
  const slotBits = slotBitsOf(arena, segment)
  const slots = 1 << slotBits
  const key = new Key(SEED)
  const slice = new Slice()
  let count = 0
  let bytes = 0
  demand(slotBits === MAX_SLOT_BITS || depth === 0, 'only a lone segment is small')
  for (let slot = 0; slot < slots; slot++) {
    const ref = refAt(arena, segment, slot)
    if (ref === 0) continue
    count++
    bytes += entries.footprint(ref)
    const { bytes: page, start, length } = entries.key(ref, slice)
    key.point(page, start, length)
    demand(depth === 0 || key.hash >>> (32 - depth) === prefix, 'an entry is in the segment of its hash')
    const home = homeSlot(key.hash, depth, slotBits)
    demand(homeAt(arena, segment, slot) === home, 'a tag holds the home slot')
    for (let i = home; i !== slot; i = (i + 1) % slots) {
      demand(refAt(arena, segment, i) !== 0, 'no free slot lies between an entry and its home')
    }
    demand(table.find(key) === ref, 'an entry is found by its key')
    if (!entries.hasDeadline(ref)) continue
    totals.deadlines++
    demand(
      entries.deadlineOf(ref) >= earliestOf(arena, segment),
      'no deadline is before its segment’s earliest',
    )
    demand(entries.deadlineOf(ref) >= table.earliestDeadline, 'no deadline is before the table’s earliest')
  }
  demand(count === countOf(arena, segment), 'a segment counts its entries')
  demand(count <= segmentLimit(slotBits), 'a segment keeps free slots')
  totals.count += count
  return bytes
}
