// Choosing several different members of a set at random, each choice as likely as any other.

import type { TypeEnvironment } from './environment.ts'
import type { SetValue } from './set.ts'
import { SET_HASHTABLE } from './value-type.ts'

/** Below this share of the members it is quicker to draw and to remember than to walk over all. */
const SPARSE = 1 / 8

/** Goes over `count` different members: `begin`, then `next` until it is false. The set must not change meanwhile. */
export class SetChoice {
  readonly #environment: TypeEnvironment
  #set: SetValue | undefined = undefined
  /** Members yet to be chosen, and those of the walk that have not been passed. */
  #wanted = 0
  #left = 0
  /** What has been drawn, where members are drawn. */
  #drawn: Set<number> | undefined = undefined

  constructor(environment: TypeEnvironment) {
    this.#environment = environment
  }

  begin(set: SetValue, count: number): void {
    const total = set.count
    this.#set = set
    this.#wanted = Math.min(count, total)
    this.#left = total
    const isSparse = set.encoding === SET_HASHTABLE && count < total * SPARSE
    this.#drawn = isSparse ? new Set() : undefined
    if (!isSparse) set.rewind()
  }

  /** Goes on to the next: then it is the set's `member`. */
  next(): boolean {
    if (this.#wanted === 0) return false
    this.#wanted--
    if (this.#drawn === undefined) this.#walk()
    else this.#draw(this.#drawn)
    return true
  }

  /** A member is taken with the chance that fills what is wanted from what is left (Knuth's algorithm S). */
  #walk(): void {
    const set = this.#set!
    const { chance } = this.#environment
    do set.next()
    while (chance.below(this.#left--) > this.#wanted)
  }

  #draw(drawn: Set<number>): void {
    const set = this.#set!
    do set.choose()
    while (drawn.has(set.place))
    drawn.add(set.place)
  }
}
