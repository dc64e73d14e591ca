// Where the server listens: the addresses of `bind` on `port`, and `unixsocket`. Opens and closes listening sockets;
// what an accepted one becomes is somebody else's business.

import fs from 'node:fs'
import type { Server } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { reasonOf } from '../base/system-error.ts'
import { listen, listenAtOnce, portOf, type Serve } from './listener.ts'
import type { Log } from './log.ts'

export interface ListenSettings {
  /** As `bind` has it: `*`, `::*`, addresses; one with a leading `-` may be unavailable. */
  readonly addresses: readonly string[]
  /** 0: any free port, unless there is a unix socket. */
  readonly port: number
  readonly unixSocket: string
  /** Permissions of the unix socket; 0 leaves them as they come. */
  readonly unixSocketMode: number
  readonly backlog: number
}

/** An address that can't be listened on, in words for the log. */
export class ListenError extends Error {
  /** The address, with its port, and the system's words; '' where there is nothing more to say. */
  readonly where: string
  readonly reason: string

  constructor(message: string, where = '', reason = message) {
    super(message)
    this.where = where
    this.reason = reason
  }
}

const UNAVAILABLE = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EINVAL'])

export class Listeners {
  /** The port that TCP clients connect to; 0 if there is none. */
  port = 0
  unixSocket = ''
  readonly #serve: Serve
  readonly #log: Log
  #tcp: Server[] = []
  #unix: Server | undefined = undefined
  /** What the TCP sockets were opened for. */
  #asked: Pick<ListenSettings, 'port' | 'addresses'> = { port: 0, addresses: [] }

  constructor(serve: Serve, log: Log) {
    this.#serve = serve
    this.#log = log
  }

  /** Opens everything, or nothing: then throws a ListenError. */
  async open(settings: ListenSettings): Promise<void> {
    try {
      if (settings.port !== 0 || settings.unixSocket === '') await this.#openTcp(settings)
      if (settings.unixSocket !== '') await this.#openUnix(settings)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Opens the TCP sockets, then closes those that were open before; or throws a ListenError. */
  async #openTcp(settings: ListenSettings): Promise<void> {
    const opened: Server[] = []
    let { port } = settings
    for (const bound of settings.addresses) {
      try {
        const server = await listen({ port, host: hostOf(bound), backlog: settings.backlog }, this.#serve)
        opened.push(server)
        port = portOf(server)
      } catch (error) {
        if (isDispensable(bound, (error as NodeJS.ErrnoException).code)) continue
        for (const other of opened) other.close()
        throw this.#failed(bound, port, reasonOf(error))
      }
    }
    if (opened.length === 0)
      throw new ListenError(failedListening(port), `port ${port}`, 'No address is available')
    this.#replaceTcp(opened, settings)
  }

  /**
   * Listens on other addresses or another port, before it returns; 0: on none. The old sockets are closed only when the
   * new ones are open. False: it can't be, and everything is as before. Names of hosts take longer, and what fails then
   * is told by the log.
   */
  changeTcp(settings: ListenSettings): boolean {
    if (this.#isInForce(settings)) return true
    // The port that stood for any free one is still the same.
    const port = settings.port === this.#asked.port ? this.port : settings.port
    const addresses = port === 0 ? [] : settings.addresses
    const isSamePort = port === this.port
    // The same port can't be listened on twice, so these are given up first.
    if (isSamePort) for (const server of this.#tcp) server.close()
    const opened = this.#openAtOnce(addresses, port, settings.backlog)
    if (typeof opened === 'object') this.#replaceTcp(opened, settings)
    else if (opened === 'takes time') this.#openLater({ ...settings, port })
    else if (isSamePort) {
      const old = this.#openAtOnce(this.#asked.addresses, port, settings.backlog)
      if (typeof old === 'object') this.#tcp = old
    }
    return opened !== 'failed'
  }

  #openAtOnce(
    addresses: readonly string[],
    port: number,
    backlog: number,
  ): Server[] | 'failed' | 'takes time' {
    const opened: Server[] = []
    for (const bound of addresses) {
      const outcome = listenAtOnce(hostOf(bound), port, backlog, this.#serve)
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

  #openLater(settings: ListenSettings): void {
    this.#openTcp(settings).catch((error: unknown) => {
      this.#log.warning(error instanceof ListenError ? error.message : String(error))
    })
  }

  #isInForce({ port, addresses }: ListenSettings): boolean {
    const asked = this.#asked
    if (port !== asked.port || addresses.join(' ') !== asked.addresses.join(' ')) return false
    // An address that was not available may be so now.
    return port === 0 || this.#tcp.length === addresses.length
  }

  #replaceTcp(opened: Server[], asked: ListenSettings): void {
    for (const server of this.#tcp) server.close()
    this.#tcp = opened
    this.#asked = asked
    this.port = opened.length === 0 ? 0 : portOf(opened[0]!)
  }

  #failed(bound: string, port: number, reason: string): ListenError {
    const address = bound.startsWith('-') ? bound.slice(1) : bound
    this.#log.warning(
      `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${reason}`,
    )
    return new ListenError(failedListening(port), `${address}:${port}`, reason)
  }

  async #openUnix(settings: ListenSettings): Promise<void> {
    const { unixSocket: path, unixSocketMode, backlog } = settings
    try {
      // What a server that died has left behind; a live one is detected by nobody, as in Redis.
      fs.rmSync(path, { force: true })
      this.#unix = await listen({ path, backlog }, this.#serve)
      if (unixSocketMode !== 0) fs.chmodSync(path, unixSocketMode)
      this.unixSocket = path
    } catch (error) {
      this.#log.warning(`Failed opening Unix socket: bind: ${reasonOf(error)}`)
      throw new ListenError('Failed listening on Unix socket, aborting.', path, reasonOf(error))
    }
  }

  /** Accepts nobody any more; resolves when the sockets are closed. Connections that exist go on. */
  async close(): Promise<void> {
    const servers = this.#unix === undefined ? this.#tcp : [...this.#tcp, this.#unix]
    this.#tcp = []
    this.#unix = undefined
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

function failedListening(port: number): string {
  return `Failed listening on port ${port} (tcp), aborting.`
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
