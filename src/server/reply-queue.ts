// Sends replies at the end of a turn of the event loop: first all requests that have arrived are run, then all clients
// are answered. A client that is answered at once wakes up, asks again at once, and gets both sides into more and smaller
// turns. The replies of one turn lie behind each other in dispatch's buffer. Knows no socket.

import { REPLY_BUFFER_BYTES, type ReplyWriter } from '../resp/writer.ts'

/** Replies are sent earlier when so many bytes of them wait. */
const FLUSH_BYTES = 131_072

/** Whom replies belong to. */
export interface ReplyOwner {
  /** Takes the bytes between two places, to send them. False: it needs them where they are, after the call too. */
  deliver(bytes: Buffer, from: number, to: number): boolean
}

export class ReplyQueue {
  readonly #reply: ReplyWriter
  readonly #dropped: { droppedBytes: number }
  readonly #owners: ReplyOwner[] = []
  readonly #ends: number[] = []
  #immediate: NodeJS.Immediate | undefined = undefined

  /** `dropped` counts buffers that a large reply has blown up and that are left to the garbage collector. */
  constructor(reply: ReplyWriter, dropped: { droppedBytes: number }) {
    this.#reply = reply
    this.#dropped = dropped
  }

  /** All that has been written since the last call belongs to this owner; false if that is nothing. */
  add(owner: ReplyOwner): boolean {
    const { length } = this.#reply
    if (length === this.#end) return false
    this.#owners.push(owner)
    this.#ends.push(length)
    this.#immediate ??= setImmediate(this.#flushLater)
    return true
  }

  /** All that has been written since the last call of `add` goes to nobody. */
  discard(): void {
    this.#reply.length = this.#end
  }

  /** Whether so much waits that it should be sent now. */
  get isLong(): boolean {
    return this.#end > FLUSH_BYTES
  }

  /** Sends everything that has an owner; nothing else may be in the buffer. */
  flush(): void {
    const reply = this.#reply
    const owners = this.#owners
    const { bytes } = reply
    let from = 0
    let isFree = true
    for (let i = 0; i < owners.length; i++) {
      const to = this.#ends[i]!
      if (!owners[i]!.deliver(bytes, from, to)) isFree = false
      from = to
    }
    owners.length = 0
    this.#ends.length = 0
    reply.length = 0
    if (bytes.length > REPLY_BUFFER_BYTES) this.#dropped.droppedBytes += bytes.length
    if (isFree) reply.trim()
    else reply.giveUp()
  }

  /** Where the replies end that have an owner. */
  get #end(): number {
    return this.#ends.length === 0 ? 0 : this.#ends[this.#ends.length - 1]!
  }

  readonly #flushLater = (): void => {
    this.#immediate = undefined
    this.flush()
  }
}
