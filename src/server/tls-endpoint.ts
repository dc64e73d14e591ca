// The server's end of TLS: makes encrypted sockets of accepted ones, by the settings in force. New settings hold for new
// connections; if they are wrong, the old ones stay. Knows no address and no request.

import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import type { Config } from '../config/config.ts'
import { NO_DESCRIPTOR } from './direct-write.ts'
import type { Serve } from './listener.ts'
import type { Log } from './log.ts'
import { TlsSettingsError, tlsOptions, tlsReason } from './tls-options.ts'
import { TlsSessions } from './tls-sessions.ts'

export interface TlsParts {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  /** Serves a client whose handshake is done. */
  readonly serve: Serve
}

export class TlsEndpoint {
  readonly #parts: TlsParts
  /** Listens nowhere: accepted sockets are handed to it. undefined: no settings are in force. */
  #server: Server | undefined = undefined
  /** Sockets whose handshake is going on. */
  readonly #shaking = new Set<Socket>()

  constructor(parts: TlsParts) {
    this.#parts = parts
  }

  get isConfigured(): boolean {
    return this.#server !== undefined
  }

  /** Puts the settings into force, with the files as they are now. False: they can't be, and the log says why. */
  configure(): boolean {
    const { config, log } = this.#parts
    try {
      const options = tlsOptions(config)
      const server = createServer(options)
      this.#listenTo(server, options)
      this.#server = server
      return true
    } catch (error) {
      log.warning(error instanceof TlsSettingsError ? error.message : `TLS: ${tlsReason(error)}`)
      return false
    }
  }

  /** The settings have changed while nobody needed them. */
  forget(): void {
    this.#server = undefined
  }

  /** Takes a socket that a listener has accepted. */
  readonly accept: Serve = (socket) => {
    if (this.#server === undefined) {
      socket.destroy()
      return undefined
    }
    this.#shaking.add(socket)
    socket.once('close', () => this.#shaking.delete(socket))
    this.#server.emit('connection', socket)
    return undefined
  }

  /** Ends all handshakes. */
  close(): void {
    for (const socket of this.#shaking) socket.destroy()
    this.#server = undefined
  }

  #listenTo(server: Server, options: TlsOptions): void {
    const { config, clock } = this.#parts
    server.on('tlsClientError', (error, socket) => this.#failed(socket, tlsReason(error)))
    server.on('secureConnection', (socket) => this.#serve(socket, options))
    if (!config.boolean('tls-session-caching')) return
    const lifetime = config.number('tls-session-cache-timeout') || 300
    const sessions = new TlsSessions(clock, config.number('tls-session-cache-size'), lifetime)
    server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
      sessions.keep(id, data)
      done()
    })
    server.on('resumeSession', (id: Buffer, done: (error: null, data: Buffer | null) => void) => {
      done(null, sessions.find(id))
    })
  }

  #serve(socket: TLSSocket, options: TlsOptions): void {
    // `optional`: no certificate is fine, a wrong one is not.
    if (options.requestCert === true && !socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      this.#failed(socket, String(socket.authorizationError))
      return
    }
    const receiver = this.#parts.serve(socket, undefined, NO_DESCRIPTOR)
    if (receiver !== undefined) socket.on('data', (bytes: Buffer) => receiver.receive(bytes, bytes.length))
  }

  #failed(socket: TLSSocket, reason: string): void {
    const address = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`
    this.#parts.log.warning(`Error accepting a client connection: ${reason} (addr=${address})`)
    socket.destroy()
  }
}
