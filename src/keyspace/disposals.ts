// Large values on their way out: what they keep outside their entries is freed bit by bit, between requests, so that
// removing a set of millions stalls nobody. Small ones are freed at once. Knows no key.

import type { Entries } from '../memory/entries.ts'
import type { Disposal } from '../memory/table-disposal.ts'

/** What is freed on the spot: a few hundred blocks take some tens of microseconds. */
const AT_ONCE = 256

export class Disposals {
  readonly #queue: Disposal[] = []
  /** Large values that were freed later than they were removed. */
  completed = 0
  readonly #onAdded: () => void

  /** `onAdded` hears of every value that can't be freed at once. */
  constructor(onAdded: () => void) {
    this.#onAdded = onAdded
  }

  /** How many wait. */
  get pending(): number {
    return this.#queue.length
  }

  add(disposal: Disposal): void {
    if (disposal.run(AT_ONCE)) return
    this.#queue.push(disposal)
    this.#onAdded()
  }

  /** Goes on freeing for some tens of microseconds; true when nothing is left. */
  run(): boolean {
    const first = this.#queue[0]
    if (first === undefined) return true
    if (first.run(AT_ONCE)) {
      this.#queue.shift()
      this.completed++
    }
    return this.#queue.length === 0
  }

  /** This memory is given back as a whole: nothing in it has to be freed any more. */
  forget(entries: Entries): void {
    const kept = this.#queue.filter((disposal) => disposal.entries !== entries)
    this.completed += this.#queue.length - kept.length
    this.#queue.length = 0
    this.#queue.push(...kept)
  }
}
