// Bytes that are not what the RDB format says, and where.

/** What Redis says, in its log, of a packed block that doesn't hold together. */
export const FAILED = 'integrity check failed'

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
