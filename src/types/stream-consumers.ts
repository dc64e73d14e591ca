// The consumers of a group, by name, each with the ids of the entries it has and hasn't acknowledged. Pending entries
// name their consumer by a serial number, which never changes, while consumers may move in memory. One object serves
// all groups, one after the other.
// The records are laid out in stream-layout.ts.

import type { Ref } from '../memory/arena.ts'
import { Cell } from '../memory/cell.ts'
import type { Entries } from '../memory/entries.ts'
import { IdTree } from '../memory/id-tree.ts'
import { IdTreeDisposal } from '../memory/id-tree-disposal.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import { Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import { readWord, writeWord } from '../memory/table-root.ts'
import { WideId } from '../memory/wide-id.ts'
import { CONSUMER, CONSUMER_BYTES, GROUP, SERIAL_WORDS } from './stream-layout.ts'
import { attachTree, readNumber, saveTree, writeNumber } from './stream-record.ts'

const NEVER = -1
/** No consumer has this number. */
export const NOBODY = 0

export class StreamConsumers {
  /** The current consumer, and its pending ids. */
  readonly cell = new Cell()
  readonly owned = new IdTree(0)
  /** See `#table`. */
  readonly #byName: Table
  #isAttached = false
  #entries: Entries | undefined = undefined
  readonly #serials = new IdTree(SERIAL_WORDS)
  readonly #key: Key
  readonly #otherKey: Key
  readonly #other = new Cell()
  readonly #otherOwned = new IdTree(0)
  readonly #slice = new Slice()
  readonly #id = new WideId()
  /** The current consumer's number: its tree is `owned`, and must be changed through that alone. */
  #current = NOBODY
  /** The group's record: it may move while consumers change. */
  #group: Slice = this.#slice

  constructor(seed: HashSeed) {
    this.#byName = Table.unattached(seed)
    this.#key = new Key(seed)
    this.#otherKey = new Key(seed)
  }

  /** Becomes the consumers of a group, whose record this is. */
  open(entries: Entries, group: Slice): this {
    this.#group = group
    this.#current = NOBODY
    this.#entries = entries
    this.#isAttached = false
    const { bytes, start } = group
    attachTree(this.#serials, entries.arena, bytes, start + GROUP.serials)
    return this
  }

  /** Gives a new group no consumers. */
  create(entries: Entries, group: Slice): this {
    this.#group = group
    this.#current = NOBODY
    this.#entries = entries
    this.#byName.create(entries)
    this.#isAttached = true
    this.#serials.attach(entries.arena, 0, 0)
    this.#save()
    return this
  }

  /** The consumers by name. Acknowledging needs it seldom, and has little else to do: it is attached when asked for. */
  get #table(): Table {
    if (!this.#isAttached) {
      const { bytes, start } = this.#group
      this.#byName.attach(this.#entries!, bytes, start + GROUP.consumers)
      this.#isAttached = true
    }
    return this.#byName
  }

  #save(): void {
    const { bytes, start } = this.#group
    this.#table.save(bytes, start + GROUP.consumers)
    saveTree(this.#serials, bytes, start + GROUP.serials)
  }

  get count(): number {
    return this.#table.count
  }

  /** The names in the order of their bytes. */
  names(): Uint8Array[] {
    return sortedNames(this.#table)
  }

  /** The name of the consumer with this number. Valid until the next call. */
  nameOf(serial: number): Slice {
    this.#serials.find(this.#id.set(0, 0, 0, serial))
    return this.#entries!.key(this.#serials.words[this.#serials.payloadAt]!, this.#slice)
  }

  /** How many entries are pending with the consumer of this name, which there must be. */
  pendingOf(name: Uint8Array): number {
    const ref = this.#table.find(this.#otherKey.point(name, 0, name.length))
    const { bytes, start } = this.#table.entries.value(ref, this.#slice)
    return readWord(bytes, start + CONSUMER.owned + 4)
  }

  // ---- the current consumer

  /** Lets the consumer of this name be the current one, if there is one. The name must last as long. */
  find(name: Slice): boolean {
    const key = this.#key.point(name.bytes, name.start, name.length)
    const ref = this.#table.find(key)
    if (ref === 0) return false
    this.#enter(ref)
    return true
  }

  #enter(ref: Ref): void {
    const { cell } = this
    cell.open(this.#table, this.#key, ref)
    attachTree(this.owned, this.#table.entries.arena, cell.bytes, cell.start + CONSUMER.owned)
    this.#current = readWord(cell.bytes, cell.start + CONSUMER.serial)
  }

  /** Makes a consumer of this name, which there must not be yet, and lets it be the current one. */
  add(name: Slice, now: number): void {
    const serial = this.#serials.last() ? this.#serials.readId(this.#id).lowerLow + 1 : 1
    this.restore(name, serial, now, NEVER)
  }

  /** Makes a consumer with this serial number, likewise. */
  restore(name: Slice, serial: number, seenMs: number, activeMs: number): void {
    const key = this.#key.point(name.bytes, name.start, name.length)
    const ref = this.#table.add(key, 0, 0, 0, CONSUMER_BYTES)
    const { bytes, start } = this.#table.entries.value(ref, this.#slice)
    bytes.fill(0, start, start + CONSUMER_BYTES)
    writeWord(bytes, start + CONSUMER.serial, serial)
    writeNumber(bytes, start + CONSUMER.seenMs, seenMs)
    writeNumber(bytes, start + CONSUMER.activeMs, activeMs)
    this.#serials.insert(this.#id.set(0, 0, 0, serial))
    this.#serials.words[this.#serials.payloadAt] = ref
    this.#save()
    this.#enter(ref)
  }

  /** Takes the current consumer out; what it has pending must be taken out of the group before. */
  remove(): Disposal {
    const { cell } = this
    const disposal = new IdTreeDisposal(cell.entries, this.owned.root, 0)
    this.#serials.removeId(this.#id.set(0, 0, 0, this.serial))
    this.#table.remove(this.#key, cell.ref)
    this.#current = NOBODY
    this.#save()
    return disposal
  }

  get serial(): number {
    return this.#current
  }

  /** When it tried to do something last, in milliseconds since the epoch. */
  get seenMs(): number {
    return readNumber(this.cell.bytes, this.cell.start + CONSUMER.seenMs)
  }

  /** When it got or claimed an entry last; -1: never. */
  get activeMs(): number {
    return readNumber(this.cell.bytes, this.cell.start + CONSUMER.activeMs)
  }

  /** Notes that the consumer was here. */
  noteSeen(now: number): void {
    this.own()
    writeNumber(this.cell.bytes, this.cell.start + CONSUMER.seenMs, now)
  }

  noteActive(now: number): void {
    this.own()
    writeNumber(this.cell.bytes, this.cell.start + CONSUMER.activeMs, now)
  }

  /** Before the current consumer is changed. Who keeps the consumers must have been made changeable. */
  own(): void {
    const { cell } = this
    if (!cell.entries.isShared(cell.ref)) return
    cell.own()
    this.#noteMoved(this.serial, cell.ref)
  }

  /** Notes that the current consumer has an entry. */
  addOwned(id: WideId): void {
    this.own()
    this.owned.insert(id)
    saveTree(this.owned, this.cell.bytes, this.cell.start + CONSUMER.owned)
  }

  /** Notes that a consumer has an entry no more: the current one, or another. */
  removeOwned(id: WideId, serial: number): void {
    if (serial === this.#current) {
      this.own()
      this.owned.removeId(id)
      saveTree(this.owned, this.cell.bytes, this.cell.start + CONSUMER.owned)
      return
    }
    const { bytes, start } = this.#ownOther(serial)
    attachTree(this.#otherOwned, this.#entries!.arena, bytes, start + CONSUMER.owned)
    this.#otherOwned.removeId(id)
    saveTree(this.#otherOwned, bytes, start + CONSUMER.owned)
  }

  /** The record of a consumer that is not the current one, ready to be changed. */
  #ownOther(serial: number): Slice {
    const entries = this.#entries!
    this.#serials.find(this.#id.set(0, 0, 0, serial))
    const ref = this.#serials.words[this.#serials.payloadAt]!
    if (!entries.isShared(ref)) return entries.value(ref, this.#slice)
    const name = entries.key(ref, this.#slice)
    const key = this.#otherKey.point(name.bytes, name.start, name.length)
    this.#table.find(key)
    const other = this.#other.open(this.#table, key, ref)
    other.own()
    this.#noteMoved(serial, other.ref)
    return other
  }

  #noteMoved(serial: number, ref: Ref): void {
    this.#serials.find(this.#id.set(0, 0, 0, serial))
    this.#serials.own()
    this.#serials.words[this.#serials.payloadAt] = ref
    this.#save()
  }
}

/** The keys of a table in the order of their bytes: copies. */
export function sortedNames(table: Table): Uint8Array[] {
  const names: Uint8Array[] = []
  const slice = new Slice()
  table.each((ref) => {
    names.push(table.entries.key(ref, slice).copy())
  })
  return names.sort(Buffer.compare)
}
