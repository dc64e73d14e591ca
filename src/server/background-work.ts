// What is done between requests in small portions: removing keys that are due, giving the memory of flushed databases
// back. Each portion is followed by a turn of the event loop, so clients wait for one portion at most.

import type { ActiveExpiry } from '../keyspace/expiry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'

/** About a millisecond's worth of returning memory to the system. */
const RECLAIM_BYTES = 16 * 1024 * 1024
/** Milliseconds of a portion of expiry: at effort 1, and more for each further step up to 10. */
const BASE_SLICE_MS = 3
const SLICE_MS_PER_EFFORT = 0.25

export class BackgroundWork {
  /** `active-expire-effort`, 1..10. */
  effort = 1
  readonly #keyspace: Keyspace
  readonly #expiry: ActiveExpiry
  readonly #syncClock: () => void
  #next: NodeJS.Immediate | undefined = undefined

  /** `syncClock` sets the keyspace's time to now. */
  constructor(keyspace: Keyspace, expiry: ActiveExpiry, syncClock: () => void) {
    this.#keyspace = keyspace
    this.#expiry = expiry
    this.#syncClock = syncClock
  }

  /** To be called by a timer: does a portion, and sees to the rest. */
  run(): void {
    if (this.#next === undefined) this.#runPortion()
  }

  stop(): void {
    clearImmediate(this.#next)
    this.#next = undefined
  }

  #runPortion(): void {
    this.#next = undefined
    this.#syncClock()
    const moreIsDue = this.#expiry.runSlice(BASE_SLICE_MS + SLICE_MS_PER_EFFORT * (this.effort - 1))
    const allIsGiven = this.#keyspace.reclaim(RECLAIM_BYTES)
    if (moreIsDue || !allIsGiven) this.#next = setImmediate(() => this.#runPortion())
  }
}
