// One client's connection: bytes in, requests to dispatch, replies out. Knows the socket and no command.
//
// Requests are parsed where they were read, in the buffer that all sockets share; only what is incomplete is kept, in
// the connection's own buffer. Replies are written into dispatch's buffer and sent once per read.

import type { Socket } from 'node:net'
import { describeClient } from '../command/client-line.ts'
import { type Peer, Session } from '../command/session.ts'
import { FAILED, INCOMPLETE, type ParserLimits } from '../resp/parser.ts'
import type { ClientMemory } from './client-memory.ts'
import type { Client, Clients } from './clients.ts'
import type { CrashReports } from './crash-report.ts'
import { descriptorOf, NO_DESCRIPTOR, writeDirectly } from './direct-write.ts'
import type { Dispatcher } from './dispatch.ts'
import type { WaitingRoom } from './faults.ts'
import { InputBuffer } from './input-buffer.ts'
import { READ_BUFFER_BYTES } from './listener.ts'
import type { Log } from './log.ts'
import type { MessageQueue, MessageReceiver } from './message-queue.ts'
import type { OutputLimits } from './output-limits.ts'
import { OutputQueue } from './output-queue.ts'
import type { Held } from './pause.ts'
import type { ReplyOwner, ReplyQueue } from './reply-queue.ts'

/**
 * Replies are sent in the middle of a batch when there are so many bytes of them: as long as they fit into dispatch's
 * buffer, which is expensive to enlarge. LRANGE of 600 elements at P=100 takes 10 us of CPU with this, 28 with a megabyte.
 */
const FLUSH_BYTES = 131_072
/**
 * A client without an output limit that doesn't read is not read from either beyond this. Generous, as some clients
 * send a large pipeline whole before they read.
 */
const HIGH_WATER_BYTES = 67_108_864
/** Replies of at least this size wait in the buffer that they were written into, instead of in a copy. */
const ADOPTED_BYTES = 131_072
/** Replies of up to this size are copied where the socket does not take them at once. */
const COPIED_BYTES = 65_536
/** What a client may send before it has authenticated, as long as it makes no whole request. */
const UNAUTHENTICATED_BYTES = 1_048_576
/** How long a client that has hung up may take to read its last replies. */
const LINGER_MS = 10_000
/** Messages that weigh so much are sent at once. */
const MESSAGE_BYTES = 65_536
const NOTHING = Buffer.alloc(0)

/** What a connection needs of the server. Numbers are read when needed: they follow the settings. */
export interface ConnectionHost {
  readonly dispatcher: Dispatcher
  readonly replies: ReplyQueue
  readonly messages: MessageQueue
  readonly clients: Clients
  readonly clientMemory: ClientMemory
  readonly pause: WaitingRoom
  readonly outputLimits: OutputLimits
  readonly log: Log
  readonly crashReports: CrashReports
  /** `proto-max-bulk-len` */
  readonly maxBulkBytes: number
  /** `client-query-buffer-limit` */
  readonly maxQueryBytes: number
}

/** The two ends of a connection, as CLIENT LIST shows them. */
export interface Endpoints {
  readonly address: string
  readonly localAddress: string
  readonly isUnix: boolean
  readonly isTls: boolean
  /** What replies are written to; NO_DESCRIPTOR: the socket's stream. */
  readonly descriptor: number
}

export class Connection implements Client, Held, MessageReceiver, ParserLimits, Peer, ReplyOwner {
  readonly session: Session
  readonly address: string
  readonly localAddress: string
  readonly isUnix: boolean
  readonly isTls: boolean
  totalBytesIn = 0
  totalBytesOut = 0
  totalCommands = 0
  countedBytes = 0
  readonly #socket: Socket
  readonly #descriptor: number
  readonly #host: ConnectionHost
  readonly #input: InputBuffer
  /** Replies that the socket has been given and has not taken yet, and those that wait for it to be free. */
  #inFlight = 0
  readonly #output = new OutputQueue()
  /** Pieces of replies of this turn that are in dispatch's buffer. */
  #waiting = 0
  /** What is to be sent that replies to nothing, behind those replies; and its bytes. */
  #messages: Buffer[] = []
  #messageBytes = 0
  #isInMessageQueue = false
  /** While requests run: how many bytes they came in. */
  #isRunning = false
  #batchBytes = 0
  /** Requests wait: for the pause's end or for the one before them to be served; or for the client to read. */
  #isHeld = false
  #isFull = false
  #hasHungUp = false
  #hungUpSince = 0
  /** The socket is to be ended when it has taken everything. */
  #isEnding = false
  #isClosed = false

  constructor(id: number, socket: Socket, host: ConnectionHost, endpoints: Endpoints, now: number) {
    this.#socket = socket
    this.#descriptor = endpoints.descriptor
    this.#host = host
    this.address = endpoints.address
    this.localAddress = endpoints.localAddress
    this.isUnix = endpoints.isUnix
    this.isTls = endpoints.isTls
    this.#input = new InputBuffer(host.dispatcher.request)
    this.session = new Session(id, this, now)
    socket.setNoDelay(true)
    socket.on('error', () => this.#ended())
    socket.on('close', () => this.#ended())
    socket.on('end', () => this.#hungUp())
  }

  get authenticated(): boolean {
    return this.session.isAuthenticated
  }

  get maxBulkBytes(): number {
    return this.#host.maxBulkBytes
  }

  get fileDescriptor(): number {
    return descriptorOf(this.#socket)
  }

  get queryBytes(): number {
    return this.#isRunning ? this.#batchBytes : this.#input.length - this.#input.readBytes
  }

  get argumentBytes(): number {
    return this.#isRunning ? 0 : this.#input.readBytes
  }

  get queryFreeBytes(): number {
    return this.#input.free
  }

  get outputBytes(): number {
    return this.#inFlight + this.#output.bytes + this.#messageBytes
  }

  get turnBytes(): number {
    return this.#messageBytes
  }

  get outputPieces(): number {
    return (this.#inFlight > 0 ? 1 : 0) + this.#output.pieces + this.#messages.length
  }

  /** Bytes that have arrived, valid during the call only. */
  receive(bytes: Buffer, length: number): void {
    if (this.session.isClosing) return
    this.totalBytesIn += length
    this.#host.clients.bytesIn += length
    this.#host.clients.reads++
    const commandsBefore = this.totalCommands
    try {
      this.#take(bytes, length)
    } catch (error) {
      this.#failed(error)
    }
    const { clientMemory } = this.#host
    clientMemory.count(this)
    clientMemory.settle()
    // A read that has run nothing, in the middle of a large value, was a mere copy: nobody waits long for the rest.
    if (length === READ_BUFFER_BYTES && this.totalCommands !== commandsBefore) this.#letOthersRead()
  }

  /** Goes on with requests that were held. */
  resume(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.session.isBlocked = false
    this.#goOn()
  }

  beginReplies(): void {
    this.#isRunning = true
  }

  endReplies(): void {
    this.#takeMessages()
    this.#isRunning = false
    if (this.#host.replies.add(this)) this.#waiting++
  }

  wake(): void {
    this.#isHeld = false
    // Others come first: they may be in the middle of theirs.
    if (this.#input.length > 0) setImmediate(() => this.#goOn())
  }

  send(bytes: Buffer): void {
    if (this.session.isClosing) return
    this.#messages.push(bytes)
    this.#messageBytes += bytes.length
    if (this.#messageBytes >= MESSAGE_BYTES && this.#host.replies.isFree) this.flushMessages()
    else if (!this.#isInMessageQueue) {
      this.#isInMessageQueue = true
      this.#host.messages.add(this)
    }
  }

  /** Sends the messages that wait. Behind replies in dispatch's buffer they wait on, for `deliver`. */
  flushMessages(): void {
    this.#isInMessageQueue = false
    if (this.#messages.length === 0 || !this.#allowsOutput(0)) return
    if (this.#isRunning || this.#waiting > 0) return
    const bytes = this.#host.messages.join(this.#messages)
    this.#messages = []
    this.#messageBytes = 0
    this.#deliver(bytes, 0, bytes.length)
    this.#host.clientMemory.count(this)
  }

  joinReplies(): void {
    this.#isInMessageQueue = false
    if (this.session.isClosing) return
    this.#takeMessages()
    if (this.#host.replies.add(this)) this.#waiting++
  }

  allowsReply(bytes: number): boolean {
    return this.#allowsOutput(bytes)
  }

  close(afterReplies: boolean): void {
    if (this.#isClosed) return
    this.session.isClosing = true
    if (this.session.isBlocked) this.#host.dispatcher.context.blocked.forget(this.session)
    if (!afterReplies) {
      this.#socket.destroy()
      this.#ended()
    } else if (!this.#isRunning && this.#waiting === 0 && !this.#isEnding) {
      this.flushMessages()
      this.#isEnding = true
      if (this.outputBytes === 0) this.#endSocket()
    }
  }

  upkeep(now: number, isIdle: boolean): void {
    if (!this.#isRunning) this.#input.trim(isIdle)
    this.#host.clientMemory.count(this)
    if (!this.#hasHungUp) return
    if (this.#hungUpSince === 0) this.#hungUpSince = now
    if (now - this.#hungUpSince >= LINGER_MS) this.close(false)
  }

  enforceOutputLimit(): void {
    this.#allowsOutput(0)
  }

  // ---- requests

  /** Whatever has gone wrong here has to cost this client its connection, and nobody else theirs. */
  #failed(error: unknown): void {
    const { log, replies, crashReports } = this.#host
    crashReports.tell(error, { place: 'between commands', client: this.session })
    log.warning(`Closing client after an internal error: ${this.#describe()}`)
    // What was to be sent to this client must not be sent to the next.
    replies.discard()
    this.close(false)
  }

  #take(bytes: Buffer, length: number): void {
    const input = this.#input
    if (input.length === 0 && !this.#isFull && !this.#isHeld) {
      input.parser.reset(0)
      this.#run(bytes, length)
      return
    }
    if (input.length + length > this.#queryLimit()) {
      this.#host.log.warning(`Closing client that reached max query buffer length: ${this.#describe()}`)
      this.#host.clients.cutForInput++
      this.close(false)
      return
    }
    input.append(bytes, length)
    if (!this.#isHeld && !this.#isFull && input.isWorthReading) this.#runKept()
  }

  /**
   * There is more to be read, and it would be read until the socket is empty, up to 2 MB: two hundred thousand small
   * requests. So the rest waits until every other socket has had its turn.
   */
  #letOthersRead(): void {
    if (this.#isFull || this.#isClosed) return
    this.#socket.pause()
    setImmediate(() => {
      if (!this.#isFull && !this.#isClosed) this.#socket.resume()
    })
  }

  #queryLimit(): number {
    const { maxQueryBytes } = this.#host
    return this.authenticated ? maxQueryBytes : Math.min(maxQueryBytes, UNAUTHENTICATED_BYTES)
  }

  #runKept(): void {
    this.#run(this.#input.bytes, this.#input.end)
  }

  /** Runs what is kept, out of nobody's call. */
  #goOn(): void {
    if (this.#isHeld || this.session.isClosing || this.#input.length === 0) return
    try {
      this.#runKept()
    } catch (error) {
      this.#failed(error)
    }
    this.#host.clientMemory.count(this)
  }

  /** Runs the requests in `bytes` from the parser's position on, and keeps what is left over. */
  #run(bytes: Buffer, end: number): void {
    const { dispatcher } = this.#host
    const { session } = this
    this.#batchBytes = end
    this.#isRunning = true
    dispatcher.begin(session)
    if (this.#messages.length > 0) this.#takeMessages()
    try {
      this.#runRequests(bytes, end)
    } finally {
      dispatcher.end()
      this.#isRunning = false
    }
    const { replies } = this.#host
    if (replies.add(this)) this.#waiting++
    if (replies.isLong) replies.flush()
    // A handler may have closed the connection (QUIT, CLIENT KILL): then nothing is kept.
    if (session.isClosing) {
      this.close(true)
      return
    }
    const dropped = this.#input.keep(bytes, end, dispatcher.request)
    if (dropped === 0) return
    dispatcher.context.forget()
    this.#host.clients.droppedBytes += dropped
  }

  #runRequests(bytes: Buffer, end: number): void {
    const { dispatcher, replies } = this.#host
    const { reply, request } = dispatcher
    let start = reply.length
    const { session } = this
    const { parser } = this.#input
    const flushAt = this.#flushBytes()
    let lookedTo = 0
    while (!session.isClosing && !this.#isFull) {
      const result = parser.next(bytes, end, this)
      if (result === INCOMPLETE) return
      if (result === FAILED) {
        this.#refuse(parser.error)
        return
      }
      if (parser.request.count === 0) {
        // A request of nothing is a request whose reply can be skipped, in Redis.
        if (session.replyMode === 'skip') session.replyMode = 'on'
      } else {
        if (!dispatcher.execute(parser.request)) {
          this.#hold()
          return
        }
        this.totalCommands++
        if (this.#messages.length > 0) this.#takeMessages()
      }
      parser.request = request
      const { position } = parser
      if (position >= lookedTo && position < end) lookedTo = dispatcher.lookAhead(bytes, position, end)
      if (reply.length - start > flushAt) {
        if (replies.add(this)) this.#waiting++
        replies.flush()
        start = reply.length
      }
    }
  }

  /** What the client sends is no request: it is told so, and has to go. */
  #refuse(error: string): void {
    this.#host.log.verbose(`Protocol error (${error}) from client: ${this.#describe()}`)
    this.#host.dispatcher.refuseInput(error)
    this.session.isClosing = true
  }

  /** The request that has just been read is read again when the pause is over, unless it waits itself. */
  #hold(): void {
    const { parser } = this.#input
    this.#isHeld = true
    parser.request = this.#host.dispatcher.request
    if (this.session.isBlocked) {
      this.totalCommands++
      return
    }
    parser.reset(parser.start)
    this.session.isBlocked = true
    this.#host.pause.hold(this)
  }

  // ---- replies

  /** When replies are sent in the middle of a batch: before more wait than the client may have waiting. */
  #flushBytes(): number {
    const { hardBytes } = this.#host.outputLimits.limitOf(this.session)
    return hardBytes > 0 && hardBytes < FLUSH_BYTES ? hardBytes : FLUSH_BYTES
  }

  /** Takes the replies of requests from dispatch's buffer. */
  deliver(bytes: Buffer, from: number, to: number): boolean {
    // Replies that are not sent yet count too, as in Redis: one reply may be over the limit, however fast the client
    // reads.
    this.#waiting--
    if (this.#isClosed || !this.#allowsOutput(to - from)) return true
    const isDone = this.#deliver(bytes, from, to)
    if (this.outputBytes > 0) this.#host.clientMemory.count(this)
    if (this.#waiting === 0) this.#catchUp()
    return isDone
  }

  /** Puts messages between the replies, where they have come up. */
  #takeMessages(): void {
    for (const bytes of this.#messages) this.#host.dispatcher.reply.raw(bytes)
    this.#messages = []
    this.#messageBytes = 0
  }

  /** What had to wait for the replies of this turn. */
  #catchUp(): void {
    if (this.#messages.length > 0 && !this.#isInMessageQueue) this.flushMessages()
    if (this.session.isClosing) this.close(true)
  }

  /**
   * Sends the bytes between two places, or queues them behind others. False: they are still needed where they are, as the
   * socket has not taken them all, or as many wait as they are.
   */
  #deliver(bytes: Buffer, from: number, to: number): boolean {
    const { clients } = this.#host
    this.totalBytesOut += to - from
    clients.bytesOut += to - from
    let isDone = false
    if (this.#inFlight + this.#output.bytes === 0) {
      const written = writeDirectly(this.#socket, this.#descriptor, bytes, from, to)
      if (written > 0) clients.writes++
      if (from + written === to) return true
      isDone = this.#writeRest(bytes.subarray(from + written, to))
    } else if (to - from >= ADOPTED_BYTES) this.#output.adopt(bytes.subarray(from, to))
    else {
      this.#output.push(bytes.subarray(from, to))
      isDone = true
    }
    if (this.outputBytes > HIGH_WATER_BYTES && !this.#isFull) this.#slowDown()
    return isDone
  }

  /**
   * Likewise, of what has not been written past the stream. TLS has no socket to write to past it, and takes everything
   * a little later: a copy costs it nothing, and leaves dispatch's buffer to others.
   */
  #writeRest(bytes: Buffer): boolean {
    if (this.#descriptor !== NO_DESCRIPTOR || bytes.length > COPIED_BYTES) return this.#write(bytes)
    this.#write(Buffer.from(bytes))
    return true
  }

  /** Gives bytes to the socket, which must be free. False: it has not taken them all yet. */
  #write(bytes: Buffer): boolean {
    this.#host.clients.writes++
    this.#socket.write(bytes)
    if (this.#socket.writableLength === 0) return true
    this.#inFlight = bytes.length
    // The 'drain' event comes for large writes only, and a callback for each write would cost every request: so an
    // empty write follows the few that the socket does not take at once.
    this.#socket.write(NOTHING, (error) => {
      if (error == null) this.#taken()
    })
    return false
  }

  /** The socket is free again. */
  #taken(): void {
    if (this.#isClosed) return
    this.#inFlight = 0
    while (this.#output.pieces > 0) if (!this.#write(this.#output.take()!)) break
    this.#host.clientMemory.count(this)
    if (this.#inFlight > 0) return
    if (this.#isEnding) this.#endSocket()
    else if (this.#isFull) {
      this.#isFull = false
      this.#socket.resume()
      this.#goOn()
    }
  }

  /** Reads no more until the client has read, unless a limit will end the matter. */
  #slowDown(): void {
    if (this.#host.outputLimits.restricts(this.session)) return
    this.#isFull = true
    this.#socket.pause()
  }

  /** Whether so many more bytes may wait. If not, the client has been cut. */
  #allowsOutput(more: number): boolean {
    const { outputLimits, dispatcher, log, clients } = this.#host
    if (outputLimits.allows(this.session, this.outputBytes + more, dispatcher.context.now)) return true
    clients.cutForOutput++
    log.warning(
      `Client ${this.#describe()} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    )
    this.close(false)
    return false
  }

  // ---- the end

  /** The client sends no more. What it is due is still sent, to one that has closed only its own side. */
  #hungUp(): void {
    this.#hasHungUp = true
    this.close(true)
  }

  #endSocket(): void {
    this.#input.clear()
    this.#socket.end(() => this.#socket.destroy())
  }

  #ended(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.session.isClosing = true
    if (this.session.isBlocked) this.#host.dispatcher.context.blocked.forget(this.session)
    this.#input.clear()
    this.#output.clear()
    this.#messages = []
    this.#messageBytes = 0
    this.#inFlight = 0
    this.#host.pause.forget(this)
    this.#host.outputLimits.forget(this.session)
    this.#host.clients.remove(this)
  }

  #describe(): string {
    const { dispatcher, log } = this.#host
    return describeClient(this.session, dispatcher.context.now, (text) => log.userData(text))
  }
}
