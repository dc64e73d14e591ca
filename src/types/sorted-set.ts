// Sorted sets: members with scores, in the order of scores and, where these are equal, of the members' bytes. Small ones
// are a listpack (packed-sorted-set.ts), large ones a table and an index (indexed-sorted-set.ts); this file decides
// which, and hides the difference. Works on a cell; knows no key and no command.
//
// Ranks count from 0, the lowest. There is one member at a time that all is about: the one that was found, or visited.

import type { Cell } from '../memory/cell.ts'
import { EMPTY_BYTES, writeEmpty } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import type { TypeEnvironment } from './environment.ts'
import { INDEXED_BYTES, IndexedSortedSet } from './indexed-sorted-set.ts'
import { PackedSortedSet } from './packed-sorted-set.ts'
import type { ScoredSource } from './sources.ts'
import { SORTED_SET_LISTPACK, SORTED_SET_SKIPLIST } from './value-type.ts'

/** Bytes of the value of a set without members. */
export const EMPTY_SORTED_SET_BYTES = EMPTY_BYTES
/** What a member and its score take at most in a listpack besides the member's bytes. */
export const PAIR_OVERHEAD_BYTES = 48
/** Whatever the limits say: a listpack's header has no more. */
export const MAX_LISTPACK_BYTES = 2 ** 30

/** Gets the set at a member. */
export type MemberVisitor<T> = (set: SortedSetValue, target: T) => void

export class SortedSetValue implements ScoredSource {
  readonly #environment: TypeEnvironment
  readonly #packed = new PackedSortedSet()
  readonly #indexed: IndexedSortedSet
  #cell: Cell | undefined = undefined
  #isPacked = true
  #isRewound = false
  readonly #sought = new Slice()

  constructor(environment: TypeEnvironment) {
    this.#environment = environment
    this.#indexed = new IndexedSortedSet(environment.seed, environment.upcoming)
  }

  // ---- opening

  /** Makes an empty set of a new value with EMPTY_SORTED_SET_BYTES and the encoding SORTED_SET_LISTPACK. */
  create(cell: Cell): this {
    writeEmpty(cell.bytes, cell.start)
    return this.open(cell)
  }

  /** Is from now on about this set. */
  open(cell: Cell): this {
    this.#cell = cell
    this.#isPacked = cell.encoding === SORTED_SET_LISTPACK
    if (this.#isPacked) this.#packed.open(cell)
    else this.#indexed.open(cell)
    return this
  }

  /** A method: private getters are called through the runtime, never inlined. */
  #layout(): PackedSortedSet | IndexedSortedSet {
    return this.#isPacked ? this.#packed : this.#indexed
  }

  /** The cell that it was opened with: it knows where the value is now. */
  get cell(): Cell {
    return this.#cell!
  }

  get isPacked(): boolean {
    return this.#isPacked
  }

  get count(): number {
    return this.#layout().count
  }

  // ---- one member

  /** Whether the member is there; then the following are about it. */
  find(member: Slice): boolean {
    return this.#layout().locate(member)
  }

  /** Its bytes; valid until the next call. */
  get member(): Slice {
    return this.#layout().member
  }

  get score(): number {
    return this.#layout().score
  }

  /** The rank of the member that was found. */
  get rank(): number {
    return this.#layout().rank
  }

  /** Adds a member that `find` has just not found. */
  add(member: Slice, score: number): void {
    if (this.#isPacked && !this.#fits(1, member.length)) {
      this.#toIndexed()
      this.#indexed.locate(member)
    }
    this.#layout().add(member, score)
  }

  /** Gives a member that `find` has just found another score. */
  setScore(member: Slice, score: number): void {
    this.#layout().setScore(member, score)
  }

  /** Removes the member that was found. */
  remove(): void {
    this.#layout().remove()
  }

  /**
   * Before many members are added: makes room for them at once. `settle` must follow. `bytes`: of all members together.
   */
  reserve(members: number, bytes: number): void {
    if (this.#isPacked && this.#packed.byteLength + bytes < MAX_LISTPACK_BYTES) {
      this.#packed.reserve(bytes + members * PAIR_OVERHEAD_BYTES)
    }
  }

  settle(): void {
    if (this.#isPacked) this.#packed.settle()
  }

  /** Before so many members are added, the longest of so many bytes: takes the encoding that they ask for. */
  expect(members: number, longest: number): void {
    const { sortedSetListpackEntries, sortedSetListpackValue } = this.#environment.limits
    if (members > sortedSetListpackEntries || longest > sortedSetListpackValue) this.#toIndexed(members)
  }

  #fits(members: number, length: number): boolean {
    const { sortedSetListpackEntries, sortedSetListpackValue } = this.#environment.limits
    return (
      length <= sortedSetListpackValue &&
      this.#packed.count + members <= sortedSetListpackEntries &&
      this.#packed.byteLength + length < MAX_LISTPACK_BYTES
    )
  }

  /** `members`: how many there will be, if that is known. */
  #toIndexed(members = 0): void {
    if (!this.#isPacked) return
    const cell = this.#cell!
    const packed = this.#packed
    const indexed = this.#indexed.create(cell.entries, members)
    for (let more = packed.seek(0); more; more = packed.next()) {
      const { score } = packed
      const { member } = packed
      indexed.locate(member)
      indexed.add(member, score)
    }
    cell.resize(INDEXED_BYTES, SORTED_SET_SKIPLIST)
    indexed.adopt(cell)
    this.#isPacked = false
  }

  // ---- in order

  /** How many members have a lower score; with 'after', no higher score. */
  rankOfScore(score: number, side: 'before' | 'after'): number {
    return this.#layout().rankOfScore(score, side)
  }

  /** How many members are lower; with 'after', not higher. Of use where all scores are equal. */
  rankOfMember(member: Slice, side: 'before' | 'after'): number {
    return this.#layout().rankOfMember(member, side)
  }

  /** Goes to the member of a rank; false if there is none. */
  seek(rank: number): boolean {
    this.#isRewound = false
    return this.#layout().seek(rank)
  }

  /** Begins a walk over all members, from the lowest on, by `next`. */
  rewind(): void {
    this.#isRewound = true
  }

  /** Goes on; nothing may have changed meanwhile. */
  next(): boolean {
    return this.#isRewound ? this.seek(0) : this.#layout().next()
  }

  previous(): boolean {
    return this.#layout().previous()
  }

  /** The score of a member; NaN if it is not there. Leaves a walk where it is. */
  scoreOf(bytes: Uint8Array, start: number, length: number): number {
    return this.#layout().scoreOf(this.#sought.set(bytes, start, length))
  }

  /** Removes the members of the ranks from..to-1. */
  removeRange(from: number, to: number): void {
    this.#layout().removeRange(from, to)
  }

  // ---- in no order

  /** Visits all members. The visitor must change nothing. */
  each<T>(visit: MemberVisitor<T>, target: T): void {
    const layout = this.#layout()
    for (let more = layout.seek(0); more; more = layout.next()) visit(this, target)
  }

  /**
   * Finds members from the position `cursor` on, as Table.scan does; in a small set all of them. Returns the position to
   * go on from. `nextFound` then goes over them, as `next` over all.
   */
  scan(cursor: number, count: number): number {
    this.rewind()
    return this.#isPacked ? 0 : this.#indexed.scan(cursor, count)
  }

  nextFound(): boolean {
    return this.#isPacked ? this.next() : this.#indexed.nextFound()
  }

  /** Goes to a random member, each as likely as any other. The set must not be empty. */
  seekRandom(): void {
    const { chance } = this.#environment
    if (this.#isPacked) this.#packed.seek(chance.below(this.count))
    else this.#indexed.random(chance)
  }

  /** Visits `count` different members chosen at random, or all if there are no more. */
  sample<T>(count: number, visit: MemberVisitor<T>, target: T): void {
    if (count >= this.count) this.each(visit, target)
    // Drawing is quick only if most of what is drawn is not drawn already.
    else if (this.#isPacked || count * 3 > this.count) this.#sampleInOrder(count, visit, target)
    else this.#sampleByChance(count, visit, target)
  }

  /** One pass: a member is taken with the chance that the rest of the sample has among the rest of the members. */
  #sampleInOrder<T>(count: number, visit: MemberVisitor<T>, target: T): void {
    const { chance } = this.#environment
    let wanted = count
    let left = this.count
    for (let more = this.seek(0); more && wanted > 0; more = this.next()) {
      if (chance.below(left--) >= wanted) continue
      wanted--
      visit(this, target)
    }
  }

  /** Few of many: those that come up again are drawn again. */
  #sampleByChance<T>(count: number, visit: MemberVisitor<T>, target: T): void {
    const { chance } = this.#environment
    const drawn = new Set<number>()
    while (drawn.size < count) {
      const { size } = drawn
      drawn.add(this.#indexed.random(chance))
      if (drawn.size > size) visit(this, target)
    }
  }
}
