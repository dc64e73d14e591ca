// client-output-buffer-limit: how many bytes of replies may wait for a client that does not read. Over the hard limit
// it has to go at once; over the soft one if it stays there for some seconds. Knows no socket.

import type { Session } from '../command/session.ts'
import type { OutputBufferLimit } from '../config/list-values.ts'

export class OutputLimits {
  /** 0 bytes: no limit. */
  normal: OutputBufferLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 }
  replica: OutputBufferLimit = { hardBytes: 268_435_456, softBytes: 67_108_864, softSeconds: 60 }
  pubsub: OutputBufferLimit = { hardBytes: 33_554_432, softBytes: 8_388_608, softSeconds: 60 }
  /** Since when clients are over their soft limit, in milliseconds since the epoch. */
  readonly #overSince = new Map<Session, number>()

  limitOf(session: Session): OutputBufferLimit {
    const { kind } = session
    // Asked twice per read: so the usual answer looks nothing up.
    if (kind === 'normal') return this.normal
    // The link to a master carries no replies but those of the few commands that answer.
    return kind === 'master' ? this.normal : this[kind]
  }

  /** Whether the client is limited at all. */
  restricts(session: Session): boolean {
    const { hardBytes, softBytes } = this.limitOf(session)
    return hardBytes > 0 || softBytes > 0
  }

  /** Whether so many bytes may wait for the client. To be asked when they grow, and now and then. */
  allows(session: Session, bytes: number, now: number): boolean {
    const { hardBytes, softBytes, softSeconds } = this.limitOf(session)
    if (hardBytes > 0 && bytes >= hardBytes) return false
    if (softBytes === 0 || bytes < softBytes) {
      if (this.#overSince.size > 0) this.#overSince.delete(session)
      return true
    }
    const since = this.#overSince.get(session)
    if (since === undefined) this.#overSince.set(session, now)
    return since === undefined || Math.floor((now - since) / 1000) <= softSeconds
  }

  /** Clients that were over their soft limit when last seen. */
  suspects(): Iterable<Session> {
    return this.#overSince.keys()
  }

  forget(session: Session): void {
    this.#overSince.delete(session)
  }
}
