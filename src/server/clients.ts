// The directory of connections: who is there, by number and in order of arrival, and how many may be.
// Knows no socket.

import type { ClientKind, Session } from '../command/session.ts'

/** A connection as the directory and its upkeep see it. */
export interface Client {
  readonly session: Session
  /** What it took in memory when it was counted last: client-memory.ts. */
  countedBytes: number
  /** Messages that leave at the end of the event loop's turn, in bytes. */
  readonly turnBytes: number
  close(afterReplies: boolean): void
  /** Gives back what memory it can. `isIdle`: the client has sent nothing for a while. */
  upkeep(now: number, isIdle: boolean): void
  /** Cuts the connection if more replies wait than may. */
  enforceOutputLimit(): void
}

export class Clients {
  /** How many may be connected at once. Follows `maxclients`. */
  maximum = 10_000
  /** Connections ever accepted, and turned away. */
  accepted = 0
  rejected = 0
  /** Bytes of requests and replies, of all connections that there have been. */
  bytesIn = 0
  bytesOut = 0
  /** Bytes of large buffers that nobody needs any more, since `takeDropped`. */
  droppedBytes = 0
  /** Pieces of input and of output. */
  reads = 0
  writes = 0
  /** Connections cut for sending or not reading too much. */
  cutForInput = 0
  cutForOutput = 0
  /** Connections to other servers that are kept for the next MIGRATE. */
  migrationLinks = 0
  /** Connections ended since all of them took too much memory. */
  evicted = 0
  /** What all connections take in memory, as far as it is counted: client-memory.ts. */
  memoryBytes = 0
  /** Hears of connections that have come, and of those that have ended. */
  onAdded: (client: Client) => void = () => {}
  onRemoved: (client: Client) => void = () => {}
  #nextId = 1
  readonly #clients = new Map<number, Client>()

  takeDropped(): number {
    const bytes = this.droppedBytes
    this.droppedBytes = 0
    return bytes
  }

  /** The number of the next connection; no number is given twice. */
  takeId(): number {
    return this.#nextId++
  }

  add(client: Client): void {
    this.accepted++
    this.#clients.set(client.session.id, client)
    this.onAdded(client)
  }

  remove(client: Client): void {
    this.#clients.delete(client.session.id)
    this.onRemoved(client)
  }

  get count(): number {
    return this.#clients.size
  }

  has(client: Client): boolean {
    return this.#clients.has(client.session.id)
  }

  get isFull(): boolean {
    return this.#clients.size >= this.maximum
  }

  get(id: number): Session | undefined {
    return this.#clients.get(id)?.session
  }

  /** In the order in which they came. Goes on rightly when connections come and go meanwhile. */
  *all(): IterableIterator<Session> {
    for (const client of this.#clients.values()) yield client.session
  }

  /** Likewise, as connections. */
  connections(): IterableIterator<Client> {
    return this.#clients.values()
  }

  connection(session: Session): Client | undefined {
    return this.#clients.get(session.id)
  }

  countOf(kind: ClientKind): number {
    let count = 0
    for (const client of this.#clients.values()) if (client.session.kind === kind) count++
    return count
  }
}
