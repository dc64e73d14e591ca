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

/** What has to happen before replies leave: what they acknowledge is written to a disk. */
export interface ReplyBarrier {
  /** Does it, or begins to. True: replies have to wait until `release` is called. */
  settle(): boolean
  /** Whether nothing is left to do. */
  readonly isIdle: boolean
}

/** Replies that wait, in a buffer of their own. */
interface HeldReplies {
  readonly bytes: Buffer
  readonly owners: (ReplyOwner | undefined)[]
  readonly ends: readonly number[]
  readonly count: number
}

export class ReplyQueue {
  barrier: ReplyBarrier | undefined = undefined
  /** Called before replies are held: what belongs to them joins them. */
  onHold: (() => void) | undefined = undefined
  /** Called when nothing is held any more. */
  onFree: (() => void) | undefined = undefined
  /** Hears at the end of a turn that replies have left. */
  poll: { answered(): void } | undefined = undefined
  #held: HeldReplies | undefined = undefined
  /** A buffer that replies have waited in, for the next that have to. */
  #spare: Buffer | undefined = undefined
  readonly #reply: ReplyWriter
  readonly #dropped: { droppedBytes: number }
  /** The owners of the replies that wait, and where the replies of each end: so many of them. */
  #owners: (ReplyOwner | undefined)[] = []
  #ends: number[] = []
  #count = 0
  #immediate: NodeJS.Immediate | undefined = undefined

  /** `dropped` counts buffers that a large reply has blown up and that are left to the garbage collector. */
  constructor(reply: ReplyWriter, dropped: { droppedBytes: number }) {
    this.#reply = reply
    this.#dropped = dropped
  }

  /** All that has been written since the last call belongs to this owner; false if that is nothing. */
  add(owner: ReplyOwner): boolean {
    const { length } = this.#reply
    if (length === this.#end()) return false
    const index = this.#count++
    this.#owners[index] = owner
    this.#ends[index] = length
    this.#immediate ??= setImmediate(this.#flushLater)
    return true
  }

  /** All that has been written since the last call of `add` goes to nobody. */
  discard(): void {
    this.#reply.length = this.#end()
  }

  /** Whether so much waits that it should be sent now. */
  get isLong(): boolean {
    return this.#end() > FLUSH_BYTES
  }

  /** Whether what is said now may leave at once. */
  get isFree(): boolean {
    return this.#held === undefined && (this.barrier === undefined || this.barrier.isIdle)
  }

  /** There may be nothing to send, but something to do before: at the end of this turn at latest. */
  schedule(): void {
    this.#immediate ??= setImmediate(this.#flushLater)
  }

  /** Sends everything that has an owner, or lets it wait; nothing else may be in the buffer. */
  flush(): void {
    if (this.barrier !== undefined) {
      if (this.#held !== undefined) return
      if (this.barrier.settle()) {
        this.#hold()
        return
      }
    }
    this.#send()
  }

  #hold(): void {
    const reply = this.#reply
    this.onHold?.()
    this.#held = { bytes: reply.bytes, owners: this.#owners, ends: this.#ends, count: this.#count }
    this.#owners = []
    this.#ends = []
    this.#count = 0
    reply.length = 0
    if (this.#spare === undefined) reply.giveUp()
    else reply.bytes = this.#spare
    this.#spare = undefined
  }

  /** What replies have waited for has happened. */
  release(): void {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) {
      const { bytes, owners, ends, count } = held
      if (deliverAll(bytes, owners, ends, count) && bytes.length === REPLY_BUFFER_BYTES) this.#spare = bytes
    }
    this.flush()
    if (this.#held !== undefined) return
    this.poll?.answered()
    this.onFree?.()
  }

  #send(): void {
    const reply = this.#reply
    const { bytes } = reply
    const isFree = deliverAll(bytes, this.#owners, this.#ends, this.#count)
    // Not by the arrays' lengths: setting these goes through the runtime, 8 ns a command at P=16.
    this.#count = 0
    reply.length = 0
    if (bytes.length > REPLY_BUFFER_BYTES) this.#dropped.droppedBytes += bytes.length
    if (isFree) reply.trim()
    else reply.giveUp()
  }

  /** Where the replies end that have an owner. */
  #end(): number {
    return this.#count === 0 ? 0 : this.#ends[this.#count - 1]!
  }

  readonly #flushLater = (): void => {
    this.#immediate = undefined
    const hasReplies = this.#count > 0
    this.flush()
    if (hasReplies && this.#held === undefined) this.poll?.answered()
  }
}

/** Delivers to so many owners, and forgets them. False: somebody needs the bytes where they are. */
function deliverAll(
  bytes: Buffer,
  owners: (ReplyOwner | undefined)[],
  ends: readonly number[],
  count: number,
): boolean {
  let from = 0
  let isFree = true
  for (let i = 0; i < count; i++) {
    const to = ends[i]!
    if (!owners[i]!.deliver(bytes, from, to)) isFree = false
    owners[i] = undefined
    from = to
  }
  return isFree
}
