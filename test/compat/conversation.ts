// Several connections to each of two servers, told the same in the same order, and all that each of them hears: replies,
// messages, invalidations. After every step each connection asks for a sign of life, so that it is known when all has
// been said. Knows no command but those that it needs for that.

import { format, type Reply, type RespClient } from '../support/resp-client.ts'

/** One of the connections says something. `{id:2}` in an argument stands for the number of connection 2. */
export interface Utterance {
  connection: number
  args: string[]
  /** Replies and messages in any order: the server may list its channels as it likes. */
  isUnordered?: boolean
}

export interface Disagreement {
  at: number
  said: Utterance
  /** Which connection heard something else, and what. */
  connection: number
  ours: string[]
  theirs: string[]
}

export interface Speaker {
  connect: (protocol: 2 | 3) => Promise<RespClient>
}

/** What one connection has heard in one step: replies in their order, and RESP3 pushes in theirs. */
interface Heard {
  replies: string[]
  pushes: string[]
}

export class Conversation {
  readonly #protocols: readonly (2 | 3)[]
  readonly #sides: readonly Side[]

  /** One connection for each protocol. */
  constructor(ours: Speaker, theirs: Speaker, protocols: readonly (2 | 3)[]) {
    this.#protocols = protocols
    this.#sides = [new Side(ours), new Side(theirs)]
  }

  /** Says everything; returns the first step after which the two sides had heard different things. */
  async hold(steps: readonly Utterance[]): Promise<Disagreement | undefined> {
    for (const side of this.#sides) await side.open(this.#protocols)
    try {
      for (const [at, said] of steps.entries()) {
        const [ours, theirs] = await Promise.all(this.#sides.map((side) => side.say(said)))
        const found = differing(ours!, theirs!, said)
        if (found !== undefined) return { at, said, ...found }
      }
      return undefined
    } finally {
      for (const side of this.#sides) await side.close()
    }
  }
}

function differing(ours: Heard[], theirs: Heard[], said: Utterance) {
  for (let i = 0; i < ours.length; i++) {
    const one = listed(ours[i]!, said)
    const other = listed(theirs[i]!, said)
    if (one.join('\n') !== other.join('\n')) return { connection: i, ours: one, theirs: other }
  }
  return undefined
}

function listed({ replies, pushes }: Heard, { isUnordered }: Utterance): string[] {
  const all = [...inOrderOfPatterns(replies), ...inOrderOfPatterns(pushes)]
  if (isUnordered !== true) return all
  // Names and counts apart: the first to go has the highest count.
  const words = all.join(' ').match(/"[^"]*"|\(integer\) \d+|[^\s"]+/g) ?? []
  return words.sort()
}

/** A message that comes by several patterns comes in an order that redis-server does not promise. */
function inOrderOfPatterns(lines: readonly string[]): string[] {
  const sorted = [...lines]
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1
    const message = messageOf(sorted[from]!)
    while (to < sorted.length && message !== undefined && messageOf(sorted[to]!) === message) to++
    sorted.splice(from, to - from, ...sorted.slice(from, to).sort())
    from = to
  }
  return sorted
}

/** Channel and text of a message that has come by a pattern. */
function messageOf(line: string): string | undefined {
  return /^(?:push)?\["pmessage", "[^"]*", (.*)\]$/s.exec(line)?.[1]
}

/** Counts, sizes and the like stay below this. */
const LARGEST_ORDINARY = 100

class Side {
  readonly #speaker: Speaker
  #clients: RespClient[] = []
  #ids: string[] = []
  #signs = 0
  /** Who is in the middle of a transaction, and would have a PING queued. */
  #queueing: boolean[] = []

  constructor(speaker: Speaker) {
    this.#speaker = speaker
  }

  async open(protocols: readonly (2 | 3)[]): Promise<void> {
    await this.#useUpNumbers()
    for (const protocol of protocols) {
      const client = await this.#speaker.connect(protocol)
      this.#clients.push(client)
      const id = await client.call('CLIENT', 'ID')
      this.#ids.push(String((id as { value: number }).value))
    }
    await this.#clients[0]!.call('FLUSHALL')
  }

  /** The numbers of connections have to be such as no other reply has: see `#shown`. */
  async #useUpNumbers(): Promise<void> {
    for (let id = 0; id < LARGEST_ORDINARY; ) {
      const client = await this.#speaker.connect(3)
      id = Number(((await client.call('CLIENT', 'ID')) as { value: number }).value)
      await client.destroy()
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.destroy()
    this.#clients = []
    this.#ids = []
    this.#queueing = []
  }

  async say({ connection, args }: Utterance): Promise<Heard[]> {
    const heard = this.#clients.map((): Heard => ({ replies: [], pushes: [] }))
    const speaker = this.#clients[connection]!
    speaker.send(args.map((arg) => arg.replace(/\{id:(\d)\}/g, (_, n) => this.#ids[Number(n)]!)))
    // Whoever has spoken is waited for first: what others hear of it is on its way by then.
    this.#note(connection, args)
    if (this.#queueing[connection] === true) {
      heard[connection]!.replies.push(this.#shown(await speaker.next()))
    }
    await this.#settle(connection, heard[connection]!)
    // What is collected for the end of a turn may come behind the first sign of life.
    await this.#settle(connection, heard[connection]!)
    for (let i = 0; i < this.#clients.length; i++) {
      if (i !== connection) await this.#settle(i, heard[i]!)
    }
    return heard
  }

  #note(connection: number, args: readonly string[]): void {
    const name = args[0]!.toUpperCase()
    if (name === 'MULTI') this.#queueing[connection] = true
    else if (name === 'EXEC' || name === 'RESET' || (name === 'DISCARD' && args.length === 1)) {
      this.#queueing[connection] = false
    }
  }

  /** Takes everything up to the answer to a sign of life. */
  async #settle(connection: number, heard: Heard): Promise<void> {
    const client = this.#clients[connection]!
    const sign = `sign of life ${++this.#signs}`
    const isQueueing = this.#queueing[connection] === true
    // MULTI is refused at once in the middle of a transaction, and does it no harm.
    client.send(isQueueing ? ['MULTI'] : ['PING', sign])
    if (isQueueing) await client.next()
    while (!isQueueing) {
      const reply = await client.next()
      if (isSign(reply, sign)) break
      heard.replies.push(this.#shown(reply))
    }
    heard.pushes.push(...client.pushes.splice(0).map((push) => this.#shown(push)))
  }

  /** The numbers of connections differ from side to side. */
  #shown(reply: Reply): string {
    let text = format(reply)
    // A flush told by message: redis-server writes RESP3's null for a RESP2 client, if who redirects speaks RESP3. A
    // reader of RESP2 cannot go on from there, so Respite writes RESP2's.
    text = text.replace(
      '["message", "__redis__:invalidate", (null)]',
      '["message", "__redis__:invalidate", (nil-bulk)]',
    )
    if (!text.includes('redir')) return text
    for (const [i, id] of this.#ids.entries()) text = text.replaceAll(`(integer) ${id}`, `{id:${i}}`)
    return text
  }
}

function isSign(reply: Reply, sign: string): boolean {
  if (reply.type === 'bulk') return reply.text === sign
  return (
    reply.type === 'array' &&
    reply.items.length === 2 &&
    format(reply.items[1]!) === format({ type: 'bulk', text: sign })
  )
}
