// Sets: an intset as long as all members are integers and few, then a listpack, then a table whose keys are the members.
// This file decides which, and hides the difference. Works on a cell; knows no key and no command.
//
// Redis: a set never goes back to a smaller encoding.

import { NO_REF, type Ref } from '../memory/arena.ts'
import type { Cell } from '../memory/cell.ts'
import { EMPTY_BYTES as INTSET_BYTES, Intset, writeEmpty as writeIntset } from '../memory/intset.ts'
import {
  elementBytes,
  EMPTY_BYTES as LISTPACK_BYTES,
  Listpack,
  NONE,
  writeEmpty as writeListpack,
} from '../memory/listpack.ts'
import { Table } from '../memory/table.ts'
import { TableCursor } from '../memory/table-cursor.ts'
import { type Disposal, TableDisposal } from '../memory/table-disposal.ts'
import { TABLE_ROOT_BYTES } from '../memory/table-root.ts'
import type { TypeEnvironment } from './environment.ts'
import { Member } from './member.ts'
import type { ScoredSource } from './sources.ts'
import { SET_HASHTABLE, SET_INTSET, SET_LISTPACK } from './value-type.ts'

/** Whatever the limits say: a listpack's header has no more. */
const MAX_LISTPACK_BYTES = 2 ** 30
const MAX_INTSET_ENTRIES = 2 ** 30
/** No integer has a longer text. */
const INT64_TEXT_BYTES = 20

/** Bytes of an empty set as SET_INTSET. */
export const EMPTY_SET_BYTES = INTSET_BYTES

/** Bytes of a new value of this encoding, with room for its first member if that is text of the usual kind. */
export function bytesFor(encoding: number, first: Member): number {
  if (encoding === SET_INTSET) return EMPTY_SET_BYTES
  return encoding === SET_LISTPACK ? LISTPACK_BYTES + elementBytes(first) : TABLE_ROOT_BYTES
}

export class SetValue implements ScoredSource {
  readonly #environment: TypeEnvironment
  readonly #intset = new Intset()
  readonly #list = new Listpack()
  readonly #table: Table
  readonly #cursor = new TableCursor()
  #cell: Cell | undefined = undefined
  #encoding = SET_INTSET
  /** Where the walk or the choice is: the index of an integer, a place in the listpack, an entry of the table. */
  #at = 0
  /** Entries that a scan has found, the first at the end. */
  #found: Ref[] = []
  readonly #member: Member
  /** Whether the member is not at `#at` yet: it gets there when somebody asks for it. */
  #isHidden = false
  /** For members that are looked up or moved to another encoding. */
  readonly #other: Member

  constructor(environment: TypeEnvironment) {
    this.#environment = environment
    this.#table = Table.unattached(environment.seed)
    this.#member = new Member(environment.seed)
    this.#other = new Member(environment.seed)
  }

  // ---- opening

  /** The encoding of a new set that so many members are going to be added to, `first` the first of them. */
  encodingFor(count: number, first: Member): number {
    const { setIntsetEntries, setListpackEntries } = this.#environment.limits
    if (first.isInteger && count <= setIntsetEntries) return SET_INTSET
    return count <= setListpackEntries ? SET_LISTPACK : SET_HASHTABLE
  }

  /** Makes an empty set of a new value of any encoding, with the bytes that `bytesFor` says. */
  create(cell: Cell): this {
    const { encoding } = cell
    if (encoding === SET_INTSET) writeIntset(cell.bytes, cell.start)
    else if (encoding === SET_LISTPACK) writeListpack(cell.bytes, cell.start)
    else this.#table.create(cell.entries).save(cell.bytes, cell.start, cell.words)
    return this.open(cell)
  }

  /** Is from now on about this set. */
  open(cell: Cell): this {
    this.#cell = cell
    this.#encoding = cell.encoding
    this.#isHidden = false
    if (this.#encoding === SET_HASHTABLE) this.#table.attach(cell.entries, cell.bytes, cell.start, cell.words)
    else this.#reopen()
    return this
  }

  get encoding(): number {
    return this.#encoding
  }

  get count(): number {
    if (this.#encoding === SET_HASHTABLE) return this.#table.count
    return this.#encoding === SET_INTSET ? this.#intset.count : this.#list.count
  }

  /** All scores are 1: see `ScoredSource`. */
  get score(): number {
    return 1
  }

  scoreOf(bytes: Uint8Array, start: number, length: number): number {
    return this.has(this.#other.point(bytes, start, length)) ? 1 : Number.NaN
  }

  // ---- one member

  has(member: Member): boolean {
    if (this.#encoding === SET_HASHTABLE) return this.#table.find(member.key) !== NO_REF
    if (this.#encoding === SET_INTSET) return member.isInteger && this.#intset.has(member)
    return this.#list.find(member, this.#list.first) !== NONE
  }

  /** Whether it has the member that the walk over another set is at. */
  hasSame(walked: SetValue): boolean {
    const isJoin = this.#encoding === SET_HASHTABLE && walked.#encoding === SET_HASHTABLE
    if (isJoin && this.#cell!.entries === walked.#cell!.entries) return this.#table.hasSame(walked.#cursor)
    return this.has(walked.member)
  }

  /** Before members are added that may be so many: takes the encoding that they ask for. */
  expect(count: number): void {
    const { setIntsetEntries, setListpackEntries } = this.#environment.limits
    if (this.#encoding === SET_HASHTABLE) {
      if (this.#table.count === 0) this.#presize(count)
      return
    }
    if (count > (this.#encoding === SET_INTSET ? setIntsetEntries : setListpackEntries)) this.#toTable()
  }

  #presize(count: number): void {
    const cell = this.#cell!
    this.#table.expect(count)
    cell.own()
    this.#table.save(cell.bytes, cell.start, cell.words)
  }

  /**
   * Before members are added to an empty set that are going to be about so many. Added in the order of their hashes, as
   * walks over large sets give them, to a table that is still small they would all belong into the same few slots.
   */
  reserve(count: number): void {
    const { setIntsetEntries, setListpackEntries } = this.#environment.limits
    if (count <= 2 * Math.max(setIntsetEntries, setListpackEntries)) return
    this.#toTable()
    this.#presize(count)
  }

  /** False if it is there already. The member's bytes must not be this set's own. */
  add(member: Member): boolean {
    if (this.#encoding === SET_HASHTABLE) return this.#addToTable(member)
    if (this.#encoding === SET_LISTPACK) return this.#addToListpack(member)
    return this.#addToIntset(member)
  }

  /** Adds the member that the walk over another set is at, which must not be there. */
  addSame(walked: SetValue): void {
    const cell = this.#cell!
    const isJoin = this.#encoding === SET_HASHTABLE && walked.#encoding === SET_HASHTABLE
    if (!isJoin || cell.entries !== walked.#cell!.entries) {
      this.add(walked.member)
      return
    }
    cell.own()
    this.#table.addSame(walked.#cursor)
    this.#table.save(cell.bytes, cell.start, cell.words)
  }

  /** False if it isn't there. */
  remove(member: Member): boolean {
    if (this.#encoding === SET_HASHTABLE) this.#at = this.#table.find(member.key)
    else if (this.#encoding === SET_LISTPACK) this.#at = this.#list.find(member, this.#list.first)
    else this.#at = member.isInteger ? this.#intset.indexOf(member) : -1
    // Places and entries begin at 1, indexes at 0.
    if (this.#encoding === SET_INTSET ? this.#at < 0 : this.#at === NONE) return false
    this.#removeHere(member)
    return true
  }

  // ---- all members

  /** To before the first member. A walk that is `sparse` passes over most members without looking at them. */
  rewind(walk: 'full' | 'sparse' = 'full'): void {
    this.#at = this.#encoding === SET_INTSET ? -1 : NONE
    if (this.#encoding !== SET_HASHTABLE) return
    const cell = this.#cell!
    this.#cursor.readsAll = walk === 'full'
    this.#cursor.begin(cell.entries, cell.bytes, cell.start)
  }

  next(): boolean {
    if (this.#encoding === SET_HASHTABLE) {
      const ref = this.#cursor.next()
      this.#at = ref
      this.#isHidden = true
      return ref !== NO_REF
    }
    if (this.#encoding === SET_INTSET) {
      if (++this.#at >= this.#intset.count) return false
      this.#intset.read(this.#at, this.#member)
      return true
    }
    this.#at = this.#at === NONE ? this.#list.first : this.#list.next(this.#at)
    if (this.#at === NONE) return false
    this.#list.read(this.#at, this.#member)
    return true
  }

  /** The member that the walk or the choice is at; valid until the next call. */
  get member(): Member {
    const member = this.#member
    if (!this.#isHidden) return member
    this.#isHidden = false
    this.#cell!.entries.key(this.#at, member)
    return member.point(member.bytes, member.start, member.length)
  }

  /** Goes to a random member, each as likely as any other. The set must not be empty. */
  choose(): void {
    const { chance } = this.#environment
    if (this.#encoding === SET_HASHTABLE) this.#show(this.#table.random(chance))
    else if (this.#encoding === SET_INTSET) {
      this.#at = this.#intset.random(chance)
      this.#intset.read(this.#at, this.#member)
    } else {
      this.#at = this.#list.seek(chance.below(this.#list.count))
      this.#list.read(this.#at, this.#member)
    }
  }

  /** Tells the member that the walk or the choice is at from all others, until the set is changed. */
  get place(): number {
    return this.#at
  }

  /** Removes the member that was chosen. */
  removeChosen(): void {
    this.#removeHere(this.member)
  }

  /**
   * Finds members from the position `cursor` on, as Table.scan does; in a small set all of them. Returns the position to
   * go on from. `nextFound` then goes over them, as `next` over all.
   */
  scan(cursor: number, count: number): number {
    this.rewind()
    if (this.#encoding !== SET_HASHTABLE) return 0
    const found: Ref[] = []
    this.#found = found
    const position = this.#table.scan(cursor, count, (ref) => {
      found.push(ref)
    })
    // What is found is taken from the end.
    found.reverse()
    return position
  }

  nextFound(): boolean {
    if (this.#encoding !== SET_HASHTABLE) return this.next()
    const ref = this.#found.pop()
    if (ref === undefined) return false
    this.#show(ref)
    return true
  }

  /** What has to be freed when the value goes, besides the value; undefined: nothing. */
  get disposal(): Disposal | undefined {
    const cell = this.#cell!
    if (this.#encoding !== SET_HASHTABLE) return undefined
    return new TableDisposal(cell.entries, cell.bytes, cell.start)
  }

  // ---- adding and removing

  #addToTable(member: Member): boolean {
    const table = this.#table
    const { key } = member
    if (table.find(key) !== NO_REF) return false
    const cell = this.#cell!
    cell.own()
    table.add(key, 0, 0, 0, 0)
    table.save(cell.bytes, cell.start, cell.words)
    return true
  }

  #addToListpack(member: Member): boolean {
    const list = this.#list
    if (list.find(member, list.first) !== NONE) return false
    const { setListpackEntries, setListpackValue } = this.#environment.limits
    const cell = this.#cell!
    const isLarge =
      list.count >= setListpackEntries ||
      member.length > setListpackValue ||
      cell.length + member.length > MAX_LISTPACK_BYTES
    if (isLarge) {
      this.#toTable()
      return this.#addToTable(member)
    }
    cell.resize(list.byteLength + elementBytes(member))
    list.openAt(cell).append(member)
    return true
  }

  #addToIntset(member: Member): boolean {
    const intset = this.#intset
    if (!member.isInteger) {
      this.#leaveIntset(member.length)
      return this.add(member)
    }
    if (intset.has(member)) return false
    const cell = this.#cell!
    cell.resize(intset.bytesWith(member))
    intset.openAt(cell).add(member)
    const limit = Math.min(this.#environment.limits.setIntsetEntries, MAX_INTSET_ENTRIES)
    if (intset.count > limit) this.#toTable()
    return true
  }

  /** Before text of so many bytes is added. */
  #leaveIntset(length: number): void {
    const intset = this.#intset
    const { setListpackEntries, setListpackValue } = this.#environment.limits
    const { count } = intset
    const longest = setListpackValue < INT64_TEXT_BYTES ? this.#longestText() : 0
    const isSmall = count < setListpackEntries && length <= setListpackValue && longest <= setListpackValue
    // An integer takes at most eleven bytes in a listpack.
    if (isSmall && count * 11 + length < MAX_LISTPACK_BYTES) this.#toListpack(length)
    else this.#toTable()
  }

  /** Digits of the longest integer: that is the first or the last. */
  #longestText(): number {
    const { count } = this.#intset
    if (count === 0) return 0
    const first = this.#intset.read(0, this.#other).length
    return Math.max(first, this.#intset.read(count - 1, this.#other).length)
  }

  #removeHere(member: Member): void {
    const cell = this.#cell!
    if (this.#encoding === SET_HASHTABLE) {
      cell.own()
      this.#table.remove(member.key, this.#at)
      this.#table.save(cell.bytes, cell.start, cell.words)
      return
    }
    cell.own()
    this.#reopen()
    if (this.#encoding === SET_INTSET) {
      this.#intset.removeAt(this.#at)
      cell.resize(this.#intset.byteLength)
    } else {
      this.#list.remove(this.#at)
      cell.resize(this.#list.byteLength)
    }
    this.#reopen()
  }

  // ---- encodings

  /** Looks at the cell's bytes again, which may have moved. */
  #reopen(): void {
    if (this.#encoding === SET_INTSET) this.#intset.openAt(this.#cell!)
    else this.#list.openAt(this.#cell!)
  }

  #show(ref: Ref): void {
    this.#at = ref
    this.#isHidden = true
  }

  /** From an intset to a listpack, with room for what is to be added. */
  #toListpack(spare: number): void {
    const cell = this.#cell!
    const list = this.#list
    const old = new Intset().open(cell.copy(), 0)
    const { count } = old
    cell.resize(LISTPACK_BYTES + count * 11 + spare, SET_LISTPACK)
    writeListpack(cell.bytes, cell.start)
    list.openAt(cell)
    for (let i = 0; i < count; i++) list.append(old.read(i, this.#other))
    cell.resize(list.byteLength)
    this.#encoding = SET_LISTPACK
    list.openAt(cell)
  }

  #toTable(): void {
    const cell = this.#cell!
    const table = this.#table.create(cell.entries)
    // What is in the value stays where it is until all of it has been copied.
    const member = this.#other
    if (this.#encoding === SET_INTSET) {
      const { count } = this.#intset
      for (let i = 0; i < count; i++) table.add(this.#intset.read(i, member).key, 0, 0, 0, 0)
    } else {
      const list = this.#list
      for (let at = list.first; at !== NONE; at = list.next(at)) {
        table.add(list.read(at, member).key, 0, 0, 0, 0)
      }
    }
    cell.resize(TABLE_ROOT_BYTES, SET_HASHTABLE)
    table.save(cell.bytes, cell.start, cell.words)
    this.#encoding = SET_HASHTABLE
  }
}
