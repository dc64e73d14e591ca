// The consumer groups of a stream, by name: how far each has read, who has which entries pending. One object serves the
// groups of all streams, one after the other.
// The records are laid out in stream-layout.ts.

import { Cell } from '../memory/cell.ts'
import type { Entries } from '../memory/entries.ts'
import { IdTree } from '../memory/id-tree.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import type { Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import { readWord } from '../memory/table-root.ts'
import type { Stream } from './stream.ts'
import { NOBODY, StreamConsumers, sortedNames } from './stream-consumers.ts'
import { disposeGroup } from './stream-disposal.ts'
import { StreamId } from './stream-id.ts'
import { GROUP, GROUP_BYTES, PENDING_WORDS, STREAM } from './stream-layout.ts'
import { ownerOf, setDeliveryCount, setFirstDelivery, setOwner } from './stream-pending.ts'
import {
  attachTree,
  incrementCounter,
  isUnknown,
  readCounter,
  readId,
  saveTree,
  writeCounter,
  writeId,
} from './stream-record.ts'

/** How many entries a group has read, where nobody knows. */
export const UNKNOWN = -1n

export class StreamGroups {
  /** The current group: its record, how far it has read, its pending entries and its consumers. */
  readonly cell = new Cell()
  readonly lastId = new StreamId()
  readonly pending = new IdTree(PENDING_WORDS)
  readonly consumers: StreamConsumers
  readonly #table: Table
  readonly #key: Key
  readonly #stream: Stream
  readonly #id = new StreamId()

  constructor(seed: HashSeed, stream: Stream) {
    this.consumers = new StreamConsumers(seed)
    this.#table = Table.unattached(seed)
    this.#key = new Key(seed)
    this.#stream = stream
  }

  /** Number of groups of the stream that is open. */
  get count(): number {
    return this.#attach() ? this.#table.count : 0
  }

  /** The names in the order of their bytes. */
  names(): Uint8Array[] {
    return this.#attach() ? sortedNames(this.#table) : []
  }

  /** Becomes the groups of the open stream; false if it never had one. */
  #attach(): boolean {
    const { bytes, start, entries } = this.#stream.cell
    if (readWord(bytes, start + STREAM.groups) === 0) return false
    this.#table.attach(entries, bytes, start + STREAM.groups)
    return true
  }

  #save(): void {
    const { cell } = this.#stream
    this.#table.save(cell.bytes, cell.start + STREAM.groups)
  }

  // ---- the current group

  /** Lets the group of this name be the current one, if there is one. The name must last as long. */
  find(name: Slice): boolean {
    if (!this.#attach()) return false
    const key = this.#key.point(name.bytes, name.start, name.length)
    const ref = this.#table.find(key)
    if (ref === 0) return false
    const { cell } = this
    cell.open(this.#table, key, ref)
    const { bytes, start, entries } = cell
    readId(bytes, start + GROUP.lastId, this.lastId)
    attachTree(this.pending, entries.arena, bytes, start + GROUP.pending)
    this.consumers.open(entries, cell)
    return true
  }

  /** Makes a group of this name, which there must not be yet, and lets it be the current one. */
  add(name: Slice, lastId: StreamId, read: bigint): void {
    const stream = this.#stream.cell
    stream.own()
    if (!this.#attach()) this.#table.create(stream.entries)
    const key = this.#key.point(name.bytes, name.start, name.length)
    const ref = this.#table.add(key, 0, 0, 0, GROUP_BYTES)
    this.#save()
    const cell = this.cell.open(this.#table, key, ref)
    cell.bytes.fill(0, cell.start, cell.start + GROUP_BYTES)
    this.consumers.create(stream.entries, cell)
    this.pending.attach(stream.entries.arena, 0, 0)
    this.setPosition(lastId, read)
  }

  /** Takes the current group out. */
  remove(): Disposal {
    const { cell } = this
    this.#stream.cell.own()
    const disposal = disposeGroup(cell.entries, cell.bytes, cell.start)
    this.#table.remove(this.#key, cell.ref)
    this.#save()
    return disposal
  }

  /** Before the current group is changed, with all that it is a part of. */
  #own(): void {
    if (!this.cell.entries.frozen) return
    this.#stream.cell.own()
    this.cell.own()
    this.#save()
  }

  /** How many entries the group has read; UNKNOWN. */
  get read(): bigint {
    return readCounter(this.cell.bytes, this.cell.start + GROUP.read)
  }

  /** Lets the group go on after this id. */
  setPosition(lastId: StreamId, read: bigint): void {
    this.setLastId(lastId)
    writeCounter(this.cell.bytes, this.cell.start + GROUP.read, read)
  }

  /** Likewise, where it stays as it was how many entries were read. */
  setLastId(lastId: StreamId): void {
    this.#own()
    this.lastId.copyFrom(lastId)
    writeId(this.cell.bytes, this.cell.start + GROUP.lastId, lastId)
  }

  /**
   * Notes that the group has come to an entry after its last.
   *
   * Redis: counting on is right as long as no entry is missing between; else what is known of the stream may tell.
   */
  advance(id: StreamId): void {
    this.#own()
    const { cell } = this
    const { bytes, start } = cell
    const isKnown =
      !isUnknown(bytes, start + GROUP.read) &&
      this.lastId.compare(this.#stream.readFirstId(this.#id)) >= 0 &&
      !this.#hasGapAhead()
    if (isKnown) incrementCounter(bytes, start + GROUP.read)
    else if (this.#stream.added > 0n) writeCounter(bytes, start + GROUP.read, this.estimateRead(id))
    this.lastId.copyFrom(id)
    writeId(bytes, start + GROUP.lastId, id)
  }

  /** How many entries of the stream the group hasn't read; undefined: nobody knows. */
  get lag(): bigint | undefined {
    const stream = this.#stream
    const { added } = stream
    if (added === 0n || stream.length === 0) return 0n
    const first = stream.readFirstId(new StreamId())
    if (first.compare(this.lastId) > 0 && stream.readDeletedId(this.#id).compare(first) < 0) {
      return BigInt(stream.length)
    }
    const { read } = this
    if (read !== UNKNOWN && !this.#hasGapAhead()) return added - read
    const estimate = this.estimateRead(this.lastId)
    return estimate === UNKNOWN ? undefined : added - estimate
  }

  /** Whether an entry behind the group's last, or that entry, may have been deleted. */
  #hasGapAhead(): boolean {
    const stream = this.#stream
    const deleted = stream.readDeletedId(this.#id)
    return stream.length > 0 && !deleted.isZero && this.lastId.compare(deleted) <= 0
  }

  /** How many entries were ever added up to this id; UNKNOWN where what is remembered doesn't tell. */
  estimateRead(id: StreamId): bigint {
    const stream = this.#stream
    const { added, length, lastId } = stream
    if (added === 0n) return 0n
    const toLast = id.compare(lastId)
    if (length === 0 && toLast <= 0) return added
    const deleted = stream.readDeletedId(this.#id)
    if (!id.isZero && id.compare(deleted) < 0) return UNKNOWN
    if (toLast >= 0) return toLast === 0 ? added : UNKNOWN
    const first = stream.readFirstId(new StreamId())
    if (!deleted.isZero && deleted.compare(first) >= 0) return UNKNOWN
    const toFirst = id.compare(first)
    if (toFirst > 0) return UNKNOWN
    const before = added - BigInt(length)
    return toFirst < 0 ? before : before + 1n
  }

  // ---- pending entries

  /** Gives an entry to the current consumer, for the first time, whoever has had it before. */
  deliver(id: StreamId, now: number): void {
    this.#own()
    const { pending, consumers } = this
    const { serial } = consumers
    if (!pending.find(id)) {
      pending.insert(id)
      consumers.addOwned(id)
    } else {
      pending.own()
      this.#handOver(id, serial)
    }
    setFirstDelivery(pending.words, pending.payloadAt, now, serial)
    this.#savePending()
  }

  /** Makes the pending entry that is the tree's current one the current consumer's. Its payload can then be changed. */
  claim(id: StreamId): void {
    this.#own()
    const { pending, consumers } = this
    const { serial } = consumers
    pending.own()
    this.#handOver(id, serial)
    setOwner(pending.words, pending.payloadAt, serial)
    this.#savePending()
  }

  #handOver(id: StreamId, serial: number): void {
    const { pending, consumers } = this
    const owner = ownerOf(pending.words, pending.payloadAt)
    if (owner === serial) return
    consumers.removeOwned(id, owner)
    consumers.addOwned(id)
  }

  /** Gives an entry that is pending nowhere to the current consumer, as delivered once. It is then the current one. */
  force(id: StreamId, now: number): void {
    this.#own()
    const { pending, consumers } = this
    pending.insert(id)
    setFirstDelivery(pending.words, pending.payloadAt, now, consumers.serial)
    consumers.addOwned(id)
    this.#savePending()
  }

  /** Before the payload of the current pending entry is changed. */
  ownPending(): void {
    this.#own()
    this.pending.own()
    this.#savePending()
  }

  /** Adds an entry that nobody has until `assign`, as it was delivered elsewhere. False if it is pending already. */
  addPending(id: StreamId, deliveredMs: number, deliveries: bigint): boolean {
    const { pending } = this
    if (pending.find(id)) return false
    this.#own()
    pending.insert(id)
    setFirstDelivery(pending.words, pending.payloadAt, deliveredMs, NOBODY)
    setDeliveryCount(pending.words, pending.payloadAt, deliveries)
    this.#savePending()
    return true
  }

  /** Gives the current consumer an entry that nobody has. False if there is no such entry. */
  assign(id: StreamId): boolean {
    const { pending, consumers } = this
    if (!pending.find(id) || ownerOf(pending.words, pending.payloadAt) !== NOBODY) return false
    this.#own()
    pending.own()
    setOwner(pending.words, pending.payloadAt, consumers.serial)
    this.#savePending()
    consumers.addOwned(id)
    return true
  }

  /** Takes an entry off the pending ones, whoever has it; says whether it was there. */
  acknowledge(id: StreamId): boolean {
    const { pending } = this
    if (!pending.find(id)) return false
    this.#own()
    this.consumers.removeOwned(id, ownerOf(pending.words, pending.payloadAt))
    pending.remove()
    this.#savePending()
    return true
  }

  /** Takes the current consumer out, with all it has pending; says what is left to be freed. */
  removeConsumer(): Disposal {
    this.#own()
    const { pending, consumers } = this
    const { owned } = consumers
    for (let more = owned.first(); more; more = owned.next()) pending.removeId(owned.readId(this.#id))
    this.#savePending()
    return consumers.remove()
  }

  /** Makes a consumer of this name, which there must not be yet. */
  addConsumer(name: Slice, now: number): void {
    this.#own()
    this.consumers.add(name, now)
  }

  /** Notes that the current consumer was here. */
  noteSeen(now: number): void {
    this.#own()
    this.consumers.noteSeen(now)
  }

  noteActive(now: number): void {
    this.#own()
    this.consumers.noteActive(now)
  }

  #savePending(): void {
    saveTree(this.pending, this.cell.bytes, this.cell.start + GROUP.pending)
  }

  /** The memory that all of this lies in. */
  get entries(): Entries {
    return this.#stream.cell.entries
  }
}
