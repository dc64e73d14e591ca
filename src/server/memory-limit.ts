// `maxmemory`: whether too much memory is in use, and making room for so long as nobody notices. What goes first is
// known to keyspace/eviction.ts.
//
// What counts is what INFO calls used_memory, but for what waits for replicas.

import type { Config } from '../config/config.ts'
import { Eviction } from '../keyspace/eviction.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Entries } from '../memory/entries.ts'
import type { EvictionFigures } from '../monitoring/figures.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import { type Gates, LOADING, MEMORY, type MemoryGate, PAUSED } from './gates.ts'
import type { Log } from './log.ts'

export interface MemoryLimitParts {
  readonly keyspace: Keyspace
  readonly gates: Gates
  readonly latency: LatencyMonitor
  /** Bytes of all connections with their buffers. */
  readonly clients: { readonly memoryBytes: number }
  /** Bytes of keys that clients cache. */
  readonly messaging: { readonly trackedBytes: number }
  /** The command that is running works with this database, and as a rule with no other. */
  readonly current: { readonly db: Keyspace['databases'][number] }
  readonly monotonic: () => number
  readonly log: Log
}

/** Commands after which all databases are looked at again: most change only the one that they are in. */
const COMMANDS_PER_COUNT = 16
/** Keys that are evicted between looks at the clock. */
const STEPS_PER_LOOK = 16
/** Milliseconds for each point of `maxmemory-eviction-tenacity` up to ten; beyond, each is 15 % more; all: no limit. */
const MS_PER_TENACITY = 0.05
const LINEAR_TENACITY = 10
const TENACITY_GROWTH = 1.15
const FULL_TENACITY = 100

type Outcome = 'enough' | 'running' | 'short'

export class MemoryLimit implements EvictionFigures, MemoryGate {
  readonly eviction: Eviction
  readonly #parts: MemoryLimitParts
  /** 0: no limit. */
  #bytes = 0
  #budgetMs = 0.5
  /** The memory that was in use by the current database when the others were counted, and what those had. */
  #entries: Entries | undefined = undefined
  #others = 0
  #commandsLeft = 0
  #exceededMs = 0
  /** Since when too much has been in use; -1: it isn't. */
  #exceededSince = -1
  #immediate: NodeJS.Immediate | undefined = undefined

  constructor(parts: MemoryLimitParts) {
    this.#parts = parts
    this.eviction = new Eviction(parts.keyspace)
    parts.gates.memory = this
  }

  followSettings(config: Config): void {
    config.watch('maxmemory', (value) => this.#setLimit(value))
    config.watch('maxmemory-policy', (value) => {
      this.eviction.policy = value
    })
    const noteSharing = () => {
      const { keyspace } = this.#parts
      keyspace.sharesIntegers = this.#bytes === 0 || !/l[rf]u$/.test(config.string('maxmemory-policy'))
    }
    config.watch('maxmemory', noteSharing)
    config.watch('maxmemory-policy', noteSharing)
    config.watch('maxmemory-samples', (value) => {
      this.eviction.samples = value
    })
    config.watch('maxmemory-eviction-tenacity', (value) => {
      this.#budgetMs = budgetOf(value)
    })
  }

  #setLimit(bytes: number): void {
    const { gates, log } = this.#parts
    this.#bytes = bytes
    if (bytes === 0) {
      gates.open(MEMORY)
      this.#endExcess()
      return
    }
    gates.close(MEMORY)
    this.#entries = undefined
    const used = this.#used()
    if (used <= bytes) return
    log.warning(
      `maxmemory is now ${bytes} bytes, less than the ${used} in use. Depending on maxmemory-policy, keys will be evicted or commands that take memory refused.`,
    )
    this.#goOn()
  }

  /** Whether too much is in use, or was when this was last asked. */
  isOver(): boolean {
    return this.#used() > this.#bytes || this.#exceededSince >= 0
  }

  /** Makes room if too much is in use. True if there is none to be made, so that what takes more has to be refused. */
  isShort(): boolean {
    if (this.#used() <= this.#bytes) {
      if (this.#exceededSince >= 0) this.#endExcess()
      return false
    }
    return this.#makeRoom() === 'short'
  }

  get exceededMilliseconds(): number {
    return this.#exceededMs + this.exceedingMilliseconds
  }

  get exceedingMilliseconds(): number {
    return this.#exceededSince < 0 ? 0 : this.#parts.monotonic() - this.#exceededSince
  }

  resetStatistics(): void {
    this.#exceededMs = 0
    if (this.#exceededSince >= 0) this.#exceededSince = this.#parts.monotonic()
  }

  close(): void {
    clearImmediate(this.#immediate)
    this.#immediate = undefined
  }

  #used(): number {
    const { entries } = this.#parts.current.db.table
    if (entries !== this.#entries || --this.#commandsLeft < 0) this.#countOthers(entries)
    return entries.usedBytes + this.#others + this.#parts.clients.memoryBytes
  }

  #countOthers(entries: Entries): void {
    this.#entries = entries
    const { keyspace, messaging } = this.#parts
    this.#others = keyspace.usedBytes - entries.usedBytes + messaging.trackedBytes
    this.#commandsLeft = COMMANDS_PER_COUNT
  }

  #makeRoom(): Outcome {
    const { gates, latency, monotonic, keyspace } = this.#parts
    // Neither while a dataset is being loaded, which is let in whole, nor in a pause.
    if ((gates.closed & (LOADING | PAUSED)) !== 0) return 'enough'
    const start = monotonic()
    if (this.#exceededSince < 0) this.#exceededSince = start
    const outcome = this.#evictUntil(start + this.#budgetMs)
    if (outcome === 'enough') this.#endExcess()
    else if (outcome === 'running') this.#goOn()
    if (latency.threshold > 0) latency.note('eviction-cycle', monotonic() - start, keyspace.now)
    return outcome
  }

  #evictUntil(end: number): Outcome {
    const { monotonic, keyspace, clients, messaging } = this.#parts
    for (let steps = 1; ; steps++) {
      // Other databases than the current one lose keys, too.
      if (keyspace.usedBytes + clients.memoryBytes + messaging.trackedBytes <= this.#bytes) break
      if (!this.#step()) return 'short'
      if (steps % STEPS_PER_LOOK === 0 && monotonic() >= end) return 'running'
    }
    this.#entries = undefined
    return 'enough'
  }

  /** Frees some memory. False if there is none to be freed. */
  #step(): boolean {
    const { keyspace } = this.#parts
    // First what was removed and is not freed yet: otherwise more would go than has to.
    if (keyspace.disposals.pending > 0) {
      keyspace.disposals.run()
      return true
    }
    return this.#evict() !== 'nothing'
  }

  #evict(): ReturnType<Eviction['step']> {
    const { latency, monotonic, keyspace } = this.#parts
    if (latency.threshold === 0) return this.eviction.step()
    const start = monotonic()
    const step = this.eviction.step()
    latency.note('eviction-del', monotonic() - start, keyspace.now)
    return step
  }

  #endExcess(): void {
    this.#exceededMs += this.exceedingMilliseconds
    this.#exceededSince = -1
  }

  /** Goes on between requests. */
  #goOn(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      if (this.#bytes > 0) this.isShort()
    })
  }
}

function budgetOf(tenacity: number): number {
  if (tenacity >= FULL_TENACITY) return Number.POSITIVE_INFINITY
  if (tenacity <= LINEAR_TENACITY) return tenacity * MS_PER_TENACITY
  return LINEAR_TENACITY * MS_PER_TENACITY * TENACITY_GROWTH ** (tenacity - LINEAR_TENACITY)
}
