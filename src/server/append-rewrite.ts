// Rewriting the append-only file: a new base is written in the background, from the dataset as it is when that begins, and
// what changes meanwhile goes to a further increment. When the base is whole the manifest is changed, and what was there
// before is history. If it fails everything is as it was, with one increment more.

import fs from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { removeFile, replaceFile } from '../base/durable-file.ts'
import { reasonOf } from '../base/system-error.ts'
import type { BackgroundRewriting } from '../commands/append-only.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import { type FileFormat, WriteKilled } from '../persistence/background-write.ts'
import { writeCommands } from '../persistence/command-writer.ts'
import { type ImageFileSettings, writeImage } from '../persistence/image-file.ts'
import type { LogDirectory } from '../persistence/log-directory.ts'
import type { LogFile } from '../persistence/manifest.ts'
import { imageOfNow } from '../persistence/snapshot.ts'
import type { AppendWriter } from './append-writer.ts'
import type { BackgroundJobs, JobResult } from './background-jobs.ts'
import type { Log } from './log.ts'

/** `waiting`: turned on while the server ran; a rewrite has to bring what was there before. */
export type AppendState = 'off' | 'on' | 'waiting'

/** The log, as far as rewriting has to do with it. */
export interface RewrittenLog {
  state: AppendState
  /** Whether what changes is appended. */
  isRecording: boolean
  readonly directory: LogDirectory
  readonly writer: AppendWriter
  /** Goes on in a further file, which counts from now on. Throws what the system says. */
  beginIncrement(): void
  /** An empty file to append to. */
  openNew(name: string): number
  removeHistory(): void
  /** Hears that more is on the disk. */
  readonly onSynced: (() => void) | undefined
}

export interface AppendRewriteParts {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly log: Log
  readonly latency: LatencyMonitor
  readonly status: PersistenceStatus
  readonly jobs: BackgroundJobs
  readonly fileSettings: () => ImageFileSettings
  readonly append: RewrittenLog
}

/** After so many failures in a row the log is not rewritten by itself at once: first for a minute, then twice as long, … */
const FAILURES_AT_ONCE = 3
const FIRST_DELAY_MINUTES = 1
const LONGEST_DELAY_MINUTES = 60
const MINUTE_MS = 60_000

export class AppendRewrite implements BackgroundRewriting {
  readonly #parts: AppendRewriteParts
  /** It has been said to begin, and waits for a write that is on its way. */
  #isBeginning = false
  #delayMinutes = 0
  #nextAt = 0
  /** What changes goes to an increment that doesn't count yet. */
  #isTemporary = false
  #isKilled = false

  constructor(parts: AppendRewriteParts) {
    this.#parts = parts
  }

  get isRunning(): boolean {
    return this.#isBeginning || this.#parts.status.isRewriting
  }

  get isBlocked(): boolean {
    return this.#parts.jobs.isBusy
  }

  get #temporaryBase(): string {
    return this.#parts.append.directory.pathOf(`temp-rewriteaof-bg-${process.pid}.aof`)
  }

  get #format(): FileFormat {
    return this.#parts.config.boolean('aof-use-rdb-preamble') ? 'rdb' : 'commands'
  }

  // ---- beginning

  /** Begins to rewrite. False: it can't, and the log says why. */
  start(): boolean {
    const { status, jobs, append, clock } = this.#parts
    if (this.isRunning || jobs.isBusy) return false
    this.unschedule()
    status.rewrites++
    status.isRewriting = true
    status.rewriteStartedAt = clock.now()
    this.#isBeginning = true
    this.#isKilled = false
    let isBegun = true
    append.writer.whenIdle(() => {
      this.#isBeginning = false
      if (this.#isKilled) this.#ended()
      else if (jobs.isBusy) {
        this.#ended()
        this.schedule()
      } else isBegun = this.#begin()
    })
    return isBegun
  }

  #begin(): boolean {
    const { append, jobs, log, latency, clock } = this.#parts
    const format = this.#format
    try {
      append.directory.make()
      if (append.state === 'on') append.beginIncrement()
      else if (append.state === 'waiting') this.#beginTemporary()
      const began = clock.monotonic()
      const job = jobs.write('rewrite', {
        path: this.#temporaryBase,
        format,
        settings: this.#parts.fileSettings(),
      })
      latency.note('fork', clock.monotonic() - began, clock.now())
      log.notice('Background append only file rewriting started in a thread of its own')
      void this.#finish(job, format)
      return true
    } catch (error) {
      log.warning(`Can't rewrite the append-only file in the background: ${reasonOf(error)}`)
      this.#failed()
      this.#ended()
      return false
    }
  }

  /** What changes until there is a base goes to a file that doesn't count yet. */
  #beginTemporary(): void {
    const { append, log } = this.#parts
    const name = `temp-${append.directory.name}.incr`
    log.notice(`Creating AOF incr file ${name} on background rewrite`)
    append.writer.open(append.openNew(name), 0)
    this.#isTemporary = true
    append.isRecording = true
  }

  // ---- ending

  /** Never rejects. */
  async #finish(job: Promise<JobResult>, format: FileFormat): Promise<void> {
    const { log, status, append } = this.#parts
    try {
      const { keptBytes } = await job
      if (this.#isKilled) throw new WriteKilled()
      log.notice('Background AOF rewrite terminated with success')
      this.#complete(format)
      status.lastRewriteKeptBytes = keptBytes
      status.lastRewriteSucceeded = true
      status.rewriteFailures = 0
      this.#delayMinutes = 0
      this.#nextAt = 0
      this.#noteSizes()
      append.removeHistory()
      if (append.state === 'waiting') {
        append.state = 'on'
        append.onSynced?.()
      }
      log.notice('Background AOF rewrite finished successfully')
    } catch (error) {
      this.#gaveUp(error)
    }
    this.#ended()
  }

  #gaveUp(error: unknown): void {
    const { log, append } = this.#parts
    removeFile(this.#temporaryBase)
    if (error instanceof WriteKilled) log.warning('Background AOF rewrite terminated: it was called off')
    else {
      log.warning(`Background AOF rewrite terminated with error: ${reasonOf(error)}`)
      this.#failed()
    }
    if (this.#isTemporary) this.#abandonTemporary()
    if (append.state === 'waiting') this.schedule()
  }

  #failed(): void {
    const { status } = this.#parts
    status.lastRewriteSucceeded = false
    status.rewriteFailures++
  }

  #abandonTemporary(): void {
    const { append, log } = this.#parts
    const name = `temp-${append.directory.name}.incr`
    this.#isTemporary = false
    if (append.state === 'waiting') {
      append.isRecording = false
      append.writer.abandon()
    }
    log.notice(`Removing the temp incr aof file ${name} in the background`)
    removeFile(append.directory.pathOf(name))
  }

  #ended(): void {
    const { status, clock } = this.#parts
    status.lastRewriteMs = clock.now() - status.rewriteStartedAt
    status.rewriteStartedAt = -1
    status.isRewriting = false
  }

  /** Gives the new files their names and lets them count. Throws what the system says; then the old ones still do. */
  #complete(format: FileFormat): void {
    const { append, log } = this.#parts
    const { directory } = append
    const { manifest } = directory
    const base = directory.nextBase(format)
    replaceFile(this.#temporaryBase, directory.pathOf(base.name))
    log.notice(
      `Successfully renamed the temporary AOF base file temp-rewriteaof-bg-${process.pid}.aof into ${base.name}`,
    )
    try {
      const current = this.#currentIncrement()
      const old = manifest.increments.filter((file) => file.name !== current?.name).reverse()
      directory.save({
        base,
        history: [...old, ...(manifest.base === undefined ? [] : [manifest.base]), ...manifest.history],
        increments: current === undefined ? [] : [current],
        baseSequence: base.sequence,
        incrementSequence: current?.sequence ?? 0,
      })
      this.#isTemporary = false
    } catch (error) {
      removeFile(directory.pathOf(base.name))
      throw error
    }
  }

  /** The one that is being appended to, under the name that it is to have. */
  #currentIncrement(): LogFile | undefined {
    const { append, log } = this.#parts
    const { directory, state } = append
    if (state === 'off') return undefined
    if (!this.#isTemporary) return directory.manifest.increments.at(-1)
    const file = directory.nextIncrement()
    replaceFile(directory.temporaryIncrement, directory.pathOf(file.name))
    log.notice(
      `Successfully renamed the temporary AOF incr file temp-${directory.name}.incr into ${file.name}`,
    )
    return file
  }

  #noteSizes(): void {
    const { status, append } = this.#parts
    status.appendedBytes = append.directory.bytes + append.writer.buffer.length
    status.baseBytes = status.appendedBytes
  }

  // ---- scheduling

  schedule(): void {
    const { status, jobs } = this.#parts
    status.isRewriteScheduled = true
    jobs.schedule('rewrite', () => {
      status.isRewriteScheduled = false
      this.start()
    })
  }

  unschedule(): void {
    this.#parts.status.isRewriteScheduled = false
    this.#parts.jobs.unschedule('rewrite')
  }

  /** Calls off what is running. */
  kill(): void {
    if (!this.isRunning) return
    this.#isKilled = true
    this.#parts.log.notice('Killing running AOF rewrite child')
    this.#parts.jobs.kill('rewrite')
  }

  /** Rewrites by itself when the log has grown so much: to be called from time to time. */
  tick(): void {
    const { config, status, jobs, append, log } = this.#parts
    if (append.state !== 'on' || jobs.isBusy || this.isRunning || status.isRewriteScheduled) return
    const percentage = config.number('auto-aof-rewrite-percentage')
    if (percentage === 0 || status.appendedBytes <= config.number('auto-aof-rewrite-min-size')) return
    const base = status.baseBytes === 0 ? 1 : status.baseBytes
    const growth = (status.appendedBytes * 100) / base - 100
    if (growth < percentage || this.#isLimited()) return
    log.notice(`Starting automatic rewriting of AOF on ${Math.floor(growth)}% growth`)
    this.start()
  }

  #isLimited(): boolean {
    const { status, clock, log } = this.#parts
    if (status.rewriteFailures < FAILURES_AT_ONCE) return false
    const now = clock.now()
    if (now < this.#nextAt) return true
    if (this.#delayMinutes > 0 && this.#nextAt > 0) {
      this.#nextAt = 0
      return false
    }
    return this.#limit(now, log)
  }

  #limit(now: number, log: Log): boolean {
    this.#delayMinutes =
      this.#delayMinutes === 0 ? FIRST_DELAY_MINUTES : Math.min(this.#delayMinutes * 2, LONGEST_DELAY_MINUTES)
    this.#nextAt = now + this.#delayMinutes * MINUTE_MS
    log.warning(
      `Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${this.#delayMinutes} minutes`,
    )
    return true
  }

  // ---- the first base

  /** Writes the base of a new log, while everybody waits. Throws what the system says. */
  writeFirstBase(): void {
    const { append, keyspace, log } = this.#parts
    const { directory } = append
    const format = this.#format
    const base = directory.nextBase(format)
    log.notice(`Creating AOF base file ${base.name} on server start`)
    const temporary = directory.pathOf(`temp-rewriteaof-${process.pid}.aof`)
    const fd = fs.openSync(temporary, 'w', 0o644)
    try {
      const write = format === 'rdb' ? writeImage : writeCommands
      write(imageOfNow(keyspace), fd, this.#parts.fileSettings(), () => {})
    } finally {
      fs.closeSync(fd)
    }
    replaceFile(temporary, directory.pathOf(base.name))
    directory.save({ ...directory.manifest, base, baseSequence: base.sequence })
  }
}
