// Sets: small ones lie in their entry, large ones have a table elsewhere.

import type { Ref } from '../memory/arena.ts'
import { Element } from '../memory/element.ts'
import type { Entries } from '../memory/entries.ts'
import { Intset } from '../memory/intset.ts'
import { Listpack, NONE } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import { copyTable, type TablePlace, tableFootprint } from '../memory/table-copy.ts'
import { TableDisposal } from '../memory/table-disposal.ts'
import { savedTable } from '../memory/table-view.ts'
import type { Kind } from './kind.ts'

const slice = new Slice()

export const intsetKind: Kind = {
  mix(digest, reader, entry) {
    const intset = new Intset().openAt(reader.value(entry, new Slice()))
    const member = new Element()
    for (let i = 0; i < intset.count; i++) digest.xor(intset.read(i, member).view())
  },
}

export const packedSetKind: Kind = {
  mix(digest, reader, entry) {
    const list = new Listpack().openAt(reader.value(entry, new Slice()))
    const member = new Element()
    for (let at = list.first; at !== NONE; at = list.next(at)) digest.xor(list.read(at, member).view())
  },
}

export const largeSetKind: Kind = {
  mix(digest, reader, entry) {
    const { bytes, start } = reader.value(entry, new Slice())
    const member = new Slice()
    savedTable(reader, bytes, start).each((ref) => digest.xor(reader.key(ref, member).view()))
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
}

function placeOf(entries: Entries, entry: Ref): TablePlace {
  const { bytes, start } = entries.value(entry, slice)
  return { entries, bytes, start }
}
