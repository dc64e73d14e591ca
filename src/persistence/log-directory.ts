// The files of an append-only log on disk, and the manifest that says which of them count: changed by writing a new one
// beside it and renaming that, so that there is always one and the same state to find. Knows nothing of what is in the files.

import fs from 'node:fs'
import path from 'node:path'
import { replaceContents, replaceFile, syncDirectory } from '../base/durable-file.ts'
import {
  EMPTY_MANIFEST,
  formatManifest,
  hasNoData,
  type LogFile,
  type Manifest,
  parseManifest,
} from './manifest.ts'

/** Where the files are: `dir`, `appenddirname` and `appendfilename`. */
export interface LogPlace {
  readonly directory: string
  readonly folder: string
  readonly name: string
}

export class LogDirectory {
  manifest: Manifest = EMPTY_MANIFEST
  readonly #place: () => LogPlace
  /** Files that are being removed: nothing new is to get their names. */
  readonly #leaving = new Set<string>()

  constructor(place: () => LogPlace) {
    this.#place = place
  }

  get name(): string {
    return this.#place().name
  }

  get folder(): string {
    return this.#place().folder
  }

  get path(): string {
    const { directory, folder } = this.#place()
    return path.join(directory, folder)
  }

  pathOf(name: string): string {
    return path.join(this.path, name)
  }

  /** Where a file is written that gets its name later. */
  get temporaryIncrement(): string {
    return this.pathOf(`temp-${this.name}.incr`)
  }

  /** Reads the manifest, if there is one. Throws a ManifestError, or what the system says. */
  read(): void {
    const bytes = readIfThere(this.pathOf(`${this.name}.manifest`))
    this.manifest = bytes === undefined ? EMPTY_MANIFEST : parseManifest(bytes)
  }

  /**
   * A log from before there were manifests is one file in `dir`: it becomes the base. Also where that was begun and not
   * finished. Returns whether there was one.
   */
  adoptOldFile(): boolean {
    const { directory, name } = this.#place()
    const old = path.join(directory, name)
    if (!fs.existsSync(old)) return false
    const { base, increments } = this.manifest
    const isBegun = increments.length === 0 && base?.name === name && !fs.existsSync(this.pathOf(name))
    if (!hasNoData(this.manifest) && !isBegun) return false
    this.make()
    if (!isBegun) this.save({ ...EMPTY_MANIFEST, base: { name, sequence: 1 }, baseSequence: 1 })
    replaceFile(old, this.pathOf(name))
    syncDirectory(directory)
    return true
  }

  /** Makes the folder, if it isn't there. */
  make(): void {
    fs.mkdirSync(this.path, { recursive: true, mode: 0o755 })
  }

  /** Makes a manifest the one that counts: when this returns, it does so after a loss of power too. */
  save(manifest: Manifest): void {
    replaceContents(this.pathOf(`${this.name}.manifest`), Buffer.from(formatManifest(manifest), 'latin1'), {
      temporary: this.pathOf(`temp-${this.name}.manifest`),
      mode: 0o644,
    })
    this.manifest = manifest
  }

  nextBase(format: 'rdb' | 'commands'): LogFile {
    const suffix = format === 'rdb' ? 'rdb' : 'aof'
    return this.#next(this.manifest.baseSequence, `base.${suffix}`)
  }

  nextIncrement(): LogFile {
    return this.#next(this.manifest.incrementSequence, 'incr.aof')
  }

  #next(last: number, suffix: string): LogFile {
    for (let sequence = last + 1; ; sequence++) {
      const name = `${this.name}.${sequence}.${suffix}`
      if (!this.#leaving.has(name)) return { name, sequence }
    }
  }

  /** Bytes of what counts. Throws what the system says of a file that is missing. */
  sizeOf(file: LogFile): number {
    return fs.statSync(this.pathOf(file.name)).size
  }

  /** Bytes of all that counts; what is missing counts nothing. */
  get bytes(): number {
    const { base, increments } = this.manifest
    let bytes = 0
    for (const { name } of base === undefined ? increments : [base, ...increments]) {
      bytes += fs.statSync(this.pathOf(name), { throwIfNoEntry: false })?.size ?? 0
    }
    return bytes
  }

  /** Removes what is of no more use: its names at once, the files in the background. `onRemove` hears of each. */
  removeHistory(onRemove: (name: string) => void): void {
    const { history } = this.manifest
    if (history.length === 0) return
    for (const { name } of history) this.#leaving.add(name)
    this.save({ ...this.manifest, history: [] })
    for (const { name } of history) {
      onRemove(name)
      void this.#remove(name)
    }
  }

  /** Resolves when it is gone. */
  async #remove(name: string): Promise<void> {
    try {
      await fs.promises.rm(this.pathOf(name), { force: true })
    } catch {
      // Nobody refers to it any more: it takes room, and no more than that.
    }
    this.#leaving.delete(name)
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
