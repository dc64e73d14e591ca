// Writes values in the RDB format, read through the pages alone: as they are, or, in a worker, as they were at a freeze.
// Packed blocks are Redis's already and are copied. What a version can't say is written in an older form. Streams are
// stream-writer.ts's.

import type { Ref } from '../memory/arena.ts'
import { ChunkReader } from '../memory/chunk-disposal.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { Element } from '../memory/element.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import { Listpack, NONE } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import { readRoot } from '../memory/table-root.ts'
import { savedTable } from '../memory/table-view.ts'
import { SortedSetReader } from '../types/sorted-set-reader.ts'
import {
  HASH,
  HASH_HASHTABLE,
  HASH_LISTPACK_EX,
  LIST,
  LIST_LISTPACK,
  SET,
  SET_INTSET,
  SET_LISTPACK,
  SORTED_SET,
  SORTED_SET_LISTPACK,
  STRING,
} from '../types/value-type.ts'
import { FORM, PACKED_NODE, PLAIN_NODE, VERSION_7_0, VERSION_7_2, VERSION_7_4 } from './format.ts'
import type { RdbOutput } from './output.ts'
import { writeStream } from './stream-writer.ts'

export type RdbVersion = 10 | 11 | 12

/** The oldest version that says all there is to say of a value: only deadlines of fields need a new one. */
export function versionFor(reader: EntryReader, entry: Ref): RdbVersion {
  if (reader.typeOf(entry) !== HASH) return VERSION_7_0
  return earliestFieldDeadline(reader, entry) === NO_DEADLINE ? VERSION_7_0 : VERSION_7_4
}

export class ValueWriter {
  readonly #output: RdbOutput
  readonly #version: RdbVersion
  readonly #value = new Slice()
  readonly #text = new Slice()
  readonly #list = new Listpack()
  readonly #element = new Element()
  readonly #sortedSet = new SortedSetReader()

  /** In versions before 12 fields of hashes have no deadlines: they are left out. */
  constructor(output: RdbOutput, version: RdbVersion) {
    this.#output = output
    this.#version = version
  }

  /** The byte that says in which form `write` will write a value. */
  formOf(reader: EntryReader, entry: Ref): number {
    const encoding = reader.encodingOf(entry)
    switch (reader.typeOf(entry)) {
      case STRING:
        return FORM.string
      case LIST:
        return FORM.listNodes
      case SET:
        if (encoding === SET_INTSET) return FORM.intset
        return encoding === SET_LISTPACK && this.#version >= VERSION_7_2 ? FORM.listpackSet : FORM.set
      case SORTED_SET:
        return encoding === SORTED_SET_LISTPACK ? FORM.listpackSortedSet : FORM.sortedSet
      case HASH:
        return this.#hashForm(reader, entry, encoding)
      default:
        return this.#version >= VERSION_7_2 ? FORM.activeStream : FORM.countedStream
    }
  }

  #hashForm(reader: EntryReader, entry: Ref, encoding: number): number {
    const hasDeadlines = this.#version >= VERSION_7_4 && earliestFieldDeadline(reader, entry) !== NO_DEADLINE
    if (encoding === HASH_HASHTABLE) return hasDeadlines ? FORM.hashWithDeadlines : FORM.hash
    if (encoding !== HASH_LISTPACK_EX) return FORM.listpackHash
    return hasDeadlines ? FORM.listpackHashWithDeadlines : FORM.hash
  }

  /** Writes a value, without the byte that says its form. */
  write(reader: EntryReader, entry: Ref): void {
    const output = this.#output
    const value = reader.value(entry, this.#value)
    const encoding = reader.encodingOf(entry)
    switch (reader.typeOf(entry)) {
      case STRING:
        output.text(value)
        break
      case LIST:
        if (encoding === LIST_LISTPACK) this.#smallList(value)
        else this.#chunks(reader, value)
        break
      case SET:
        this.#set(reader, value, encoding)
        break
      case SORTED_SET:
        if (encoding === SORTED_SET_LISTPACK) this.#pack(value)
        else this.#scores(reader, entry)
        break
      case HASH:
        if (encoding === HASH_HASHTABLE) this.#fields(reader, value)
        else this.#packedHash(reader, entry, value, encoding === HASH_LISTPACK_EX)
        break
      default:
        writeStream(output, reader, value, this.#version >= VERSION_7_2)
    }
  }

  /** The bytes of a listpack; there may be more room behind. */
  #pack({ bytes, start }: Slice): void {
    this.#output.string(bytes, start, this.#list.open(bytes, start).byteLength)
  }

  #smallList(value: Slice): void {
    this.#output.size(1)
    this.#output.size(PACKED_NODE)
    this.#pack(value)
  }

  #chunks(reader: EntryReader, root: Slice): void {
    const output = this.#output
    const chunks = new ChunkReader(reader, root)
    const { pack, slots, text } = chunks
    output.size(slots.chunks)
    for (let i = 0; i < slots.chunks; i++) {
      if (chunks.open(i)) {
        output.size(PACKED_NODE)
        output.string(pack.bytes, pack.start, pack.byteLength)
      } else {
        output.size(PLAIN_NODE)
        output.text(text)
      }
    }
  }

  #set(reader: EntryReader, value: Slice, encoding: number): void {
    const output = this.#output
    if (encoding === SET_INTSET) output.text(value)
    else if (encoding !== SET_LISTPACK) this.#members(reader, value)
    else if (this.#version >= VERSION_7_2) this.#pack(value)
    else {
      const list = this.#list.openAt(value)
      output.size(list.count)
      for (let at = list.first; at !== NONE; at = list.next(at)) output.text(list.read(at, this.#element))
    }
  }

  #members(reader: EntryReader, { bytes, start }: Slice): void {
    const output = this.#output
    output.size(readRoot(bytes, start).count)
    savedTable(reader, bytes, start).each((ref) => output.text(reader.key(ref, this.#text)))
  }

  #scores(reader: EntryReader, entry: Ref): void {
    const output = this.#output
    const set = this.#sortedSet
    let more = set.open(reader, entry)
    output.size(set.count)
    for (; more; more = set.next()) {
      output.text(set.member)
      output.double(set.score)
    }
  }

  #fields(reader: EntryReader, { bytes, start }: Slice): void {
    const output = this.#output
    const root = readRoot(bytes, start)
    const tellsDeadlines = root.deadlines > 0 && this.#version >= VERSION_7_4
    // What a table notes as its earliest deadline may be earlier than any.
    const earliest = Math.max(0, root.earliest)
    if (tellsDeadlines) output.milliseconds(earliest)
    output.size(root.count)
    savedTable(reader, bytes, start).each((ref) => {
      const deadline = tellsDeadlines ? reader.deadlineOf(ref) : NO_DEADLINE
      if (tellsDeadlines) output.size(deadline === NO_DEADLINE ? 0 : deadline - earliest + 1)
      output.text(reader.key(ref, this.#text))
      output.text(reader.value(ref, this.#text))
    })
  }

  #packedHash(reader: EntryReader, entry: Ref, value: Slice, isInThrees: boolean): void {
    const output = this.#output
    if (!isInThrees) {
      this.#pack(value)
      return
    }
    const earliest = earliestFieldDeadline(reader, entry)
    if (earliest !== NO_DEADLINE && this.#version >= VERSION_7_4) {
      output.milliseconds(earliest)
      this.#pack(value)
      return
    }
    const list = this.#list.openAt(value)
    const element = this.#element
    output.size(list.count / 3)
    let at = list.first
    while (at !== NONE) {
      output.text(list.read(at, element))
      at = list.after(at)
      output.text(list.read(at, element))
      at = list.next(list.after(at))
    }
  }
}

const fields = new Listpack()
const place = new Slice()

function earliestFieldDeadline(reader: EntryReader, entry: Ref): number {
  const encoding = reader.encodingOf(entry)
  const { bytes, start } = reader.value(entry, place)
  if (encoding === HASH_HASHTABLE) {
    const { deadlines, earliest } = readRoot(bytes, start)
    return deadlines === 0 ? NO_DEADLINE : earliest
  }
  if (encoding !== HASH_LISTPACK_EX) return NO_DEADLINE
  const list = fields.open(bytes, start)
  // Those with a deadline come first, the earliest in front.
  const deadline = list.isEmpty ? 0 : list.integerAt(list.seek(2))
  return deadline === 0 ? NO_DEADLINE : deadline
}
