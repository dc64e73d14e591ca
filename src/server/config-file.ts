// The configuration file on disk, for CONFIG REWRITE.

import fs from 'node:fs'
import { reasonOf } from '../base/system-error.ts'
import type { ConfigFile } from '../commands/config.ts'
import type { Log } from './log.ts'
import { replaceText } from './replace-file.ts'

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
    try {
      replaceText(this.#path, text)
    } catch (error) {
      throw this.#failed(error)
    }
    this.#log.notice('CONFIG REWRITE executed with success.')
  }

  #failed(error: unknown): Error {
    const reason = reasonOf(error)
    this.#log.warning(`CONFIG REWRITE failed: ${reason}`)
    return new Error(reason)
  }
}
