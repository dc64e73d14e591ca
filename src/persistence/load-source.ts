// What data come from when a server starts, or anew: a file, or several, read piece by piece. And the words in which such
// a source tells how it goes. Knows no format.

export interface LoadSource {
  /** Bytes that there are to read; 0 if unknown. */
  readonly totalBytes: number
  readonly loadedBytes: number
  /** Goes on until `isTimeUp()`, which is asked now and then, or the end; true at the end. Throws a LoadError. */
  step(isTimeUp: () => boolean): boolean
  /** Gives up what is open. May be called at any time, and more than once. */
  close(): void
}

/** Data that can't be loaded. The message is for the log; what else is to be said of it has been logged. */
export class LoadError extends Error {
  /** Whether a file was found to be damaged. */
  readonly isDamage: boolean

  constructor(message: string, { isDamage = false } = {}) {
    super(message)
    this.isDamage = isDamage
  }
}

/** Where loading keeps count. */
export interface LoadReport {
  keysLoaded: number
  keysExpired: number
  /** What the file says of the memory that its writer used, 0 if it doesn't. */
  loadedUsedMemory: number
}

export interface LoadLog {
  notice(message: string): void
  warning(message: string): void
  /** Keys as lines may show them; if absent, as they are. */
  userData?(text: string): string
}
