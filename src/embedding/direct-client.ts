// A client without a connection, who runs commands at once: they go through dispatch like anybody's.

import { Arguments } from '../command/arguments.ts'
import { NOBODY, type Peer, Session } from '../command/session.ts'
import type { Dispatcher } from '../server/dispatch.ts'
import { argumentBytes, CommandError, replyValue } from './command-error.ts'
import type { Argument, ReplyValue } from './public.ts'

/** Whether code of the embedder's runs in the middle of a command: then no other one can begin. */
export interface Inside {
  isInside: boolean
}

export class DirectClient {
  readonly session: Session
  readonly #dispatcher: Dispatcher
  readonly #inside: Inside
  readonly #request = new Arguments()
  /** Replies so far, and where the next one begins: behind those of others, which wait to be sent. */
  #replies: Buffer[] = []
  #start = 0

  constructor(dispatcher: Dispatcher, inside: Inside, now: number) {
    this.#dispatcher = dispatcher
    this.#inside = inside
    const peer: Peer = {
      ...NOBODY,
      address: '127.0.0.1:0',
      localAddress: '127.0.0.1:0',
      beginReplies: () => this.#begin(),
      endReplies: () => this.#end(),
    }
    this.session = new Session(0, peer, now)
    this.session.protocol = 3
  }

  call(command: string, args: readonly Argument[]): ReplyValue {
    if (this.#inside.isInside)
      throw new Error('a command is running: inside of it, others are run by its context')
    const { session } = this
    const { context } = this.#dispatcher
    this.#request.load([command, ...args].map(argumentBytes))
    let isAnswered = false
    this.#begin()
    try {
      this.#dispatcher.begin(session)
      isAnswered = this.#dispatcher.execute(this.#request)
    } finally {
      this.#dispatcher.end()
      this.#end()
      context.blocked.forget(session)
    }
    const bytes = Buffer.concat(this.#replies)
    this.#replies = []
    if (!isAnswered) throw new CommandError('ERR the command would have to wait')
    if (bytes.length === 0) throw new CommandError(`ERR '${command}' has no reply`)
    return replyValue(bytes)
  }

  /** What is written from here on is for this client, whom nothing lets wait. */
  #begin(): void {
    const { context, reply } = this.#dispatcher
    context.deniesBlocking = true
    this.#start = reply.length
  }

  /** Takes what has been written out of the buffer that holds everybody's replies. Others may wait again. */
  #end(): void {
    const { context, reply } = this.#dispatcher
    context.deniesBlocking = false
    if (reply.length > this.#start) {
      this.#replies.push(Buffer.from(reply.bytes.subarray(this.#start, reply.length)))
    }
    reply.length = this.#start
  }
}
