// Whole values in one listpack, as files have them: whether one can be kept as it lies, being what the types would have
// written themselves. What can't is taken apart, element by element, and put together anew.

import { NO_DEADLINE } from '../memory/deadline.ts'
import { Element } from '../memory/element.ts'
import { type Listpack, NONE } from '../memory/listpack.ts'
import { ListpackSurvey } from '../memory/listpack-survey.ts'
import { MAX_BLOCK_BYTES } from '../memory/size-classes.ts'
import type { EncodingLimits } from '../types/environment.ts'
import { exceedsChunk } from '../types/list-limits.ts'
import { compareMembers, storedScore } from '../types/score.ts'

/** What a field without a deadline says. */
const NEVER = 0
const LATEST_DEADLINE = 2 ** 48 - 2

export class PackedBlocks {
  readonly #limits: EncodingLimits
  readonly #survey = new ListpackSurvey()
  readonly #member = new Element()
  readonly #next = new Element()
  readonly #score = new Element()

  constructor(limits: EncodingLimits) {
    this.#limits = limits
  }

  isHash(list: Listpack): boolean {
    const { hashListpackEntries, hashListpackValue } = this.#limits
    return this.#isSmall(list, 2, hashListpackEntries, hashListpackValue)
  }

  /** Fields in threes with their deadlines, the earliest in front, those that never are due behind. */
  isHashWithDeadlines(list: Listpack): boolean {
    const { hashListpackEntries, hashListpackValue } = this.#limits
    if (!this.#isSmall(list, 3, hashListpackEntries, hashListpackValue)) return false
    let latest = NEVER
    let isBehind = false
    for (let at = list.first; at !== NONE; at = list.next(at)) {
      at = list.after(list.after(at))
      const deadline = list.integerAt(at)
      if (!(deadline >= 0 && deadline <= LATEST_DEADLINE)) return false
      if (deadline === NEVER) isBehind = true
      else if (isBehind || deadline < latest) return false
      latest = deadline
    }
    return true
  }

  isSet(list: Listpack): boolean {
    const { setListpackEntries, setListpackValue } = this.#limits
    return this.#isSmall(list, 1, setListpackEntries, setListpackValue)
  }

  /** In the order of scores, and of members where these are equal. */
  isSortedSet(list: Listpack): boolean {
    const { sortedSetListpackEntries, sortedSetListpackValue } = this.#limits
    if (!this.#isSmall(list, 2, sortedSetListpackEntries, sortedSetListpackValue)) return false
    let last = Number.NEGATIVE_INFINITY
    let lastAt = NONE
    for (let at = list.first; at !== NONE; ) {
      const scoreAt = list.after(at)
      const score = this.#scoreAt(list, scoreAt)
      // Not so if it is no number, either.
      if (!(score >= last)) return false
      if (score === last && lastAt !== NONE && !this.#isBefore(list, lastAt, at)) return false
      last = score
      lastAt = at
      at = list.next(scoreAt)
    }
    return true
  }

  #scoreAt(list: Listpack, at: number): number {
    const integer = list.integerAt(at)
    return Number.isNaN(integer) ? storedScore(list.read(at, this.#score)) : integer
  }

  #isBefore(list: Listpack, one: number, other: number): boolean {
    return compareMembers(list.read(one, this.#member), list.read(other, this.#next)) < 0
  }

  /** As a whole list, or as a chunk of a longer one. */
  isList(list: Listpack): boolean {
    if (list.byteLength > MAX_BLOCK_BYTES || !this.#survey.isClean(list, 0)) return false
    return !exceedsChunk(this.#limits, list.byteLength, this.#survey.count)
  }

  #isSmall(list: Listpack, step: number, entries: number, value: number): boolean {
    const survey = this.#survey
    return survey.isClean(list, step) && survey.count <= entries * step && survey.longest <= value
  }
}

/** The earliest deadline of a hash in threes; NO_DEADLINE if no field has one. */
export function earliestIn(list: Listpack): number {
  if (list.isEmpty) return NO_DEADLINE
  const deadline = list.integerAt(list.after(list.after(list.first)))
  return deadline === NEVER ? NO_DEADLINE : deadline
}
