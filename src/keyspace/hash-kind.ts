// Hashes: small ones lie in their entry, large ones have a table elsewhere. A field's deadline is marked in the digest,
// whenever it is.

import type { Ref } from '../memory/arena.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { Element } from '../memory/element.ts'
import type { Entries } from '../memory/entries.ts'
import { Listpack, NONE } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import { copyTable, type TablePlace, tableFootprint } from '../memory/table-copy.ts'
import { TableDisposal } from '../memory/table-disposal.ts'
import { readRoot } from '../memory/table-root.ts'
import { savedTable } from '../memory/table-view.ts'
import { HASH_LISTPACK_EX } from '../types/value-type.ts'
import { DigestBuilder } from './digest-builder.ts'
import type { Kind } from './kind.ts'

const DEADLINE_MARK = Buffer.from('!!hexpire!!')
const slice = new Slice()
const list = new Listpack()

export const packedHashKind: Kind = {
  mix(digest, reader, entry) {
    const hasDeadlines = reader.encodingOf(entry) === HASH_LISTPACK_EX
    const fields = new Listpack().openAt(reader.value(entry, new Slice()))
    const element = new Element()
    let at = fields.first
    while (at !== NONE) {
      const field = fields.read(at, element).copy()
      at = fields.next(at)
      const value = fields.read(at, element).copy()
      if (hasDeadlines) at = fields.next(at)
      mixField(digest, field, value, hasDeadlines && fields.integerAt(at) !== 0)
      at = fields.next(at)
    }
  },
  earliestDeadline(reader, entry) {
    if (reader.encodingOf(entry) !== HASH_LISTPACK_EX) return NO_DEADLINE
    list.openAt(reader.value(entry, slice))
    // Those with a deadline come first, the earliest in front.
    const deadline = list.isEmpty ? 0 : list.integerAt(list.seek(2))
    return deadline === 0 ? NO_DEADLINE : deadline
  },
}

export const largeHashKind: Kind = {
  mix(digest, reader, entry) {
    const { bytes, start } = reader.value(entry, new Slice())
    const field = new Slice()
    const value = new Slice()
    savedTable(reader, bytes, start).each((ref) => {
      const hasDeadline = reader.deadlineOf(ref) !== NO_DEADLINE
      mixField(digest, reader.key(ref, field).view(), reader.value(ref, value).view(), hasDeadline)
    })
  },
  dispose(entries, entry) {
    const { bytes, start } = entries.value(entry, slice)
    return new TableDisposal(entries, bytes, start)
  },
  copy(from, to, { seed }) {
    copyTable(from, to, seed)
  },
  footprint(entries, entry, samples) {
    return tableFootprint(placeOf(entries, entry), samples)
  },
  table: placeOf,
  earliestDeadline(reader, entry) {
    const { bytes, start } = reader.value(entry, slice)
    const { deadlines, earliest } = readRoot(bytes, start)
    return deadlines === 0 ? NO_DEADLINE : earliest
  },
}

function placeOf(entries: Entries, entry: Ref): TablePlace {
  const { bytes, start } = entries.value(entry, slice)
  return { entries, bytes, start }
}

function mixField(digest: DigestBuilder, field: Uint8Array, value: Uint8Array, hasDeadline: boolean): void {
  const pair = new DigestBuilder()
  pair.mix(field)
  pair.mix(value)
  if (hasDeadline) pair.xor(DEADLINE_MARK)
  digest.xor(pair.bytes)
}
