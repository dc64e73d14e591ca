// Loads an append-only log: its base, a snapshot or commands or one after the other, then its increments in order. Cuts
// the torn end of the last file off, where that is allowed. Throws what keeps a server from starting.

import fs from 'node:fs'
import { reasonOf } from '../base/system-error.ts'
import { LoadError, type LoadLog, type LoadSource } from './load-source.ts'
import type { LogDirectory } from './log-directory.ts'
import { LogFileLoad, type LogRunner } from './log-file-load.ts'
import type { LogFile } from './manifest.ts'
import type { RdbLoad } from './rdb-load.ts'

export interface AofLoadSettings {
  readonly directory: LogDirectory
  readonly runner: LogRunner
  /** Reads a file that is a snapshot; keys past their deadline too, as what follows says when they go. */
  readonly openSnapshot: (file: string) => RdbLoad
  readonly log: LoadLog
  /** `aof-load-truncated` */
  readonly mayCut: boolean
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
}

interface Part {
  readonly file: LogFile
  readonly kind: 'base' | 'incr'
  readonly bytes: number
}

const SIGNATURE = 'REDIS'

export class AofLoad implements LoadSource {
  readonly totalBytes: number
  readonly #settings: AofLoadSettings
  readonly #parts: readonly Part[]
  /** The part that is being loaded, and when it and everything were begun. */
  #index = 0
  #began = Number.NaN
  #partBegan = 0
  #doneBytes = 0
  #snapshot: RdbLoad | undefined = undefined
  #commands: LogFileLoad | undefined = undefined

  /** Throws a LoadError if a file is missing. */
  constructor(settings: AofLoadSettings) {
    const { base, increments } = settings.directory.manifest
    this.#settings = settings
    this.#parts = [
      ...(base === undefined ? [] : [this.#part(base, 'base')]),
      ...increments.map((file) => this.#part(file, 'incr')),
    ]
    this.totalBytes = this.#parts.reduce((sum, part) => sum + part.bytes, 0)
  }

  #part(file: LogFile, kind: 'base' | 'incr'): Part {
    try {
      return { file, kind, bytes: this.#settings.directory.sizeOf(file) }
    } catch (error) {
      throw new LoadError(`Unable to obtain the AOF file ${file.name} length. stat: ${reasonOf(error)}`)
    }
  }

  get loadedBytes(): number {
    return this.#doneBytes + (this.#commands?.loadedBytes ?? this.#snapshot?.loadedBytes ?? 0)
  }

  step(isTimeUp: () => boolean): boolean {
    const { monotonic, log } = this.#settings
    if (Number.isNaN(this.#began)) this.#began = monotonic()
    try {
      while (this.#index < this.#parts.length) {
        if (!this.#stepPart(this.#parts[this.#index]!, isTimeUp)) return false
      }
    } catch (error) {
      this.close()
      throw error
    }
    log.notice(`DB loaded from append only file: ${this.#seconds(this.#began)} seconds`)
    return true
  }

  #seconds(since: number): string {
    return ((this.#settings.monotonic() - since) / 1000).toFixed(3)
  }

  /** False: time was up. */
  #stepPart(part: Part, isTimeUp: () => boolean): boolean {
    if (this.#commands === undefined && this.#snapshot === undefined) {
      this.#partBegan = this.#settings.monotonic()
      if (part.bytes > 0) this.#open(part)
    }
    if (this.#snapshot !== undefined && !this.#stepSnapshot(part, isTimeUp)) return false
    if (this.#commands !== undefined && !this.#stepCommands(part, isTimeUp)) return false
    this.#doneBytes += part.bytes
    this.#index++
    if (part.bytes > 0) {
      const { name } = part.file
      this.#settings.log.notice(
        `DB loaded from ${part.kind} file ${name}: ${this.#seconds(this.#partBegan)} seconds`,
      )
    }
    return true
  }

  #open({ file }: Part): void {
    const { log, openSnapshot, directory } = this.#settings
    const fd = this.#openFile(file)
    if (!isSnapshot(fd)) {
      this.#commands = this.#commandsFrom(fd, file, 0)
      return
    }
    log.notice(
      file.name === directory.name
        ? 'Reading RDB preamble from AOF file...'
        : 'Reading RDB base file on AOF loading...',
    )
    fs.closeSync(fd)
    this.#snapshot = openSnapshot(directory.pathOf(file.name))
  }

  #openFile({ name }: LogFile): number {
    try {
      return fs.openSync(this.#settings.directory.pathOf(name), 'r')
    } catch (error) {
      throw new LoadError(
        `Fatal error: can't open the append log file ${name} for reading: ${reasonOf(error)}`,
      )
    }
  }

  #commandsFrom(fd: number, { name }: LogFile, offset: number): LogFileLoad {
    return new LogFileLoad(fd, name, offset, this.#settings.runner)
  }

  #stepSnapshot({ file, bytes }: Part, isTimeUp: () => boolean): boolean {
    const { log, directory } = this.#settings
    const snapshot = this.#snapshot!
    try {
      if (!snapshot.step(isTimeUp)) return false
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      log.warning(error.message)
      const what = file.name === directory.name ? 'preamble of the AOF' : 'base'
      throw new LoadError(`Error reading the RDB ${what} file ${file.name}, AOF loading aborted`)
    }
    this.#snapshot = undefined
    // A log from before there were manifests goes on with commands.
    if (snapshot.loadedBytes < bytes) {
      log.notice('Reading the remaining AOF tail...')
      this.#commands = this.#commandsFrom(this.#openFile(file), file, snapshot.loadedBytes)
    }
    return true
  }

  #stepCommands(part: Part, isTimeUp: () => boolean): boolean {
    const commands = this.#commands!
    const result = commands.step(isTimeUp)
    if (result === 'more') return false
    const { wholeTo, size } = commands
    commands.close()
    this.#commands = undefined
    if (result === 'torn') this.#cut(part, wholeTo)
    // An annotation without its end would swallow the next command.
    else if (wholeTo < size && this.#isLast) this.#truncate(part.file, wholeTo)
    return true
  }

  get #isLast(): boolean {
    return this.#index === this.#parts.length - 1
  }

  #cut({ file: { name }, file }: Part, wholeTo: number): void {
    const { log, mayCut, runner } = this.#settings
    if (runner.isInTransaction) {
      log.warning(`Revert incomplete MULTI/EXEC transaction in AOF file ${name}`)
      runner.abandon()
    }
    if (!mayCut) {
      throw new LoadError(
        `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.`,
      )
    }
    log.warning(`!!! Warning: short read while loading the AOF file ${name}!!!`)
    log.warning(`!!! Truncating the AOF ${name} at offset ${wholeTo} !!!`)
    this.#truncate(file, wholeTo)
    log.warning(`AOF ${name} loaded anyway because aof-load-truncated is enabled`)
    if (!this.#isLast) throw new LoadError('Fatal error: the truncated file is not the last file')
  }

  #truncate({ name }: LogFile, bytes: number): void {
    try {
      fs.truncateSync(this.#settings.directory.pathOf(name), bytes)
    } catch (error) {
      throw new LoadError(`Error truncating the AOF file ${name}: ${reasonOf(error)}`)
    }
  }

  close(): void {
    this.#snapshot?.close()
    this.#commands?.close()
    this.#snapshot = undefined
    this.#commands = undefined
    if (this.#settings.runner.isInTransaction) this.#settings.runner.abandon()
  }
}

function isSnapshot(fd: number): boolean {
  const start = Buffer.alloc(SIGNATURE.length)
  return fs.readSync(fd, start, 0, start.length, 0) === start.length && start.toString('latin1') === SIGNATURE
}
