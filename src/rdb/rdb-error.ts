// Bytes that are not what the RDB format says, and where.

export class RdbError extends Error {
  /** Bytes from the beginning of what was read. */
  readonly offset: number
  readonly reason: string

  constructor(reason: string, offset: number) {
    super(`${reason} at offset ${offset}`)
    this.offset = offset
    this.reason = reason
  }
}
