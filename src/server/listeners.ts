// Where the server listens: the addresses of `bind` on `port` and on `tls-port`, and `unixsocket`. What an accepted socket
// becomes is somebody else's business.

import fs from 'node:fs'
import type { Server } from 'node:net'
import { reasonOf } from '../base/system-error.ts'
import { listen, type Serve } from './listener.ts'
import type { Log } from './log.ts'
import { ListenError, TcpListeners } from './tcp-listeners.ts'

export interface ListenSettings {
  /** As `bind` has it. */
  readonly addresses: readonly string[]
  /** 0: any free port, unless there is something else to listen on. */
  readonly port: number
  /** 0: none. */
  readonly tlsPort: number
  readonly unixSocket: string
  /** Permissions of the unix socket; 0 leaves them as they come. */
  readonly unixSocketMode: number
  readonly backlog: number
}

const NOWHERE = 'Configured to not listen anywhere, exiting.'

export class Listeners {
  unixSocket = ''
  readonly #serve: Serve
  readonly #log: Log
  readonly #tcp: TcpListeners
  readonly #tls: TcpListeners
  #unix: Server | undefined = undefined

  /** `serveTls` takes sockets before their handshake. */
  constructor(serve: Serve, serveTls: Serve, log: Log) {
    this.#serve = serve
    this.#log = log
    this.#tcp = new TcpListeners('tcp', serve, log)
    this.#tls = new TcpListeners('tls', serveTls, log)
  }

  /** The port that TCP clients connect to; 0 if there is none. */
  get port(): number {
    return this.#tcp.port
  }

  get tlsPort(): number {
    return this.#tls.port
  }

  /** Opens everything, or nothing: then throws a ListenError. */
  async open(settings: ListenSettings): Promise<void> {
    const { port, tlsPort, unixSocket } = settings
    try {
      if (port !== 0 || (unixSocket === '' && tlsPort === 0)) await this.#tcp.open(settings)
      if (tlsPort !== 0) await this.#tls.open({ ...settings, port: tlsPort })
      if (unixSocket !== '') await this.#openUnix(settings)
      if (this.port === 0 && this.tlsPort === 0 && unixSocket === '') throw new ListenError(NOWHERE)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Listens elsewhere, before it returns: see TcpListeners. False: one of both can't be, and it is as before. */
  changeTcp(settings: ListenSettings): boolean {
    return this.#tcp.change(settings)
  }

  changeTls(settings: ListenSettings): boolean {
    return this.#tls.change({ ...settings, port: settings.tlsPort })
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
    const unix = this.#unix
    this.#unix = undefined
    await Promise.all([
      this.#tcp.close(),
      this.#tls.close(),
      unix === undefined ? undefined : new Promise((resolve) => unix.close(resolve)),
    ])
  }
}
