// The access clock of entries: 24 bits in each, read by OBJECT IDLETIME, OBJECT FREQ and eviction.
// LRU: the second of the last access. LFU: 16 bits of minutes when the counter last decayed, 8 bits of a logarithmic
// counter (https://redis.io/docs/latest/develop/reference/eviction/, "The new LFU mode").

import type { Ref } from '../memory/arena.ts'
import type { Entries } from '../memory/entries.ts'

const CLOCK_MASK = 0xffffff
const MINUTE_MASK = 0xffff
/** A new key starts here, so that it is not the first to go. */
const INITIAL_FREQUENCY = 5

export class AccessClock {
  /** What a new entry gets. */
  initial = 0
  logFactor = 10
  decayMinutes = 1
  /** Set while a client that asked for NO-TOUCH runs a command. */
  isPaused = false
  #isFrequency = false
  #seconds = 0
  #minutes = 0
  readonly #fraction: () => number

  /** `fraction` gives a random number in [0, 1). */
  constructor(fraction: () => number) {
    this.#fraction = fraction
  }

  /** Follows the time, given in milliseconds since the epoch. */
  tick(now: number): void {
    this.#seconds = Math.floor(now / 1000) & CLOCK_MASK
    this.#minutes = Math.floor(now / 60_000) & MINUTE_MASK
    this.initial = this.#isFrequency ? this.withFrequency(INITIAL_FREQUENCY) : this.#seconds
  }

  /** LFU instead of LRU: follows `maxmemory-policy`. */
  get isFrequency(): boolean {
    return this.#isFrequency
  }

  set isFrequency(isFrequency: boolean) {
    this.#isFrequency = isFrequency
    this.initial = isFrequency ? this.withFrequency(INITIAL_FREQUENCY) : this.#seconds
  }

  /** Notes an access. */
  touch(entries: Entries, ref: Ref): void {
    if (this.isPaused) return
    if (!this.#isFrequency) {
      entries.setAccess(ref, this.#seconds)
      return
    }
    const counter = this.#increased(this.frequency(entries.accessOf(ref)))
    entries.setAccess(ref, (this.#minutes << 8) | counter)
  }

  /** Seconds since the last access (LRU). */
  idleSeconds(access: number): number {
    return (this.#seconds - access) & CLOCK_MASK
  }

  /** What an entry gets that was last accessed so many seconds ago (LRU). */
  withIdleSeconds(idle: number): number {
    return (this.#seconds - idle) & CLOCK_MASK
  }

  /** What an entry gets whose counter has this value now (LFU). */
  withFrequency(counter: number): number {
    return (this.#minutes << 8) | counter
  }

  /** The counter, decayed up to now (LFU). */
  frequency(access: number): number {
    const counter = access & 0xff
    if (this.decayMinutes === 0) return counter
    const elapsed = (this.#minutes - (access >>> 8)) & MINUTE_MASK
    return Math.max(0, counter - Math.floor(elapsed / this.decayMinutes))
  }

  /** The more often counted, the less likely to count again. */
  #increased(counter: number): number {
    if (counter === 255) return 255
    const base = Math.max(0, counter - INITIAL_FREQUENCY)
    return this.#fraction() < 1 / (base * this.logFactor + 1) ? counter + 1 : counter
  }
}
