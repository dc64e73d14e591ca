// Where the server listens: the addresses of `bind` on `port`, and `unixsocket`. Opens and closes listening sockets;
// what an accepted one becomes is somebody else's business.

import fs from 'node:fs'
import type { Server } from 'node:net'
import { reasonOf } from '../base/system-error.ts'
import { listen, portOf, type Serve } from './listener.ts'
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
export class ListenError extends Error {}

const UNAVAILABLE = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EINVAL'])

export class Listeners {
  /** The port that TCP clients connect to; 0 if there is none. */
  port = 0
  unixSocket = ''
  readonly #serve: Serve
  readonly #log: Log
  #tcp: Server[] = []
  #unix: Server | undefined = undefined

  constructor(serve: Serve, log: Log) {
    this.#serve = serve
    this.#log = log
  }

  /** Opens everything, or nothing: then throws a ListenError. */
  async open(settings: ListenSettings): Promise<void> {
    try {
      if (settings.port !== 0 || settings.unixSocket === '') await this.openTcp(settings)
      if (settings.unixSocket !== '') await this.#openUnix(settings)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Listens on other addresses or another port; the old ones are closed only when the new ones are open. */
  async openTcp(settings: ListenSettings): Promise<void> {
    const old = this.#tcp
    // The same port can't be listened on twice, so addresses that stay are given up first.
    if (settings.port === this.port) for (const server of old) server.close()
    const opened: Server[] = []
    let { port } = settings
    for (const bound of settings.addresses) {
      const server = await this.#openAddress(bound, port, settings.backlog, () => {
        for (const other of opened) other.close()
      })
      if (server === undefined) continue
      opened.push(server)
      port = portOf(server)
    }
    if (opened.length === 0) throw new ListenError(`Failed listening on port ${port} (tcp), aborting.`)
    for (const server of old) server.close()
    this.#tcp = opened
    this.port = port
  }

  async #openAddress(
    bound: string,
    port: number,
    backlog: number,
    giveUp: () => void,
  ): Promise<Server | undefined> {
    const isOptional = bound.startsWith('-')
    const address = isOptional ? bound.slice(1) : bound
    const host = address === '*' ? '0.0.0.0' : address === '::*' ? '::' : address
    try {
      return await listen({ port, host, backlog }, this.#serve)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (isOptional && UNAVAILABLE.has(code ?? '')) return undefined
      this.#log.warning(
        `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${reasonOf(error)}`,
      )
      giveUp()
      throw new ListenError(`Failed listening on port ${port} (tcp), aborting.`)
    }
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
      throw new ListenError('Failed listening on Unix socket, aborting.')
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
