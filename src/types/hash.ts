// Hashes: fields with values, each perhaps with a deadline. Small ones are a listpack (packed-hash.ts), large ones a
// table (table-hash.ts); this file decides which, and hides the difference. Works on a cell; knows no key and no command.
//
// A field that is due is hidden from everything here that doesn't say otherwise. Nothing removes it but `removeDue`, and
// `set`, which overwrites it.

import type { Cell } from '../memory/cell.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { Element } from '../memory/element.ts'
import { EMPTY_BYTES, writeEmpty } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import type { TypeEnvironment } from './environment.ts'
import { PackedHash } from './packed-hash.ts'
import { TableHash } from './table-hash.ts'
import { HASH_HASHTABLE } from './value-type.ts'

/** Bytes of the value of a hash without fields. */
export const EMPTY_HASH_BYTES = EMPTY_BYTES
/** What a field and a value take at most in a listpack besides their bytes. */
const OVERHEAD_BYTES = 24
/** Whatever the limits say: a listpack's header has no more. */
const MAX_LISTPACK_BYTES = 2 ** 30
/** For `open`: hides no field. */
export const SHOW_ALL = Number.NEGATIVE_INFINITY
/** How often a random field may turn out to be due before another way is taken. */
const RANDOM_TRIES = 100

/** Gets the hash with a field located. */
export type FieldVisitor<T> = (hash: HashValue, target: T) => void

export class HashValue {
  readonly #environment: TypeEnvironment
  readonly #packed = new PackedHash()
  readonly #large: TableHash
  #cell: Cell | undefined = undefined
  #isPacked = true
  /** Fields that are due at this moment are hidden. */
  #now = SHOW_ALL
  readonly #found = new Slice()
  /** For numbers on their way into a value. */
  readonly number = new Element()
  /** Whether any field had a deadline when the hash was opened. */
  hadDeadlines = false

  constructor(environment: TypeEnvironment) {
    this.#environment = environment
    this.#large = new TableHash(environment)
  }

  // ---- opening

  /** Makes an empty hash of a new value with EMPTY_HASH_BYTES and the encoding HASH_LISTPACK. */
  create(cell: Cell, now: number): this {
    writeEmpty(cell.bytes, cell.start)
    return this.open(cell, now)
  }

  /** Is from now on about this hash. Fields that are due at `now` are hidden. */
  open(cell: Cell, now: number): this {
    this.#cell = cell
    this.#now = now
    this.#isPacked = cell.encoding !== HASH_HASHTABLE
    if (this.#isPacked) this.#packed.open(cell)
    else this.#large.open(cell)
    this.noteDeadlines()
    return this
  }

  /** Takes note of the deadlines that there are now, for whoever wants to know later what a change has done to them. */
  noteDeadlines(): void {
    this.hadDeadlines = this.hasDeadlines
  }

  /** A method: private getters are called through the runtime, never inlined. */
  #layout(): PackedHash | TableHash {
    return this.#isPacked ? this.#packed : this.#large
  }

  /** The cell that it was opened with: it knows where the value is now. */
  get cell(): Cell {
    return this.#cell!
  }

  get isPacked(): boolean {
    return this.#isPacked
  }

  /** Number of fields, hidden ones included. */
  get count(): number {
    return this.#layout().count
  }

  /** No field is due before; NO_DEADLINE if none has a deadline. */
  get earliestDeadline(): number {
    return this.#layout().earliestDeadline
  }

  get hasDeadlines(): boolean {
    return this.#layout().hasDeadlines
  }

  // ---- one field

  /** Whether the field is there; the following are then about it. */
  find(field: Slice): boolean {
    const layout = this.#layout()
    return layout.locate(field) && layout.deadline > this.#now
  }

  /** Name and value of the field that was found or is visited; each valid until the next call. */
  field(): Slice {
    return this.#layout().field()
  }

  value(): Slice {
    return this.#layout().value()
  }

  /** NO_DEADLINE if it has none. */
  get deadline(): number {
    return this.#layout().deadline
  }

  /** Gives the found field a deadline, or with NO_DEADLINE takes it away. */
  setDeadline(deadline: number): void {
    if (this.#isPacked) this.#packed.addDeadlines()
    this.#layout().setDeadline(deadline)
  }

  /** Removes the found field. */
  remove(): void {
    this.#layout().remove()
  }

  /** Sets a field, and takes its deadline away or keeps it. True if the field is new. Afterwards it is as found. */
  set(field: Slice, value: Slice, keepsDeadline = false): boolean {
    this.#fit(field.length, value.length)
    const layout = this.#layout()
    let isNew = true
    if (layout.locate(field)) {
      isNew = layout.deadline <= this.#now
      layout.setValue(value, keepsDeadline && !isNew)
    } else layout.add(field, value, NO_DEADLINE)
    if (this.#isPacked && this.#packed.count > this.#environment.limits.hashListpackEntries) {
      this.#toTable()
      this.#large.locate(field)
    }
    return isNew
  }

  /**
   * Before many fields are set: makes room for them at once, and takes the encoding that they ask for. `settle` must
   * follow. `bytes`: of all fields and values together.
   */
  reserve(fields: number, longest: number, bytes: number): void {
    const { hashListpackEntries, hashListpackValue } = this.#environment.limits
    if (fields > hashListpackEntries || longest > hashListpackValue) this.#toTable(fields)
    if (this.#isPacked && bytes < MAX_LISTPACK_BYTES) this.#packed.reserve(bytes + fields * OVERHEAD_BYTES)
  }

  settle(): void {
    if (this.#isPacked) this.#packed.settle()
  }

  #fit(fieldLength: number, valueLength: number): void {
    if (!this.#isPacked) return
    const { hashListpackValue } = this.#environment.limits
    const isLong = fieldLength > hashListpackValue || valueLength > hashListpackValue
    if (isLong || this.#cell!.length + fieldLength + valueLength > MAX_LISTPACK_BYTES) this.#toTable()
  }

  /** `fields`: how many there will be, if that is known. */
  #toTable(fields = 0): void {
    if (!this.#isPacked) return
    const packed = this.#packed
    const large = this.#large
    large.create(this.#cell!, fields)
    for (let more = packed.first(SHOW_ALL); more; more = packed.next()) {
      large.addUnsaved(packed.field(), packed.value(), packed.deadline)
    }
    large.adopt()
    this.#isPacked = false
  }

  // ---- all fields

  /** Visits all fields. The visitor must change nothing. */
  each<T>(visit: FieldVisitor<T>, target: T): void {
    if (this.#isPacked) {
      const packed = this.#packed
      for (let more = packed.first(this.#now); more; more = packed.next()) visit(this, target)
      return
    }
    this.#large.each(() => {
      if (this.#large.deadline > this.#now) visit(this, target)
    })
  }

  /**
   * Chooses about `count` fields from a cursor on for `eachScanned`, and returns the next cursor, 0 at the end. Who goes
   * on to the end sees every field that is there all the time. Of small hashes all fields are chosen at once.
   */
  scan(cursor: number, count: number): number {
    return this.#isPacked ? 0 : this.#large.scan(cursor, count)
  }

  eachScanned<T>(visit: FieldVisitor<T>, target: T): void {
    if (this.#isPacked) {
      this.each(visit, target)
      return
    }
    const large = this.#large
    while (large.nextScanned()) if (large.deadline > this.#now) visit(this, target)
  }

  /** Number of fields that are not hidden. O(1) if none is due. */
  countVisible(): number {
    if (this.earliestDeadline > this.#now) return this.count
    if (this.#isPacked) return this.count - this.#packed.countDue(this.#now)
    let count = 0
    this.each(() => count++, undefined)
    return count
  }

  /** Finds a random field, each as likely as any other; false if there is none. */
  findRandom(): boolean {
    const { chance } = this.#environment
    if (this.#isPacked) {
      const due = this.#packed.countDue(this.#now)
      const visible = this.count - due
      if (visible > 0) this.#packed.seek(due + chance.below(visible))
      return visible > 0
    }
    for (let tries = 0; tries < RANDOM_TRIES; tries++) {
      this.#large.random(chance)
      if (this.#large.deadline > this.#now) return true
    }
    // Nearly all of them are due, or all.
    let isFound = false
    this.sample(
      1,
      (hash) => {
        isFound = true
        hash.#found.set(hash.field().copy(), 0, hash.field().length)
      },
      undefined,
    )
    return isFound && this.#large.locate(this.#found)
  }

  /** Visits `count` different fields chosen at random, or all if there are no more. */
  sample<T>(count: number, visit: FieldVisitor<T>, target: T): void {
    const visible = this.countVisible()
    if (count >= visible) this.each(visit, target)
    // Drawing is quick only if most of what is drawn is neither due nor drawn already.
    else if (this.#isPacked || count * 3 > visible || visible * 2 < this.count) {
      this.#sampleInOrder(count, visible, visit, target)
    } else this.#sampleByChance(count, visit, target)
  }

  /** One pass: a field is taken with the chance that the rest of the sample has among the rest of the fields. */
  #sampleInOrder<T>(count: number, visible: number, visit: FieldVisitor<T>, target: T): void {
    const { chance } = this.#environment
    let wanted = count
    let left = visible
    this.each(() => {
      if (chance.below(left--) >= wanted) return
      wanted--
      visit(this, target)
    }, undefined)
  }

  /** Few of many: those that come up again are drawn again. */
  #sampleByChance<T>(count: number, visit: FieldVisitor<T>, target: T): void {
    const { chance } = this.#environment
    const drawn = new Set<number>()
    while (drawn.size < count) {
      const field = this.#large.random(chance)
      if (drawn.has(field) || this.#large.deadline <= this.#now) continue
      drawn.add(field)
      visit(this, target)
    }
  }

  // ---- due fields

  /**
   * Removes fields that are due at `now`: of a small hash all, of a large one those in the next `segments` segments of
   * its table; each is visited before. False if there may be more.
   */
  removeDue<T>(now: number, segments: number, visit: FieldVisitor<T>, target: T): boolean {
    if (!this.#isPacked) return this.#large.removeDue(now, segments, () => visit(this, target))
    const packed = this.#packed
    let due = 0
    for (let more = packed.first(SHOW_ALL); more && packed.deadline <= now; more = packed.next()) {
      visit(this, target)
      due++
    }
    if (due > 0) packed.removeFirst(due)
    return true
  }
}
