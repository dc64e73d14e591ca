// The append-only file: repeats in it what commands have changed, and turns that on and off. What is in which file is
// persistence/log-directory.ts's business, when bytes are written append-writer.ts's, rewriting append-rewrite.ts's.

import fs from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { reasonOf } from '../base/system-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Propagated } from '../command/effects.ts'
import type { Config } from '../config/config.ts'
import type { Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { RemovalObserver } from '../keyspace/observers.ts'
import type { Key } from '../memory/key.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import type { ImageFileSettings } from '../persistence/image-file.ts'
import { LoadError } from '../persistence/load-source.ts'
import { LogDirectory } from '../persistence/log-directory.ts'
import { hasNoData, ManifestError } from '../persistence/manifest.ts'
import { AppendRewrite, type AppendState, type RewrittenLog } from './append-rewrite.ts'
import { AppendWriter } from './append-writer.ts'
import type { BackgroundJobs } from './background-jobs.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Gates } from './gates.ts'
import type { Log } from './log.ts'
import type { PropagationSink } from './propagation.ts'
import type { ReplyQueue } from './reply-queue.ts'

export interface AppendOnlyParts {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly log: Log
  readonly gates: Gates
  readonly latency: LatencyMonitor
  readonly status: PersistenceStatus
  readonly jobs: BackgroundJobs
  readonly dispatcher: Dispatcher
  readonly fileSettings: () => ImageFileSettings
  /** Ends the process, after what has been logged. */
  readonly onLost: () => void
}

export class AppendOnly implements PropagationSink, RemovalObserver, RewrittenLog {
  readonly directory: LogDirectory
  readonly writer: AppendWriter
  readonly rewrite: AppendRewrite
  state: AppendState = 'off'
  /** More is on the disk, or counts as such. */
  onSynced: (() => void) | undefined = undefined
  /** Whoever waits for the disk waits in vain. */
  onTurnedOff: (() => void) | undefined = undefined
  readonly #parts: AppendOnlyParts
  #replies: ReplyQueue | undefined = undefined

  constructor(parts: AppendOnlyParts) {
    const { config, clock, jobs } = parts
    this.#parts = parts
    this.directory = new LogDirectory(() => ({
      directory: config.string('dir'),
      folder: config.string('appenddirname'),
      name: config.string('appendfilename'),
    }))
    this.writer = new AppendWriter({
      ...parts,
      sparesDisk: () => jobs.isBusy && config.boolean('no-appendfsync-on-rewrite'),
    })
    this.rewrite = new AppendRewrite({ ...parts, append: this })
    this.writer.onSynced = () => this.onSynced?.()
    this.writer.buffer.seconds = () => Math.floor(clock.now() / 1000)
    this.#followSettings()
  }

  #followSettings(): void {
    const { config } = this.#parts
    config.watch('appendfsync', (value) => {
      this.writer.policy = value as AppendWriter['policy']
    })
    config.watch('aof-timestamp-enabled', (value) => {
      this.writer.buffer.notesTime = value
    })
    config.onApply('appendonly', (value) => (value === true ? this.turnOn() : this.turnOff()))
    config.watch('aof-disable-auto-gc', () => {
      if (!this.#parts.status.isLoading && this.state !== 'off') this.removeHistory()
    })
  }

  /** The replies that wait for the disk are in this queue. */
  connect(replies: ReplyQueue): void {
    this.#replies = replies
    this.writer.onSettled = () => replies.release()
    this.writer.buffer.onFirst = () => replies.schedule()
  }

  // ---- what has changed

  propagate(database: number, command: Arguments | Propagated): void {
    this.writer.buffer.propagate(database, command)
    this.#parts.dispatcher.context.client.appendedTo = this.writer.buffer.appended
  }

  keyRemoved({ index }: Database, key: Key): void {
    const { dispatcher, keyspace } = this.#parts
    dispatcher.propagate(index, [keyspace.removalCommand, key.copy()])
  }

  fieldsRemoved({ index }: Database, key: Key, fields: readonly Uint8Array[]): void {
    this.#parts.dispatcher.propagate(index, ['HDEL', key.copy(), ...fields])
  }

  /** From now on, or no more, whatever changes is appended. */
  set isRecording(isRecording: boolean) {
    const { dispatcher, keyspace } = this.#parts
    dispatcher.sink = isRecording ? this : undefined
    dispatcher.context.effects.isWanted = isRecording
    keyspace.observers.removals = isRecording ? this : undefined
    if (isRecording && this.#replies !== undefined) this.#replies.barrier = this.writer
  }

  get isRecording(): boolean {
    return this.#parts.dispatcher.sink === this
  }

  // ---- start

  /** Finds out which files there are. Throws a LoadError. */
  findFiles(): void {
    const { log } = this.#parts
    try {
      this.directory.read()
    } catch (error) {
      log.warning('*** FATAL AOF MANIFEST FILE ERROR ***')
      if (!(error instanceof ManifestError)) {
        throw new LoadError(
          `Fatal error: can't open the AOF manifest file ${this.directory.name}.manifest for reading: ${reasonOf(error)}`,
        )
      }
      if (error.line !== undefined) {
        log.warning(`Reading the manifest file, at line ${error.number}`)
        log.warning(`>>> '${error.line}'`)
      }
      throw new LoadError(error.message)
    }
  }

  /** Moves a log of the old kind to its place. Throws a LoadError. */
  adoptOldFile(): void {
    const { directory } = this
    try {
      if (!directory.adoptOldFile()) return
    } catch (error) {
      throw new LoadError(
        `Error trying to move the old AOF file ${directory.name} into dir ${directory.folder}: ${reasonOf(error)}`,
      )
    }
    this.#parts.log.notice(
      `Successfully migrated an old-style AOF file (${directory.name}) into the AOF directory (${directory.folder}).`,
    )
  }

  /** What was there has been loaded, or nothing was: goes on appending. Throws a LoadError. */
  open(): void {
    const { log, status } = this.#parts
    const { directory } = this
    try {
      directory.make()
      const isNew = hasNoData(directory.manifest)
      if (isNew) this.rewrite.writeFirstBase()
      const last = directory.manifest.increments.at(-1)
      const file = last ?? directory.nextIncrement()
      log.notice(`${last === undefined ? 'Creating' : 'Opening'} AOF incr file ${file.name} on server start`)
      const fd = fs.openSync(directory.pathOf(file.name), last === undefined ? 'w' : 'a', 0o644)
      if (last === undefined) {
        fs.closeSync(fd)
        this.#addIncrement(file)
        this.#begin(fs.openSync(directory.pathOf(file.name), 'a'), 0)
      } else this.#begin(fd, fs.fstatSync(fd).size)
      status.baseBytes =
        isNew || directory.manifest.base === undefined ? 0 : directory.sizeOf(directory.manifest.base)
      status.appendedBytes = isNew ? 0 : directory.bytes
    } catch (error) {
      throw new LoadError(`Can't open the append-only file: ${reasonOf(error)}`)
    }
    this.removeHistory()
  }

  #addIncrement(file: { name: string; sequence: number }): void {
    const { manifest } = this.directory
    this.directory.save({
      ...manifest,
      increments: [...manifest.increments, file],
      incrementSequence: file.sequence,
    })
  }

  #begin(fd: number, bytes: number): void {
    this.writer.open(fd, bytes)
    this.state = 'on'
    this.#parts.status.isAppending = true
    this.isRecording = true
  }

  /** Goes on in a further file, which counts from now on. Throws what the system says. */
  beginIncrement(): void {
    const file = this.directory.nextIncrement()
    this.#parts.log.notice(`Creating AOF incr file ${file.name} on background rewrite`)
    const fd = this.openNew(file.name)
    try {
      this.#addIncrement(file)
    } catch (error) {
      fs.closeSync(fd)
      throw error
    }
    this.writer.open(fd, 0)
  }

  /** An empty file to append to. */
  openNew(name: string): number {
    const path = this.directory.pathOf(name)
    fs.closeSync(fs.openSync(path, 'w', 0o644))
    return fs.openSync(path, 'a')
  }

  removeHistory(): void {
    const { config, log } = this.#parts
    if (config.boolean('aof-disable-auto-gc')) return
    try {
      this.directory.removeHistory((name) =>
        log.notice(`Removing the history file ${name} in the background`),
      )
    } catch (error) {
      log.warning(`Can't remove history files from the AOF manifest: ${reasonOf(error)}`)
    }
  }

  // ---- while the server runs

  /** CONFIG SET appendonly yes. Returns why not. */
  turnOn(): string | undefined {
    if (this.state !== 'off') return undefined
    const { log, jobs } = this.#parts
    try {
      this.directory.make()
    } catch (error) {
      log.warning(`Can't create the directory ${this.directory.folder}: ${reasonOf(error)}`)
      return 'Unable to turn on AOF. Check server logs.'
    }
    this.state = 'waiting'
    this.#parts.status.isAppending = true
    if (jobs.running === 'rewrite') {
      log.warning(
        'AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a rewrite now.',
      )
      this.rewrite.kill()
      this.rewrite.schedule()
    } else if (jobs.isBusy) {
      this.rewrite.schedule()
      log.warning(
        'AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.',
      )
    } else if (!this.rewrite.start()) {
      this.state = 'off'
      this.#parts.status.isAppending = false
      log.warning(
        "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.",
      )
      return 'Unable to turn on AOF. Check server logs.'
    }
    return undefined
  }

  /** CONFIG SET appendonly no. */
  turnOff(): undefined {
    if (this.state === 'off') return
    const { status } = this.#parts
    this.rewrite.unschedule()
    this.rewrite.kill()
    if (this.writer.isOpen) {
      this.writer.finish()
      this.writer.retire()
    }
    this.isRecording = false
    this.state = 'off'
    status.isAppending = false
    this.writer.reset()
    this.onTurnedOff?.()
  }

  tick(): void {
    this.rewrite.tick()
    this.#parts.status.bufferedBytes = this.writer.buffer.length
  }

  // ---- the end

  /** SHUTDOWN. False: not now, and the log says why. */
  prepareToEnd(isForced: boolean): boolean {
    const { log } = this.#parts
    if (this.state === 'off') return true
    if (this.rewrite.isRunning) {
      if (this.state === 'waiting' && !isForced) {
        log.warning("Writing initial AOF, can't exit.")
        return false
      }
      log.warning('There is a child rewriting the AOF. Killing it!')
      this.rewrite.kill()
    }
    log.notice('Calling fsync() on the AOF file.')
    this.writer.finish()
    return true
  }

  close(): void {
    if (this.writer.isOpen) this.writer.finish()
    this.writer.close()
    this.isRecording = false
    this.state = 'off'
  }
}
