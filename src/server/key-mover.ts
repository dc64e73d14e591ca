// Brings keys to other servers, for MIGRATE: a connection to each, kept for some seconds as the next move may follow, and
// on it RESTORE, one for each key. Nobody waits for the network but the client that has asked. Knows no keyspace.

import net from 'node:net'
import type { Session } from '../command/session.ts'
import type { Destination, KeyMover, MovedKey, MoveOutcome } from '../commands/migrate.ts'
import { KeyMove, type Link } from './key-move.ts'

const KEPT_MS = 10_000
const MOST_KEPT = 64

export interface KeyMoverParts {
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /** Lets the client's request run again; nothing happens if it doesn't wait any more. */
  readonly wake: (client: Session) => boolean
  /** Hears how many connections are kept. */
  readonly onKept: (count: number) => void
}

export class KeyMovers implements KeyMover {
  readonly #parts: KeyMoverParts
  readonly #links = new Map<string, Link>()
  readonly #moves = new Map<Session, KeyMove>()
  readonly #outcomes = new Map<Session, MoveOutcome>()

  constructor(parts: KeyMoverParts) {
    this.#parts = parts
  }

  begin(client: Session, destination: Destination, keys: readonly MovedKey[]): void {
    // Of a request that somebody has ended.
    this.#moves.get(client)?.abandon()
    this.#start(client, destination, keys, this.#takeLink(destination))
  }

  #start(client: Session, destination: Destination, keys: readonly MovedKey[], kept: Link | undefined): void {
    const { host, port } = destination
    const link = kept ?? {
      socket: net.connect({ host, port: portOf(port) }).setNoDelay(true),
      database: undefined,
      usedAt: 0,
    }
    const move = new KeyMove(link, destination, keys, (outcome, isReusable) => {
      this.#moves.delete(client)
      // The other side has given up a connection that nobody used: that says nothing of the keys.
      if (kept !== undefined && move.isUnheard) {
        this.#start(client, destination, keys, undefined)
        return
      }
      if (isReusable) this.#keep(destination, link)
      else link.socket.destroy()
      this.#outcomes.set(client, outcome)
      if (!this.#parts.wake(client)) this.#outcomes.delete(client)
    })
    this.#moves.set(client, move)
    move.start()
  }

  takeOutcome(client: Session): MoveOutcome | undefined {
    const outcome = this.#outcomes.get(client)
    this.#outcomes.delete(client)
    return outcome
  }

  #takeLink(destination: Destination): Link | undefined {
    const name = nameOf(destination)
    const link = this.#links.get(name)
    this.#forget(name)
    link?.socket.removeAllListeners()
    return link
  }

  #keep(destination: Destination, link: Link): void {
    const name = nameOf(destination)
    this.#drop(name)
    if (this.#links.size >= MOST_KEPT) this.#drop(this.#links.keys().next().value!)
    link.usedAt = this.#parts.monotonic()
    const forget = () => {
      if (this.#links.get(name) === link) this.#forget(name)
      link.socket.destroy()
    }
    link.socket.on('error', forget).on('close', forget).on('end', forget)
    this.#links.set(name, link)
    this.#parts.onKept(this.#links.size)
  }

  #forget(name: string): void {
    this.#links.delete(name)
    this.#parts.onKept(this.#links.size)
  }

  #drop(name: string): void {
    const link = this.#links.get(name)
    this.#forget(name)
    link?.socket.destroy()
  }

  /** Ends connections that nobody has used for a while; called now and then. */
  tick(): void {
    const oldest = this.#parts.monotonic() - KEPT_MS
    for (const [name, { usedAt }] of this.#links) if (usedAt < oldest) this.#drop(name)
  }

  close(): void {
    for (const move of this.#moves.values()) move.abandon()
    for (const name of [...this.#links.keys()]) this.#drop(name)
  }
}

/** Redis: what is no number is port 0, where nobody listens. */
function portOf(text: string): number {
  const port = Number(text)
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
}

function nameOf({ host, port }: Destination): string {
  return `${host}:${port}`
}
