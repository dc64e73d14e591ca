// The configuration file on disk, for CONFIG REWRITE: replaced wholly or not at all, so that a crash or a full disk
// never leaves half a configuration.

import fs from 'node:fs'
import path from 'node:path'
import { reasonOf } from '../base/system-error.ts'
import type { ConfigFile } from '../commands/config.ts'
import type { Log } from './log.ts'

export class ConfigFileOnDisk implements ConfigFile {
  readonly #path: string
  readonly #log: Log

  /** `path` is absolute: the working directory may change. */
  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  read(): string {
    try {
      return fs.readFileSync(this.#path, 'latin1')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw this.#failed(error)
    }
  }

  replace(text: string): void {
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      writeDurably(temporary, text, this.#mode())
      fs.renameSync(temporary, this.#path)
      syncDirectory(path.dirname(this.#path))
    } catch (error) {
      fs.rmSync(temporary, { force: true })
      throw this.#failed(error)
    }
    this.#log.notice('CONFIG REWRITE executed with success.')
  }

  /** Who could read the file still can, and nobody else: it may hold a password. */
  #mode(): number {
    try {
      return fs.statSync(this.#path).mode & 0o777
    } catch {
      // There is no file any more: it becomes one like any other.
      return 0o644
    }
  }

  #failed(error: unknown): Error {
    const reason = reasonOf(error)
    this.#log.warning(`CONFIG REWRITE failed: ${reason}`)
    return new Error(reason)
  }
}

function writeDurably(file: string, text: string, mode: number): void {
  const descriptor = fs.openSync(file, 'w', mode)
  try {
    fs.writeFileSync(descriptor, text, 'latin1')
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Without this a crash of the machine may bring the old file back. */
function syncDirectory(directory: string): void {
  const descriptor = fs.openSync(directory, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}
