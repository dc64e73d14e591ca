// The time while data are loaded: clients are told to wait, except for commands that need no data, INFO shows how far it
// is, and the log says so now and then. Where the data come from is the source's business.

import type { Keyspace } from '../keyspace/keyspace.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import type { LoadSource } from '../persistence/load-source.ts'
import { type Gates, LOADING } from './gates.ts'
import type { Log } from './log.ts'

export interface LoadingParts {
  readonly gates: Gates
  readonly keyspace: Keyspace
  readonly status: PersistenceStatus
  readonly log: Log
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /** Lets `keyspace.now` follow the clock. */
  readonly syncClock: () => void
}

/** Clients wait no longer for their turn, milliseconds, unless a single key takes longer. */
const SLICE_MS = 5
/** Between two lines of the log, milliseconds. */
const LOG_INTERVAL_MS = 5000

/** Loading was called off. */
export class LoadingStopped extends Error {}

export class Loading {
  /** Clients get a turn after so many bytes at latest: follows `loading-process-events-interval-bytes`. */
  intervalBytes = 2 * 1024 * 1024
  readonly #parts: LoadingParts
  #isStopped = false
  #loggedAt = 0

  constructor(parts: LoadingParts) {
    this.#parts = parts
  }

  get isActive(): boolean {
    return this.#parts.status.isLoading
  }

  /**
   * Loads in slices, with everything else in between. Rejects with a LoadError, or with LoadingStopped; what was loaded
   * until then is in the keyspace.
   */
  async run(source: LoadSource): Promise<void> {
    this.#isStopped = false
    const restore = this.#begin(source)
    try {
      while (!this.#runSlice(source)) {
        await new Promise<void>((resolve) => setImmediate(resolve))
        if (this.#isStopped) throw new LoadingStopped('loading was stopped')
      }
    } finally {
      this.#finish(source, restore)
    }
  }

  /** Loads everything while everybody waits. Throws a LoadError. */
  runNow(source: LoadSource): void {
    const restore = this.#begin(source)
    try {
      source.step(() => false)
    } finally {
      this.#finish(source, restore)
    }
  }

  /** Ends `run` before its time. */
  stop(): void {
    this.#isStopped = true
  }

  /** True at the end. */
  #runSlice(source: LoadSource): boolean {
    const { keyspace, monotonic, status, syncClock } = this.#parts
    syncClock()
    const end = monotonic() + SLICE_MS
    const endBytes = source.loadedBytes + this.intervalBytes
    const isDone = source.step(() => source.loadedBytes >= endBytes || monotonic() >= end)
    status.loadedBytes = source.loadedBytes
    // Values that damaged or expired keys have left behind are not to pile up.
    keyspace.reclaim()
    if (!isDone) this.#tell()
    return isDone
  }

  #tell(): void {
    const { log, monotonic, status } = this.#parts
    const now = monotonic()
    if (now - this.#loggedAt < LOG_INTERVAL_MS) return
    this.#loggedAt = now
    const { loadedBytes, loadTotalBytes, keysLoaded } = status
    const percent = loadTotalBytes === 0 ? 0 : (100 * loadedBytes) / loadTotalBytes
    log.notice(`Loading: ${percent.toFixed(1)} % of ${loadTotalBytes} bytes, keys loaded: ${keysLoaded}`)
  }

  /** Returns whether deadlines were ignored before. */
  #begin(source: LoadSource): boolean {
    const { gates, keyspace, status, monotonic } = this.#parts
    status.isLoading = true
    status.loadStartedAt = keyspace.now
    status.loadTotalBytes = source.totalBytes
    status.loadedBytes = 0
    status.loadedUsedMemory = 0
    this.#loggedAt = monotonic()
    gates.close(LOADING)
    // Nothing goes while only a part is there.
    const { ignoresDeadlines } = keyspace
    keyspace.ignoresDeadlines = true
    return ignoresDeadlines
  }

  #finish(source: LoadSource, ignoresDeadlines: boolean): void {
    const { gates, keyspace, status } = this.#parts
    source.close()
    keyspace.ignoresDeadlines = ignoresDeadlines
    status.isLoading = false
    status.loadStartedAt = -1
    gates.open(LOADING)
  }
}
