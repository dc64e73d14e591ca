// What a client is told whose cache is no longer right: some keys, or that everything is gone. Encoded once for each
// form that is asked for. Knows no client.

import type { ReplyWriter } from '../resp/writer.ts'

/** The channel that RESP2 clients are told through. */
const CHANNEL = '__redis__:invalidate'

export class Invalidation {
  readonly #writer: ReplyWriter
  /** Latin1; undefined: all keys. */
  readonly #keys: readonly string[] | undefined
  #push: Buffer | undefined = undefined
  #message: Buffer | undefined = undefined

  constructor(writer: ReplyWriter, keys: readonly string[] | undefined) {
    this.#writer = writer
    this.#keys = keys
  }

  /** For RESP3. */
  get push(): Buffer {
    this.#push ??= this.#encoded(3)
    return this.#push
  }

  /** For a RESP2 client that listens in place of another. */
  get message(): Buffer {
    this.#message ??= this.#encoded(2)
    return this.#message
  }

  #encoded(protocol: 2 | 3): Buffer {
    const writer = this.#writer
    writer.protocol = protocol
    writer.push(protocol === 3 ? 2 : 3)
    if (protocol === 3) writer.text('invalidate')
    else {
      writer.text('message')
      writer.text(CHANNEL)
    }
    if (this.#keys === undefined) writer.null()
    else {
      writer.array(this.#keys.length)
      for (const key of this.#keys) writer.text(key)
    }
    return taken(writer)
  }
}

/** For RESP3: the client that should have been told in place of this one has gone. */
export function brokenRedirection(writer: ReplyWriter, id: number): Buffer {
  writer.protocol = 3
  writer.push(2)
  writer.text('tracking-redir-broken')
  writer.integer(id)
  return taken(writer)
}

function taken(writer: ReplyWriter): Buffer {
  const bytes = Buffer.from(writer.take())
  writer.trim()
  return bytes
}
