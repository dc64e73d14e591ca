// Intersection, union and difference of sets: as a walk over the result, without making it where that can be avoided, or
// as a new value. Which way is taken depends on how many sets there are and how large they are.

import { Cell } from '../memory/cell.ts'
import { DraftCell } from '../memory/draft-cell.ts'
import type { Entries } from '../memory/entries.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import type { TypeEnvironment } from './environment.ts'
import type { Member } from './member.ts'
import { EMPTY_SET_BYTES, SetValue } from './set.ts'
import { SET_INTSET } from './value-type.ts'

export type SetOperation = 'intersection' | 'union' | 'difference'

/** Up to so many sets a union is told without being made: each member is looked up in all sets before its own. */
const MOST_LOOKUPS = 3
/** What adding a member to a new set costs, and taking one out, against looking one up. */
const ADDING_COST = 4
const REMOVING_COST = 3
/** Members that are looked up to see how many of all will be in the result, and how many say something about that. */
const SAMPLE = 2048
const ENOUGH_FOUND = 128
/** So many operands are kept for the next operation. */
const KEPT_OPERANDS = 16

/**
 * For one operation at a time: `begin`; for each set hold it in `nextCell` and `include` it, or `includeNothing`; then
 * `start` and `next` until it is false, or `toDraft`; and `end`.
 */
export class SetAlgebra {
  readonly #environment: TypeEnvironment
  readonly #cells: Cell[] = []
  readonly #operands: SetValue[] = []
  #count = 0
  #operation: SetOperation = 'intersection'
  /** The operands in the order in which members are looked up in them. */
  #sets: SetValue[] = []
  /** The set whose members are walked over. */
  #walked = 0
  #isEmpty = false
  /** The result, where it had to be made. */
  readonly #draft: SetValue
  readonly #draftCell = new DraftCell()
  #isDrafted = false
  #entries: Entries | undefined = undefined

  constructor(environment: TypeEnvironment) {
    this.#environment = environment
    this.#draft = new SetValue(environment)
  }

  // ---- the operands

  /** `entries`: the memory in which a result is made. */
  begin(operation: SetOperation, entries: Entries): void {
    this.#operation = operation
    this.#entries = entries
    this.#count = 0
    this.#isEmpty = false
    this.#isDrafted = false
  }

  /** The cell that has to hold the next operand. */
  get nextCell(): Cell {
    const count = this.#count
    if (count === this.#cells.length) {
      this.#cells.push(new Cell())
      this.#operands.push(new SetValue(this.#environment))
    }
    return this.#cells[count]!
  }

  /** Takes the set in `nextCell`. */
  include(): void {
    const count = this.#count++
    this.#operands[count]!.open(this.#cells[count]!)
  }

  /** The next operand is an empty set. */
  includeNothing(): void {
    if (this.#operation === 'intersection') this.#isEmpty = true
    if (this.#operation === 'difference' && this.#count === 0) this.#isEmpty = true
  }

  // ---- the result as a walk

  start(): void {
    const sets = this.#order()
    this.#walked = 0
    if (this.#isEmpty || sets.length === 0) return
    if (this.#operation === 'union' && sets.length > MOST_LOOKUPS) this.#draftAll(sets)
    else if (this.#operation === 'difference' && !isLookingUpCheaper(sets)) this.#draftDifference(sets)
    if (this.#isDrafted) this.#draft.rewind()
    else sets[0]!.rewind(this.#operation === 'union' ? 'full' : 'sparse')
  }

  /** Puts the operands into the order that is the quickest. */
  #order(): SetValue[] {
    const sets = this.#operands.slice(0, this.#count)
    if (this.#operation === 'intersection') sets.sort((a, b) => a.count - b.count)
    if (this.#operation === 'difference') {
      // What is in the largest need not be looked up in the others.
      const others = sets.splice(1).sort((a, b) => b.count - a.count)
      sets.push(...others)
    }
    this.#sets = sets
    return sets
  }

  /** Goes to the next member of the result; false behind the last. */
  next(): boolean {
    if (this.#isDrafted) return this.#draft.next()
    const sets = this.#sets
    if (this.#isEmpty || sets.length === 0) return false
    if (this.#operation === 'union') return this.#nextOfUnion(sets)
    const walked = sets[0]!
    while (walked.next()) if (this.#isInResult(walked)) return true
    return false
  }

  /** Of an intersection or a difference: whether the member where the walk over the first set is belongs to it. */
  #isInResult(walked: SetValue): boolean {
    const sets = this.#sets
    return this.#operation === 'intersection' ? isInAll(sets, walked) : !isInAny(sets, 1, sets.length, walked)
  }

  #nextOfUnion(sets: readonly SetValue[]): boolean {
    for (;;) {
      const walked = sets[this.#walked]!
      while (walked.next()) if (!isInAny(sets, 0, this.#walked, walked)) return true
      if (this.#walked + 1 === sets.length) return false
      sets[++this.#walked]!.rewind()
    }
  }

  /** Valid until the next call. */
  get member(): Member {
    return this.#isDrafted ? this.#draft.member : this.#sets[this.#walked]!.member
  }

  // ---- the result as a value

  /** The result, instead of walking; it is the caller's. Empty if `draftCount` is 0. */
  toDraft(): DraftCell {
    this.start()
    if (this.#isDrafted) return this.#draftCell
    const sets = this.#sets
    this.#beginDraft(this.#expectedCount())
    // A walk goes on until the result is complete.
    this.#isDrafted = false
    while (this.next()) this.#draft.addSame(sets[this.#walked]!)
    this.#isDrafted = true
    return this.#draftCell
  }

  get draftCount(): number {
    return this.#draft.count
  }

  /** Lets go of everything. What it returns has to be freed, unless the result has found a place. */
  end(): Disposal | undefined {
    const disposal = this.#isDrafted ? this.#draft.disposal : undefined
    this.#isDrafted = false
    this.#entries = undefined
    this.#sets = []
    if (this.#cells.length > KEPT_OPERANDS) this.#cells.length = this.#operands.length = KEPT_OPERANDS
    return disposal
  }

  /** How many members the result is going to have, or at least nearly so many; 0: few, or nobody knows. */
  #expectedCount(): number {
    const sets = this.#sets
    const first = sets[0]
    if (first === undefined || this.#isEmpty) return 0
    if (this.#operation === 'union') return largestOf(sets)
    if (first.count < 2 * SAMPLE) return 0
    // A large set is walked in the order of hashes, so that its first members are like all others.
    let found = 0
    for (let i = 0; i < SAMPLE && first.next(); i++) if (this.#isInResult(first)) found++
    first.rewind('sparse')
    return found < ENOUGH_FOUND ? 0 : Math.floor((found / SAMPLE) * first.count)
  }

  #beginDraft(expected: number): void {
    this.#isDrafted = true
    const draft = this.#draft.create(this.#draftCell.begin(this.#entries!, SET_INTSET, EMPTY_SET_BYTES))
    draft.reserve(expected)
  }

  #draftAll(sets: readonly SetValue[]): void {
    this.#beginDraft(largestOf(sets))
    for (const set of sets) this.#addAll(set)
  }

  #addAll(set: SetValue): void {
    set.rewind()
    while (set.next()) this.#draft.add(set.member)
  }

  #draftDifference(sets: readonly SetValue[]): void {
    const draft = this.#draft
    this.#beginDraft(sets[0]!.count)
    this.#addAll(sets[0]!)
    for (let i = 1; i < sets.length && draft.count > 0; i++) {
      const set = sets[i]!
      set.rewind()
      while (set.next()) draft.remove(set.member)
    }
  }
}

function largestOf(sets: readonly SetValue[]): number {
  let largest = 0
  for (const { count } of sets) largest = Math.max(largest, count)
  return largest
}

function isInAll(sets: readonly SetValue[], walked: SetValue): boolean {
  for (let i = 1; i < sets.length; i++) if (!sets[i]!.hasSame(walked)) return false
  return true
}

function isInAny(sets: readonly SetValue[], from: number, to: number, walked: SetValue): boolean {
  for (let i = from; i < to; i++) if (sets[i]!.hasSame(walked)) return true
  return false
}

/** Whether a difference is had quicker by looking each member up than by making a set and taking members out. */
function isLookingUpCheaper(sets: readonly SetValue[]): boolean {
  const first = sets[0]!.count
  let others = 0
  for (let i = 1; i < sets.length; i++) others += sets[i]!.count
  return first * (sets.length - 1) <= ADDING_COST * first + REMOVING_COST * others
}
