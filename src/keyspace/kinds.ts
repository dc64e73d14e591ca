// The kind of each value, by type and encoding. A new type adds its rows here.

import type { Ref } from '../memory/arena.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import type { Entries } from '../memory/entries.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import {
  HASH,
  HASH_HASHTABLE,
  HASH_LISTPACK,
  HASH_LISTPACK_EX,
  LIST,
  LIST_LISTPACK,
  LIST_QUICKLIST,
  SET,
  SET_HASHTABLE,
  SET_INTSET,
  SET_LISTPACK,
  SORTED_SET,
  SORTED_SET_LISTPACK,
  SORTED_SET_SKIPLIST,
  STREAM,
  STREAM_LISTPACKS,
  STRING,
  STRING_EMBSTR,
  STRING_INT,
  STRING_RAW,
} from '../types/value-type.ts'
import { largeHashKind, packedHashKind } from './hash-kind.ts'
import type { Kind } from './kind.ts'
import { largeListKind, smallListKind } from './list-kind.ts'
import { intsetKind, largeSetKind, packedSetKind } from './set-kind.ts'
import { indexedSortedSetKind, packedSortedSetKind } from './sorted-set-kind.ts'
import { streamKind } from './stream-kind.ts'
import { stringKind } from './string-kind.ts'

const ENCODINGS = 8

const KINDS = byNumber([
  [STRING, STRING_RAW, stringKind],
  [STRING, STRING_INT, stringKind],
  [STRING, STRING_EMBSTR, stringKind],
  [SET, SET_INTSET, intsetKind],
  [SET, SET_LISTPACK, packedSetKind],
  [SET, SET_HASHTABLE, largeSetKind],
  [LIST, LIST_LISTPACK, smallListKind],
  [LIST, LIST_QUICKLIST, largeListKind],
  [HASH, HASH_LISTPACK, packedHashKind],
  [HASH, HASH_LISTPACK_EX, packedHashKind],
  [HASH, HASH_HASHTABLE, largeHashKind],
  [STREAM, STREAM_LISTPACKS, streamKind],
  [SORTED_SET, SORTED_SET_LISTPACK, packedSortedSetKind],
  [SORTED_SET, SORTED_SET_SKIPLIST, indexedSortedSetKind],
])

export function kindOf(type: number, encoding: number): Kind {
  const kind = KINDS[type * ENCODINGS + encoding]
  if (kind === undefined) throw new Error(`no kind of value has type ${type} and encoding ${encoding}`)
  return kind
}

/** Whether the value begins with the root of a table whose keys are its elements. */
export function hasTable(reader: EntryReader, entry: Ref): boolean {
  return KINDS[reader.typeOf(entry) * ENCODINGS + reader.encodingOf(entry)]?.table !== undefined
}

/** What has to be freed besides the entry; undefined: nothing, as of all small values. */
export function disposalOf(entries: Entries, entry: Ref): Disposal | undefined {
  return KINDS[entries.typeOf(entry) * ENCODINGS + entries.encodingOf(entry)]?.dispose?.(entries, entry)
}

/** No element of the value is due before; NO_DEADLINE if none has a deadline. */
export function earliestElementDeadline(reader: EntryReader, entry: Ref): number {
  const kind = KINDS[reader.typeOf(entry) * ENCODINGS + reader.encodingOf(entry)]
  return kind?.earliestDeadline?.(reader, entry) ?? NO_DEADLINE
}

function byNumber(rows: readonly (readonly [number, number, Kind])[]): (Kind | undefined)[] {
  const kinds: (Kind | undefined)[] = new Array(64).fill(undefined)
  for (const [type, encoding, kind] of rows) kinds[type * ENCODINGS + encoding] = kind
  return kinds
}
