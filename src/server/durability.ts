// What outlives the process: the RDB file, and whatever else keeps the dataset on a disk. Brings these parts together; each
// of them is a file beside this one.

import type { Clock } from '../base/clock.ts'
import { REDIS_VERSION } from '../base/version.ts'
import type { CommandFamily } from '../command/definition.ts'
import { persistenceCommands } from '../commands/persistence.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import type { ImageFileSettings } from '../persistence/image-file.ts'
import { KeptFunctions } from '../persistence/kept-functions.ts'
import type { AccessRecord } from '../rdb/file-writer.ts'
import { BackgroundJobs } from './background-jobs.ts'
import type { Gates } from './gates.ts'
import { Loading } from './loading.ts'
import type { Log } from './log.ts'
import { RdbLoading } from './rdb-loading.ts'
import { Saving } from './saving.ts'

export interface DurabilityParts {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly log: Log
  readonly gates: Gates
  readonly latency: LatencyMonitor
  readonly status: PersistenceStatus
  /** Bytes of memory in use, which a file notes of its writer. */
  readonly usedMemory: () => number
  /** Lets `keyspace.now` follow the clock. */
  readonly syncClock: () => void
}

export class Durability {
  readonly jobs: BackgroundJobs
  readonly saving: Saving
  readonly loading: Loading
  readonly rdbLoading: RdbLoading
  readonly functions = new KeptFunctions()
  readonly #parts: DurabilityParts

  constructor(parts: DurabilityParts) {
    const { keyspace, status, clock } = parts
    this.#parts = parts
    this.jobs = new BackgroundJobs(keyspace, status, clock)
    this.saving = new Saving({
      ...parts,
      jobs: this.jobs,
      fileSettings: () => this.fileSettings({ isLogBase: false }),
    })
    const loadingParts = { ...parts, monotonic: () => clock.monotonic() }
    this.loading = new Loading(loadingParts)
    this.rdbLoading = new RdbLoading({
      ...loadingParts,
      loading: this.loading,
      functions: this.functions,
      save: () => this.saving.saveNow(),
    })
  }

  families(): CommandFamily[] {
    return [persistenceCommands(this.saving)]
  }

  /** Loads what there is. Rejects with a LoadError, or with LoadingStopped. */
  async start(): Promise<void> {
    await this.rdbLoading.atStart()
  }

  /** What is due from time to time. */
  tick(): void {
    this.jobs.follow()
    this.jobs.startScheduled()
    this.saving.tick()
  }

  /** With what a file is written now. `isLogBase`: the append-only file begins with it. */
  fileSettings({ isLogBase }: { isLogBase: boolean }): ImageFileSettings {
    const { config, clock } = this.#parts
    return {
      compresses: config.boolean('rdbcompression'),
      hasChecksum: config.boolean('rdbchecksum'),
      syncsOnTheWay: config.boolean(
        isLogBase ? 'aof-rewrite-incremental-fsync' : 'rdb-save-incremental-fsync',
      ),
      notes: [
        ['redis-ver', REDIS_VERSION],
        ['redis-bits', '64'],
        ['ctime', String(Math.floor(clock.now() / 1000))],
        ['used-mem', String(this.#parts.usedMemory())],
        ['aof-base', isLogBase ? '1' : '0'],
      ],
      functions: this.functions.libraries.slice(),
      access: accessRecord(config.string('maxmemory-policy')),
      keyDelay: config.number('rdb-key-save-delay'),
    }
  }

  /** Calls off what is being written; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.loading.stop()
    await this.jobs.close()
  }
}

/** Redis: only what the policy asks for is worth its bytes. */
function accessRecord(policy: string): AccessRecord {
  if (policy.endsWith('lru')) return 'idle'
  return policy.endsWith('lfu') ? 'frequency' : 'none'
}
