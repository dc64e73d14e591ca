// A fast load of our own: one command whose key alone varies, pipelined over several connections, every reply checked.
// Used where redis-benchmark cannot: filling with each key once, and overwriting for a given time.
// Knows the protocol's bytes and nothing of servers.

import { connect, type Socket } from 'node:net'
import { encodeRequest, HOST } from './ask.ts'

export interface Load {
  port: number
  connections: number
  /** Commands of one write; each connection has one write under way. */
  depth: number
  /** The words of the command; KEY and NUMBER stand for the key and its number alone. */
  words: string[]
  /** The one right reply to each of them, as bytes; or of how many lines each is, where any will do but an error. */
  reply: string | number
  /** The number of the next key, or -1 when there is none left. */
  next: () => number
  signal: AbortSignal
}

export const KEY = '{key}'
export const NUMBER = '{number}'
const KEY_DIGITS = 12
export const OK_REPLY = '+OK\r\n'

/** 16 bytes, and the very keys redis-benchmark uses. */
export function keyName(number: number): string {
  return `key:${String(number).padStart(KEY_DIGITS, '0')}`
}

/** SET of every key; the value is no number, which Redis would keep in less. */
export function fillWords(valueBytes: number, seconds?: number): string[] {
  const words = ['SET', KEY, 'x'.repeat(valueBytes)]
  return seconds === undefined ? words : [...words, 'EX', `${seconds}`]
}

/** `first`, `first` + 1 … `count` of them, then -1. */
export function eachOnce(count: number, first = 0): () => number {
  let at = first
  return () => (at < first + count ? at++ : -1)
}

/** Sends commands until `next` says -1 and every reply has come; resolves to their number. Rejects at a wrong reply. */
export async function runLoad(load: Load): Promise<number> {
  const channels = Array.from({ length: load.connections }, () => new Channel(load))
  try {
    await Promise.all(channels.map((channel) => channel.done))
  } finally {
    for (const channel of channels) channel.close()
  }
  return channels.reduce((sum, channel) => sum + channel.commands, 0)
}

/** `depth` commands back to back, in which only digits are written anew. */
export class CommandBlock {
  readonly bytes: Buffer
  readonly #commandBytes: number
  /** Where the digits of keys and numbers are within a command. */
  readonly #digitsAt: number[] = []

  constructor(words: readonly string[], depth: number) {
    const zero = '0'.repeat(KEY_DIGITS)
    const command = encodeRequest(
      words.map((word) => (word === KEY ? keyName(0) : word === NUMBER ? zero : word)),
    )
    for (let at = command.indexOf(zero); at >= 0; at = command.indexOf(zero, at + KEY_DIGITS)) {
      this.#digitsAt.push(at)
    }
    this.#commandBytes = command.length
    this.bytes = Buffer.from(command.repeat(depth), 'latin1')
  }

  setKey(index: number, key: number): void {
    for (const digitsAt of this.#digitsAt) {
      const first = index * this.#commandBytes + digitsAt
      let rest = key
      for (let at = first + KEY_DIGITS - 1; at >= first; at--) {
        const tenth = Math.floor(rest / 10)
        this.bytes[at] = 48 + rest - tenth * 10
        rest = tenth
      }
    }
  }

  /** The bytes of the first `count` commands. */
  first(count: number): Buffer {
    return this.bytes.subarray(0, count * this.#commandBytes)
  }
}

/** One connection of a load: writes a block, waits for its replies, writes the next. */
class Channel {
  readonly done: Promise<void>
  commands = 0
  #load: Load
  #socket: Socket
  // Written anew only when all its replies have come, so the kernel has long taken it: one block will do.
  #block: CommandBlock
  #replies: Buffer | undefined
  #expected = 0
  #received = 0
  #finish: () => void = () => {}
  #fail: (error: Error) => void = () => {}

  constructor(load: Load) {
    this.#load = load
    this.#block = new CommandBlock(load.words, load.depth)
    const { reply } = load
    if (typeof reply === 'string') this.#replies = Buffer.from(reply.repeat(load.depth), 'latin1')
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    const buffer = Buffer.allocUnsafe(65_536)
    const callback = (bytes: number) => this.#take(buffer.subarray(0, bytes))
    this.#socket = connect({ port: load.port, host: HOST, noDelay: true, onread: { buffer, callback } })
    this.#socket.once('connect', () => this.#send())
    this.#socket.once('error', (error) => this.#fail(load.signal.aborted ? load.signal.reason : error))
    this.#socket.once('close', () =>
      this.#fail(load.signal.reason ?? new Error('the server closed the connection')),
    )
  }

  close(): void {
    this.#socket.destroy()
  }

  #send(): void {
    let count = 0
    while (count < this.#load.depth) {
      const key = this.#load.next()
      if (key < 0) break
      this.#block.setKey(count++, key)
    }
    if (count === 0) {
      this.#finish()
      return
    }
    this.commands += count
    this.#received = 0
    const { reply } = this.#load
    this.#expected = count * (typeof reply === 'string' ? reply.length : reply)
    this.#socket.write(this.#block.first(count))
  }

  #take(chunk: Buffer): boolean {
    const isCounted = this.#replies === undefined
    const end = this.#received + (isCounted ? linesIn(chunk) : chunk.length)
    const isRight = isCounted
      ? !chunk.includes('-ERR') && !chunk.includes('-OOM')
      : chunk.equals((this.#replies as Buffer).subarray(this.#received, end))
    if (!isRight || end > this.#expected) {
      this.#fail(new Error(`${this.#load.words[0]} got a wrong reply: ${firstLine(chunk)}`))
      this.#socket.destroy()
      return false
    }
    this.#received = end
    if (end === this.#expected) this.#send()
    return true
  }
}

function linesIn(chunk: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++
  return count
}

function firstLine(chunk: Buffer): string {
  const text = chunk.toString('latin1', 0, 200)
  const error = /-[^\r\n]*/.exec(text)
  return JSON.stringify(error?.[0] ?? text)
}
