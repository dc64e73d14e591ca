// A table that lies in a value, as a whole: copied into another value, perhaps of another store, and measured.

import { NO_REF } from './arena.ts'
import { Directory } from './directory.ts'
import type { Entries } from './entries.ts'
import { type HashSeed, Key } from './key.ts'
import { refAt, segmentBytes, slotBitsOf } from './segment.ts'
import { blockBytes } from './size-classes.ts'
import { copyBytes, Slice } from './slice.ts'
import { Table } from './table.ts'
import { readRoot } from './table-root.ts'

/** A place where a table is saved, and the memory that it lies in. */
export interface TablePlace {
  readonly entries: Entries
  readonly bytes: Uint8Array
  readonly start: number
}

/** Makes `to` the place of a copy; what it said before is forgotten. Types, encodings and deadlines are copied too. */
export function copyTable(from: TablePlace, to: TablePlace, seed: HashSeed): void {
  const source = Table.unattached(seed).attach(from.entries, from.bytes, from.start)
  const copy = Table.unattached(seed).create(to.entries)
  // Or entries in the order of their hashes would crowd in the few slots of a table that is still small.
  copy.expect(source.count)
  const key = new Key(seed)
  const slice = new Slice()
  source.each((ref) => {
    const { entries } = from
    const { bytes, start, length } = entries.key(ref, slice)
    key.point(bytes, start, length)
    const type = entries.typeOf(ref)
    const encoding = entries.encodingOf(ref)
    const valueLength = entries.valueLength(ref)
    const added = copy.add(key, type, encoding, 0, valueLength, entries.deadlineOf(ref))
    const place = to.entries.value(added, slice)
    const target = place.bytes
    const at = place.start
    const value = entries.value(ref, slice)
    copyBytes(value.bytes, value.start, target, at, valueLength)
  })
  copy.save(to.bytes, to.start)
}

/** Bytes of a table with all its entries; of those only so many are looked at, unless `samples` is 0. */
export function tableFootprint({ entries, bytes, start }: TablePlace, samples: number): number {
  const { place, depth, deepest, count } = readRoot(bytes, start)
  const { arena } = entries
  const directory = new Directory(entries)
  directory.attach(entries, place, depth, deepest)
  let segments = 0
  let looked = 0
  let itsBytes = 0
  directory.eachSegment((segment) => {
    const slots = 1 << slotBitsOf(arena, segment)
    segments += blockBytes(segmentBytes(slotBitsOf(arena, segment)))
    for (let slot = 0; slot < slots && (samples === 0 || looked < samples); slot++) {
      const ref = refAt(arena, segment, slot)
      if (ref === NO_REF) continue
      itsBytes += entries.footprint(ref)
      looked++
    }
  })
  return directory.bytes + segments + (looked === 0 ? 0 : Math.round((itsBytes / looked) * count))
}
