// Who may come in: the `default` user and its password (`requirepass`). Knows no client and no reply.
// Passwords are kept and compared as digests of one length, in a time that tells nothing about them.

import { createHash, timingSafeEqual } from 'node:crypto'

/** The only user there is, and the one that a password alone stands for. */
export const DEFAULT_USER = 'default'

export class Authentication {
  /** Attempts that failed. */
  failures = 0
  #digest: Buffer | undefined = undefined

  /** Whether clients come in without a password. */
  get isOpen(): boolean {
    return this.#digest === undefined
  }

  /** Sets the password of the default user; '' lets everyone in. Latin1, one character a byte. */
  setPassword(password: string): void {
    this.#digest = password === '' ? undefined : digestOf(Buffer.from(password, 'latin1'))
  }

  hasUser(name: string): boolean {
    return name === DEFAULT_USER
  }

  /** Whether this is the user's password; while there is none, any will do. */
  accepts(user: string, password: Uint8Array): boolean {
    const isRight = this.#digest === undefined || timingSafeEqual(this.#digest, digestOf(password))
    const isAccepted = isRight && this.hasUser(user)
    if (!isAccepted) this.failures++
    return isAccepted
  }
}

function digestOf(password: Uint8Array): Buffer {
  return createHash('sha256').update(password).digest()
}
