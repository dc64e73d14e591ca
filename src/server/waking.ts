// Serves blocked clients: runs their requests again when their keys are ready, and answers those whose time is up.
// After a command, and before the next one of anybody. Knows no socket; the timer that calls `expire` is wait-timer.ts.

import type { BlockedClients } from '../command/blocked-clients.ts'
import type { Session } from '../command/session.ts'
import type { Waiter } from '../command/waiter.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Held } from './pause.ts'

export class Waking {
  /** CLIENT PAUSE: takes who has to wait for its end. */
  onHold: ((held: Held) => void) | undefined = undefined
  readonly #dispatcher: Dispatcher
  readonly #blocked: BlockedClients
  #isServing = false

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher
    this.#blocked = dispatcher.context.blocked
    dispatcher.waking = this
  }

  /** In the middle of a client's batch: serves others, then goes back to that client. */
  settle(): void {
    if (this.#isServing) return
    const waiter = this.#blocked.next()
    if (waiter === undefined) {
      this.#blocked.settled()
      return
    }
    const { client } = this.#dispatcher.context
    this.#dispatcher.end()
    client.peer.endReplies()
    this.#serveFrom(waiter)
    client.peer.beginReplies()
    this.#dispatcher.begin(client)
  }

  /** Between batches: answers those whose time is up. */
  expire(now: number): void {
    this.#blocked.releaseDue(now)
    this.#serve()
  }

  /** Between batches: runs the request again of a client that waits for something that is no key. False: it doesn't wait. */
  wake(session: Session, now: number): boolean {
    if (!this.#blocked.has(session)) return false
    this.#blocked.wake(session)
    this.expire(now)
    return true
  }

  /** Between batches: serves who can be. */
  #serve(): void {
    const waiter = this.#blocked.next()
    if (waiter !== undefined) this.#serveFrom(waiter)
    else this.#blocked.settled()
  }

  #serveFrom(first: Waiter): void {
    const blocked = this.#blocked
    this.#isServing = true
    try {
      for (let waiter: Waiter | undefined = first; waiter !== undefined; waiter = blocked.next()) {
        if (!waiter.session.isClosing) this.#run(waiter)
      }
      blocked.settled()
    } finally {
      this.#isServing = false
    }
  }

  #run(waiter: Waiter): void {
    const { session } = waiter
    session.peer.beginReplies()
    this.#dispatcher.begin(session)
    let isAnswered = true
    if (waiter.outcome !== undefined) this.#dispatcher.answer(waiter)
    else isAnswered = this.#retry(waiter)
    this.#dispatcher.end()
    session.peer.endReplies()
    if (isAnswered) session.peer.wake()
  }

  /** Runs the request again. False: it waits once more. */
  #retry(waiter: Waiter): boolean {
    const { session, args } = waiter
    const blocked = this.#blocked
    blocked.retried = waiter
    try {
      if (this.#dispatcher.execute(args)) return true
    } finally {
      blocked.retried = undefined
    }
    if (!blocked.has(session)) this.#hold(waiter)
    return false
  }

  #hold(waiter: Waiter): void {
    const { session } = waiter
    session.isBlocked = true
    this.onHold?.({
      resume: () => {
        if (session.isClosing) return
        session.isBlocked = false
        this.#blocked.retry(waiter)
        this.#serve()
      },
    })
  }
}
