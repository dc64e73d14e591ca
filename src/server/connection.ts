// One client's connection: bytes in, requests to dispatch, replies out. Knows the socket and no command.
//
// Requests are parsed where they were read, in the buffer that all sockets share; only what is incomplete is kept, in
// the connection's own buffer. Replies are written into dispatch's buffer and sent once per read.

import type { Socket } from 'node:net'
import { Arguments } from '../command/arguments.ts'
import { type Peer, Session } from '../command/session.ts'
import { FAILED, INCOMPLETE, type ParserLimits, RequestParser } from '../resp/parser.ts'
import type { Dispatcher } from './dispatch.ts'

/** Replies are sent in the middle of a batch when there are so many bytes of them. */
const FLUSH_BYTES = 1_048_576
/**
 * A client without an output limit that doesn't read is not read from either beyond this. Generous, as some clients
 * send a large pipeline whole before they read.
 */
const HIGH_WATER_BYTES = 67_108_864
/** Room for what follows an incomplete request of unknown size. */
const SPARE_BYTES = 16_384

/** What a connection needs of the server. */
export interface ConnectionHost {
  readonly dispatcher: Dispatcher
  readonly maxBulkBytes: number
  readonly maxQueryBytes: number
  /** Hears of a connection's end, once. */
  closed(connection: Connection): void
  /** Whether a client may have so many bytes of replies waiting; false: it has been cut. */
  allowsOutput(connection: Connection, bytes: number): boolean
  /** Whether the client's replies are limited at all. */
  limitsOutput(connection: Connection): boolean
  /** A request has to wait until the pause is over; the host calls `resume`. */
  hold(connection: Connection): void
  warn(text: string): void
}

export class Connection implements Peer, ParserLimits {
  readonly session: Session
  readonly address: string
  readonly localAddress: string
  readonly isUnix: boolean
  readonly isTls = false
  totalBytesIn = 0
  totalBytesOut = 0
  totalCommands = 0
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #parser: RequestParser
  /** An incomplete request's beginning, or requests that wait; undefined at most times. */
  #kept: Buffer | undefined = undefined
  #keptLength = 0
  /** Requests wait: for the pause's end, or for the client to read. */
  #isHeld = false
  #isFull = false
  #isClosing = false
  #isClosed = false

  constructor(
    id: number,
    socket: Socket,
    host: ConnectionHost,
    address: string,
    localAddress: string,
    now: number,
  ) {
    this.#socket = socket
    this.#host = host
    this.address = address
    this.localAddress = localAddress
    this.isUnix = socket.remoteFamily === undefined
    this.#parser = new RequestParser(host.dispatcher.request)
    this.session = new Session(id, this, now)
    socket.setNoDelay(true)
    socket.on('error', () => this.#ended())
    socket.on('close', () => this.#ended())
    socket.on('end', () => this.close(true))
    socket.on('drain', () => this.#drained())
  }

  get authenticated(): boolean {
    return this.session.isAuthenticated
  }

  get maxBulkBytes(): number {
    return this.#host.maxBulkBytes
  }

  get fileDescriptor(): number {
    const handle = (this.#socket as unknown as { _handle?: { fd?: number } })._handle
    return handle?.fd ?? -1
  }

  get queryBytes(): number {
    return this.#keptLength
  }

  get queryFreeBytes(): number {
    return (this.#kept?.length ?? 0) - this.#keptLength
  }

  get outputBytes(): number {
    return this.#socket.writableLength
  }

  get outputPieces(): number {
    return this.#socket.writableLength === 0 ? 0 : 1
  }

  /** Bytes that have arrived, valid during the call only. */
  receive(input: Buffer, length: number): void {
    if (this.#isClosing) return
    this.totalBytesIn += length
    if (this.#kept === undefined) {
      this.#parser.reset(0)
      this.#run(input, length)
      return
    }
    if (!this.#append(input, length)) return
    if (this.#isHeld || this.#isFull) return
    // A large value arrives in many pieces: looking at each would be of no use.
    if (this.#keptLength < this.#parser.wanted) return
    this.#run(this.#kept, this.#keptLength)
  }

  /** Goes on with requests that were held. */
  resume(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#runKept()
  }

  /** Sends bytes that are no reply to a request of this client. */
  send(bytes: Buffer): void {
    if (this.#isClosing) return
    this.totalBytesOut += bytes.length
    this.#socket.write(bytes)
    this.#checkOutput()
  }

  close(afterReplies: boolean): void {
    if (this.#isClosed || (this.#isClosing && afterReplies)) return
    this.#isClosing = true
    this.session.isClosing = true
    this.#kept = undefined
    this.#keptLength = 0
    if (afterReplies) this.#socket.end(() => this.#socket.destroy())
    else {
      this.#socket.destroy()
      this.#ended()
    }
  }

  // ---- requests

  #runKept(): void {
    if (this.#kept !== undefined && !this.#isClosing) this.#run(this.#kept, this.#keptLength)
  }

  /** Runs the requests in `bytes` from the parser's position on, and keeps what is left over. */
  #run(bytes: Buffer, end: number): void {
    const { dispatcher } = this.#host
    const { session } = this
    const parser = this.#parser
    const { reply } = dispatcher
    dispatcher.begin(session)
    while (!session.isClosing && !this.#isFull) {
      const result = parser.next(bytes, end, this)
      if (result === INCOMPLETE) break
      if (result === FAILED) {
        reply.error(`ERR Protocol error: ${parser.error}`)
        session.isClosing = true
        break
      }
      if (parser.request.count > 0 && !dispatcher.execute(parser.request as Arguments)) {
        parser.reset(parser.start)
        this.#isHeld = true
        this.#host.hold(this)
        break
      }
      parser.request = dispatcher.request
      this.totalCommands++
      if (reply.length > FLUSH_BYTES) this.#flush()
    }
    dispatcher.end()
    this.#flush()
    // A handler may have closed the connection (QUIT, CLIENT KILL): then nothing is kept.
    if (session.isClosing) this.close(true)
    else this.#keep(bytes, end)
  }

  /** Keeps what has not been run, from the start of the request that is being read. */
  #keep(bytes: Buffer, end: number): void {
    const parser = this.#parser
    const from = parser.isInside ? parser.start : parser.position
    const length = end - from
    if (length === 0) {
      this.#kept = undefined
      this.#keptLength = 0
      return
    }
    if (parser.isInside && parser.request === this.#host.dispatcher.request) {
      // The arguments read so far stand where the next connection will write its own.
      const own = new Arguments(16)
      own.copyFrom(parser.request)
      parser.request = own
    }
    if (bytes !== this.#kept || from > 0) {
      const wanted = parser.isInside ? parser.wanted : 0
      const kept = Buffer.allocUnsafeSlow(Math.max(length + SPARE_BYTES, wanted))
      bytes.copy(kept, 0, from, end)
      this.#kept = kept
      this.#keptLength = length
      if (parser.isInside) parser.rebase()
      else parser.reset(0)
    }
  }

  /** Adds bytes to what is kept. False: that was too much, and the connection is closed. */
  #append(input: Buffer, length: number): boolean {
    const needed = this.#keptLength + length
    if (needed > this.#host.maxQueryBytes) {
      this.#host.warn(`Closing client that reached max query buffer length: ${this.address}`)
      this.close(false)
      return false
    }
    let kept = this.#kept!
    const wanted = Math.max(needed, this.#parser.isInside ? this.#parser.wanted : 0)
    if (wanted > kept.length) {
      // The exact size for one large value; half as much again for a request of many.
      const grown = Buffer.allocUnsafeSlow(Math.max(wanted, Math.floor(kept.length * 1.5)))
      kept.copy(grown, 0, 0, this.#keptLength)
      kept = grown
      this.#kept = kept
    }
    input.copy(kept, this.#keptLength, 0, length)
    this.#keptLength = needed
    return true
  }

  // ---- replies

  #flush(): void {
    const { reply } = this.#host.dispatcher
    if (reply.length === 0) return
    const bytes = reply.take()
    this.totalBytesOut += bytes.length
    if (this.#isClosed) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength > 0) {
      reply.giveUp()
      this.#checkOutput()
    } else reply.trim()
  }

  #checkOutput(): void {
    const waiting = this.#socket.writableLength
    if (waiting === 0 || this.#isClosed) return
    if (!this.#host.allowsOutput(this, waiting)) return
    if (waiting > HIGH_WATER_BYTES && !this.#isFull && !this.#host.limitsOutput(this)) {
      this.#isFull = true
      this.#socket.pause()
    }
  }

  #drained(): void {
    if (!this.#isFull) return
    this.#isFull = false
    this.#socket.resume()
    if (!this.#isHeld) this.#runKept()
  }

  #ended(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isClosing = true
    this.session.isClosing = true
    this.#kept = undefined
    this.#keptLength = 0
    this.#host.closed(this)
  }
}
