// The patterns of SORT: names of keys, or of fields in hashes, with a star where each element goes; and what they find.

import { ABSENT, type Context } from '../command/context.ts'
import { copyBytes, Slice } from '../memory/slice.ts'
import { HASH, STRING } from '../types/value-type.ts'

const STAR = 0x2a
const HASH_SIGN = 0x23
const DASH = 0x2d
const ANGLE = 0x3e
const ROOM = 256

export class SortPattern {
  /** `#`: the element itself. */
  readonly isElement: boolean
  /** Whether it has a star: without one nothing is found. */
  readonly hasStar: boolean
  readonly #before: Uint8Array
  readonly #after: Uint8Array
  /** A field of the hash at that key, if it is none of a string. */
  readonly #field: Slice | undefined
  #name = new Uint8Array(ROOM)

  /** Redis: looks at patterns as C strings, which a zero byte ends; but what is after a star it takes as it is. */
  constructor(pattern: Uint8Array) {
    const end = pattern.indexOf(0) < 0 ? pattern.length : pattern.indexOf(0)
    const star = pattern.subarray(0, end).indexOf(STAR)
    this.isElement = end === 1 && pattern[0] === HASH_SIGN
    this.hasStar = star >= 0
    const arrow = this.hasStar ? arrowIn(pattern, star + 1, end) : -1
    this.#before = pattern.subarray(0, Math.max(star, 0))
    this.#after = pattern.subarray(star + 1, arrow < 0 ? pattern.length : arrow)
    this.#field = arrow < 0 ? undefined : new Slice().set(pattern, arrow + 2, pattern.length - arrow - 2)
  }

  /** The text that it leads to from an element; undefined if there is none. Valid until the next call. */
  find(context: Context, element: Slice): Slice | undefined {
    if (this.isElement) return element
    if (!this.hasStar) return undefined
    const { db, sorting } = context
    const key = sorting.key.point(this.#name, 0, this.#fill(element))
    const entry = db.find(key)
    if (entry === ABSENT) return undefined
    if (this.#field === undefined) return db.typeOf(entry) === STRING ? db.value(entry) : undefined
    if (db.typeOf(entry) !== HASH) return undefined
    const hash = context.hash.open(db.hold(context.cell, key, entry), context.keyspace.elementsDueAt)
    return hash.find(this.#field) ? hash.value() : undefined
  }

  /** Puts the element in the place of the star; says how long the name is. */
  #fill({ bytes, start, length }: Slice): number {
    const before = this.#before
    const after = this.#after
    const total = before.length + length + after.length
    if (total > this.#name.length) this.#name = new Uint8Array(total * 2)
    copyBytes(before, 0, this.#name, 0, before.length)
    copyBytes(bytes, start, this.#name, before.length, length)
    copyBytes(after, 0, this.#name, before.length + length, after.length)
    return total
  }
}

/** Where `->` stands before a field's name; -1 if it doesn't. */
function arrowIn(pattern: Uint8Array, from: number, end: number): number {
  for (let i = from; i + 1 < end; i++) {
    if (pattern[i] === DASH && pattern[i + 1] === ANGLE) return i + 2 < end ? i : -1
  }
  return -1
}
