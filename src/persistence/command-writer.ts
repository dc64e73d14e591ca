// Writes a dataset as commands that make it again, read through the pages alone: the base of an append-only log that is to
// be readable. Collections are built by commands of some dozens of elements. Streams are stream-commands.ts's.

import type { Ref } from '../memory/arena.ts'
import { ChunkReader } from '../memory/chunk-disposal.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { Element } from '../memory/element.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import { Intset } from '../memory/intset.ts'
import { Listpack, NONE } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import { readRoot } from '../memory/table-root.ts'
import { FrozenTable, savedTable } from '../memory/table-view.ts'
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
  STRING,
} from '../types/value-type.ts'
import { CommandOutput } from './command-output.ts'
import { FileSink } from './file-sink.ts'
import type { ImageFileSettings } from './image-file.ts'
import { KeyDelay } from './key-delay.ts'
import type { SnapshotImage } from './snapshot.ts'
import { StreamCommands } from './stream-commands.ts'

/** Elements of one command, at most. */
const ELEMENTS = 64
/** Directory slots that are written between two looks at the progress. */
const SLOTS_AT_ONCE = 4

/** Writes the whole file to an open descriptor, and forces it to the disk; returns its bytes. */
export function writeCommands(
  image: SnapshotImage,
  fd: number,
  settings: ImageFileSettings,
  onProgress: (keys: number) => void,
): number {
  const sink = new FileSink(fd, settings.syncsOnTheWay)
  const output = new CommandOutput((piece) => sink.write(piece))
  if (settings.notedSeconds !== undefined) output.note(`#TS:${settings.notedSeconds}`)
  const delay = new KeyDelay(settings.keyDelay)
  new CommandWriter(output).dataset(image, (keys) => {
    delay.wait()
    onProgress(keys)
  })
  output.flush()
  sink.sync()
  return sink.bytes
}

export class CommandWriter {
  readonly #output: CommandOutput
  readonly #streams: StreamCommands
  readonly #key = new Slice()
  readonly #value = new Slice()
  readonly #text = new Slice()
  readonly #list = new Listpack()
  readonly #element = new Element()
  readonly #intset = new Intset()
  readonly #sortedSet = new SortedSetReader()
  /** Elements that are still to come: of the value, and of the command that has been begun. */
  #left = 0
  #leftInCommand = 0

  constructor(output: CommandOutput) {
    this.#output = output
    this.#streams = new StreamCommands(output)
  }

  /** `onKey` hears how many keys have been written. */
  dataset(image: SnapshotImage, onKey: (keys: number) => void): void {
    const output = this.#output
    let keys = 0
    for (const { index, table } of image.databases) {
      output.begin(2)
      output.word('SELECT')
      output.integer(index)
      const frozen = new FrozenTable(table)
      for (let slot = 0; slot < frozen.directorySlots; slot += SLOTS_AT_ONCE) {
        frozen.eachFrom(slot, SLOTS_AT_ONCE, (ref) => {
          this.entry(frozen.entries, ref)
          onKey(++keys)
        })
      }
    }
  }

  entry(reader: EntryReader, ref: Ref): void {
    const key = reader.key(ref, this.#key)
    this.#writeValue(reader, ref, key)
    const deadline = reader.deadlineOf(ref)
    if (deadline === NO_DEADLINE) return
    const output = this.#output
    output.begin(3)
    output.word('PEXPIREAT')
    output.text(key)
    output.integer(deadline)
  }

  #writeValue(reader: EntryReader, ref: Ref, key: Slice): void {
    const value = reader.value(ref, this.#value)
    switch (reader.typeOf(ref)) {
      case STRING:
        this.#string(key, value)
        break
      case LIST:
        this.#elements(reader, ref, key, value)
        break
      case SET:
        this.#members(reader, ref, key, value)
        break
      case SORTED_SET:
        this.#scores(reader, ref, key)
        break
      case HASH:
        this.#fields(reader, ref, key, value)
        break
      default:
        this.#streams.write(reader, key, value)
    }
  }

  #string(key: Slice, value: Slice): void {
    const output = this.#output
    output.begin(3)
    output.word('SET')
    output.text(key)
    output.text(value)
  }

  /** Before each element: begins a command where one is due. */
  #next(command: string, key: Slice, wordsEach: number): void {
    if (this.#leftInCommand === 0) {
      this.#leftInCommand = Math.min(this.#left, ELEMENTS)
      this.#output.begin(2 + this.#leftInCommand * wordsEach)
      this.#output.word(command)
      this.#output.text(key)
    }
    this.#left--
    this.#leftInCommand--
  }

  #elements(reader: EntryReader, ref: Ref, key: Slice, value: Slice): void {
    if (reader.encodingOf(ref) === LIST_LISTPACK) {
      const list = this.#list.openAt(value)
      this.#left = list.count
      this.#packed(list, 'RPUSH', key)
      return
    }
    const chunks = new ChunkReader(reader, value)
    const { pack, slots, text } = chunks
    this.#left = 0
    for (let i = 0; i < slots.chunks; i++) this.#left += slots.countOf(i)
    for (let i = 0; i < slots.chunks; i++) {
      if (chunks.open(i)) this.#packed(pack, 'RPUSH', key)
      else {
        this.#next('RPUSH', key, 1)
        this.#output.text(text)
      }
    }
  }

  #packed(list: Listpack, command: string, key: Slice): void {
    for (let at = list.first; at !== NONE; at = list.next(at)) {
      this.#next(command, key, 1)
      this.#output.text(list.read(at, this.#element))
    }
  }

  #members(reader: EntryReader, ref: Ref, key: Slice, value: Slice): void {
    const encoding = reader.encodingOf(ref)
    if (encoding === SET_INTSET) {
      const set = this.#intset.open(value.bytes, value.start)
      this.#left = set.count
      for (let i = 0, { count } = set; i < count; i++) {
        this.#next('SADD', key, 1)
        this.#output.text(set.read(i, this.#element))
      }
    } else if (encoding === SET_LISTPACK) {
      const list = this.#list.openAt(value)
      this.#left = list.count
      this.#packed(list, 'SADD', key)
    } else {
      this.#left = readRoot(value.bytes, value.start).count
      savedTable(reader, value.bytes, value.start).each((member) => {
        this.#next('SADD', key, 1)
        this.#output.text(reader.key(member, this.#text))
      })
    }
  }

  #scores(reader: EntryReader, ref: Ref, key: Slice): void {
    const set = this.#sortedSet
    let more = set.open(reader, ref)
    this.#left = set.count
    for (; more; more = set.next()) {
      this.#next('ZADD', key, 2)
      this.#output.double(set.score)
      this.#output.text(set.member)
    }
  }

  #fields(reader: EntryReader, ref: Ref, key: Slice, value: Slice): void {
    if (reader.encodingOf(ref) === HASH_HASHTABLE) this.#tableFields(reader, key, value)
    else this.#packedFields(key, value, reader.encodingOf(ref) === HASH_LISTPACK_EX)
  }

  #tableFields(reader: EntryReader, key: Slice, { bytes, start }: Slice): void {
    const { count, deadlines } = readRoot(bytes, start)
    const output = this.#output
    this.#left = count
    savedTable(reader, bytes, start).each((field) => {
      this.#next('HMSET', key, 2)
      output.text(reader.key(field, this.#text))
      output.text(reader.value(field, this.#text))
    })
    if (deadlines === 0) return
    savedTable(reader, bytes, start).each((field) => {
      const deadline = reader.deadlineOf(field)
      if (deadline !== NO_DEADLINE) this.#fieldDeadline(key, deadline, reader.key(field, this.#text))
    })
  }

  #packedFields(key: Slice, value: Slice, isInThrees: boolean): void {
    const output = this.#output
    const list = this.#list.openAt(value)
    this.#left = list.count / (isInThrees ? 3 : 2)
    for (let at = list.first; at !== NONE; at = list.next(at)) {
      this.#next('HMSET', key, 2)
      output.text(list.read(at, this.#element))
      at = list.after(at)
      output.text(list.read(at, this.#element))
      if (isInThrees) at = list.after(at)
    }
    if (!isInThrees) return
    for (let at = list.first; at !== NONE; at = list.next(at)) {
      const field = at
      at = list.after(list.after(at))
      const deadline = list.integerAt(at)
      if (deadline !== 0) this.#fieldDeadline(key, deadline, list.read(field, this.#element))
    }
  }

  #fieldDeadline(key: Slice, deadline: number, field: Slice): void {
    const output = this.#output
    output.begin(6)
    output.word('HPEXPIREAT')
    output.text(key)
    output.integer(deadline)
    output.word('FIELDS')
    output.word('1')
    output.text(field)
  }
}
