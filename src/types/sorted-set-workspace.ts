// The objects through which sorted sets are worked on: one of each serves all values, so that none is made per command.

import { Cell } from '../memory/cell.ts'
import type { TypeEnvironment } from './environment.ts'
import { SetValue } from './set.ts'
import { SortedSetValue } from './sorted-set.ts'
import { SortedSetResult } from './sorted-set-result.ts'

/** More inputs than this are not kept for the next command. */
const KEPT_INPUTS = 16
/** Room for scores that is kept. */
const KEPT_SCORES = 1024

/** A sorted set or a set that a command only reads, beside others. */
export interface SortedSetInput {
  readonly cell: Cell
  readonly sortedSet: SortedSetValue
  readonly set: SetValue
}

export class SortedSetWorkspace {
  /** For the set that the command is about. */
  readonly value: SortedSetValue
  /** For what a command makes of sets. */
  readonly result: SortedSetResult
  /** For scores that are all read before the first is used. */
  readonly #scores = new Float64Array(KEPT_SCORES)
  readonly #environment: TypeEnvironment
  readonly #inputs: SortedSetInput[] = []

  constructor(environment: TypeEnvironment) {
    this.#environment = environment
    this.value = new SortedSetValue(environment)
    this.result = new SortedSetResult(environment)
  }

  /** For the n-th of the sets that a command reads. */
  input(index: number): SortedSetInput {
    const kept = this.#inputs[index]
    if (kept !== undefined) return kept
    const environment = this.#environment
    const input = {
      cell: new Cell(),
      sortedSet: new SortedSetValue(environment),
      set: new SetValue(environment),
    }
    if (index < KEPT_INPUTS) this.#inputs[index] = input
    return input
  }

  /** Room for so many scores. */
  scoresFor(count: number): Float64Array {
    return count <= KEPT_SCORES ? this.#scores : new Float64Array(count)
  }
}
