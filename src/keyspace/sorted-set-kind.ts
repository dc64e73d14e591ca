// Sorted sets: small ones are a listpack in their entry, of large ones the table and the index are outside.

import { format17 } from '../base/doubles.ts'
import type { Ref } from '../memory/arena.ts'
import type { Cell } from '../memory/cell.ts'
import type { Entries } from '../memory/entries.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import { savedTree } from '../memory/ordered-index.ts'
import { treeBytes } from '../memory/ordered-node.ts'
import { Slice } from '../memory/slice.ts'
import { type TablePlace, tableFootprint } from '../memory/table-copy.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import { TABLE_ROOT_BYTES } from '../memory/table-root.ts'
import type { TypeEnvironment } from '../types/environment.ts'
import { IndexedDisposal } from '../types/indexed-disposal.ts'
import { IndexedSortedSet } from '../types/indexed-sorted-set.ts'
import { SortedSetReader } from '../types/sorted-set-reader.ts'
import { DigestBuilder } from './digest-builder.ts'
import type { Kind } from './kind.ts'

export const packedSortedSetKind: Kind = { mix }

export const indexedSortedSetKind: Kind = { mix, dispose, copy, footprint, table }

/** Redis: the members are in no order; each mixes in its bytes and its score with 17 digits. */
function mix(digest: DigestBuilder, reader: EntryReader, entry: Ref): void {
  const set = new SortedSetReader()
  for (let more = set.open(reader, entry); more; more = set.next()) {
    const member = new DigestBuilder()
    member.mix(set.member.view())
    member.mix(Buffer.from(format17(set.score)))
    digest.xor(member.bytes)
  }
}

function dispose(entries: Entries, entry: Ref): Disposal {
  const { bytes, start } = entries.value(entry, new Slice())
  return new IndexedDisposal(entries, bytes, start)
}

function copy(from: Cell, to: Cell, { seed }: TypeEnvironment): void {
  const source = new SortedSetReader()
  const copied = new IndexedSortedSet(seed).create(to.entries)
  for (let more = source.open(from.entries, from.ref); more; more = source.next()) {
    const { score } = source
    const { member } = source
    copied.locate(member)
    copied.add(member, score)
  }
  copied.adopt(to)
}

function footprint(entries: Entries, entry: Ref, samples: number): number {
  const place = table(entries, entry)
  const { bytes, start } = place
  const { root, height } = savedTree(bytes, start + TABLE_ROOT_BYTES)
  const index = height === 0 ? 0 : treeBytes(entries.arena, root, height)
  return index + tableFootprint(place, samples)
}

function table(entries: Entries, entry: Ref): TablePlace {
  const { bytes, start } = entries.value(entry, new Slice())
  return { entries, bytes, start }
}
