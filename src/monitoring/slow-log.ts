// The slow log: the latest commands that took longer than a threshold, as SLOWLOG GET shows them
// (https://redis.io/docs/latest/commands/slowlog-get/).

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
  /** Negative: nothing is recorded. Follows `slowlog-log-slower-than`. */
  threshold = 10_000
  /** Follows `slowlog-max-len`. */
  maxLength = 128
  #entries: SlowCommand[] = []
  #nextId = 0

  get isEnabled(): boolean {
    return this.threshold >= 0 && this.maxLength > 0
  }

  /** The threshold in microseconds, Infinity while disabled. */
  get thresholdMicroseconds(): number {
    return this.threshold < 0 ? Number.POSITIVE_INFINITY : this.threshold
  }

  get length(): number {
    return this.#entries.length
  }

  /** The newest so many, newest first. */
  newest(count: number): readonly SlowCommand[] {
    return this.#entries.slice(0, count)
  }

  record(args: Arguments, client: Session, now: number, microseconds: number): void {
    this.#entries.unshift({
      id: this.#nextId++,
      time: Math.floor(now / 1000),
      microseconds,
      args: shown(args),
      clientAddress: client.peer.address,
      clientName: client.name,
    })
    this.trim()
  }

  /** Drops what is over `maxLength`. */
  trim(): void {
    if (this.#entries.length > this.maxLength) this.#entries.length = this.maxLength
  }

  reset(): void {
    this.#entries = []
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
    const text = args.isRedacted(i) ? '(redacted)' : args.string(i)
    const more = text.length - MAX_ARGUMENT_BYTES
    texts.push(more > 0 ? `${text.slice(0, MAX_ARGUMENT_BYTES)}... (${more} more bytes)` : text)
  }
  return texts
}
