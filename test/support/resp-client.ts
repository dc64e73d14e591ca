// A small client for tests: sends what it is told, byte for byte, and keeps replies as they came.
// It never retries, reconnects or interprets. Strings are latin1 both ways; give a Buffer for other encodings.
import { createConnection, type Socket } from 'node:net'
import type { Reply } from './reply.ts'
import { ReplyDecoder } from './reply-decoder.ts'

export { format, quote, quoteCommand, type Reply } from './reply.ts'

export type Argument = string | Buffer

/** Where a server listens: TCP or a Unix socket. */
export type Address = { host: string; port: number } | { path: string }

interface Waiter {
  resolve: (reply: Reply) => void
  reject: (error: Error) => void
}

/** The connection ended inside a pipeline: which replies had come before tells which command it was. */
export class BrokenPipeline extends Error {
  readonly replies: Reply[]

  constructor(cause: Error, replies: Reply[]) {
    super(cause.message, { cause })
    this.replies = replies
  }
}

export class RespClient {
  readonly #socket: Socket
  readonly #decoder = new ReplyDecoder()
  readonly #waiters: Waiter[] = []
  /** Replies that came while nobody waited. */
  readonly #early: Reply[] = []
  readonly #pushWaiters: Waiter[] = []
  #failure: Error | undefined = undefined

  /** RESP3 pushes nobody waited for with nextPush(), in order of arrival. */
  readonly pushes: Reply[] = []
  /** Fulfilled, never rejected, when the connection has ended for whatever reason. */
  readonly closed: Promise<void>

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', (error) => this.#fail(error))
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#fail(new Error('the connection was closed'))
        resolve()
      })
    })
  }

  /** Connects, and says HELLO 3 if asked to. */
  static async connect(address: Address, protocol: 2 | 3 = 2): Promise<RespClient> {
    const socket = createConnection(address)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const client = new RespClient(socket)
    if (protocol === 3) await client.call('HELLO', '3')
    return client
  }

  /** Over a socket that is connected already. */
  static over(socket: Socket): RespClient {
    return new RespClient(socket)
  }

  /** Why the connection is unusable, if it is. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Sends a command and waits for nothing; its reply is for next(). */
  send(args: readonly Argument[]): void {
    this.#socket.write(encode(args))
  }

  /** Sends these very bytes. A string is latin1. */
  raw(bytes: Argument): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** The next reply that is not a push. Rejects if the connection ends before it. */
  next(): Promise<Reply> {
    const early = this.#early.shift()
    if (early !== undefined) return Promise.resolve(early)
    return this.#wait(this.#waiters)
  }

  /** The next push, a collected one first. */
  nextPush(): Promise<Reply> {
    const collected = this.pushes.shift()
    if (collected !== undefined) return Promise.resolve(collected)
    return this.#wait(this.#pushWaiters)
  }

  call(...args: Argument[]): Promise<Reply> {
    this.send(args)
    return this.next()
  }

  /** All commands in one write; the replies in order. Rejects with a BrokenPipeline if one stays away. */
  async pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    if (commands.length > 0) this.#socket.write(Buffer.concat(commands.map(encode)))
    const replies: Reply[] = []
    try {
      while (replies.length < commands.length) replies.push(await this.next())
    } catch (error) {
      throw new BrokenPipeline(error as Error, replies)
    }
    return replies
  }

  /** Stops reading from the socket, so that the server's output backs up; resume() goes on. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Says goodbye (FIN) and waits until the server has too. */
  async end(): Promise<void> {
    this.#socket.end()
    await this.closed
  }

  /** Drops the connection at once. */
  async destroy(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #wait(waiters: Waiter[]): Promise<Reply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => waiters.push({ resolve, reject }))
  }

  #read(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk)
      for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
        if (reply.type === 'push') deliver(reply, this.#pushWaiters, this.pushes)
        else deliver(reply, this.#waiters, this.#early)
      }
    } catch (error) {
      this.#fail(error as Error)
      this.#socket.destroy()
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure)
    for (const waiter of this.#pushWaiters.splice(0)) waiter.reject(this.#failure)
  }
}

/** A command as a RESP array of bulk strings. */
export function encode(args: readonly Argument[]): Buffer {
  if (args.every((arg) => typeof arg === 'string')) {
    let text = `*${args.length}\r\n`
    for (const arg of args) text += `$${arg.length}\r\n${arg}\r\n`
    return Buffer.from(text, 'latin1')
  }
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)]
  for (const arg of args) {
    const bytes = typeof arg === 'string' ? Buffer.from(arg, 'latin1') : arg
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

function deliver(reply: Reply, waiters: Waiter[], rest: Reply[]): void {
  const waiter = waiters.shift()
  if (waiter === undefined) rest.push(reply)
  else waiter.resolve(reply)
}
