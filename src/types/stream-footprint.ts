// What streams take in memory besides their entry: exactly, or of the nodes from some samples.

import { NO_REF } from '../memory/arena.ts'
import type { Entries } from '../memory/entries.ts'
import { nodeBytes } from '../memory/id-tree.ts'
import { IdTreeView } from '../memory/id-tree-view.ts'
import { blockBytes } from '../memory/size-classes.ts'
import { Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import { readWord } from '../memory/table-root.ts'
import { CONSUMER, GROUP, NODE_WORDS, PENDING_WORDS, SERIAL_WORDS, STREAM } from './stream-layout.ts'

/** What a table's segment spends on an entry: a reference and a tag. */
const SLOT_BYTES = 6
const NO_SEED = { low: 0, high: 0 }

/** `samples` of 0: all. */
export function streamFootprint(entries: Entries, stream: Slice, samples: number): number {
  const nodes = treeAt(entries, stream, STREAM.nodes, NODE_WORDS)
  let bytes = treeBytes(nodes) + roomOfNodes(nodes, samples)
  eachValue(entries, stream, STREAM.groups, (group) => {
    bytes += groupBytes(entries, group)
  })
  return bytes + tableBytes(entries, stream, STREAM.groups)
}

/** Nodes of a stream's tree, and the packed ones below it. */
export function streamNodeCount(nodes: IdTreeView): number {
  let count = nodes.count
  nodes.eachNode(() => {
    count++
  })
  return count
}

function roomOfNodes(nodes: IdTreeView, samples: number): number {
  let seen = 0
  let bytes = 0
  for (let more = nodes.first(); more && (samples === 0 || seen < samples); more = nodes.next()) {
    bytes += nodes.words[nodes.payloadAt + 1]!
    seen++
  }
  return seen === 0 ? 0 : Math.round((bytes / seen) * nodes.count)
}

function groupBytes(entries: Entries, group: Slice): number {
  let bytes = treeBytes(treeAt(entries, group, GROUP.pending, PENDING_WORDS))
  bytes += treeBytes(treeAt(entries, group, GROUP.serials, SERIAL_WORDS))
  eachValue(entries, group, GROUP.consumers, (consumer) => {
    bytes += treeBytes(treeAt(entries, consumer, CONSUMER.owned, 0))
  })
  return bytes + tableBytes(entries, group, GROUP.consumers)
}

function treeAt(entries: Entries, record: Slice, offset: number, payloadWords: number): IdTreeView {
  const at = record.start + offset
  const view = new IdTreeView(payloadWords)
  return view.view(entries.arena.words, readWord(record.bytes, at), readWord(record.bytes, at + 4))
}

function treeBytes(tree: IdTreeView): number {
  let bytes = 0
  tree.eachNode((_ref, head) => {
    bytes += blockBytes(nodeBytes(head, tree.leafWords))
  })
  return bytes
}

/** Calls back with each value of the table whose root is in a record; not if there never was one. */
function eachValue(entries: Entries, record: Slice, offset: number, visit: (value: Slice) => void): void {
  const table = tableAt(entries, record, offset)
  table?.each((ref) => visit(entries.value(ref, new Slice())))
}

function tableBytes(entries: Entries, record: Slice, offset: number): number {
  const table = tableAt(entries, record, offset)
  if (table === undefined) return 0
  let bytes = table.directoryBytes + table.slotCount * SLOT_BYTES
  table.each((ref) => {
    bytes += entries.footprint(ref)
  })
  return bytes
}

function tableAt(entries: Entries, record: Slice, offset: number): Table | undefined {
  const at = record.start + offset
  if (readWord(record.bytes, at) === NO_REF) return undefined
  return Table.unattached(NO_SEED).attach(entries, record.bytes, at)
}
