// One move of keys over one connection: what is sent, and what the answers mean. Ends with an outcome, once.

import type { Socket } from 'node:net'
import type { Destination, MovedKey, MoveOutcome } from '../commands/migrate.ts'

/** So much is given to the system at once: the clock starts anew with each piece that it takes. */
const PIECE_BYTES = 65_536
const CANNOT_CONNECT = 'IOERR error or timeout connecting to the client'
const CANNOT_WRITE = 'IOERR error or timeout writing to target instance'
const CANNOT_READ = 'IOERR error or timeout reading to target instance'

/** A connection to another server. */
export interface Link {
  readonly socket: Socket
  /** The database that is selected; undefined: who knows. */
  database: bigint | undefined
  usedAt: number
}

/** `isReusable`: nothing more will come over the connection. */
export type MoveEnd = (outcome: MoveOutcome, isReusable: boolean) => void

export class KeyMove {
  readonly #link: Link
  readonly #destination: Destination
  readonly #keys: readonly MovedKey[]
  readonly #onEnd: MoveEnd
  /** Replies that come before those about keys. */
  readonly #preliminaries: number
  readonly #selects: boolean
  #timer: NodeJS.Timeout | undefined = undefined
  #isOver = false
  /** Everything was sent: the rest is up to the other side. */
  #isSent = false
  /** What was read and is no whole line yet. */
  #rest = ''
  readonly #replies: string[] = []
  /** Whether the connection broke before anything was heard. */
  isUnheard = false

  constructor(link: Link, destination: Destination, keys: readonly MovedKey[], onEnd: MoveEnd) {
    this.#link = link
    this.#destination = destination
    this.#keys = keys
    this.#onEnd = onEnd
    this.#selects = link.database !== destination.database
    this.#preliminaries = Number(destination.password !== undefined) + Number(this.#selects)
  }

  start(): void {
    const { socket } = this.#link
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#fail(error.syscall === 'getaddrinfo' ? CANNOT_CONNECT : this.#whatFailed, true)
    })
    socket.on('close', () => this.#fail(this.#whatFailed, true))
    socket.on('end', () => this.#fail(this.#whatFailed, true))
    this.#restartClock()
    void this.#send()
  }

  /** The server is about to end. */
  abandon(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#link.socket.destroy()
  }

  get #whatFailed(): string {
    return this.#isSent ? CANNOT_READ : CANNOT_WRITE
  }

  #restartClock(): void {
    clearTimeout(this.#timer)
    if (this.#isOver) return
    this.#timer = setTimeout(() => this.#fail(this.#whatFailed, false), this.#destination.timeoutMs)
  }

  // ---- sending

  async #send(): Promise<void> {
    for (const words of this.#commands()) {
      for (const piece of encoded(words)) {
        if (this.#isOver) return
        await this.#write(piece)
        this.#restartClock()
      }
    }
    this.#isSent = true
  }

  /** Resolves when the system has taken it; failures are heard of elsewhere. */
  #write(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#link.socket.write(piece, () => resolve()))
  }

  *#commands(): Generator<(string | Uint8Array)[]> {
    const { user, password, database, replaces } = this.#destination
    if (password !== undefined) yield user === undefined ? ['AUTH', password] : ['AUTH', user, password]
    if (this.#selects) yield ['SELECT', String(database)]
    for (const { name, payload, timeToLive } of this.#keys) {
      if (payload === undefined) yield ['DEL', name]
      else {
        const restore = ['RESTORE', name, String(timeToLive), payload]
        if (replaces) restore.push('REPLACE')
        yield restore
      }
    }
  }

  // ---- answers

  #take(bytes: Buffer): void {
    if (this.#isOver) return
    this.#restartClock()
    const lines = (this.#rest + bytes.toString('latin1')).split('\r\n')
    this.#rest = lines.pop()!
    // Whoever else listens there must not be taken for one who has the keys.
    if (!lines.every(isReply)) {
      this.#fail(CANNOT_READ, false)
      return
    }
    this.#replies.push(...lines)
    if (this.#replies.length >= this.#preliminaries + this.#keys.length) this.#end(undefined, true)
  }

  #fail(reason: string, isBroken: boolean): void {
    if (this.#isOver) return
    this.isUnheard = isBroken && this.#replies.length === 0
    this.#end(reason, false)
  }

  #end(failure: string | undefined, isReusable: boolean): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#link.socket.removeAllListeners()
    this.#link.socket.on('error', () => {})
    const first = this.#replies.slice(0, this.#preliminaries).find(isError)
    const answers = this.#replies.slice(this.#preliminaries)
    const refusals = answers.map((line) => refusalOf(first ?? line))
    this.#link.database = first === undefined ? this.#destination.database : undefined
    this.#onEnd({ keys: this.#keys, refusals, failure }, isReusable)
  }
}

function isReply(line: string): boolean {
  return line.startsWith('+') || line.startsWith(':') || isError(line)
}

function isError(line: string): boolean {
  return line.startsWith('-')
}

function refusalOf(line: string): string | undefined {
  return isError(line) ? line.slice(1) : undefined
}

/** A request, in pieces. */
function* encoded(words: readonly (string | Uint8Array)[]): Generator<Uint8Array> {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word, 'latin1') : word
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  const whole = Buffer.concat(parts)
  for (let at = 0; at < whole.length; at += PIECE_BYTES) yield whole.subarray(at, at + PIECE_BYTES)
}
