// Which RDB file is loaded, when and how: at the start, and by DEBUG RELOAD. How a file is read is persistence/'s business,
// what clients see meanwhile loading.ts's.

import path from 'node:path'
import type { Reloading, ReloadRequest } from '../commands/debug-reload.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { KeptFunctions } from '../persistence/kept-functions.ts'
import { KeyDelay } from '../persistence/key-delay.ts'
import { LoadError, type LoadSource } from '../persistence/load-source.ts'
import { RdbLoad } from '../persistence/rdb-load.ts'
import type { Loading, LoadingParts } from './loading.ts'

/** The last words of a start that fails. */
const UNREADABLE = 'Fatal error loading the DB, check server logs. Exiting.'
const DAMAGED = 'Terminating server after rdb file reading failure.'

export interface RdbLoadingParts extends LoadingParts {
  readonly config: Config
  readonly loading: Loading
  readonly functions: KeptFunctions
  /** Writes the file that a reload then reads; false if that failed. */
  readonly save: () => boolean
}

export class RdbLoading implements Reloading {
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION. */
  skipsChecksums = false
  readonly #parts: RdbLoadingParts
  readonly #delay = new KeyDelay()

  constructor(parts: RdbLoadingParts) {
    const { config, loading } = parts
    this.#parts = parts
    config.watch('key-load-delay', (value) => {
      this.#delay.set(value)
    })
    config.watch('loading-process-events-interval-bytes', (value) => {
      loading.intervalBytes = value
    })
  }

  /** Loads the file, if there is one. Rejects with a LoadError, or with LoadingStopped. */
  async atStart(): Promise<void> {
    const { loading, log, monotonic, syncClock } = this.#parts
    syncClock()
    const started = monotonic()
    const source = this.open(this.#path, {})
    if (source === undefined) return
    try {
      await loading.run(source)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      log.warning(error.message)
      throw new LoadError(error.isDamage ? DAMAGED : UNREADABLE)
    }
    log.notice(`DB loaded from disk: ${((monotonic() - started) / 1000).toFixed(3)} seconds`)
  }

  /** A source for a file; undefined if it isn't there. Throws a LoadError. */
  open(file: string, options: { replaces?: boolean; keepsExpired?: boolean }): RdbLoad | undefined {
    const { config, functions, keyspace, log, status } = this.#parts
    return RdbLoad.open(file, {
      ...options,
      keyspace,
      functions,
      log,
      report: status,
      checksSum: config.boolean('rdbchecksum') && !this.skipsChecksums,
      sanitizes: config.string('sanitize-dump-payload') === 'yes',
      onKey: () => this.#delay.wait(),
    })
  }

  get #path(): string {
    const { config } = this.#parts
    return path.resolve(config.string('dir'), config.string('dbfilename'))
  }

  // ---- DEBUG

  get isLoading(): boolean {
    return this.#parts.loading.isActive
  }

  save(): boolean {
    return this.#parts.save()
  }

  reload({ flushes, merges }: ReloadRequest): boolean {
    const { keyspace, functions, loading, log } = this.#parts
    if (flushes) {
      flush(keyspace)
      functions.clear()
    }
    try {
      const source: LoadSource | undefined = this.open(this.#path, { replaces: merges })
      if (source === undefined) return false
      loading.runNow(source)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      log.warning(error.message)
      // Half of a dataset is none.
      if (flushes) flush(keyspace)
      return false
    }
    log.warning('DB reloaded by DEBUG RELOAD')
    return true
  }
}

function flush(keyspace: Keyspace): void {
  keyspace.flush(keyspace.databases)
}
