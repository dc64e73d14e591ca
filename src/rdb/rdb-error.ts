// Bytes that are not what the RDB format says, and where.

export class RdbError extends Error {
  /** Bytes from the beginning of what was read. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`)
    this.offset = offset
  }
}
