// The only place that reads the system's clock. Everything else is handed a Clock, so time can stand still or be moved.

// Node's global of this name is a getter: it costs half as much again as the look at the clock.
import { performance } from 'node:perf_hooks'

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

/** A clock that runs with the system's, but can be moved and stopped: for embedders. */
export class MovableClock implements Clock {
  /** What has been added to the system's clocks; the monotonic one is never set back. */
  #offset = 0
  #monotonicOffset = 0
  /** Where they stand, if they do. */
  #stopped: { now: number; monotonic: number } | undefined = undefined

  now(): number {
    return Math.floor(this.#stopped?.now ?? systemClock.now() + this.#offset)
  }

  nowMicroseconds(): number {
    if (this.#stopped !== undefined) return Math.floor(this.#stopped.now * 1000)
    return systemClock.nowMicroseconds() + this.#offset * 1000
  }

  monotonic(): number {
    return this.#stopped?.monotonic ?? systemClock.monotonic() + this.#monotonicOffset
  }

  /** By a negative number of milliseconds it is set back, as a system's clock can be. */
  advance(milliseconds: number): void {
    const forward = Math.max(milliseconds, 0)
    if (this.#stopped === undefined) {
      this.#offset += milliseconds
      this.#monotonicOffset += forward
    } else {
      this.#stopped.now += milliseconds
      this.#stopped.monotonic += forward
    }
  }

  stop(): void {
    this.#stopped ??= { now: this.now(), monotonic: this.monotonic() }
  }

  resume(): void {
    if (this.#stopped === undefined) return
    const { now, monotonic } = this.#stopped
    this.#stopped = undefined
    this.#offset = now - systemClock.now()
    this.#monotonicOffset = monotonic - systemClock.monotonic()
  }
}
