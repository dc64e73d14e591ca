// What commands over several values or several types read: elements one after the other, and members with scores. Every
// type that can be read so implements it; who reads knows no type.

import type { Slice } from '../memory/slice.ts'

/** The elements of a value. The walk is valid until the value is changed. */
export interface ElementSource {
  readonly count: number
  /** Begins a walk, in the value's own order if it has one. */
  rewind(): void
  /** Goes to the next element; false behind the last. */
  next(): boolean
  /** The element that the walk is at; valid until the next call. */
  readonly member: Slice
}

/** A sorted set, or a set, whose members' scores are all 1. */
export interface ScoredSource extends ElementSource {
  /** The score of the member that the walk is at. */
  readonly score: number
  /** The score of a member; NaN if it is not there. Leaves the walk where it is. */
  scoreOf(bytes: Uint8Array, start: number, length: number): number
}
