// The passwords of a user, as digests of one length: what was set is never kept, and comparing takes a time that tells
// nothing about them.

import { createHash, timingSafeEqual } from 'node:crypto'

/** The digest of a password, in hexadecimal. */
export function digestOf(password: Uint8Array): string {
  return createHash('sha256').update(password).digest('hex')
}

/** Whether this is how a digest is written. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

export class Passwords {
  /** By their hexadecimal form, in the order in which they were added. */
  readonly #digests = new Map<string, Buffer>()

  get count(): number {
    return this.#digests.size
  }

  /** Digests in hexadecimal. */
  all(): IterableIterator<string> {
    return this.#digests.keys()
  }

  /** Adds a digest, which `isDigest`; nothing happens if it is there. */
  add(digest: string): void {
    this.#digests.set(digest, Buffer.from(digest, 'hex'))
  }

  /** False: there is none such. */
  remove(digest: string): boolean {
    return this.#digests.delete(digest)
  }

  clear(): void {
    this.#digests.clear()
  }

  /** Whether it is one of them. All are compared, whichever is the right one. */
  has(password: Uint8Array): boolean {
    const given = createHash('sha256').update(password).digest()
    let isKnown = false
    for (const digest of this.#digests.values()) if (timingSafeEqual(digest, given)) isKnown = true
    return isKnown
  }

  copyFrom(other: Passwords): void {
    this.clear()
    for (const digest of other.all()) this.add(digest)
  }
}
