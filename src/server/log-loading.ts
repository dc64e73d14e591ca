// The append-only log, loaded: at the start, and anew, for DEBUG. How long that takes, and what clients hear meanwhile, is
// loading.ts's business.

import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { AofLoad } from '../persistence/aof-load.ts'
import type { KeptFunctions } from '../persistence/kept-functions.ts'
import { LoadError } from '../persistence/load-source.ts'
import type { LogRunner } from '../persistence/log-file-load.ts'
import { hasNoData } from '../persistence/manifest.ts'
import type { RdbLoad } from '../persistence/rdb-load.ts'
import type { AppendOnly } from './append-only.ts'
import type { Loading } from './loading.ts'
import type { Log } from './log.ts'

export interface LogLoadingParts {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly log: Log
  readonly loading: Loading
  readonly append: AppendOnly
  readonly functions: KeptFunctions
  /** Runs the commands of a log. */
  readonly runner: LogRunner
  /** Reads a file that is a snapshot. */
  readonly openSnapshot: (file: string) => RdbLoad
  readonly monotonic: () => number
}

export class LogLoading {
  readonly #parts: LogLoadingParts

  constructor(parts: LogLoadingParts) {
    this.#parts = parts
  }

  /**
   * Loads the log and goes on with it, if there is to be one; false: there isn't. Rejects with a LoadError, or with
   * LoadingStopped.
   */
  async atStart(): Promise<boolean> {
    const { append, config, loading } = this.#parts
    append.findFiles()
    if (!config.boolean('appendonly')) return false
    append.adoptOldFile()
    if (!hasNoData(append.directory.manifest)) await loading.run(this.#source())
    append.open()
    return true
  }

  #source(): AofLoad {
    const { config } = this.#parts
    return new AofLoad({
      ...this.#parts,
      directory: this.#parts.append.directory,
      mayCut: config.boolean('aof-load-truncated'),
    })
  }

  /** DEBUG LOADAOF: the dataset is what the log says. False: it can't be loaded, and the log says why. */
  reload(): boolean {
    const { append, keyspace, functions, loading, log } = this.#parts
    const { isRecording } = append
    if (append.state === 'on') append.writer.finish()
    append.isRecording = false
    keyspace.flush(keyspace.databases)
    functions.clear()
    try {
      loading.runNow(this.#source())
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      log.warning(error.message)
      return false
    } finally {
      append.isRecording = isRecording
    }
    keyspace.dirty = 0
    log.warning('Append Only File loaded by DEBUG LOADAOF')
    return true
  }
}
