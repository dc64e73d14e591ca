// Makes values of what a reader of the RDB format says. The value grows under a key of its own, through the types that
// commands work with, so that it has the encoding that the limits ask for. Tells nobody: that is for whoever wanted it.

import { ABSENT, type Database, type Entry } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { earliestElementDeadline } from '../keyspace/kinds.ts'
import { Cell } from '../memory/cell.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import type { Element } from '../memory/element.ts'
import type { EntryBatch } from '../memory/entry-batch.ts'
import { Intset } from '../memory/intset.ts'
import type { Key } from '../memory/key.ts'
import type { Listpack } from '../memory/listpack.ts'
import { copyBytes, Slice } from '../memory/slice.ts'
import type { PackedType, StreamState, ValueFacts } from '../rdb/facts.ts'
import { EMPTY_HASH_BYTES, HashValue, SHOW_ALL } from '../types/hash.ts'
import { EMPTY_LIST_BYTES, ListValue } from '../types/list.ts'
import { Member } from '../types/member.ts'
import { bytesFor, SetValue } from '../types/set.ts'
import { EMPTY_SORTED_SET_BYTES, SortedSetValue } from '../types/sorted-set.ts'
import type { StreamId } from '../types/stream-id.ts'
import { STREAM_BYTES } from '../types/stream-layout.ts'
import { StreamWorkspace } from '../types/stream-workspace.ts'
import { stringEncoding } from '../types/string.ts'
import {
  HASH,
  HASH_LISTPACK,
  HASH_LISTPACK_EX,
  LIST,
  LIST_LISTPACK,
  SET,
  SET_HASHTABLE,
  SET_INTSET,
  SET_LISTPACK,
  SORTED_SET,
  SORTED_SET_LISTPACK,
  STREAM,
  STREAM_LISTPACKS,
  STRING,
} from '../types/value-type.ts'
import { earliestIn, PackedBlocks } from './packed-blocks.ts'

export class ValueBuilder implements ValueFacts {
  /** Where values that are all in their entry wait for each other, if they may: until `settle` no look-up finds them. */
  batch: EntryBatch | undefined = undefined
  /** Has to throw. Called with a key that is there already: only if there is a batch. */
  onTwin: (key: Slice) => void = () => {}
  readonly #keyspace: Keyspace
  readonly #cell = new Cell()
  readonly #blocks: PackedBlocks
  readonly #list: ListValue
  readonly #set: SetValue
  readonly #sortedSet: SortedSetValue
  readonly #hash: HashValue
  readonly #streams: StreamWorkspace
  readonly #member: Member
  #db: Database | undefined = undefined
  #key: Key | undefined = undefined
  #access = 0
  #deadline = NO_DEADLINE
  /** Whether there is anything of the value in the table yet. */
  #isCreated = false
  /** Between `begin` and `end`. */
  #isUnfinished = false
  /** Whether any of its elements has a deadline. */
  #hasDeadlines = false
  /** Of the last group: entries that are pending and have no owner yet; consumers. */
  #ownerless = 0
  #consumers = 0

  constructor(keyspace: Keyspace) {
    const { types } = keyspace
    this.#keyspace = keyspace
    this.#blocks = new PackedBlocks(types.limits)
    this.#list = new ListValue(types)
    this.#set = new SetValue(types)
    this.#sortedSet = new SortedSetValue(types)
    this.#hash = new HashValue(types)
    this.#streams = new StreamWorkspace(types)
    this.#member = new Member(types.seed)
  }

  /** The next value is to stand under this key, which must be absent, and last as long as it takes. */
  begin(db: Database, key: Key, access = this.#keyspace.access.initial, deadline = NO_DEADLINE): this {
    this.#db = db
    this.#key = key
    this.#access = access
    this.#deadline = deadline
    this.#isCreated = false
    this.#isUnfinished = true
    this.#hasDeadlines = false
    return this
  }

  /** The value that was made, after `end`. */
  get entry(): Entry {
    return this.#db!.findAnyway(this.#key!)
  }

  /** After an error: removes what was begun and did not come to its end, if there is anything, and what waits. */
  abandonUnfinished(): void {
    if (this.#db !== undefined) this.batch?.discard(this.#db.table.entries)
    if (this.#isUnfinished) this.abandon()
  }

  /** Removes what was made, after an error, too. */
  abandon(): void {
    this.#isUnfinished = false
    if (!this.#isCreated) return
    this.#isCreated = false
    const { entry } = this
    this.#noteDeadlines(entry)
    this.#db!.detach(this.#key!, entry)
  }

  #create(type: number, encoding: number, length: number): Cell {
    const { table } = this.#db!
    const key = this.#key!
    if (this.batch !== undefined) {
      this.settle()
      if (table.find(key) !== ABSENT) this.onTwin(key)
    }
    const entry = table.add(key, type, encoding, this.#access, length, this.#deadline)
    this.#isCreated = true
    return this.#cell.open(table, key, entry)
  }

  /** A value that is all in its entry, once these bytes are filled. */
  #createWhole(type: number, encoding: number, length: number): Slice {
    const { batch } = this
    if (batch === undefined) return this.#create(type, encoding, length)
    if (batch.isFull) this.settle()
    const { entries } = this.#db!.table
    const key = this.#key!
    const entry = entries.create(key, type, encoding, this.#access, length, this.#deadline)
    batch.add(key.hash, entry, this.#deadline)
    return entries.value(entry, this.#cell)
  }

  /** Puts what waits into the table: before anything else is done with the database, and another is begun with. */
  settle(): void {
    const { batch } = this
    if (batch === undefined || batch.isEmpty) return
    const { table } = this.#db!
    if (table.adopt(batch)) return
    const twin = table.entries.key(batch.ref, new Slice()).copy()
    batch.discard(table.entries)
    this.onTwin(new Slice().set(twin, 0, twin.length))
  }

  end(): void {
    this.#isUnfinished = false
    if (this.#hasDeadlines) this.#noteDeadlines(this.entry)
  }

  #noteDeadlines(entry: Entry): void {
    const db = this.#db!
    const earliest = earliestElementDeadline(db.table.entries, entry)
    if (earliest !== NO_DEADLINE) db.noteElementDeadlines(this.#key!, false, earliest)
  }

  // ---- what is in one block

  packed(type: PackedType, list: Listpack): boolean {
    const blocks = this.#blocks
    if (type === 'list') return blocks.isList(list) && this.#copy(LIST, LIST_LISTPACK, list)
    if (type === 'set') return blocks.isSet(list) && this.#copy(SET, SET_LISTPACK, list)
    if (type === 'sorted set') {
      return blocks.isSortedSet(list) && this.#copy(SORTED_SET, SORTED_SET_LISTPACK, list)
    }
    if (type === 'hash') return blocks.isHash(list) && this.#copy(HASH, HASH_LISTPACK, list)
    if (!blocks.isHashWithDeadlines(list)) return false
    this.#hasDeadlines = earliestIn(list) !== NO_DEADLINE
    const { bytes, start, byteLength } = list
    const cell = this.#create(HASH, HASH_LISTPACK_EX, byteLength)
    copyBytes(bytes, start, cell.bytes, cell.start, byteLength)
    return true
  }

  #copy(type: number, encoding: number, { bytes, start, byteLength }: Listpack): true {
    const place = this.#createWhole(type, encoding, byteLength)
    copyBytes(bytes, start, place.bytes, place.start, byteLength)
    return true
  }

  // ---- strings and lists

  string({ bytes, start, length }: Element): void {
    const place = this.#createWhole(STRING, stringEncoding(bytes, start, length), length)
    copyBytes(bytes, start, place.bytes, place.start, length)
  }

  list(): void {
    this.#list.create(this.#create(LIST, LIST_LISTPACK, EMPTY_LIST_BYTES))
  }

  push(element: Element): void {
    this.#list.expect(element.length, 1)
    this.#list.pushLast(element)
  }

  pushPacked(list: Listpack): boolean {
    if (!this.#blocks.isList(list)) return false
    this.#list.pushPacked(list)
    return true
  }

  // ---- sets

  set(count: number): void {
    const { setIntsetEntries, setListpackEntries } = this.#keyspace.types.limits
    const isLarge = count > Math.max(setIntsetEntries, setListpackEntries)
    const encoding = isLarge ? SET_HASHTABLE : SET_INTSET
    this.#set.create(this.#create(SET, encoding, bytesFor(encoding, this.#member)))
    if (isLarge) this.#set.expect(count)
  }

  member({ bytes, start, length }: Element): boolean {
    return this.#set.add(this.#member.point(bytes, start, length))
  }

  intset(block: Slice, count: number): void {
    const { bytes, start, length } = block
    if (count <= this.#keyspace.types.limits.setIntsetEntries) {
      const place = this.#createWhole(SET, SET_INTSET, length)
      copyBytes(bytes, start, place.bytes, place.start, length)
      return
    }
    const intset = new Intset().open(bytes, start)
    this.set(count)
    for (let i = 0; i < count; i++) this.#set.add(intset.read(i, this.#member))
  }

  // ---- sorted sets and hashes

  sortedSet(count: number): void {
    this.#sortedSet.create(this.#create(SORTED_SET, SORTED_SET_LISTPACK, EMPTY_SORTED_SET_BYTES))
    this.#sortedSet.expect(count, 0)
  }

  scored(member: Element, score: number): boolean {
    if (this.#sortedSet.find(member)) return false
    this.#sortedSet.add(member, score)
    return true
  }

  hash(count: number): void {
    this.#hash.create(this.#create(HASH, HASH_LISTPACK, EMPTY_HASH_BYTES), SHOW_ALL)
    this.#hash.reserve(count > this.#keyspace.types.limits.hashListpackEntries ? count : 0, 0, 0)
    this.#hash.settle()
  }

  field(name: Element, value: Element, deadline: number): boolean {
    if (!this.#hash.set(name, value)) return false
    if (deadline === NO_DEADLINE) return true
    this.#hash.setDeadline(deadline)
    this.#hasDeadlines = true
    return true
  }

  // ---- streams

  stream(): void {
    this.#streams.stream.create(this.#create(STREAM, STREAM_LISTPACKS, STREAM_BYTES))
  }

  node(id: StreamId, block: Slice): void {
    this.#streams.stream.appendNode(id, block)
  }

  streamState({ length, lastId, deletedId, added }: StreamState): boolean {
    const { stream } = this.#streams
    stream.setFacts(lastId, added ?? BigInt(length), deletedId)
    stream.settle()
    return stream.length === length
  }

  group(name: Element, lastId: StreamId, read: bigint | undefined): boolean {
    const { groups } = this.#streams
    if (groups.find(name)) return false
    groups.add(name, lastId, read ?? groups.estimateRead(lastId))
    this.#ownerless = 0
    this.#consumers = 0
    return true
  }

  pending(id: StreamId, deliveredMs: number, deliveries: bigint): boolean {
    this.#ownerless++
    return this.#streams.groups.addPending(id, deliveredMs, deliveries)
  }

  consumer(name: Element, seenMs: number, activeMs: number): boolean {
    const { groups } = this.#streams
    if (groups.consumers.find(name)) return false
    groups.consumers.restore(name, ++this.#consumers, seenMs, activeMs)
    return true
  }

  owned(id: StreamId): boolean {
    this.#ownerless--
    return this.#streams.groups.assign(id)
  }

  groupEnd(): boolean {
    return this.#ownerless === 0
  }
}
