// Files that survive a loss of power: their bytes forced to the disk, and the names that lead to them. Knows no format.

import fs from 'node:fs'
import path from 'node:path'

/** Forces the names in a directory to the disk: after a file was made, renamed or removed there. */
export function syncDirectory(directory: string): void {
  const fd = openDirectory(directory)
  if (fd === undefined) return
  try {
    fs.fsyncSync(fd)
  } catch (error) {
    if (!isUnsupported(error)) throw error
  } finally {
    fs.closeSync(fd)
  }
}

export async function syncDirectoryLater(directory: string): Promise<void> {
  const fd = openDirectory(directory)
  if (fd === undefined) return
  try {
    await syncLater(fd)
  } catch (error) {
    if (!isUnsupported(error)) throw error
  } finally {
    fs.closeSync(fd)
  }
}

/** Gives a file that is on the disk another name, in place of what has that name now; the name is then on the disk too. */
export function replaceFile(from: string, to: string): void {
  fs.renameSync(from, to)
  syncDirectory(path.dirname(to))
}

/**
 * Gives a file other contents, wholly or not at all. They are written under a temporary name in the same directory, of
 * which nothing is left in any case.
 */
export function replaceContents(
  file: string,
  bytes: Uint8Array,
  { temporary, mode }: { temporary: string; mode: number },
): void {
  try {
    writeDurably(temporary, bytes, mode)
    replaceFile(temporary, file)
  } catch (error) {
    removeFile(temporary)
    throw error
  }
}

function writeDurably(file: string, bytes: Uint8Array, mode: number): void {
  const fd = fs.openSync(file, 'w', mode)
  try {
    fs.writeFileSync(fd, bytes)
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Removes a file if it is there. */
export function removeFile(file: string): void {
  fs.rmSync(file, { force: true })
}

/** undefined where a directory can't be opened as a file: Windows. */
function openDirectory(directory: string): number | undefined {
  try {
    return fs.openSync(directory, 'r')
  } catch (error) {
    if (process.platform === 'win32') return undefined
    throw error
  }
}

/** Some file systems know no such thing. */
function isUnsupported(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EINVAL' || code === 'EPERM'
}

function syncLater(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(fd, (error) => (error ? reject(error) : resolve()))
  })
}
