// Replaces a file of text wholly or not at all, so that a crash or a full disk never leaves half of one.

import fs from 'node:fs'
import { replaceContents } from '../base/durable-file.ts'

/** Whoever could read the file still can, and nobody else: it may hold passwords. Bytes as latin1. */
export function replaceText(file: string, text: string): void {
  replaceContents(file, Buffer.from(text, 'latin1'), {
    temporary: `${file}.${process.pid}.tmp`,
    mode: modeOf(file),
  })
}

function modeOf(file: string): number {
  try {
    return fs.statSync(file).mode & 0o777
  } catch {
    // There is no file any more: it becomes one like any other.
    return 0o644
  }
}
