// Small hashes: one listpack, as Redis has it. Field and value in turn; or, once a field has had a deadline, in threes
// with the deadline (0: none), those with one first, the earliest in front. Knows no limits: when a hash is no longer
// small is hash.ts's business.

import type { Cell } from '../memory/cell.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { Element } from '../memory/element.ts'
import { elementBytes, Listpack, NONE, writeEmpty } from '../memory/listpack.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'
import { HASH_LISTPACK_EX } from './value-type.ts'

/** Elements per field, without and with deadlines. */
const PAIR = 2
const TRIPLE = 3
/** How a field without a deadline says so. */
const NEVER = 0
/** What takes no more than this, on its way to another place in the list, goes through a buffer that is there. */
const MOVED_BYTES = 1024

export class PackedHash {
  readonly #list = new Listpack()
  readonly #field = new Element()
  readonly #value = new Element()
  readonly #added = new Element()
  readonly #deadline = new Element()
  #moved = new Uint8Array(MOVED_BYTES)
  #cell: Cell | undefined = undefined
  #stride = PAIR
  /** The field that was located last. */
  #at = NONE
  /** Bytes stay reserved until `settle`. */
  #isReserved = false

  open(cell: Cell): this {
    this.#cell = cell
    this.#list.openAt(cell)
    this.#stride = cell.encoding === HASH_LISTPACK_EX ? TRIPLE : PAIR
    this.#at = NONE
    return this
  }

  get count(): number {
    return this.#list.count / this.#stride
  }

  /** The earliest deadline of a field: that of the first. */
  get earliestDeadline(): number {
    const list = this.#list
    if (this.#stride === PAIR || list.isEmpty) return NO_DEADLINE
    return this.#deadlineAt(list.first)
  }

  get hasDeadlines(): boolean {
    return this.earliestDeadline !== NO_DEADLINE
  }

  // ---- the located field

  /** Whether the field is there, due or not; the methods below are then about it. */
  locate(field: Slice): boolean {
    const needle = this.#added.point(field.bytes, field.start, field.length)
    this.#at = this.#list.find(needle, this.#list.first, this.#stride)
    return this.#at !== NONE
  }

  /** The field's name; valid until the next call. */
  field(): Slice {
    return this.#list.read(this.#at, this.#field)
  }

  /** The field's value; valid until the next call. */
  value(): Slice {
    return this.#list.read(this.#list.after(this.#at), this.#value)
  }

  get deadline(): number {
    return this.#stride === PAIR ? NO_DEADLINE : this.#deadlineAt(this.#at)
  }

  /** Gives it another value; its deadline goes, or is kept. */
  setValue(value: Slice, keepsDeadline: boolean): void {
    const list = this.#list
    if (!keepsDeadline && this.deadline !== NO_DEADLINE) this.#move(NO_DEADLINE)
    const element = this.#added.point(value.bytes, value.start, value.length)
    const at = list.after(this.#at)
    this.#makeRoom(elementBytes(element) - list.spanOf(at, 1))
    list.replace(at, element)
    this.#trim()
  }

  /** Only where there can be deadlines: see `addDeadlines`. */
  setDeadline(deadline: number): void {
    this.#move(deadline)
    this.#trim()
  }

  remove(): void {
    this.#makeRoom(0)
    this.#list.remove(this.#at, this.#stride)
    this.#at = NONE
    this.#trim()
  }

  /** Adds a field that is not there, and locates it. */
  add(field: Slice, value: Slice, deadline: number): void {
    const list = this.#list
    const name = this.#field.point(field.bytes, field.start, field.length)
    const element = this.#added.point(value.bytes, value.start, value.length)
    let bytes = elementBytes(name) + elementBytes(element)
    if (this.#stride === TRIPLE) bytes += elementBytes(this.#encode(deadline))
    this.#makeRoom(bytes)
    this.#at = this.#placeFor(deadline)
    list.reshape(this.#at, 0, this.#stride, bytes)
    const behind = list.put(list.put(this.#at, name), element)
    if (this.#stride === TRIPLE) list.put(behind, this.#deadline)
    this.#trim()
  }

  // ---- all fields

  /** Goes to the first field that is due after `now`, or to the next after the located one; false behind the last. */
  first(now: number): boolean {
    let at = this.#list.first
    // Those that are due are in front.
    if (this.#stride === TRIPLE) while (at !== NONE && this.#deadlineAt(at) <= now) at = this.#step(at)
    this.#at = at
    return at !== NONE
  }

  next(): boolean {
    this.#at = this.#step(this.#at)
    return this.#at !== NONE
  }

  /** How many fields are due at `now`. */
  countDue(now: number): number {
    if (this.#stride === PAIR) return 0
    let count = 0
    for (let at = this.#list.first; at !== NONE && this.#deadlineAt(at) <= now; at = this.#step(at)) count++
    return count
  }

  /** Goes to the field with an index. */
  seek(index: number): void {
    this.#at = this.#list.seek(index * this.#stride)
  }

  /** Removes the first so many fields. */
  removeFirst(count: number): void {
    this.#makeRoom(0)
    this.#list.remove(this.#list.first, count * this.#stride)
    this.#at = NONE
    this.#trim()
  }

  /** From pairs to threes, so that fields can have deadlines; the located field stays located. */
  addDeadlines(): void {
    const cell = this.#cell!
    const list = this.#list
    if (this.#stride === TRIPLE) return
    const located = this.#at
    const old = new Listpack().open(cell.copy(), 0)
    const never = this.#encode(NO_DEADLINE)
    cell.resize(old.byteLength + this.count * elementBytes(never), HASH_LISTPACK_EX)
    writeEmpty(cell.bytes, cell.start)
    this.open(cell)
    for (let at = old.first; at !== NONE; at = old.next(old.next(at))) {
      const length = old.spanOf(at, PAIR)
      const place = list.end
      if (at === located) this.#at = place
      list.reshape(place, 0, TRIPLE, length + elementBytes(never))
      list.put(list.putRange(place, old, at, length), never)
    }
  }

  // ---- room

  /** Makes room for so many bytes more, so that adding many fields moves the value once; until `settle`. */
  reserve(bytes: number): void {
    this.#makeRoom(bytes)
    this.#isReserved = true
  }

  settle(): void {
    this.#isReserved = false
    this.#trim()
  }

  /** Before every change: room for so many bytes more, in bytes that may be changed. */
  #makeRoom(bytes: number): void {
    const cell = this.#cell!
    const needed = this.#list.byteLength + bytes
    if (needed > cell.length) cell.resize(needed)
    else cell.own()
    this.#list.openAt(cell)
  }

  #trim(): void {
    const cell = this.#cell!
    const { byteLength } = this.#list
    if (this.#isReserved || byteLength === cell.length) return
    cell.resize(byteLength)
    this.#list.openAt(cell)
  }

  // ---- deadlines

  /** The place of the field behind one, NONE behind the last. */
  #step(at: number): number {
    const list = this.#list
    const last = list.after(list.after(at))
    return list.next(this.#stride === PAIR ? list.after(at) : last)
  }

  #deadlineAt(at: number): number {
    const list = this.#list
    const deadline = list.integerAt(list.after(list.after(at)))
    return deadline === NEVER ? NO_DEADLINE : deadline
  }

  /** The place where a field with this deadline goes: behind those that are due before or with it. */
  #placeFor(deadline: number): number {
    const list = this.#list
    if (deadline === NO_DEADLINE) return list.end
    let at = list.first
    while (at !== NONE && this.#deadlineAt(at) <= deadline) at = this.#step(at)
    return at === NONE ? list.end : at
  }

  #encode(deadline: number): Element {
    return this.#deadline.setInteger(deadline === NO_DEADLINE ? NEVER : deadline)
  }

  /** Gives the located field another deadline, and the place that goes with it. Leaves spare bytes. */
  #move(deadline: number): void {
    const list = this.#list
    const length = list.spanOf(this.#at, PAIR)
    if (length > this.#moved.length) this.#moved = new Uint8Array(length)
    copyBytes(list.bytes, list.start + this.#at, this.#moved, 0, length)
    const needed = length + elementBytes(this.#encode(deadline))
    this.#makeRoom(needed - list.spanOf(this.#at, TRIPLE))
    list.remove(this.#at, TRIPLE)
    this.#at = this.#placeFor(deadline)
    list.reshape(this.#at, 0, TRIPLE, needed)
    copyBytes(this.#moved, 0, list.bytes, list.start + this.#at, length)
    list.put(this.#at + length, this.#deadline)
    if (this.#moved.length > MOVED_BYTES) this.#moved = new Uint8Array(MOVED_BYTES)
  }
}
