// Large sorted sets: a table of members, whose entries have the score as their value, and an ordered index of these
// entries. The value in the keyspace is a record that says where the two are:
//
//   table root, TABLE_ROOT_BYTES │ tree, TREE_BYTES
//
// Without a cell it is the result of a command on its way, which belongs to nobody yet.

import { NO_REF, type Ref } from '../memory/arena.ts'
import type { Cell } from '../memory/cell.ts'
import { Entries } from '../memory/entries.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import { OrderedCursor } from '../memory/ordered-cursor.ts'
import { OrderedIndex, TREE_BYTES } from '../memory/ordered-index.ts'
import { Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import type { Chance } from '../memory/table-random.ts'
import { TABLE_ROOT_BYTES } from '../memory/table-root.ts'
import type { UpcomingKeys } from '../memory/upcoming-keys.ts'
import { IndexedDisposal } from './indexed-disposal.ts'
import { readScore, SCORE_BYTES, writeScore } from './score.ts'

export const INDEXED_BYTES = TABLE_ROOT_BYTES + TREE_BYTES

/** Where the members lie of a set that has not been opened. */
const NOWHERE = new Entries()

export class IndexedSortedSet {
  readonly #table: Table
  readonly #tree = new OrderedIndex()
  readonly #cursor = new OrderedCursor()
  readonly #own: Key
  /** Where members may have been hashed ahead. */
  readonly #upcoming: UpcomingKeys | undefined
  /** The member that was sought last. */
  #key: Key
  readonly #slice = new Slice()
  readonly #visited = new Slice()
  #entries = NOWHERE
  #cell: Cell | undefined = undefined
  /** The entry of the member that was located or visited last. */
  #ref: Ref = NO_REF
  /** The entry that the cursor is at, while the order has not changed: there its score is at hand. */
  #walked: Ref = NO_REF
  /** Entries that a scan has found, the first at the end. */
  #found: Ref[] = []

  constructor(seed: HashSeed, upcoming?: UpcomingKeys) {
    this.#table = Table.unattached(seed)
    this.#own = new Key(seed)
    this.#upcoming = upcoming
    this.#key = this.#own
  }

  open(cell: Cell): this {
    const { entries, bytes, start } = cell
    this.#cell = cell
    this.#entries = entries
    this.#table.attach(entries, bytes, start, cell.words)
    this.#tree.attach(entries, bytes, start + TABLE_ROOT_BYTES)
    this.#ref = NO_REF
    this.#walked = NO_REF
    return this
  }

  /** Becomes a new, empty set in this memory, for so many members if that is known; `adopt` gives it a place. */
  create(entries: Entries, members = 0): this {
    this.#cell = undefined
    this.#entries = entries
    this.#table.create(entries)
    if (members > 0) this.#table.expect(members)
    this.#tree.create(entries)
    this.#ref = NO_REF
    this.#walked = NO_REF
    return this
  }

  /** Becomes the value of a cell of INDEXED_BYTES that may be written. */
  adopt(cell: Cell): void {
    this.#cell = cell
    this.save(cell.bytes, cell.start)
  }

  /** Writes INDEXED_BYTES. */
  save(bytes: Uint8Array, at: number): void {
    this.#table.save(bytes, at)
    this.#tree.save(bytes, at + TABLE_ROOT_BYTES)
  }

  /** After each change. */
  #keep(): void {
    this.#walked = NO_REF
    const cell = this.#cell
    if (cell === undefined) return
    cell.own()
    this.#table.save(cell.bytes, cell.start, cell.words)
    this.#tree.save(cell.bytes, cell.start + TABLE_ROOT_BYTES)
  }

  get count(): number {
    return this.#table.count
  }

  // ---- one member

  locate(member: Slice): boolean {
    const { bytes, start, length } = member
    this.#key = this.#upcoming?.take(bytes, start, length) ?? this.#own.point(bytes, start, length)
    this.#ref = this.#table.find(this.#key)
    return this.#ref !== NO_REF
  }

  /** Instead of `locate`, for a member that is known not to be there. */
  aim({ bytes, start, length }: Slice): void {
    this.#key.point(bytes, start, length)
  }

  get member(): Slice {
    return this.#entries.key(this.#ref, this.#visited)
  }

  get score(): number {
    if (this.#ref === this.#walked) return this.#cursor.score
    const { bytes, start } = this.#entries.value(this.#ref, this.#slice)
    return readScore(bytes, start)
  }

  /** The score of a member, NaN if it is not there; what was visited stays so. */
  scoreOf(member: Slice): number {
    const ref = this.#ref
    const score = this.locate(member) ? this.score : Number.NaN
    this.#ref = ref
    return score
  }

  get rank(): number {
    return this.#tree.rankOfEntry(this.score, this.#ref)
  }

  /** Adds a member that `locate` has not found. */
  add(_member: Slice, score: number): void {
    this.addUnordered(score)
    this.order(this.#ref)
    this.#keep()
  }

  /** Adds the member that `locate` has not found, but not to the order: `order` has to follow. Returns its entry. */
  addUnordered(score: number): Ref {
    this.#ref = this.#table.add(this.#key, 0, 0, 0, SCORE_BYTES)
    this.#writeScore(score)
    return this.#ref
  }

  /** Adds a member to the order. */
  order(ref: Ref): void {
    this.#ref = ref
    this.#tree.insert(this.score, ref)
  }

  /** Gives a located member that is not in the order yet another score. */
  setUnordered(score: number): void {
    this.#writeScore(score)
  }

  /** Gives the located member another score. */
  setScore(_member: Slice, score: number): void {
    const old = this.#ref
    const oldScore = this.score
    // A frozen reader may be looking at the old score, and then the entry moves.
    this.#ref = this.#table.resize(this.#key, old, SCORE_BYTES)
    this.#writeScore(score)
    this.#tree.rescore(oldScore, old, score, this.#ref)
    this.#keep()
  }

  #writeScore(score: number): void {
    this.#walked = NO_REF
    const { bytes, start } = this.#entries.value(this.#ref, this.#slice)
    writeScore(bytes, start, score)
  }

  /** Removes the located member. */
  remove(): void {
    this.#tree.remove(this.score, this.#ref)
    this.#table.remove(this.#key, this.#ref)
    this.#ref = NO_REF
    this.#keep()
  }

  // ---- in order

  /** How many members have a lower score; with 'after', no higher score. */
  rankOfScore(score: number, side: 'before' | 'after'): number {
    return this.#tree.rankOfScore(score, side)
  }

  /** How many members are lower; with 'after', not higher. */
  rankOfMember(member: Slice, side: 'before' | 'after'): number {
    return this.#tree.rankOfMember(member, side)
  }

  /** Goes to the member of a rank; false if there is none. */
  seek(rank: number): boolean {
    return this.#walk(this.#cursor.seek(this.#entries, this.#tree, rank))
  }

  next(): boolean {
    return this.#walk(this.#cursor.next())
  }

  previous(): boolean {
    return this.#walk(this.#cursor.previous())
  }

  /** Is about the member that the cursor has come to, if there is one. */
  #walk(isThere: boolean): boolean {
    this.#ref = isThere ? this.#cursor.member : NO_REF
    this.#walked = this.#ref
    return isThere
  }

  /** Removes the members of the ranks from..to-1. */
  removeRange(from: number, to: number): void {
    let more = this.seek(from)
    for (let rank = from; rank < to && more; rank++) {
      const { bytes, start, length } = this.member
      this.#table.remove(this.#own.point(bytes, start, length), this.#ref)
      more = this.next()
    }
    // Looks at no member.
    this.#tree.removeRange(from, to)
    this.#ref = NO_REF
    this.#keep()
  }

  // ---- as a whole

  /** All its memory, for freeing; then it is no set any more. */
  disposal(): Disposal {
    const record = new Uint8Array(INDEXED_BYTES)
    this.save(record, 0)
    return new IndexedDisposal(this.#entries, record, 0)
  }

  // ---- in no order

  /** Goes to a random member, each as likely as any other, and returns a number of its own. */
  random(chance: Chance): number {
    this.#ref = this.#table.random(chance)
    return this.#ref
  }

  /** Finds members from a cursor on, as Table.scan does, for `nextFound` to go over; returns the next cursor. */
  scan(cursor: number, count: number): number {
    const found: Ref[] = []
    this.#found = found
    const next = this.#table.scan(cursor, count, (ref) => {
      found.push(ref)
    })
    // What is found is taken from the end.
    found.reverse()
    return next
  }

  nextFound(): boolean {
    this.#ref = this.#found.pop() ?? NO_REF
    return this.#ref !== NO_REF
  }
}
