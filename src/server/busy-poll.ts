// Busy polling: for some microseconds after replies have left, the event loop looks for the next requests instead of going
// to sleep. A thread that sleeps has to be woken by whoever sends to it: that costs the client's system call several
// microseconds, and the request more. It pays where clients ask again at once and have a processor of their own; where they
// don't, looking is given up for longer and longer, so that a server with little to do takes next to no time.
// Knows no socket and no request.

/** Replies that are not looked behind, at most, after looking was in vain. */
const LONGEST_REST = 63

export class BusyPoll {
  /** How long to look, in milliseconds; 0: not at all. */
  milliseconds = 0
  readonly #monotonic: () => number
  #isLooking = false
  #until = 0
  /** How many more replies are to pass before looking again, and how many it was last time. */
  #rest = 0
  #lastRest = 0

  /** `monotonic`: milliseconds, with fractions. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** Replies have left: to be called at the end of an event loop's turn. */
  answered(): void {
    if (this.#isLooking) {
      // What has just been answered came while looking.
      this.#lastRest = 0
      this.#until = this.#monotonic() + this.milliseconds
    } else if (this.milliseconds > 0) {
      if (this.#rest > 0) this.#rest--
      else this.#begin()
    }
  }

  #begin(): void {
    this.#isLooking = true
    this.#until = this.#monotonic() + this.milliseconds
    setImmediate(this.#look)
  }

  /** While an immediate is due, the loop asks the system for events without waiting for them. */
  readonly #look = (): void => {
    if (this.#monotonic() < this.#until) setImmediate(this.#look)
    else {
      this.#isLooking = false
      this.#lastRest = Math.min(LONGEST_REST, this.#lastRest * 2 + 1)
      this.#rest = this.#lastRest
    }
  }
}
