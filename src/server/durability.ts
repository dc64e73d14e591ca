// What outlives the process: the RDB file, and whatever else keeps the dataset on a disk. Brings these parts together; each
// of them is a file beside this one.

import type { Clock } from '../base/clock.ts'
import { REDIS_VERSION } from '../base/version.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Registry } from '../command/registry.ts'
import { appendOnlyCommands, NO_LOG } from '../commands/append-only.ts'
import { persistenceCommands } from '../commands/persistence.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import type { ImageFileSettings } from '../persistence/image-file.ts'
import { KeptFunctions } from '../persistence/kept-functions.ts'
import type { AccessRecord } from '../rdb/file-writer.ts'
import type { Transactions } from '../transactions/transactions.ts'
import { AppendOnly } from './append-only.ts'
import { BackgroundJobs } from './background-jobs.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Gates } from './gates.ts'
import { Loading } from './loading.ts'
import type { Log } from './log.ts'
import { LogLoading } from './log-loading.ts'
import { LogReplay } from './log-replay.ts'
import { RdbLoading } from './rdb-loading.ts'
import { Saving } from './saving.ts'
import { WaitsForDisk } from './sync-waits.ts'

export interface DurabilityParts {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly log: Log
  readonly gates: Gates
  readonly latency: LatencyMonitor
  readonly status: PersistenceStatus
  readonly dispatcher: Dispatcher
  readonly registry: Registry
  readonly transactions: Transactions
  /** Ends the process: what was acknowledged can't be kept. */
  readonly onLost: () => void
  /** Bytes of memory in use, which a file notes of its writer. */
  readonly usedMemory: () => number
  /** Lets `keyspace.now` follow the clock. */
  readonly syncClock: () => void
}

export class Durability {
  readonly jobs: BackgroundJobs
  readonly saving: Saving
  readonly append: AppendOnly
  readonly loading: Loading
  readonly functions = new KeptFunctions()
  readonly rdbLoading: RdbLoading
  readonly logLoading: LogLoading
  readonly #waits: WaitsForDisk
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
    this.append = new AppendOnly({
      ...parts,
      jobs: this.jobs,
      fileSettings: () => this.fileSettings({ isLogBase: true }),
    })
    this.#waits = new WaitsForDisk(this.append, parts.dispatcher)
    this.append.onTurnedOff = () => this.#waits.refuse(NO_LOG)
    this.logLoading = this.#makeLogLoading()
  }

  #makeLogLoading(): LogLoading {
    const { context, reply } = this.#parts.dispatcher
    const { clock } = this.#parts
    return new LogLoading({
      ...this.#parts,
      loading: this.loading,
      append: this.append,
      functions: this.functions,
      runner: new LogReplay({ ...this.#parts, context, reply }),
      openSnapshot: (file) => this.rdbLoading.open(file, { keepsExpired: true })!,
      monotonic: () => clock.monotonic(),
    })
  }

  families(): CommandFamily[] {
    return [persistenceCommands(this.saving), ...appendOnlyCommands(this.append.rewrite, this.#waits)]
  }

  /** Loads what there is. Rejects with a LoadError, or with LoadingStopped. */
  async start(): Promise<void> {
    if (await this.logLoading.atStart()) return
    await this.rdbLoading.atStart()
  }

  /** What is due from time to time. */
  tick(): void {
    this.jobs.follow()
    // Half of a dataset is not worth writing.
    if (this.#parts.status.isLoading) return
    this.jobs.startScheduled()
    this.saving.tick()
    this.append.tick()
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
      notedSeconds: config.boolean('aof-timestamp-enabled') ? Math.floor(clock.now() / 1000) : undefined,
      keyDelay: config.number('rdb-key-save-delay'),
    }
  }

  /** Calls off what is being written; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.loading.stop()
    await this.saving.close()
    await this.jobs.close()
    this.append.close()
  }
}

/** Redis: only what the policy asks for is worth its bytes. */
function accessRecord(policy: string): AccessRecord {
  if (policy.endsWith('lru')) return 'idle'
  return policy.endsWith('lfu') ? 'frequency' : 'none'
}
