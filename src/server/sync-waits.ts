// Clients that wait until what they have changed is on the disk (WAITAOF). Hears how far the disk is, and lets their requests
// run again. Knows no file.

import type { ReplyError } from '../base/reply-error.ts'
import type { Session } from '../command/session.ts'
import type { SyncWaits } from '../commands/append-only.ts'
import type { AppendOnly } from './append-only.ts'
import type { Dispatcher } from './dispatch.ts'

export class WaitsForDisk implements SyncWaits {
  readonly #append: AppendOnly
  readonly #dispatcher: Dispatcher
  readonly #waiting = new Set<Session>()
  #immediate: NodeJS.Immediate | undefined = undefined

  constructor(append: AppendOnly, dispatcher: Dispatcher) {
    this.#append = append
    this.#dispatcher = dispatcher
    // Not at once: it may be a command that has brought the disk up to date, and that one comes first.
    append.onSynced = () => {
      if (this.#waiting.size > 0) this.#immediate ??= setImmediate(() => this.#serve())
    }
  }

  get isEnabled(): boolean {
    return this.#append.state !== 'off'
  }

  /** While a log that was turned on has no base yet, nothing is safe. */
  isSynced(client: Session): boolean {
    const { state, writer } = this.#append
    return state === 'on' && client.appendedTo <= writer.syncedTo
  }

  add(client: Session): void {
    this.#waiting.add(client)
  }

  #serve(): void {
    this.#immediate = undefined
    const { blocked } = this.#dispatcher.context
    for (const client of this.#waiting) {
      if (blocked.has(client) && !this.isSynced(client)) continue
      this.#waiting.delete(client)
      blocked.wake(client)
    }
    this.#dispatcher.waking?.expire(this.#dispatcher.context.now)
  }

  /** There is no log any more: whoever waits for it is told so, after the command that is running. */
  refuse(error: ReplyError): void {
    const { blocked } = this.#dispatcher.context
    for (const client of this.#waiting) blocked.release(client, error)
    this.#waiting.clear()
  }
}
