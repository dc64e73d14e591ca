// One timer for the deadlines of all blocked clients. It is set for the earliest and not taken back when that client is
// served: a queue's consumers, who wait anew all the time, would set it thousands of times a second.

import type { Clock } from '../base/clock.ts'
import type { BlockedClients } from '../command/blocked-clients.ts'

/** The longest time that a timer can run. */
const MAX_TIMER = 2 ** 31 - 1

export class WaitTimer {
  readonly #blocked: BlockedClients
  readonly #clock: Clock
  readonly #onDue: (now: number) => void
  #timer: NodeJS.Timeout | undefined = undefined
  /** When it will fire; Infinity while it is not set. */
  #firesAt = Number.POSITIVE_INFINITY

  constructor(blocked: BlockedClients, clock: Clock, onDue: (now: number) => void) {
    this.#blocked = blocked
    this.#clock = clock
    this.#onDue = onDue
    blocked.onEarliest = (deadline) => {
      if (deadline < this.#firesAt) this.#set(deadline)
    }
  }

  /** The clock has been moved: answers those whose time is up. */
  check(): void {
    clearTimeout(this.#timer)
    this.#fire()
  }

  /** No timer stays behind. */
  close(): void {
    clearTimeout(this.#timer)
    this.#blocked.onEarliest = undefined
  }

  #set(deadline: number): void {
    clearTimeout(this.#timer)
    const left = deadline - this.#clock.now()
    this.#firesAt = deadline
    this.#timer = setTimeout(this.#fire, Math.min(Math.max(left, 0), MAX_TIMER))
    this.#timer.unref()
  }

  /** Timers may come too early by a millisecond, and long ones are set again. */
  readonly #fire = (): void => {
    this.#firesAt = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    if (this.#blocked.earliest <= now) this.#onDue(now)
    const { earliest } = this.#blocked
    if (earliest < this.#firesAt) this.#set(earliest)
  }
}
