// Whether a listpack from somewhere is a node of a stream, so that walking it stays inside and its counts are right. What
// a node looks like is told in stream-node.ts.

import { isListpack, Listpack, NONE } from '../memory/listpack.ts'
import type { Slice } from '../memory/slice.ts'
import { StreamId } from './stream-id.ts'
import { StreamNode } from './stream-node.ts'

const MOST_FLAGS = 3
const DELETED = 1
const SAME_FIELDS = 2

/** Where a node is among others. */
interface Place {
  readonly id: StreamId
  readonly last: StreamId
  readonly isFirst: boolean
}

export class StreamNodeCheck {
  readonly #list = new Listpack()
  readonly #node = new StreamNode()
  readonly #last = new StreamId()
  /** The next element; NONE behind the last. */
  #at = NONE

  /**
   * Whether it is a node of this id with at least one entry, and all ids of entries are greater than `last`; this is
   * then the greatest of them. `isFirst`: there is no last id yet.
   */
  isNode({ bytes, start, length }: Slice, id: StreamId, last: StreamId, isFirst: boolean): boolean {
    if (!isListpack(bytes, start, length)) return false
    const list = this.#list.open(bytes, start)
    this.#at = list.first
    const live = this.#number()
    const deleted = this.#number()
    const fields = this.#number()
    if (!this.#skip(fields) || this.#number() !== 0 || live + deleted === 0) return false
    let left = live
    for (let i = 0; i < live + deleted; i++) {
      const flags = this.#entry(fields)
      if (flags < 0) return false
      if ((flags & DELETED) === 0) left--
    }
    return left === 0 && this.#at === NONE && this.#areIdsAscending(bytes, start, { id, last, isFirst })
  }

  /** Passes over an entry and returns its flags; -1: it is none. */
  #entry(fields: number): number {
    const from = this.#at
    const flags = this.#number()
    if (!(flags <= MOST_FLAGS) || !this.#isInteger() || !this.#skip(1) || !this.#isInteger()) return -1
    this.#skip(1)
    const isSame = (flags & SAME_FIELDS) !== 0
    const count = isSame ? fields : this.#number()
    if (!this.#skip(isSame ? count : 2 * count)) return -1
    const length = isSame ? 3 + count : 4 + 2 * count
    return from !== NONE && this.#number() === length ? flags : -1
  }

  #isInteger(): boolean {
    return this.#at !== NONE && this.#list.isInteger(this.#at)
  }

  /** The next element as a number that is not negative; else NaN, of which all comparisons are false. */
  #number(): number {
    if (this.#at === NONE) return Number.NaN
    const value = this.#list.integerAt(this.#at)
    this.#at = this.#list.next(this.#at)
    return value >= 0 ? value : Number.NaN
  }

  /** Passes over elements; false if there aren't so many. */
  #skip(count: number): boolean {
    if (!(count >= 0)) return false
    for (let i = 0; i < count; i++) {
      if (this.#at === NONE) return false
      this.#at = this.#list.next(this.#at)
    }
    return true
  }

  #areIdsAscending(bytes: Uint8Array, start: number, { id, last, isFirst }: Place): boolean {
    const node = this.#node
    const before = this.#last.copyFrom(last)
    let isBeginning = isFirst
    node.id.copyFrom(id)
    node.open(bytes, start)
    for (let more = node.firstEntry(); more; more = node.nextEntry()) {
      const { entryId } = node
      if (!isBeginning && entryId.compare(before) <= 0) return false
      if (entryId.compare(id) < 0) return false
      before.copyFrom(entryId)
      isBeginning = false
    }
    last.copyFrom(before)
    return true
  }
}
