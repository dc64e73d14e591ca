// The RDB file on disk: written at once, in the background, when so much has changed in so many seconds, at FLUSHALL and at
// the end. Knows when and under which names; what is in the file is persistence/'s business.

import type { Clock } from '../base/clock.ts'
import type { BackgroundSaving } from '../commands/persistence.ts'
import type { Config } from '../config/config.ts'
import { type SavePoint, savePoints } from '../config/list-values.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import { WriteKilled } from '../persistence/background-write.ts'
import type { ImageFileSettings } from '../persistence/image-file.ts'
import { RdbFile } from '../persistence/rdb-file.ts'
import { imageOfNow } from '../persistence/snapshot.ts'
import type { BackgroundJobs, JobResult } from './background-jobs.ts'
import { DISK_ERROR, type Gates } from './gates.ts'
import type { Log } from './log.ts'

/** After a failure, saving by itself is not tried again for so long. */
const RETRY_MS = 5000

export interface SavingParts {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly log: Log
  readonly gates: Gates
  readonly latency: LatencyMonitor
  readonly status: PersistenceStatus
  readonly jobs: BackgroundJobs
  /** What a file is written with and says of itself. */
  readonly fileSettings: () => ImageFileSettings
}

export class Saving implements BackgroundSaving {
  readonly #parts: SavingParts
  #points: readonly SavePoint[] = []
  #stopsWrites = true
  /** When the last one in the background began. */
  #triedAt = Number.NEGATIVE_INFINITY
  #finishing: Promise<void> = Promise.resolve()

  constructor(parts: SavingParts) {
    this.#parts = parts
    const { config, keyspace } = parts
    config.watch('save', () => {
      this.#points = savePoints(config.text('save'))
      this.#setGate()
    })
    config.watch('stop-writes-on-bgsave-error', (value) => {
      this.#stopsWrites = value
      this.#setGate()
    })
    keyspace.onFlushedAll = () => this.#flushedAll()
  }

  get isSaving(): boolean {
    return this.#parts.status.isSaving
  }

  get isBlocked(): boolean {
    return this.#parts.jobs.isBusy
  }

  get savedAt(): number {
    return this.#parts.status.savedAt
  }

  /** Whether the settings ask for saving at all. */
  get isWanted(): boolean {
    return this.#points.length > 0
  }

  // ---- at once

  saveAtOnce(): boolean {
    this.#parts.status.saves++
    return this.saveNow()
  }

  /** Writes the file while everybody waits. False, and the log says why, if that failed. */
  saveNow(): boolean {
    const { keyspace, log, status, clock } = this.#parts
    const file = this.#file(String(process.pid))
    try {
      file.write(imageOfNow(keyspace), this.#parts.fileSettings())
    } catch (error) {
      log.warning(file.describe(error))
      return false
    }
    log.notice('DB saved on disk')
    keyspace.dirty = 0
    status.savedAt = clock.now()
    this.#setSucceeded(true)
    return true
  }

  // ---- in the background

  start(): void {
    const { keyspace, jobs, log, latency, clock, status } = this.#parts
    // Not the name that `saveNow` uses: it may be called while a thread that was called off is still ending.
    const file = this.#file(`${process.pid}-bg`)
    const job = jobs.write('save', {
      path: file.temporaryPath,
      format: 'rdb',
      settings: this.#parts.fileSettings(),
    })
    latency.note('fork', status.lastSnapshotMicroseconds / 1000, clock.now())
    jobs.unschedule('save')
    this.#triedAt = clock.now()
    status.saves++
    status.isSaving = true
    status.saveStartedAt = clock.now()
    log.notice('Background saving started in a thread of its own')
    this.#finishing = this.#finish(job, file, keyspace.dirty)
  }

  schedule(): void {
    this.#parts.jobs.schedule('save', () => this.start())
  }

  cancel(): boolean {
    return this.#parts.jobs.kill('save')
  }

  unschedule(): boolean {
    return this.#parts.jobs.unschedule('save')
  }

  /** Never rejects. */
  async #finish(job: Promise<JobResult>, file: RdbFile, dirtyBefore: number): Promise<void> {
    const { keyspace, status, log, clock } = this.#parts
    let result: JobResult | undefined
    try {
      result = await job
      await file.complete()
      log.notice('DB saved on disk')
      log.notice('Background saving terminated with success')
      keyspace.dirty = Math.max(0, keyspace.dirty - dirtyBefore)
      status.savedAt = clock.now()
      this.#setSucceeded(true)
    } catch (error) {
      this.#failed(error, file)
    }
    status.lastSaveKeptBytes = result?.keptBytes ?? status.lastSaveKeptBytes
    status.lastSaveMs = clock.now() - status.saveStartedAt
    status.isSaving = false
    status.saveStartedAt = -1
  }

  #failed(error: unknown, file: RdbFile): void {
    const { log, latency, clock } = this.#parts
    const began = clock.monotonic()
    file.abandon()
    latency.note('rdb-unlink-temp-file', clock.monotonic() - began, clock.now())
    // Redis: what was called off has not failed.
    if (error instanceof WriteKilled) {
      log.warning('Background saving terminated: it was called off')
      return
    }
    log.warning(file.describe(error))
    log.warning('Background saving error')
    this.#setSucceeded(false)
  }

  // ---- by itself

  /** Starts saving if so much has changed since the last time: to be called from time to time. */
  tick(): void {
    const { keyspace, clock, status, jobs, log } = this.#parts
    if (jobs.isBusy || this.isSaving) return
    const now = clock.now()
    if (!status.lastSaveSucceeded && now - this.#triedAt <= RETRY_MS) return
    for (const { seconds, changes } of this.#points) {
      if (keyspace.dirty < changes || now - status.savedAt <= seconds * 1000) continue
      log.notice(`${changes} changes in ${seconds} seconds. Saving...`)
      this.start()
      return
    }
  }

  /** Redis: what is being saved is of no more use, and an empty dataset is saved at once where saving is wanted. */
  #flushedAll(): void {
    this.cancel()
    if (this.isWanted && !this.#parts.status.isLoading) this.saveNow()
  }

  /** Ends what is being saved. */
  kill(): boolean {
    this.unschedule()
    return this.cancel()
  }

  /** Likewise; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.kill()
    await this.#finishing
  }

  // ---- state

  #file(writer: string): RdbFile {
    const { config } = this.#parts
    return new RdbFile(config.string('dir'), config.string('dbfilename'), writer)
  }

  #setSucceeded(succeeded: boolean): void {
    this.#parts.status.lastSaveSucceeded = succeeded
    this.#setGate()
  }

  #setGate(): void {
    const { gates, status } = this.#parts
    if (this.#stopsWrites && this.isWanted && !status.lastSaveSucceeded) gates.close(DISK_ERROR)
    else gates.open(DISK_ERROR)
  }
}
