// What is done for every connection now and then: idle ones are ended (`timeout`), soft output limits run out, and
// memory is given back. Takes a share of the connections at a time, so that thousands of them make no pause.

import type { Session } from '../command/session.ts'
import { noteDropped } from '../memory/shared-buffers.ts'
import type { Client, Clients } from './clients.ts'
import type { Log } from './log.ts'
import type { OutputLimits } from './output-limits.ts'

/** A connection that has sent nothing for so long gives its buffer back. */
const IDLE_MS = 2000
/** At least so many are visited at a time. */
const FEWEST = 5

export class ClientUpkeep {
  /** Follows `timeout`; 0: nobody is idle for too long. */
  timeoutSeconds = 0
  readonly #clients: Clients
  readonly #outputLimits: OutputLimits
  readonly #log: Log
  /** Where the round has come to. */
  #round: IterableIterator<Client>

  constructor(clients: Clients, outputLimits: OutputLimits, log: Log) {
    this.#clients = clients
    this.#outputLimits = outputLimits
    this.#log = log
    this.#round = clients.connections()
  }

  /** Visits a share of the connections (0.1: a tenth), and all that are over a soft limit. */
  run(now: number, share: number): void {
    // The buffer of a large request would stay until the collector happens to run, in an idle server for ever.
    const dropped = this.#clients.takeDropped()
    if (dropped > 0) noteDropped(dropped)
    for (const session of [...this.#outputLimits.suspects()]) {
      this.#clients.connection(session)?.enforceOutputLimit()
    }
    const visits = Math.min(this.#clients.count, Math.max(FEWEST, Math.ceil(this.#clients.count * share)))
    for (let i = 0; i < visits; i++) {
      const client = this.#next()
      if (client === undefined) return
      this.#visit(client, now)
    }
  }

  #next(): Client | undefined {
    const next = this.#round.next()
    if (!next.done) return next.value
    this.#round = this.#clients.connections()
    const first = this.#round.next()
    return first.done ? undefined : first.value
  }

  #visit(client: Client, now: number): void {
    const idleMs = now - client.session.lastInteraction
    if (this.timeoutSeconds > 0 && idleMs / 1000 > this.timeoutSeconds && mayTimeOut(client.session)) {
      this.#log.verbose('Closing idle client')
      client.close(false)
      return
    }
    client.upkeep(now, idleMs > IDLE_MS)
  }
}

/** Who waits for something is not idle: for replication, for messages, for a key, for the end of a pause. */
function mayTimeOut(session: Session): boolean {
  return session.kind === 'normal' && !session.isBlocked && !session.isMonitor
}
