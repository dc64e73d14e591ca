// The listening sockets of one TCP port, one for each address of `bind`. Opens and closes them, changes them while the
// server runs; what an accepted one becomes is somebody else's business.

import type { Server } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { reasonOf } from '../base/system-error.ts'
import { type ListenOptions, listen, listenAtOnce, portOf, type Serve } from './listener.ts'
import type { Log } from './log.ts'

/** An address that can't be listened on, in words for the log. */
export class ListenError extends Error {
  /** The address, with its port, and the system's words. */
  readonly where: string
  readonly reason: string

  constructor(message: string, where = '', reason = message) {
    super(message)
    this.where = where
    this.reason = reason
  }
}

/** Where to listen. */
export interface TcpPlace {
  /** As `bind` has it: `*`, `::*`, addresses; one with a leading `-` may be unavailable. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly backlog: number
}

const UNAVAILABLE = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EINVAL'])

export class TcpListeners {
  /** The port that clients connect to; 0 if there is none. */
  port = 0
  readonly #kind: 'tcp' | 'tls'
  readonly #serve: Serve
  readonly #log: Log
  #servers: Server[] = []
  /** What the sockets were opened for. */
  #asked: Pick<TcpPlace, 'port' | 'addresses'> = { port: 0, addresses: [] }

  constructor(kind: 'tcp' | 'tls', serve: Serve, log: Log) {
    this.#kind = kind
    this.#serve = serve
    this.#log = log
  }

  /**
   * Opens all that are available, or throws a ListenError. Port 0 is any free one. What was open before is closed then.
   */
  async open(place: TcpPlace): Promise<void> {
    const opened: Server[] = []
    let { port } = place
    for (const bound of place.addresses) {
      try {
        const server = await listen(this.#options(bound, port, place.backlog), this.#serve)
        opened.push(server)
        port = portOf(server)
      } catch (error) {
        if (isDispensable(bound, (error as NodeJS.ErrnoException).code)) continue
        for (const other of opened) other.close()
        throw this.#failed(bound, port, reasonOf(error))
      }
    }
    this.#replace(opened, place)
  }

  /**
   * Listens on other addresses or another port, before it returns; 0: on none. The old sockets are closed only when the
   * new ones are open. False: it can't be, and everything is as before. Names of hosts take longer, and what fails then
   * is told by the log.
   */
  change(place: TcpPlace): boolean {
    if (this.#isInForce(place)) return true
    // The port that stood for any free one is still the same.
    const port = place.port === 0 && this.#asked.port === 0 ? this.port : place.port
    const addresses = port === 0 ? [] : place.addresses
    const isSamePort = port === this.port
    // The same port can't be listened on twice, so these are given up first.
    if (isSamePort) for (const server of this.#servers) server.close()
    const opened = this.#openAtOnce(addresses, port, place.backlog)
    if (typeof opened === 'object') this.#replace(opened, place)
    else if (opened === 'takes time') this.#openLater({ ...place, port })
    else if (isSamePort) {
      const old = this.#openAtOnce(this.#asked.addresses, port, place.backlog)
      if (typeof old === 'object') this.#servers = old
    }
    return opened !== 'failed'
  }

  /** Accepts nobody any more; resolves when the sockets are closed. Connections that exist go on. */
  async close(): Promise<void> {
    const servers = this.#servers
    this.#servers = []
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }

  #options(bound: string, port: number, backlog: number): ListenOptions {
    return { host: hostOf(bound), port, backlog, plainStreams: this.#kind === 'tls' }
  }

  #openAtOnce(
    addresses: readonly string[],
    port: number,
    backlog: number,
  ): Server[] | 'failed' | 'takes time' {
    const opened: Server[] = []
    for (const bound of addresses) {
      const outcome = listenAtOnce(this.#options(bound, port, backlog), this.#serve)
      if (typeof outcome === 'object') {
        opened.push(outcome)
        continue
      }
      const code = outcome === undefined ? undefined : getSystemErrorName(outcome)
      if (isDispensable(bound, code)) continue
      for (const other of opened) other.close()
      if (outcome === undefined) return 'takes time'
      this.#failed(bound, port, reasonOf({ code, errno: outcome }))
      return 'failed'
    }
    return opened
  }

  #openLater(place: TcpPlace): void {
    this.open(place).catch((error: unknown) => {
      this.#log.warning(error instanceof ListenError ? error.message : String(error))
    })
  }

  #isInForce({ port, addresses }: TcpPlace): boolean {
    const asked = this.#asked
    if (port !== asked.port || addresses.join(' ') !== asked.addresses.join(' ')) return false
    // An address that was not available may be so now.
    return port === 0 || this.#servers.length === addresses.length
  }

  #replace(opened: Server[], asked: TcpPlace): void {
    for (const server of this.#servers) server.close()
    this.#servers = opened
    this.#asked = asked
    this.port = opened.length === 0 ? 0 : portOf(opened[0]!)
  }

  #failed(bound: string, port: number, reason: string): ListenError {
    const address = bound.startsWith('-') ? bound.slice(1) : bound
    this.#log.warning(
      `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${reason}`,
    )
    return new ListenError(this.#failedListening(port), `${address}:${port}`, reason)
  }

  #failedListening(port: number): string {
    return `Failed listening on port ${port} (${this.#kind}), aborting.`
  }
}

function hostOf(bound: string): string {
  const address = bound.startsWith('-') ? bound.slice(1) : bound
  if (address === '*') return '0.0.0.0'
  return address === '::*' ? '::' : address
}

/** Whether this failure to listen on an address of `bind` is allowed for, with a leading `-`. */
function isDispensable(bound: string, code: string | undefined): boolean {
  return bound.startsWith('-') && code !== undefined && UNAVAILABLE.has(code)
}
