// Messages that answer no request (pub/sub, invalidations, MONITOR) are sent after the replies of the turn, in slices:
// between two of them more may be published, and goes out with the same write. So the more there is to send, the fewer
// writes each message costs, and whoever publishes never waits. Knows no socket.

import type { Clock } from '../base/clock.ts'

/** How long a slice lasts, milliseconds. */
const SLICE_MS = 1
/** Receivers served between two looks at the clock. */
const RECEIVERS_PER_LOOK = 16

/** Whom messages wait for. */
export interface MessageReceiver {
  /** Sends what waits. */
  flushMessages(): void
  /** Puts what waits among the replies that are about to wait themselves. */
  joinReplies(): void
}

export class MessageQueue {
  readonly #clock: Clock
  /** The replies that wait: who has published is answered first. */
  readonly #replies: Replies
  #receivers: MessageReceiver[] = []
  #head = 0
  #immediate: NodeJS.Immediate | undefined = undefined
  // What was joined last: receivers of the same channels have the same messages waiting.
  #joined: readonly Buffer[] = []
  #joinedBytes: Buffer = Buffer.alloc(0)

  constructor(clock: Clock, replies: Replies) {
    this.#clock = clock
    this.#replies = replies
    replies.onHold = () => this.#joinReplies()
    replies.onFree = () => {
      if (this.#receivers.length > 0) this.#immediate ??= setImmediate(this.#flush)
    }
  }

  /** Messages wait for this receiver; nobody is to be added twice before `flushMessages` has been called. */
  add(receiver: MessageReceiver): void {
    this.#receivers.push(receiver)
    this.#immediate ??= setImmediate(this.#flush)
  }

  /** Messages as one buffer, the same one for those who have the same messages. */
  join(messages: readonly Buffer[]): Buffer {
    if (messages.length === 1) return messages[0]!
    if (isSame(messages, this.#joined)) return this.#joinedBytes
    this.#joined = messages
    this.#joinedBytes = Buffer.concat(messages)
    return this.#joinedBytes
  }

  #joinReplies(): void {
    for (const receiver of this.#receivers.slice(this.#head)) receiver.joinReplies()
    this.#receivers = []
    this.#head = 0
  }

  readonly #flush = (): void => {
    this.#immediate = undefined
    this.#replies.flush()
    // Messages tell of changes: they leave no earlier than replies do.
    if (!this.#replies.isFree) return
    const end = this.#clock.monotonic() + SLICE_MS
    const receivers = this.#receivers
    while (this.#head < receivers.length) {
      receivers[this.#head++]!.flushMessages()
      if (this.#head % RECEIVERS_PER_LOOK === 0 && this.#clock.monotonic() >= end) break
    }
    if (this.#head < receivers.length) {
      // While more and more is published there is no end: what has been served must not pile up.
      if (this.#head * 2 > receivers.length) {
        this.#receivers = receivers.slice(this.#head)
        this.#head = 0
      }
      this.#immediate = setImmediate(this.#flush)
      return
    }
    this.#receivers = []
    this.#head = 0
    this.#joined = []
    this.#joinedBytes = EMPTY
  }
}

/** What messages have to do with replies. */
export interface Replies {
  onHold: (() => void) | undefined
  onFree: (() => void) | undefined
  readonly isFree: boolean
  flush(): void
}

const EMPTY = Buffer.alloc(0)

function isSame(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false
  return true
}
