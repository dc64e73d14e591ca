// Writes streams in the RDB format: nodes as they lie, then what is known of the whole, then groups with what is pending
// and with whom. Reads through the pages alone.

import type { EntryReader } from '../memory/entry-reader.ts'
import { IdTreeView } from '../memory/id-tree-view.ts'
import { Listpack } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import { readRoot, readWord } from '../memory/table-root.ts'
import { savedTable } from '../memory/table-view.ts'
import { CONSUMER, GROUP, NODE_WORDS, PENDING_WORDS, STREAM } from '../types/stream-layout.ts'
import { nodeAt } from '../types/stream-place.ts'
import type { RdbOutput } from './output.ts'

const ID_BYTES = 16

/** Writes the stream whose record this is. `tellsActivity`: when consumers last got something, from version 11 on. */
export function writeStream(
  output: RdbOutput,
  reader: EntryReader,
  record: Slice,
  tellsActivity: boolean,
): void {
  const { bytes, start } = record
  writeNodes(output, reader, record)
  writeCounter(output, bytes, start + STREAM.length)
  writeId(output, bytes, start + STREAM.lastId)
  writeId(output, bytes, start + STREAM.firstId)
  writeId(output, bytes, start + STREAM.deletedId)
  writeCounter(output, bytes, start + STREAM.added)
  const groups = start + STREAM.groups
  if (readWord(bytes, groups) === 0) {
    output.size(0)
    return
  }
  output.size(readRoot(bytes, groups).count)
  const name = new Slice()
  const group = new Slice()
  savedTable(reader, bytes, groups).each((ref) => {
    output.text(reader.key(ref, name))
    writeGroup(output, reader, reader.value(ref, group), tellsActivity)
  })
}

function writeNodes(output: RdbOutput, reader: EntryReader, record: Slice): void {
  const nodes = treeAt(reader, record, STREAM.nodes, NODE_WORDS)
  const pack = new Listpack()
  const place = new Slice()
  output.size(nodes.count)
  for (let more = nodes.first(); more; more = nodes.next()) {
    const at = nodes.payloadAt
    pack.openAt(nodeAt(reader, nodes.words[at]!, nodes.words[at + 1]!, place))
    // As a string: its length in front.
    output.size(ID_BYTES)
    writeTreeId(output, nodes)
    output.string(pack.bytes, pack.start, pack.byteLength)
  }
}

function writeGroup(output: RdbOutput, reader: EntryReader, group: Slice, tellsActivity: boolean): void {
  const { bytes, start } = group
  writeId(output, bytes, start + GROUP.lastId)
  writeCounter(output, bytes, start + GROUP.read)
  const pending = treeAt(reader, group, GROUP.pending, PENDING_WORDS)
  output.size(pending.count)
  for (let more = pending.first(); more; more = pending.next()) {
    const { words, payloadAt: at } = pending
    writeTreeId(output, pending)
    output.littleEndian(words[at]!)
    output.littleEndian(words[at + 1]!)
    output.size64(words[at + 2]!, words[at + 3]!)
  }
  const consumers = start + GROUP.consumers
  output.size(readRoot(bytes, consumers).count)
  const name = new Slice()
  const consumer = new Slice()
  savedTable(reader, bytes, consumers).each((ref) => {
    output.text(reader.key(ref, name))
    writeConsumer(output, reader, reader.value(ref, consumer), tellsActivity)
  })
}

function writeConsumer(
  output: RdbOutput,
  reader: EntryReader,
  consumer: Slice,
  tellsActivity: boolean,
): void {
  writeMoment(output, consumer, CONSUMER.seenMs)
  if (tellsActivity) writeMoment(output, consumer, CONSUMER.activeMs)
  const owned = treeAt(reader, consumer, CONSUMER.owned, 0)
  output.size(owned.count)
  for (let more = owned.first(); more; more = owned.next()) writeTreeId(output, owned)
}

/** The tree whose root is at a place in a record. */
function treeAt(reader: EntryReader, record: Slice, offset: number, payloadWords: number): IdTreeView {
  const at = record.start + offset
  const root = readWord(record.bytes, at)
  return new IdTreeView(payloadWords).view(reader.words, root, readWord(record.bytes, at + 4))
}

/** The id of a tree's current entry, as sixteen bytes. */
function writeTreeId(output: RdbOutput, { words, at }: IdTreeView): void {
  for (let i = 0; i < 4; i++) output.bigEndian(words[at + i]!)
}

/** An id of a record, as two numbers. */
function writeId(output: RdbOutput, bytes: Uint8Array, at: number): void {
  output.size64(readWord(bytes, at + 4), readWord(bytes, at))
  output.size64(readWord(bytes, at + 12), readWord(bytes, at + 8))
}

function writeCounter(output: RdbOutput, bytes: Uint8Array, at: number): void {
  output.size64(readWord(bytes, at), readWord(bytes, at + 4))
}

function writeMoment(output: RdbOutput, { bytes, start }: Slice, offset: number): void {
  output.littleEndian(readWord(bytes, start + offset))
  output.littleEndian(readWord(bytes, start + offset + 4))
}
