// Replaces a file wholly or not at all, so that a crash or a full disk never leaves half of one.

import fs from 'node:fs'
import path from 'node:path'

/** Whoever could read the file still can, and nobody else: it may hold passwords. Bytes as latin1. */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeDurably(temporary, text, modeOf(file))
    fs.renameSync(temporary, file)
    syncDirectory(path.dirname(file))
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
}

function modeOf(file: string): number {
  try {
    return fs.statSync(file).mode & 0o777
  } catch {
    // There is no file any more: it becomes one like any other.
    return 0o644
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
