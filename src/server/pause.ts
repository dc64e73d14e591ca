// CLIENT PAUSE: commands wait until a time has come or CLIENT UNPAUSE ends it. Meanwhile the dataset stands still:
// nothing expires and nothing is evicted, so that a failover finds both sides equal. Knows no command.

import type { Clock } from '../base/clock.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { type Gates, PAUSED } from './gates.ts'

/** Who has a request that waits. */
export interface Held {
  resume(): void
}

/** The longest time that a timer can run. */
const MAX_TIMER = 2 ** 31 - 1

export class Pause {
  readonly #gates: Gates
  readonly #keyspace: Keyspace
  readonly #clock: Clock
  readonly #held = new Set<Held>()
  /** When it ends, in milliseconds since the epoch; 0 while there is none. */
  #until = 0
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(gates: Gates, keyspace: Keyspace, clock: Clock) {
    this.#gates = gates
    this.#keyspace = keyspace
    this.#clock = clock
  }

  get isActive(): boolean {
    return this.#until > 0
  }

  /** How many wait. */
  get heldCount(): number {
    return this.#held.size
  }

  /** Pauses until a time. A pause that is on already is made longer and stricter by this, never shorter or milder. */
  begin(until: number, holdsAll: boolean): void {
    this.#until = Math.max(this.#until, until)
    this.#gates.pausesReads ||= holdsAll
    this.#gates.close(PAUSED)
    this.#keyspace.mayExpire = false
    this.#setTimer()
  }

  end(): void {
    if (!this.isActive) return
    clearTimeout(this.#timer)
    this.#until = 0
    this.#gates.pausesReads = false
    this.#gates.open(PAUSED)
    this.#keyspace.mayExpire = true
    // Not at once: a command may be running, this one's CLIENT UNPAUSE at least.
    if (this.#held.size > 0) setImmediate(() => this.#resumeAll())
  }

  /** Notes who waits; nobody twice. */
  hold(held: Held): void {
    this.#held.add(held)
  }

  /** One who waited has gone away. */
  forget(held: Held): void {
    this.#held.delete(held)
  }

  /** The clock has been moved: the end may have come. */
  check(): void {
    if (this.isActive) this.#timeIsUp()
  }

  /** No timer stays behind. */
  close(): void {
    clearTimeout(this.#timer)
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    const left = this.#until - this.#clock.now()
    this.#timer = setTimeout(() => this.#timeIsUp(), Math.min(Math.max(left, 0), MAX_TIMER))
    this.#timer.unref()
  }

  /** Timers may come too early by a millisecond, and long ones are set again. */
  #timeIsUp(): void {
    if (this.#clock.now() >= this.#until) this.end()
    else this.#setTimer()
  }

  #resumeAll(): void {
    const held = [...this.#held]
    this.#held.clear()
    // In the order in which they were held. A new pause may begin on the way: then they are held again.
    for (const one of held) one.resume()
  }
}
