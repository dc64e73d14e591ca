// One connection that sends bytes and waits for so many in return. Knows no protocol beyond that.

import { connect, type Socket } from 'node:net'
import { encodeRequest, HOST } from './ask.ts'

/** Requests as they go over the wire. */
export function requests(...commands: readonly (readonly string[])[]): string {
  return commands.map((words) => encodeRequest([...words])).join('')
}

export class Talker {
  /** All bytes that have come. */
  received = 0
  readonly #socket: Socket
  #text = ''
  #keepsText = false
  #wanted = 0
  #wake: (() => void) | undefined
  #error: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk))
    const fail = (error: Error) => {
      this.#error = error
      this.#wake?.()
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the server closed the connection')))
  }

  static connect(port: number): Promise<Talker> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: HOST, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Talker(socket)))
    })
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes)
  }

  /** Resolves when so many bytes have come since the connection was made. */
  async until(bytes: number): Promise<void> {
    this.#wanted = bytes
    while (this.received < bytes) {
      if (this.#error !== undefined) throw this.#error
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#wake = undefined
  }

  /** Sends, and resolves to what comes back, once it ends with `end` and holds it so many times. */
  async ask(bytes: string, end: string, times = 1): Promise<string> {
    this.#text = ''
    this.#keepsText = true
    this.send(bytes)
    while (!(this.#text.endsWith(end) && this.#text.split(end).length > times)) {
      if (this.#error !== undefined) throw this.#error
      this.#wanted = this.received + 1
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#keepsText = false
    if (this.#text.startsWith('-')) throw new Error(this.#text.slice(0, 200))
    return this.#text
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.received += chunk.length
    if (this.#keepsText) this.#text += chunk.toString('latin1')
    if (this.received >= this.#wanted) this.#wake?.()
  }
}
