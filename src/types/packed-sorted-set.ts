// Small sorted sets: one listpack, as Redis has it, member and score in turn, in order. Knows no limits: when a set is no
// longer small is sorted-set.ts's business.

import { APPROXIMATE, approximateDecimal, MAX_DOUBLE_LENGTH, writeDouble } from '../base/doubles.ts'
import type { Cell } from '../memory/cell.ts'
import { Element } from '../memory/element.ts'
import { elementBytes, HEADER_BYTES, Listpack, NONE } from '../memory/listpack.ts'
import type { Slice } from '../memory/slice.ts'
import { compareMembers, storedScore } from './score.ts'

/** Elements per member. */
const PAIR = 2
/** Of so many members in a row only the last is compared at first. */
const STRIDE = 4

type Side = 'before' | 'after'
/** What a bound is about: scores, members, or both in their order. */
type BoundKind = 'score' | 'member' | 'item'

export class PackedSortedSet {
  readonly #list = new Listpack()
  readonly #member = new Element()
  readonly #read = new Element()
  readonly #score = new Element()
  readonly #scoreText = new Uint8Array(MAX_DOUBLE_LENGTH)
  #cell: Cell | undefined = undefined
  /** The member that was located or visited last. */
  #at = NONE
  // The bound that is searched, and how many members are before it.
  #boundKind: BoundKind = 'score'
  #boundScore = 0
  #boundMember: Slice = this.#member
  #boundSide: Side = 'before'
  #boundRank = 0
  /** Bytes stay reserved until `settle`. */
  #isReserved = false

  open(cell: Cell): this {
    this.#cell = cell
    this.#list.openAt(cell)
    this.#at = NONE
    return this
  }

  get count(): number {
    return this.#list.count / PAIR
  }

  /** Bytes of the listpack. */
  get byteLength(): number {
    return this.#list.byteLength
  }

  // ---- one member

  locate(member: Slice): boolean {
    const needle = this.#member.point(member.bytes, member.start, member.length)
    this.#at = this.#list.find(needle, this.#list.first, PAIR)
    return this.#at !== NONE
  }

  get member(): Slice {
    return this.#list.read(this.#at, this.#read)
  }

  get score(): number {
    return this.#scoreOf(this.#at)
  }

  /** The score of a member, NaN if it is not there; what was located or visited stays so. */
  scoreOf(member: Slice): number {
    const at = this.#at
    const score = this.locate(member) ? this.score : Number.NaN
    this.#at = at
    return score
  }

  get rank(): number {
    const list = this.#list
    let rank = 0
    for (let at = list.first; at !== this.#at; at = list.after(list.after(at))) rank++
    return rank
  }

  /** Adds a member that is not there. */
  add(member: Slice, score: number): void {
    this.#insert(this.#placeFor(member, score), member, score)
    this.#trim()
  }

  /** Adds a member that is behind all others. */
  append(member: Slice, score: number): void {
    this.#insert(this.#list.end, member, score)
    this.#trim()
  }

  /** Gives the located member, which lies elsewhere too, another score. */
  setScore(member: Slice, score: number): void {
    const list = this.#list
    const at = this.#at
    if (this.#staysBetween(at, member, score)) {
      const number = this.#encode(score)
      const place = list.after(at)
      this.#makeRoom(elementBytes(number) - list.spanOf(place, 1))
      list.replace(place, number)
      this.#trim()
      return
    }
    this.#makeRoom(0)
    list.remove(at, PAIR)
    this.add(member, score)
  }

  /** Whether a member with a new score would be where it is. */
  #staysBetween(at: number, member: Slice, score: number): boolean {
    const list = this.#list
    this.#aim('item', score, member, 'before')
    const next = this.#step(at)
    if (next !== NONE && this.#isBeforeBound(next)) return false
    const before = list.previous(at)
    return before === NONE || this.#isBeforeBound(list.previous(before))
  }

  remove(): void {
    this.#makeRoom(0)
    this.#list.remove(this.#at, PAIR)
    this.#at = NONE
    this.#trim()
  }

  // ---- in order

  /** How many members have a lower score; with 'after', no higher score. */
  rankOfScore(score: number, side: Side): number {
    this.#aim('score', score, this.#member, side)
    this.#search()
    return this.#boundRank
  }

  /** How many members are lower; with 'after', not higher. */
  rankOfMember(member: Slice, side: Side): number {
    this.#aim('member', 0, member, side)
    this.#search()
    return this.#boundRank
  }

  /** Goes to the member of a rank; false if there is none. */
  seek(rank: number): boolean {
    this.#at = rank < 0 ? NONE : this.#list.seek(rank * PAIR)
    return this.#at !== NONE
  }

  next(): boolean {
    this.#at = this.#step(this.#at)
    return this.#at !== NONE
  }

  previous(): boolean {
    const list = this.#list
    const before = list.previous(this.#at)
    this.#at = before === NONE ? NONE : list.previous(before)
    return this.#at !== NONE
  }

  /** Removes the members of the ranks from..to-1. */
  removeRange(from: number, to: number): void {
    const list = this.#list
    this.#makeRoom(0)
    if (to > from) list.remove(list.seek(from * PAIR), (to - from) * PAIR)
    this.#at = NONE
    this.#trim()
  }

  /** The place of the member behind one. */
  #step(at: number): number {
    const list = this.#list
    return list.next(list.after(at))
  }

  #scoreOf(at: number): number {
    const list = this.#list
    const place = list.after(at)
    const score = list.integerAt(place)
    return Number.isNaN(score) ? storedScore(list.read(place, this.#score)) : score
  }

  /** The score at a place, or one on the same side of a bound. */
  #scoreNear(at: number, bound: number): number {
    const list = this.#list
    const place = list.after(at)
    const score = list.integerAt(place)
    if (!Number.isNaN(score)) return score
    const text = list.read(place, this.#score)
    const about = approximateDecimal(text.bytes, text.start, text.length)
    return Math.abs(about - bound) > Math.abs(about) * APPROXIMATE ? about : storedScore(text)
  }

  // ---- searching

  /** Searches for where items of a score, lower members, or items lower than one, end. */
  #aim(kind: BoundKind, score: number, member: Slice, side: Side): void {
    this.#boundKind = kind
    this.#boundScore = score
    this.#boundMember = member
    this.#boundSide = side
  }

  /**
   * The place of the first member that is not before the bound, perhaps the end. In strides, since a walk costs less than
   * reading scores; those with many digits cost 0.2 us each.
   */
  #search(): number {
    const list = this.#list
    const { end } = list
    let at = HEADER_BYTES
    let rank = 0
    let ahead = at
    for (;;) {
      let steps = 0
      while (steps < STRIDE && ahead !== end) {
        ahead = list.after(list.after(ahead))
        steps++
      }
      if (ahead === end || !this.#isBeforeBound(ahead)) break
      at = ahead
      rank += steps
    }
    for (; at !== ahead && this.#isBeforeBound(at); rank++) at = list.after(list.after(at))
    this.#boundRank = rank
    return at
  }

  #isBeforeBound(at: number): boolean {
    if (this.#boundKind !== 'member') {
      const its = this.#scoreNear(at, this.#boundScore)
      if (its !== this.#boundScore) return its < this.#boundScore
      if (this.#boundKind === 'score') return this.#boundSide === 'after'
    }
    const order = compareMembers(this.#list.read(at, this.#read), this.#boundMember)
    return order < 0 || (order === 0 && this.#boundSide === 'after')
  }

  /** The place where a new member goes. */
  #placeFor(member: Slice, score: number): number {
    const list = this.#list
    if (list.isEmpty) return list.end
    this.#aim('item', score, member, 'before')
    // What is added is often behind all others.
    return this.#isBeforeBound(list.previous(list.last)) ? list.end : this.#search()
  }

  // ---- room

  #insert(at: number, member: Slice, score: number): void {
    const list = this.#list
    const name = this.#member.point(member.bytes, member.start, member.length)
    const number = this.#encode(score)
    const bytes = elementBytes(name) + elementBytes(number)
    this.#makeRoom(bytes)
    list.reshape(at, 0, PAIR, bytes)
    list.put(list.put(at, name), number)
    this.#at = at
  }

  /** Redis: minus zero is kept as an integer, and so comes back as zero. */
  #encode(score: number): Element {
    if (Number.isSafeInteger(score)) return this.#score.setInteger(score + 0)
    return this.#score.point(this.#scoreText, 0, writeDouble(this.#scoreText, 0, score))
  }

  /** Makes room for so many bytes more, so that adding many members moves the value once; until `settle`. */
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
}
