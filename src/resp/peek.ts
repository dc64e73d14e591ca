// A look at requests that have not been parsed yet: where their first arguments lie, and of each another one. Only at those
// in the usual form: up to nine arguments, short ones. Whatever else comes is left to the parser.

import { shortBulk, shortLength } from './parser.ts'

const CR = 13
const STAR = 42
const ZERO = 48
/** The length of an argument that a request doesn't have. */
const NOT_THERE = -1

/** Places of arguments. Reused: those of the last look. */
export class Peek {
  count = 0
  readonly #most: number
  /** The arguments behind the name. */
  readonly starts: Int32Array
  readonly lengths: Int32Array
  /** Of each request the other argument that was asked for; its length is negative if the request has none. */
  readonly otherStarts: Int32Array
  readonly otherLengths: Int32Array

  /** `most`: requests that are looked at at once. */
  constructor(most: number) {
    this.#most = most
    this.starts = new Int32Array(most)
    this.lengths = new Int32Array(most)
    this.otherStarts = new Int32Array(most)
    this.otherLengths = new Int32Array(most)
  }

  /**
   * Finds the first argument behind the name and the one of index `other`, of requests from `at` on, of so many at most;
   * requests without arguments are passed over. Returns where the first request is that was not looked at; `end`
   * if there is no point in looking on.
   */
  look(bytes: Uint8Array, at: number, end: number, other: number, most = this.#most): number {
    let request = at
    let found = 0
    this.count = 0
    while (found < most) {
      if (request + 4 > end || bytes[request] !== STAR || bytes[request + 2] !== CR) return end
      const count = bytes[request + 1]! - ZERO
      let next = request + 4
      this.otherLengths[found] = NOT_THERE
      for (let i = 0; i < count; i++) {
        const start = shortBulk(bytes, next, end)
        if (start === 0) return end
        const length = shortLength(bytes, next, start)
        if (i === 1) {
          this.starts[found] = start
          this.lengths[found] = length
        } else if (i === other) {
          this.otherStarts[found] = start
          this.otherLengths[found] = length
        }
        next = start + length + 2
      }
      if (count > 1) this.count = ++found
      request = next
    }
    return request
  }

  /** Whether the first arguments that were found in `bytes` are all these bytes. */
  isAlways(bytes: Uint8Array, wanted: Uint8Array, start: number, length: number): boolean {
    for (let n = 0; n < this.count; n++) {
      if (this.lengths[n] !== length) return false
      const at = this.starts[n]!
      // From behind: keys that differ have their beginnings in common more often than their ends.
      for (let i = length - 1; i >= 0; i--) if (bytes[at + i] !== wanted[start + i]) return false
    }
    return true
  }
}
