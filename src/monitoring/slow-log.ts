// The slow log: the latest commands that took longer than a threshold, as SLOWLOG GET shows them
// (https://redis.io/docs/latest/commands/slowlog-get/). What a record shows is cut as Redis cuts it.

import type { Arguments } from '../command/arguments.ts'
import type { Session } from '../command/session.ts'

const MAX_ARGUMENTS = 32
const MAX_ARGUMENT_BYTES = 128

export interface SlowCommand {
  readonly id: number
  /** Seconds since the epoch. */
  readonly time: number
  readonly microseconds: number
  /** Cut as Redis cuts them; latin1. */
  readonly args: readonly string[]
  readonly clientAddress: string
  readonly clientName: string
}

export class SlowLog {
  /** Microseconds; negative: nothing is recorded. Follows `slowlog-log-slower-than`. */
  threshold = 10_000
  /** Follows `slowlog-max-len`. */
  maxLength = 128
  /** The oldest first, from `#first` on: what is before it is dropped in bulk. */
  #entries: SlowCommand[] = []
  #first = 0
  #nextId = 0

  get isEnabled(): boolean {
    return this.threshold >= 0 && this.maxLength > 0
  }

  /** The threshold in microseconds, Infinity while disabled. */
  get thresholdMicroseconds(): number {
    return this.threshold < 0 ? Number.POSITIVE_INFINITY : this.threshold
  }

  get length(): number {
    return this.#entries.length - this.#first
  }

  /** The newest so many, newest first. */
  newest(count: number): readonly SlowCommand[] {
    const from = Math.max(this.#first, this.#entries.length - count)
    return this.#entries.slice(from).reverse()
  }

  /** `command`: its arguments, or where they are gone already its name. */
  record(command: Arguments | string, client: Session, now: number, microseconds: number): void {
    if (!this.isEnabled) return
    this.#entries.push({
      id: this.#nextId++,
      time: Math.floor(now / 1000),
      microseconds: Math.floor(microseconds),
      args: typeof command === 'string' ? command.split('|') : shown(command),
      clientAddress: client.peer.address,
      clientName: client.name,
    })
    // Redis: a shorter `slowlog-max-len` drops entries only now, not when it is set.
    this.#first = Math.max(this.#first, this.#entries.length - this.maxLength)
    if (this.#first < this.#entries.length / 2) return
    this.#entries = this.#entries.slice(this.#first)
    this.#first = 0
  }

  /** Forgets all entries; their numbers are not used again. */
  reset(): void {
    this.#entries = []
    this.#first = 0
  }
}

/** The arguments with the long ones cut, and the last one saying how many are left out. */
function shown(args: Arguments): string[] {
  const count = Math.min(args.count, MAX_ARGUMENTS)
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    if (i === count - 1 && args.count > count) {
      texts.push(`... (${args.count - count + 1} more arguments)`)
      continue
    }
    if (args.isRedacted(i)) {
      texts.push('(redacted)')
      continue
    }
    // Not a string of the whole, which may be of 100 MB: a slice of it, kept here, would keep all of it.
    const text = args.string(i, MAX_ARGUMENT_BYTES)
    const more = args.lengths[i]! - text.length
    texts.push(more > 0 ? `${text}... (${more} more bytes)` : text)
  }
  return texts
}
