// The latency monitor: when the server was held up for longer than a threshold, by what, and for how long
// (https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/). Whoever does something
// that may take long measures it and tells; reports on what was told stand in latency-report.ts.

/** How many samples an event keeps. */
const SAMPLES = 160

export interface LatencySample {
  /** Seconds since the epoch. */
  readonly time: number
  readonly milliseconds: number
}

/** The latest samples of one event: at most one for each second, the worst of it. */
export class LatencyEvent {
  /** The worst since the event was last reset, in milliseconds. */
  worst = 0
  /** Oldest first, from `#next` on round the ring. */
  readonly #ring: LatencySample[] = []
  #next = 0

  get latest(): LatencySample {
    return this.#ring[(this.#next + this.#ring.length - 1) % this.#ring.length]!
  }

  /** Oldest first. */
  samples(): LatencySample[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)]
  }

  add(time: number, milliseconds: number): void {
    this.worst = Math.max(this.worst, milliseconds)
    if (this.#ring.length > 0 && this.latest.time === time) {
      if (milliseconds <= this.latest.milliseconds) return
      const at = (this.#next + this.#ring.length - 1) % this.#ring.length
      this.#ring[at] = { time, milliseconds }
      return
    }
    if (this.#ring.length < SAMPLES) {
      this.#ring.push({ time, milliseconds })
      return
    }
    this.#ring[this.#next] = { time, milliseconds }
    this.#next = (this.#next + 1) % SAMPLES
  }
}

export class LatencyMonitor {
  /** Milliseconds that are worth a sample; 0: the monitor is off. Follows `latency-monitor-threshold`. */
  threshold = 0
  readonly #events = new Map<string, LatencyEvent>()

  /** The threshold for a comparison with microseconds: Infinity while the monitor is off. */
  get thresholdMicroseconds(): number {
    return this.threshold > 0 ? this.threshold * 1000 : Number.POSITIVE_INFINITY
  }

  /** Takes note of something that took so many milliseconds, if that is long. `now`: milliseconds since the epoch. */
  note(event: string, milliseconds: number, now: number): void {
    if (this.threshold <= 0 || milliseconds < this.threshold) return
    let samples = this.#events.get(event)
    if (samples === undefined) {
      samples = new LatencyEvent()
      this.#events.set(event, samples)
    }
    samples.add(Math.floor(now / 1000), Math.floor(milliseconds))
  }

  find(event: string): LatencyEvent | undefined {
    return this.#events.get(event)
  }

  /** All events that have samples, in the order of their first. */
  events(): [name: string, event: LatencyEvent][] {
    return [...this.#events]
  }

  /** Forgets an event; false if there was none. */
  reset(event: string): boolean {
    return this.#events.delete(event)
  }

  /** Forgets everything; returns how many events there were. */
  resetAll(): number {
    const { size } = this.#events
    this.#events.clear()
    return size
  }
}
