// Large values on their way out: what they keep outside their entries is freed bit by bit, between requests, so that
// removing a set of millions stalls nobody. Small ones are freed at once. Knows no key.

import type { Entries } from '../memory/entries.ts'
import type { Disposal } from '../memory/table-disposal.ts'

/** What is freed on the spot: a few hundred blocks take some tens of microseconds. */
const AT_ONCE = 256
/** A freed block counts as so many bytes of a budget that is given in bytes. */
const BLOCK_BYTES = 4096

export class Disposals {
  readonly #queue: Disposal[] = []
  /** Large values that were freed later than they were removed. */
  completed = 0

  /** How many wait. */
  get pending(): number {
    return this.#queue.length
  }

  add(disposal: Disposal): void {
    if (!disposal.run(AT_ONCE)) this.#queue.push(disposal)
  }

  /** Goes on freeing, in about the time that giving so many bytes of pages back would take; true when nothing is left. */
  run(bytes: number): boolean {
    for (let left = bytes / BLOCK_BYTES; left > 0 && this.#queue.length > 0; left -= AT_ONCE) {
      if (!this.#queue[0]!.run(AT_ONCE)) continue
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
