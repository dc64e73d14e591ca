// Receives sockets that have been accepted: turns away those for whom there is no room or no trust, makes connections
// of the others.

import type { Socket } from 'node:net'
import type { Authentication } from '../acl/authentication.ts'
import type { Clock } from '../base/clock.ts'
import type { Session } from '../command/session.ts'
import { Connection, type ConnectionHost, type Endpoints } from './connection.ts'
import { NO_DESCRIPTOR } from './direct-write.ts'

const NO_ROOM = '-ERR max number of clients reached\r\n'
const PROTECTED =
  '-DENIED Redis is running in protected mode: the default user has no password, and then only clients on the same machine are served. ' +
  'To be served from elsewhere, give it a password (requirepass), or, if nobody you do not trust can reach the port, ' +
  'say CONFIG SET protected-mode no on the machine itself, or start with --protected-mode no.\r\n'

const REPORT_EVERY_MS = 60_000

export class Reception {
  /** Follows `protected-mode`. */
  isProtected = true
  /** Seconds of silence after which the system asks whether the client is still there; 0: never. Follows `tcp-keepalive`. */
  keepAliveSeconds = 300
  readonly #host: ConnectionHost
  readonly #authentication: Authentication
  readonly #clock: Clock
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(host: ConnectionHost, authentication: Authentication, clock: Clock) {
    this.#host = host
    this.#authentication = authentication
    this.#clock = clock
  }

  /**
   * `unixPath`: the path of the socket that the client came through, if it is no TCP one. `descriptor`: what replies may
   * be written to. undefined: turned away.
   */
  accept(socket: Socket, unixPath?: string, descriptor = NO_DESCRIPTOR): Connection | undefined {
    const { clients } = this.#host
    const isUnix = unixPath !== undefined
    const refusal = clients.isFull ? NO_ROOM : this.#isDistrusted(socket, isUnix) ? PROTECTED : undefined
    if (refusal !== undefined) {
      clients.rejected++
      turnAway(socket, refusal)
      return undefined
    }
    if (!isUnix && this.keepAliveSeconds > 0) socket.setKeepAlive(true, this.keepAliveSeconds * 1000)
    const endpoints = isUnix ? unixEndpoints(unixPath, descriptor) : tcpEndpoints(socket, descriptor)
    const connection = new Connection(clients.takeId(), socket, this.#host, endpoints, this.#clock.now())
    this.#authentication.admit(connection.session)
    clients.add(connection)
    return connection
  }

  /** A client spoke HTTP: somebody's web page may be trying to command us. Not said more than once a minute. */
  reportHttp(client: Session): void {
    const now = this.#clock.now()
    if (now - this.#reportedAt < REPORT_EVERY_MS) return
    this.#reportedAt = now
    this.#host.log.warning(
      `Possible SECURITY ATTACK detected: a client at ${client.peer.address} sent POST or Host: as a command. ` +
        'A web page may be trying to send commands to this server through its visitors. The connection was aborted.',
    )
  }

  #isDistrusted(socket: Socket, isUnix: boolean): boolean {
    if (!this.isProtected || isUnix || !this.#authentication.isOpen) return false
    const address = socket.remoteAddress ?? ''
    return !address.startsWith('127.') && address !== '::1'
  }
}

function turnAway(socket: Socket, text: string): void {
  socket.on('error', () => {
    // It has gone by itself.
  })
  socket.end(text, () => socket.destroy())
}

function unixEndpoints(path: string, descriptor: number): Endpoints {
  return { address: `${path}:0`, localAddress: `${path}:0`, isUnix: true, isTls: false, descriptor }
}

function tcpEndpoints(socket: Socket, descriptor: number): Endpoints {
  return {
    address: joined(socket.remoteAddress, socket.remotePort),
    localAddress: joined(socket.localAddress, socket.localPort),
    isUnix: false,
    isTls: 'encrypted' in socket,
    descriptor,
  }
}

/** A client may be gone before it is received, and then has no address. */
function joined(host = '?', port = 0): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
