// Large hashes: a table of their own, whose entries are fields with their values and deadlines. The hash's cell holds
// where the table is.

import type { Ref } from '../memory/arena.ts'
import type { Cell } from '../memory/cell.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { Key } from '../memory/key.ts'
import { copyBytes, Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import { TABLE_ROOT_BYTES } from '../memory/table-root.ts'
import type { UpcomingKeys } from '../memory/upcoming-keys.ts'
import type { TypeEnvironment } from './environment.ts'
import { HASH_HASHTABLE } from './value-type.ts'

/** Entries of the table are of no type. */
const NOTHING = 0

export class TableHash {
  readonly #table: Table
  readonly #own: Key
  /** Where fields may have been hashed ahead. */
  readonly #upcoming: UpcomingKeys | undefined
  /** The field that was sought last. */
  #key: Key
  readonly #value = new Slice()
  readonly #field = new Slice()
  #cell: Cell | undefined = undefined
  /** The field that was located last. */
  #ref: Ref = 0
  /** What a scan has chosen, the first at the end. */
  readonly #scanned: Ref[] = []

  constructor({ seed, upcoming }: TypeEnvironment) {
    this.#table = Table.unattached(seed)
    this.#own = new Key(seed)
    this.#upcoming = upcoming
    this.#key = this.#own
  }

  open(cell: Cell): this {
    this.#cell = cell
    this.#table.attach(cell.entries, cell.bytes, cell.start, cell.words)
    return this
  }

  /** Begins an empty table in the memory of a cell, which becomes its value by `adopt`; for so many fields, if known. */
  create(cell: Cell, fields: number): void {
    this.#cell = cell
    this.#table.create(cell.entries)
    if (fields > 0) this.#table.expect(fields)
  }

  /** Makes the cell hold the table; what it held before is gone. */
  adopt(): void {
    this.#cell!.resize(TABLE_ROOT_BYTES, HASH_HASHTABLE)
    this.save()
  }

  /** Writes to the cell where the table is now: after every change. */
  save(): void {
    const cell = this.#cell!
    cell.own()
    this.#table.save(cell.bytes, cell.start, cell.words)
  }

  get count(): number {
    return this.#table.count
  }

  get earliestDeadline(): number {
    return this.hasDeadlines ? this.#table.earliestDeadline : NO_DEADLINE
  }

  get hasDeadlines(): boolean {
    return this.#table.deadlineCount > 0
  }

  // ---- the located field

  /** Whether the field is there, due or not; the methods below are then about it. */
  locate(field: Slice): boolean {
    const { bytes, start, length } = field
    this.#key = this.#upcoming?.take(bytes, start, length) ?? this.#own.point(bytes, start, length)
    this.#ref = this.#table.find(this.#key)
    return this.#ref !== 0
  }

  /** The field's name; valid until the next call. */
  field(): Slice {
    return this.#table.entries.key(this.#ref, this.#field)
  }

  /** The field's value; valid until the next call. */
  value(): Slice {
    return this.#table.entries.value(this.#ref, this.#value)
  }

  get deadline(): number {
    return this.#table.entries.deadlineOf(this.#ref)
  }

  /** Gives it another value; its deadline goes, or is kept. */
  setValue(value: Slice, keepsDeadline: boolean): void {
    const { entries } = this.#table
    const deadline = keepsDeadline ? this.deadline : NO_DEADLINE
    const { length } = value
    // Nothing that the cell says changes then: no count, no deadline, no copy of a frozen directory.
    const isQuiet = !entries.frozen && !entries.hasDeadline(this.#ref)
    this.#ref = this.#table.replace(this.#key, this.#ref, NOTHING, NOTHING, NOTHING, length, deadline)
    this.#write(value)
    if (!isQuiet) this.save()
  }

  setDeadline(deadline: number): void {
    this.#ref = this.#table.setDeadline(this.#key, this.#ref, deadline)
    this.save()
  }

  remove(): void {
    this.#table.remove(this.#key, this.#ref)
    this.save()
  }

  /** Adds the field that `locate` has just not found, and locates it. */
  add(_field: Slice, value: Slice, deadline: number): void {
    this.#add(this.#key, value, deadline)
    this.save()
  }

  /** Adds a field that is not there; `save` or `adopt` must follow. */
  addUnsaved({ bytes, start, length }: Slice, value: Slice, deadline: number): void {
    this.#key = this.#own.point(bytes, start, length)
    this.#add(this.#key, value, deadline)
  }

  #add(key: Key, value: Slice, deadline: number): void {
    this.#ref = this.#table.add(key, NOTHING, NOTHING, NOTHING, value.length, deadline)
    this.#write(value)
  }

  #write(value: Slice): void {
    const place = this.#table.entries.value(this.#ref, this.#value)
    copyBytes(value.bytes, value.start, place.bytes, place.start, value.length)
  }

  // ---- all fields

  /** Locates one field after the other for `visit`, which must change nothing. */
  each(visit: () => void): void {
    this.#table.each((ref) => {
      this.#ref = ref
      visit()
    })
  }

  /** As `Table.scan`; the fields are located by `nextScanned`, which must follow at once. */
  scan(cursor: number, count: number): number {
    const scanned = this.#scanned
    const next = this.#table.scan(cursor, count, (ref) => scanned.push(ref))
    scanned.reverse()
    return next
  }

  nextScanned(): boolean {
    const ref = this.#scanned.pop()
    if (ref !== undefined) this.#ref = ref
    return ref !== undefined
  }

  /** Locates a random field, and returns a number that no other field has meanwhile. */
  random(chance: { below(limit: number): number }): number {
    this.#ref = this.#table.random(chance)
    return this.#ref
  }

  /** Removes what is due in the next `segments` of the table, each located for `visit` first; true when nothing is left. */
  removeDue(now: number, segments: number, visit: () => void): boolean {
    const table = this.#table
    const isDone = table.collectDue(now, segments, (ref) => {
      this.#ref = ref
      visit()
      const { bytes, start, length } = this.field()
      table.remove(this.#own.point(bytes, start, length), ref)
    })
    this.save()
    return isDone
  }
}
