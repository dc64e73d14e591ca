// Streams: entries in the order of their ids, in packed nodes (stream-node.ts) that a tree keeps in order; and what is
// remembered of entries that are gone. Consumer groups are in stream-groups.ts. One object serves all streams, one after
// the other.
//
// The value's bytes are a record: see stream-layout.ts.

import type { Cell } from '../memory/cell.ts'
import type { Entries } from '../memory/entries.ts'
import { IdTree } from '../memory/id-tree.ts'
import { copyBytes, Slice } from '../memory/slice.ts'
import type { EncodingLimits } from './environment.ts'
import { StreamCursor } from './stream-cursor.ts'
import { StreamId } from './stream-id.ts'
import { NODE_WORDS, STREAM, STREAM_BYTES } from './stream-layout.ts'
import { COUNTS_ROOM, type Pairs, type Pieces, StreamNode } from './stream-node.ts'
import { createNode, freeNode, isNodeShared, moveNode, nodeAt, roomFor } from './stream-place.ts'
import {
  attachTree,
  incrementCounter,
  readCounter,
  readId,
  readNumber,
  saveTree,
  writeCounter,
  writeId,
  writeNumber,
} from './stream-record.ts'

/** Redis: neither a node nor an entry gets larger. */
const MAX_BYTES = 2 ** 30
const SMALLEST = new StreamId()
const LARGEST = new StreamId().set(-1, -1, -1, -1)

/** What of a stream is to go: all but so many of the newest entries, or those before an id. */
export interface Trimming {
  /** Undefined: by id. */
  maxLength: number | undefined
  minId: StreamId
  /** Whether only whole nodes go, so that some more entries may stay. */
  isApproximate: boolean
  /** No more entries than this go at once; 0: any number. */
  limit: number
}

/** Whether fields and values are too large for any stream: `count` pairs, from the piece `first` on. */
export function isTooLarge({ lengths }: Pieces, first: number, count: number): boolean {
  return bytesOf(lengths, first, count) > MAX_BYTES
}

function bytesOf(lengths: Int32Array, first: number, count: number): number {
  let bytes = 0
  for (let i = first; i < first + 2 * count; i++) bytes += lengths[i]!
  return bytes
}

export class Stream {
  readonly nodes = new IdTree(NODE_WORDS)
  readonly lastId = new StreamId()
  /** For walking through the stream. Valid until it changes. */
  readonly cursor = new StreamCursor()
  readonly #limits: EncodingLimits
  #cell: Cell | undefined = undefined
  readonly #node = new StreamNode()
  readonly #slice = new Slice()
  readonly #id = new StreamId()
  readonly #pairs: Pairs = { first: 0, count: 0 }

  constructor(limits: EncodingLimits) {
    this.#limits = limits
  }

  /** Becomes the stream in this cell. */
  open(cell: Cell): this {
    this.#cell = cell
    readId(cell.bytes, cell.start + STREAM.lastId, this.lastId)
    attachTree(this.nodes, cell.entries.arena, cell.bytes, cell.start + STREAM.nodes)
    return this
  }

  /** Becomes a new stream, in a cell of STREAM_BYTES. */
  create(cell: Cell): this {
    cell.bytes.fill(0, cell.start, cell.start + STREAM_BYTES)
    return this.open(cell)
  }

  get cell(): Cell {
    return this.#cell!
  }

  get #entries(): Entries {
    return this.#cell!.entries
  }

  // ---- what is known of it

  /** Number of entries. */
  get length(): number {
    return readNumber(this.cell.bytes, this.cell.start + STREAM.length)
  }

  /** Lets `id` have that of the first entry; 0-0 if there is none. */
  readFirstId(id: StreamId): StreamId {
    return readId(this.cell.bytes, this.cell.start + STREAM.firstId, id)
  }

  /** Lets `id` have the largest of all entries that were deleted one by one; 0-0 if none was. */
  readDeletedId(id: StreamId): StreamId {
    return readId(this.cell.bytes, this.cell.start + STREAM.deletedId, id)
  }

  /** Number of entries that were ever added. */
  get added(): bigint {
    return readCounter(this.cell.bytes, this.cell.start + STREAM.added)
  }

  /** Whether an entry with this id is there; it is then the node's current one. */
  find(id: StreamId): boolean {
    return this.nodes.seekBack(id) && this.#openNode().findEntry(id)
  }

  /** The cursor at the entries from one id to another; `isBackwards`: from the last. */
  range(first: StreamId, last: StreamId, isBackwards = false): StreamCursor {
    const { cursor, nodes } = this
    const entries = this.#entries
    return isBackwards
      ? cursor.backwards(entries, nodes, first, last)
      : cursor.forwards(entries, nodes, first, last)
  }

  /** The cursor at all entries. */
  all(): StreamCursor {
    return this.range(SMALLEST, LARGEST)
  }

  /** The cursor at the first entry, if there is one. */
  firstEntry(): StreamCursor | undefined {
    const cursor = this.all()
    return cursor.next() ? cursor : undefined
  }

  /** The cursor at the last entry, likewise. */
  lastEntry(): StreamCursor | undefined {
    const cursor = this.range(SMALLEST, LARGEST, true)
    return cursor.next() ? cursor : undefined
  }

  // ---- changing

  /**
   * Lets the stream have this last id, number of entries ever added and largest deleted id: where they are given, as a
   * command or a file says.
   */
  setFacts(lastId: StreamId, added: bigint | undefined, deletedId: StreamId | undefined): void {
    const { cell } = this
    cell.own()
    this.lastId.copyFrom(lastId)
    writeId(cell.bytes, cell.start + STREAM.lastId, lastId)
    if (added !== undefined) writeCounter(cell.bytes, cell.start + STREAM.added, added)
    if (deletedId !== undefined) writeId(cell.bytes, cell.start + STREAM.deletedId, deletedId)
  }

  /**
   * Adds an entry, whose id must be greater than the last: `count` pairs of field and value, from the piece `first` on,
   * that are not too large.
   */
  append(id: StreamId, pieces: Pieces, first: number, count: number): void {
    const { nodes, cell } = this
    const pairs = this.#pairs
    pairs.first = first
    pairs.count = count
    cell.own()
    if (!nodes.last()) this.#addNode(id, pieces, pairs)
    else if (this.#isFull(bytesOf(pieces.lengths, first, count))) {
      this.#fitNode()
      this.#addNode(id, pieces, pairs)
    } else this.#makeWritable(StreamNode.entryRoom(pieces, pairs))
    this.#node.appendEntry(id, pieces, pairs)
    this.#noteAdded(id)
  }

  /**
   * Adds a whole node, a copy of one from elsewhere that was found to be sound, behind the others. `setFacts` and
   * `settle` must follow.
   */
  appendNode(id: StreamId, { bytes, start, length }: Slice): void {
    const { nodes, cell } = this
    const entries = this.#entries
    const room = roomFor(length)
    const place = createNode(entries, room)
    const copy = nodeAt(entries, place, room, this.#slice)
    copyBytes(bytes, start, copy.bytes, copy.start, length)
    cell.own()
    nodes.insert(id)
    nodes.words[nodes.payloadAt] = place
    nodes.words[nodes.payloadAt + 1] = room
    const { entryCount } = this.#openNode()
    writeNumber(cell.bytes, cell.start + STREAM.length, this.length + entryCount)
    this.#saveNodes()
  }

  #noteAdded(id: StreamId): void {
    const { bytes, start } = this.cell
    const length = readNumber(bytes, start + STREAM.length)
    if (length === 0) writeId(bytes, start + STREAM.firstId, id)
    writeNumber(bytes, start + STREAM.length, length + 1)
    writeId(bytes, start + STREAM.lastId, id)
    this.lastId.copyFrom(id)
    incrementCounter(bytes, start + STREAM.added)
  }

  /** Deletes an entry; says whether it was there. `settle` is to be called when all are deleted. */
  delete(id: StreamId): boolean {
    if (!this.find(id)) return false
    const { cell } = this
    cell.own()
    if (this.#node.entryCount === 1) this.#removeNode()
    else {
      // The entry is the current one still: its place is relative to the node's.
      const node = this.#makeWritable(COUNTS_ROOM)
      node.markDeleted()
      node.saveCounts()
    }
    writeNumber(cell.bytes, cell.start + STREAM.length, this.length - 1)
    if (this.readDeletedId(this.#id).compare(id) < 0) writeId(cell.bytes, cell.start + STREAM.deletedId, id)
    return true
  }

  /** Takes entries away at the beginning; says how many. */
  trim(what: Trimming): number {
    const { cell, nodes } = this
    const { maxLength, limit } = what
    let removed = 0
    let { length } = this
    while ((maxLength === undefined || length > maxLength) && nodes.first()) {
      const { entryCount: count } = this.#openNode()
      if (limit > 0 && removed + count > limit) break
      if (!this.#isPast(what, length - count)) {
        if (!what.isApproximate) removed += this.#trimNode(what, length)
        break
      }
      cell.own()
      this.#removeNode()
      length -= count
      removed += count
    }
    if (removed > 0) {
      writeNumber(cell.bytes, cell.start + STREAM.length, this.length - removed)
      this.settle()
    }
    return removed
  }

  /** Whether the whole of the node is to go; without it, so many entries are left. */
  #isPast({ maxLength, minId }: Trimming, left: number): boolean {
    if (maxLength !== undefined) return left >= maxLength
    // Redis: a deleted entry at the node's end counts too, so that its node may stay, though nothing is in it.
    return this.#node.lastEntry() && this.#node.entryId.compare(minId) < 0
  }

  /** Deletes the first entries of a node of which some stay; says how many. */
  #trimNode({ maxLength, minId }: Trimming, length: number): number {
    this.cell.own()
    const node = this.#makeWritable(COUNTS_ROOM)
    const { entryCount: count } = node
    for (let more = node.firstEntry(); more; more = node.nextEntry()) {
      const isEnough =
        maxLength === undefined
          ? node.entryId.compare(minId) >= 0
          : length - (count - node.entryCount) <= maxLength
      if (isEnough) break
      if (!node.isDeleted) node.markDeleted()
    }
    const removed = count - node.entryCount
    if (removed > 0) node.saveCounts()
    return removed
  }

  /** After entries were taken away: finds out which one is the first now. */
  settle(): void {
    const { cell } = this
    writeId(cell.bytes, cell.start + STREAM.firstId, this.firstEntry()?.id ?? SMALLEST)
  }

  // ---- nodes: the current one is the tree's

  #openNode(): StreamNode {
    const { nodes } = this
    const at = nodes.payloadAt
    const place = nodeAt(this.#entries, nodes.words[at]!, nodes.words[at + 1]!, this.#slice)
    nodes.readId(this.#node.id)
    return this.#node.open(place.bytes, place.start)
  }

  /** Whether an entry with so many bytes of fields and values belongs into a new node. */
  #isFull(bytes: number): boolean {
    const node = this.#openNode()
    if (node.byteLength + bytes >= this.#nodeLimit) return true
    const { streamNodeEntries } = this.#limits
    return streamNodeEntries > 0 && node.entryCount + node.deletedCount >= streamNodeEntries
  }

  /** Bytes of elements at which a node gets no more. */
  get #nodeLimit(): number {
    const { streamNodeBytes } = this.#limits
    return streamNodeBytes === 0 ? MAX_BYTES : Math.min(streamNodeBytes, MAX_BYTES)
  }

  #addNode(id: StreamId, pieces: Pieces, pairs: Pairs): void {
    const { nodes } = this
    const entries = this.#entries
    const room = roomFor(StreamNode.masterRoom(pieces, pairs) + StreamNode.entryRoom(pieces, pairs))
    const place = createNode(entries, room)
    nodes.insert(id)
    nodes.words[nodes.payloadAt] = place
    nodes.words[nodes.payloadAt + 1] = room
    const { bytes, start } = nodeAt(entries, place, room, this.#slice)
    this.#node.id.copyFrom(id)
    this.#node.create(bytes, start, pieces, pairs)
    this.#saveNodes()
  }

  #removeNode(): void {
    const { nodes } = this
    const at = nodes.payloadAt
    freeNode(this.#entries, nodes.words[at]!, nodes.words[at + 1]!)
    nodes.remove()
    this.#saveNodes()
  }

  /** Lets the node, which is open, grow by so many bytes where it lies, and be changed. */
  #makeWritable(bytes: number): StreamNode {
    const { nodes } = this
    const room = nodes.words[nodes.payloadAt + 1]!
    const needed = this.#node.byteLength + bytes
    if (needed > room) {
      // Half as much again, but not beyond what a node will hold: the next ones will need it soon.
      const most = Math.max(needed, Math.min(this.#nodeLimit, room + (room >>> 1)))
      this.#moveNode(roomFor(most))
    } else if (isNodeShared(this.#entries, nodes.words[nodes.payloadAt]!, room)) this.#moveNode(room)
    return this.#node
  }

  /** Gives back what a node has more than it needs: nothing will be added any more. */
  #fitNode(): void {
    const { nodes } = this
    const room = roomFor(this.#node.byteLength)
    if (room < nodes.words[nodes.payloadAt + 1]!) this.#moveNode(room)
  }

  #moveNode(room: number): void {
    const { nodes } = this
    nodes.own()
    const at = nodes.payloadAt
    const kept = this.#node.byteLength
    nodes.words[at] = moveNode(this.#entries, nodes.words[at]!, nodes.words[at + 1]!, room, kept)
    nodes.words[at + 1] = room
    this.#openNode()
    this.#saveNodes()
  }

  #saveNodes(): void {
    saveTree(this.nodes, this.cell.bytes, this.cell.start + STREAM.nodes)
  }
}
