// A connection that sends commands together and tells of each whether something was found: enough for GET and SET.

import { connect, type Socket } from 'node:net'
import { encodeRequest, HOST } from './ask.ts'

const NEWLINE = 0x0a
const BULK = 0x24
const ERROR = 0x2d

export class Talk {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #found: boolean[] = []
  #expected = 0
  #resolve: (found: boolean[]) => void = () => {}
  #reject: (error: Error) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', (error) => this.#reject(error))
  }

  static open(port: number): Promise<Talk> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, HOST, () => resolve(new Talk(socket)))
      socket.once('error', reject)
    })
  }

  /** Sends commands; tells of each whether its reply was a value and not the absence of one. An error rejects. */
  all(commands: readonly (readonly string[])[]): Promise<boolean[]> {
    return new Promise((resolve, reject) => {
      this.#found = []
      this.#expected = commands.length
      this.#resolve = resolve
      this.#reject = reject
      this.#socket.write(commands.map(encodeRequest).join(''))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#received, chunk])
    let at = 0
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, at)
      if (newline < 0) break
      const line = bytes.toString('latin1', at + 1, newline - 1)
      const isBulk = bytes[at] === BULK
      const length = isBulk ? Number(line) : -1
      const end = length >= 0 ? newline + 1 + length + 2 : newline + 1
      if (end > bytes.length) break
      if (bytes[at] === ERROR) this.#reject(new Error(line))
      this.#found.push(!isBulk || length >= 0)
      at = end
    }
    this.#received = bytes.subarray(at)
    if (this.#found.length === this.#expected) this.#resolve(this.#found)
  }
}
