// The only place that reads the system's clock. Everything else is handed a Clock, so time can stand still or be moved.

export interface Clock {
  /** Milliseconds since the Unix epoch, whole. */
  now(): number
  /** Microseconds since the Unix epoch, whole. */
  nowMicroseconds(): number
  /** Milliseconds that only ever grow, with fractions: for durations. */
  monotonic(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  nowMicroseconds: () => Math.floor((performance.timeOrigin + performance.now()) * 1000),
  monotonic: () => performance.now(),
}

/** A clock that moves only when told to: for tests and embedders. */
export class ManualClock implements Clock {
  #milliseconds: number

  constructor(startMs = 1_700_000_000_000) {
    this.#milliseconds = startMs
  }

  now(): number {
    return Math.floor(this.#milliseconds)
  }

  nowMicroseconds(): number {
    return Math.floor(this.#milliseconds * 1000)
  }

  monotonic(): number {
    return this.#milliseconds
  }

  advance(milliseconds: number): void {
    this.#milliseconds += milliseconds
  }

  set(milliseconds: number): void {
    this.#milliseconds = milliseconds
  }
}
