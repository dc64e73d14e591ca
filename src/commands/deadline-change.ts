// One deadline for several fields of a hash: HEXPIRE and its likes, HGETEX and HSETEX. Whatever was asked for, it is
// propagated as a moment, and fields that go at once as their removal.

import type { Context } from '../command/context.ts'
import type { HashValue } from '../types/hash.ts'
import { hashChanged } from './hash-store.ts'

// What is replied for a field.
export const FIELD_SET = 1
export const FIELD_REMOVED = 2

/** The deadlines that a command sets, one after the other, and what is to be said of them at the end. */
export class DeadlineChange {
  readonly #context: Context
  /** Fields that got the deadline, or are gone since it is past. */
  #set = 0
  #removed = 0
  #deadline = 0
  readonly #names: Uint8Array[] = []

  constructor(context: Context) {
    this.#context = context
  }

  /** Gives the field that the hash has found, and that is the argument at an index, a deadline. */
  apply(hash: HashValue, deadline: number, index: number): number {
    const { args, effects, keyspace, now } = this.#context
    this.#deadline = deadline
    if (effects.isWanted) this.#names.push(args.copy(index))
    // Redis: a deadline in the past removes the field; but where fields don't expire by themselves, whoever decides
    // about them does.
    if (deadline <= now && keyspace.removesWhatIsDue) {
      hash.remove()
      this.#removed++
      return FIELD_REMOVED
    }
    hash.setDeadline(deadline)
    this.#set++
    return FIELD_SET
  }

  /** Ends the change, if it was one. All deadlines were the same, so either all fields are there or none. */
  end(): void {
    const { effects, args } = this.#context
    const key = this.#context.key(1)
    if (this.#removed > 0) {
      hashChanged(this.#context, key, 'hdel', this.#removed)
      if (effects.isWanted) effects.add('HDEL', args.copy(1), ...this.#names)
    } else if (this.#set > 0) {
      hashChanged(this.#context, key, 'hexpire', this.#set)
      if (effects.isWanted) effects.add(...this.#asMoment())
    }
  }

  #asMoment(): (string | Uint8Array)[] {
    const { args } = this.#context
    const count = String(this.#names.length)
    return ['HPEXPIREAT', args.copy(1), String(this.#deadline), 'FIELDS', count, ...this.#names]
  }
}
