// Writes a stream as commands that make it again: its entries, what is known of the whole, its groups, what is pending in
// them and with whom. Reads through the pages alone.

import { Element } from '../memory/element.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import { IdTreeView } from '../memory/id-tree-view.ts'
import { Slice } from '../memory/slice.ts'
import { readRoot, readWord } from '../memory/table-root.ts'
import { savedTable } from '../memory/table-view.ts'
import { StreamCursor } from '../types/stream-cursor.ts'
import { StreamId } from '../types/stream-id.ts'
import { CONSUMER, GROUP, NODE_WORDS, PENDING_WORDS, STREAM } from '../types/stream-layout.ts'
import type { CommandOutput } from './command-output.ts'

const TWO_32 = 2 ** 32

export class StreamCommands {
  readonly #output: CommandOutput
  readonly #cursor = new StreamCursor()
  readonly #first = new StreamId()
  readonly #last = new StreamId().set(-1, -1, -1, -1)
  readonly #id = new StreamId()
  readonly #field = new Element()
  readonly #value = new Element()

  constructor(output: CommandOutput) {
    this.#output = output
  }

  /** `record`: the value's bytes. */
  write(reader: EntryReader, key: Slice, record: Slice): void {
    const { bytes, start } = record
    if (readWord(bytes, start + STREAM.length) === 0) this.#empty(key)
    else this.#entries(reader, key, record)
    this.#facts(key, record)
    const groups = start + STREAM.groups
    if (readWord(bytes, groups) === 0) return
    const name = new Slice()
    const group = new Slice()
    savedTable(reader, bytes, groups).each((ref) => {
      this.#group(reader, key, reader.key(ref, name), reader.value(ref, group))
    })
  }

  /** An entry that goes at once leaves the stream behind. */
  #empty(key: Slice): void {
    const output = this.#output
    output.begin(7)
    output.word('XADD')
    output.text(key)
    for (const word of ['MAXLEN', '0', '0-1', 'x', 'y']) output.word(word)
  }

  #entries(reader: EntryReader, key: Slice, record: Slice): void {
    const output = this.#output
    const cursor = this.#cursor
    const nodes = treeAt(reader, record, STREAM.nodes, NODE_WORDS)
    cursor.forwards(reader, nodes, this.#first, this.#last)
    while (cursor.next()) {
      const { pairCount } = cursor.node
      output.begin(3 + 2 * pairCount)
      output.word('XADD')
      output.text(key)
      output.id(cursor.id)
      for (let i = 0; i < pairCount; i++) {
        cursor.node.readPair(this.#field, this.#value)
        output.text(this.#field)
        output.text(this.#value)
      }
    }
  }

  #facts(key: Slice, { bytes, start }: Slice): void {
    const output = this.#output
    output.begin(7)
    output.word('XSETID')
    output.text(key)
    output.id(this.#idAt(bytes, start + STREAM.lastId))
    output.word('ENTRIESADDED')
    output.word(signed64(bytes, start + STREAM.added))
    output.word('MAXDELETEDID')
    output.id(this.#idAt(bytes, start + STREAM.deletedId))
  }

  #group(reader: EntryReader, key: Slice, name: Slice, group: Slice): void {
    const { bytes, start } = group
    const output = this.#output
    output.begin(7)
    output.word('XGROUP')
    output.word('CREATE')
    output.text(key)
    output.text(name)
    output.id(this.#idAt(bytes, start + GROUP.lastId))
    output.word('ENTRIESREAD')
    output.word(signed64(bytes, start + GROUP.read))
    const pending = treeAt(reader, group, GROUP.pending, PENDING_WORDS)
    const owner = new Slice()
    const consumer = new Slice()
    const consumers = start + GROUP.consumers
    if (readRoot(bytes, consumers).count === 0) return
    savedTable(reader, bytes, consumers).each((ref) => {
      reader.key(ref, owner)
      const owned = treeAt(reader, reader.value(ref, consumer), CONSUMER.owned, 0)
      if (!owned.first()) this.#consumer(key, name, owner)
      else this.#claims({ key, name, owner, pending }, owned)
    })
  }

  #consumer(key: Slice, group: Slice, consumer: Slice): void {
    const output = this.#output
    output.begin(5)
    output.word('XGROUP')
    output.word('CREATECONSUMER')
    output.text(key)
    output.text(group)
    output.text(consumer)
  }

  #claims({ key, name, owner, pending }: Claims, owned: IdTreeView): void {
    const output = this.#output
    do {
      const id = owned.readId(this.#id)
      pending.find(id)
      const { words, payloadAt: at } = pending
      output.begin(12)
      output.word('XCLAIM')
      output.text(key)
      output.text(name)
      output.text(owner)
      output.word('0')
      output.id(id)
      output.word('TIME')
      output.integer(words[at + 1]! * TWO_32 + (words[at]! >>> 0))
      output.word('RETRYCOUNT')
      output.word(signedText(words[at + 2]!, words[at + 3]!))
      output.word('JUSTID')
      output.word('FORCE')
    } while (owned.next())
  }

  #idAt(bytes: Uint8Array, at: number): StreamId {
    return this.#id.set(
      readWord(bytes, at),
      readWord(bytes, at + 4),
      readWord(bytes, at + 8),
      readWord(bytes, at + 12),
    )
  }
}

/** Whose pending entries are to be claimed for whom. */
interface Claims {
  readonly key: Slice
  readonly name: Slice
  readonly owner: Slice
  readonly pending: IdTreeView
}

/** The tree whose root is at a place in a record. */
function treeAt(reader: EntryReader, record: Slice, offset: number, payloadWords: number): IdTreeView {
  const at = record.start + offset
  return new IdTreeView(payloadWords).view(
    reader.words,
    readWord(record.bytes, at),
    readWord(record.bytes, at + 4),
  )
}

function signed64(bytes: Uint8Array, at: number): string {
  return signedText(readWord(bytes, at), readWord(bytes, at + 4))
}

function signedText(low: number, high: number): string {
  return ((BigInt(high) << 32n) | BigInt(low >>> 0)).toString()
}
