// How often the commands repeat themselves that let chance pick elements: a negative count may be any number. Redis goes on
// until the client is over its output limit; so do we for a client that has one, and refuse what could only fill memory.

import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { Peer } from '../command/session.ts'
import type { ReplyWriter } from '../resp/writer.ts'

const COUNT_OUT_OF_RANGE = new ReplyError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
)
/** No client can want more repetitions, or more bytes of them. */
const MOST_REPETITIONS = 2 ** 26
const MOST_BYTES = 2 ** 30
/** An empty bulk string: no element's reply is shorter. */
const FEWEST_BYTES = 6
/** How far a reply may grow between two looks at the client's limit. */
const SLICE_BYTES = 65_536

/** Redis: the only number that has no counterpart is refused. */
export function parseRandomCount(args: Arguments, index: number): number {
  const count = args.integer(index)
  if (count === -(2 ** 63) && args.int64(index) === -(2n ** 63n)) throw COUNT_OUT_OF_RANGE
  return count
}

/** The reply to a negative count. The client may be cut while it is written; then the rest needs no writing. */
export class Repetition {
  readonly #reply: ReplyWriter
  /** Undefined: what is written is not sent, so there is no limit to it. */
  readonly #peer: Peer | undefined
  readonly #start: number
  #left: number
  #nextLook = 0

  /** Before anything is written. */
  constructor({ reply, client }: Context, count: number) {
    this.#reply = reply
    this.#peer = client.replyMode === 'on' ? client.peer : undefined
    this.#start = reply.length
    // What is sure to be too much needs not be tried.
    this.#left = this.#allows(count * FEWEST_BYTES) ? count : 0
    if (this.#left > MOST_REPETITIONS) throw COUNT_OUT_OF_RANGE
  }

  /** Whether there is one more to be written. */
  next(): boolean {
    if (this.#reply.length >= this.#nextLook) this.#look()
    return this.#left-- > 0
  }

  #look(): void {
    const { length } = this.#reply
    this.#nextLook = length + SLICE_BYTES
    if (length - this.#start > MOST_BYTES) throw COUNT_OUT_OF_RANGE
    if (!this.#allows(length - this.#start)) this.#left = 0
  }

  #allows(bytes: number): boolean {
    return this.#peer === undefined || this.#peer.allowsReply(bytes)
  }
}
