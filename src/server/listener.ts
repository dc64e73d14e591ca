// Listening sockets. Knows no request: it hands accepted sockets to whoever serves them.
//
// Accepted sockets are made to read into one static buffer that all share (`onread`), which saves an allocation and
// 20-30 % of the CPU of a small request. Node offers `onread` to outgoing sockets only, so the server's handle is given
// another `onconnection`. Where Node's insides are different, sockets read, and are written to, the usual way.

import net, { type AddressInfo, type Server, Socket } from 'node:net'
import { descriptorOf, NO_DESCRIPTOR } from './direct-write.ts'

/** What is read at once, at most; Node's own buffers have the same size. */
export const READ_BUFFER_BYTES = 65_536

/** Receives what a socket reads; the bytes are valid during the call only. */
export interface Receiver {
  receive(bytes: Buffer, length: number): void
}

/**
 * Serves an accepted socket, which came through the unix socket at `path` if any; undefined: it is turned away.
 * `descriptor`: where what is to be sent may be written past the socket (direct-write.ts).
 */
export type Serve = (socket: Socket, path: string | undefined, descriptor: number) => Receiver | undefined

interface TcpHandle {
  onconnection?: (status: number, handle: unknown) => void
}

export interface ListenOptions {
  readonly backlog: number
  /** A path, or a port with an address. */
  readonly path?: string
  readonly port?: number
  readonly host?: string
  /** Reads and writes the usual way, through the stream. For TLS, for tests, and for a Node that has changed. */
  readonly plainStreams?: boolean
}

const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)

/** Listens; the promise fails with Node's error. */
export function listen(options: ListenOptions, serve: Serve): Promise<Server> {
  return new Promise((resolve, reject) => {
    const { backlog, path, port, host } = options
    const server = net.createServer({ allowHalfOpen: true }, (socket) => serveWithEvents(socket, serve, path))
    server.once('error', reject)
    const where = path === undefined ? { port: port!, host: host!, ipv6Only: host!.includes(':') } : { path }
    server.listen({ ...where, backlog }, () => {
      server.removeListener('error', reject)
      // A failed accept (no file descriptors left) concerns one client, not the server.
      server.on('error', () => {})
      if (options.plainStreams !== true) readStatically(server, serve, path)
      resolve(server)
    })
  })
}

/** What listening on an address at once came to: a server, the number of an error, or that it takes longer. */
export type Outcome = Server | number | undefined

interface ListeningHandle extends TcpHandle {
  listen(backlog: number): number
  close(): void
}

type MakeHandle = (
  host: string,
  port: number,
  family: number,
  descriptor: undefined,
  flags: number,
) => ListeningHandle | number

/** What looks like an address and is none: nobody has to be asked whether it is the name of a host. */
const NO_NAME = /^[0-9.]*$|:/
/** UV_EAI_NONAME */
const UNKNOWN_NAME = -3008
/** UV_TCP_IPV6ONLY */
const IPV6_ONLY = 1

/**
 * Listens on a TCP port before it returns, which Node's own `listen` does without an address only. undefined: the host
 * is a name, which takes time to resolve, or Node's insides are different.
 */
export function listenAtOnce(options: ListenOptions, serve: Serve): Outcome {
  const { backlog, port = 0, host = '' } = options
  const makeHandle = (net as unknown as { _createServerHandle?: MakeHandle })._createServerHandle
  const family = net.isIP(host)
  if (family === 0 && NO_NAME.test(host)) return UNKNOWN_NAME
  if (family === 0 || typeof makeHandle !== 'function') return undefined
  const handle = makeHandle(host, port, family, undefined, family === 6 ? IPV6_ONLY : 0)
  if (typeof handle === 'number') return handle
  // That the port is taken comes to light here only.
  const failure = handle.listen(backlog)
  if (failure !== 0) {
    handle.close()
    return failure
  }
  const server = net.createServer({ allowHalfOpen: true }, (socket) =>
    serveWithEvents(socket, serve, undefined),
  )
  server.on('error', () => {})
  server.listen(handle, backlog)
  if (options.plainStreams !== true) readStatically(server, serve, undefined)
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function serveWithEvents(socket: Socket, serve: Serve, path: string | undefined): void {
  const receiver = serve(socket, path, NO_DESCRIPTOR)
  if (receiver !== undefined) socket.on('data', (bytes: Buffer) => receiver.receive(bytes, bytes.length))
}

function readStatically(server: Server, serve: Serve, path: string | undefined): void {
  const handle = (server as unknown as { _handle?: TcpHandle })._handle
  if (typeof handle?.onconnection !== 'function') return
  handle.onconnection = (status, client) => {
    if (status !== 0) return
    let receiver: Receiver | undefined
    const options = {
      handle: client,
      // A client that has said all may still be waiting for replies.
      allowHalfOpen: true,
      readable: true,
      writable: true,
      onread: {
        buffer: readBuffer,
        callback: (length: number, bytes: Buffer) => {
          receiver?.receive(bytes, length)
          return true
        },
      },
    }
    const socket = new Socket(options as unknown as net.SocketConstructorOpts)
    receiver = serve(socket, path, descriptorOf(socket))
    socket.read(0)
  }
}
