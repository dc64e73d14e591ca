// Sessions that TLS clients may resume, for those that keep none themselves: so many, each for so long.

import type { Clock } from '../base/clock.ts'

interface Session {
  readonly data: Buffer
  readonly until: number
}

export class TlsSessions {
  readonly #sessions = new Map<string, Session>()
  readonly #clock: Clock
  readonly #most: number
  readonly #lifetimeMs: number

  /** `most`: 0 for any number. */
  constructor(clock: Clock, most: number, lifetimeSeconds: number) {
    this.#clock = clock
    this.#most = most
    this.#lifetimeMs = lifetimeSeconds * 1000
  }

  get count(): number {
    return this.#sessions.size
  }

  keep(id: Buffer, data: Buffer): void {
    const key = id.toString('latin1')
    this.#sessions.delete(key)
    this.#sessions.set(key, { data, until: this.#clock.monotonic() + this.#lifetimeMs })
    if (this.#most > 0 && this.#sessions.size > this.#most) this.#dropOldest()
  }

  find(id: Buffer): Buffer | null {
    const key = id.toString('latin1')
    const session = this.#sessions.get(key)
    if (session === undefined) return null
    if (session.until > this.#clock.monotonic()) return session.data
    this.#sessions.delete(key)
    return null
  }

  /** All live equally long, so the one that came first has the least time left. */
  #dropOldest(): void {
    for (const key of this.#sessions.keys()) {
      this.#sessions.delete(key)
      return
    }
  }
}
