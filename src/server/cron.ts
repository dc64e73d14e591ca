// What is done from time to time, and in the background: following the clock, removing due keys, giving memory back,
// looking after clients. Work that takes long is done in slices, with the event loop in between.

import type { ActiveExpiry } from '../keyspace/expiry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'

/** No slice holds up a client for longer, milliseconds. */
const SLICE_MS = 2
/** Likewise of freeing memory while keys expire too. */
const SHORT_SLICE_MS = 1

export interface CronParts {
  readonly keyspace: Keyspace
  readonly expiry: ActiveExpiry
  readonly latency: LatencyMonitor
  /** Lets `keyspace.now` follow the clock. */
  readonly syncClock: () => void
  /** Milliseconds that only grow, to measure slices with. */
  readonly monotonic: () => number
  /** Done at every tick, with the seconds since the last. */
  readonly onTick: (seconds: number) => void
}

export class Cron {
  /** DEBUG PAUSE-CRON: only the clock goes on. */
  isCronPaused = false
  readonly #parts: CronParts
  #timer: NodeJS.Timeout | undefined = undefined
  #slice: NodeJS.Immediate | undefined = undefined
  #hz = 10

  constructor(parts: CronParts) {
    this.#parts = parts
    // Not only at the next tick: until then a busy server would go on without the memory.
    parts.keyspace.onReclaimable = () => {
      if (!this.isCronPaused) this.#goOn()
    }
  }

  start(): void {
    this.stop()
    this.#timer = setInterval(() => this.#tick(), 1000 / this.#hz)
  }

  stop(): void {
    clearInterval(this.#timer)
    clearImmediate(this.#slice)
    this.#timer = undefined
    this.#slice = undefined
  }

  /** The clock has been moved: all that is due is removed at once. */
  catchUp(): void {
    this.#parts.syncClock()
    while (this.#parts.expiry.runSlice(SLICE_MS));
  }

  /** Ticks per second: follows `hz`. */
  set hz(hz: number) {
    this.#hz = hz
    if (this.#timer !== undefined) this.start()
  }

  #tick(): void {
    this.#parts.syncClock()
    if (this.isCronPaused) return
    this.#parts.onTick(1 / this.#hz)
    if (this.#slice === undefined) this.#work()
  }

  /** One slice of everything that is left to do; the next follows when waiting requests have had their turn. */
  readonly #work = (): void => {
    this.#slice = undefined
    this.#parts.syncClock()
    const { keyspace, expiry, latency } = this.#parts
    const isExpiring = expiry.runSlice(SLICE_MS)
    latency.note('expire-cycle', expiry.lastSliceMilliseconds, keyspace.now)
    const isReclaiming = !this.#reclaim(isExpiring ? SHORT_SLICE_MS : SLICE_MS)
    if (isExpiring || isReclaiming) this.#goOn()
  }

  /** Frees memory for about so long; true when nothing is left to free. */
  #reclaim(budgetMs: number): boolean {
    const { keyspace, monotonic } = this.#parts
    const end = monotonic() + budgetMs
    do if (keyspace.reclaim()) return true
    while (monotonic() < end)
    return false
  }

  #goOn(): void {
    if (this.#timer !== undefined) this.#slice ??= setImmediate(this.#work)
  }
}
