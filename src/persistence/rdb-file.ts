// The RDB file as it lies in its directory: written under a temporary name, and put in the place of the old one when it is
// whole. Says what went wrong in the words of Redis's log.

import fs from 'node:fs'
import path from 'node:path'
import { removeFile, replaceFile, syncDirectoryLater } from '../base/durable-file.ts'
import { reasonOf } from '../base/system-error.ts'
import { type ImageFileSettings, writeImage } from './image-file.ts'
import type { SnapshotImage } from './snapshot.ts'

export class RdbFile {
  readonly #directory: string
  readonly #name: string
  readonly #temporaryName: string

  /** `writer` tells apart who may write at the same time. */
  constructor(directory: string, name: string, writer: string) {
    this.#directory = directory
    this.#name = name
    this.#temporaryName = `temp-${writer}.rdb`
  }

  get temporaryPath(): string {
    return path.join(this.#directory, this.#temporaryName)
  }

  get #path(): string {
    return path.join(this.#directory, this.#name)
  }

  /** Writes the whole file at once; throws an error for `describe`, and then nothing is left of it. */
  write(image: SnapshotImage, settings: ImageFileSettings): void {
    try {
      const fd = fs.openSync(this.temporaryPath, 'w')
      try {
        writeImage(image, fd, settings, () => {})
      } finally {
        fs.closeSync(fd)
      }
      replaceFile(this.temporaryPath, this.#path)
    } catch (error) {
      this.abandon()
      throw error
    }
  }

  /** Puts what has been written under the temporary name in its place: at once, so that nothing that is saved later is replaced. */
  async complete(): Promise<void> {
    fs.renameSync(this.temporaryPath, this.#path)
    await syncDirectoryLater(this.#directory)
  }

  /** Removes what has been written so far. */
  abandon(): void {
    try {
      removeFile(this.temporaryPath)
    } catch {
      // Where nothing can be removed, nothing could be written either.
    }
  }

  /** What an error in writing or completing means. */
  describe(error: unknown): string {
    const { syscall } = error as NodeJS.ErrnoException
    const where = `(in server root dir ${this.#directory})`
    const reason = reasonOf(error)
    if (syscall === 'open') {
      return `Failed opening the temp RDB file ${this.#temporaryName} ${where} for saving: ${reason}`
    }
    if (syscall === 'rename') {
      return `Error moving temp DB file ${this.#temporaryName} on the final destination ${this.#name} ${where}: ${reason}`
    }
    return `Write error saving DB on disk(${syscall ?? 'thread'}): ${reason}`
  }
}
