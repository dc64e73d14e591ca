// Commands without sockets: a dispatcher over an empty keyspace, with a clock that the test moves and seeded chance.

import { ManualClock } from '../../src/base/clock.ts'
import { splitArguments } from '../../src/base/quoting.ts'
import { Random } from '../../src/base/random.ts'
import type { Arguments } from '../../src/command/arguments.ts'
import type { CommandFamily } from '../../src/command/definition.ts'
import type { Propagated } from '../../src/command/effects.ts'
import { Registry } from '../../src/command/registry.ts'
import { NOBODY, type Peer, Session } from '../../src/command/session.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { ErrorStatistics } from '../../src/monitoring/error-statistics.ts'
import { LatencyMonitor } from '../../src/monitoring/latency-monitor.ts'
import { SlowLog } from '../../src/monitoring/slow-log.ts'
import { Dispatcher } from '../../src/server/dispatch.ts'
import { Gates } from '../../src/server/gates.ts'
import { Waking } from '../../src/server/waking.ts'
import { Transactions } from '../../src/transactions/transactions.ts'
import { format, type Reply } from './reply.ts'
import { ReplyDecoder } from './reply-decoder.ts'

export const QUIET_PEER: Peer = {
  ...NOBODY,
  address: '127.0.0.1:50000',
  localAddress: '127.0.0.1:6379',
  fileDescriptor: 8,
}

/** A client whose replies are told from those of others, as blocked clients are served in the middle of a command. */
export class ConnectedClient {
  readonly session: Session
  readonly #decoder = new ReplyDecoder()
  #messages: Buffer[] = []

  constructor(id: number, { dispatcher, clock }: Harness) {
    const { reply } = dispatcher
    const peer: Peer = {
      ...QUIET_PEER,
      beginReplies: () => {
        if (reply.length > 0) throw new Error("somebody else's replies")
      },
      send: (bytes) => {
        this.#messages.push(bytes)
      },
      endReplies: () => {
        // A copy: the decoder keeps what it is given.
        this.#decoder.push(Buffer.from(reply.take()))
        this.#takeMessages()
      },
      wake: () => {
        this.wakes++
      },
    }
    this.session = new Session(id, peer, clock.now())
  }

  /** Messages come behind the reply to the command that is running. */
  #takeMessages(): void {
    for (const bytes of this.#messages) this.#decoder.push(bytes)
    this.#messages = []
  }

  /** How often a command that waited has been answered. */
  wakes = 0

  /** What it has been sent since the last call, one line for each reply. */
  get received(): string[] {
    this.#takeMessages()
    const replies: string[] = []
    for (let next = this.#decoder.next(); next !== undefined; next = this.#decoder.next()) {
      replies.push(format(next))
    }
    return replies
  }
}

type Command = string | readonly (string | Uint8Array)[]

export class Harness {
  readonly clock = new ManualClock()
  readonly registry = new Registry()
  readonly random: Random
  readonly keyspace: Keyspace
  readonly gates = new Gates()
  readonly slowLog = new SlowLog()
  readonly latency = new LatencyMonitor()
  readonly errors = new ErrorStatistics()
  readonly transactions: Transactions
  readonly dispatcher: Dispatcher
  readonly waking: Waking
  readonly client = new Session(1, QUIET_PEER, this.clock.now())
  /** What would have gone to the append-only file, since `propagated` was last emptied. */
  propagated: { database: number; command: string[] }[] = []

  /** Tests of one database are faster with one: each takes a page of 16 MiB. */
  constructor(families: readonly CommandFamily[], seed = 1, databases = 16) {
    this.random = new Random(seed)
    this.keyspace = new Keyspace(databases, { low: seed, high: ~seed }, this.random)
    this.transactions = new Transactions(this.keyspace)
    for (const family of families) this.registry.add(family)
    this.dispatcher = new Dispatcher(
      {
        registry: this.registry,
        keyspace: this.keyspace,
        clock: this.clock,
        gates: this.gates,
        transactions: this.transactions,
        slowLog: this.slowLog,
        latency: this.latency,
        errors: this.errors,
        onFault: (error) => {
          throw error
        },
      },
      this.client,
    )
    this.waking = new Waking(this.dispatcher)
  }

  connect(id: number): ConnectedClient {
    return new ConnectedClient(id, this)
  }

  /** Lets a connected client send a command; what is replied, to anybody, is then in `received`. */
  send(client: ConnectedClient, command: Command): void {
    const { dispatcher } = this
    dispatcher.request.load(bytesOf(command))
    dispatcher.begin(client.session)
    dispatcher.execute(dispatcher.request)
    dispatcher.end()
    client.session.peer.endReplies()
  }

  /** Lets time pass for those who wait. */
  expireWaits(milliseconds: number): void {
    this.clock.advance(milliseconds)
    this.waking.expire(this.clock.now())
  }

  /** Runs a command, as a line with redis-cli's quoting or as its arguments; returns the bytes of the reply. */
  raw(command: Command, client = this.client): Buffer {
    const { dispatcher } = this
    dispatcher.request.load(bytesOf(command))
    dispatcher.begin(client)
    dispatcher.execute(dispatcher.request)
    dispatcher.end()
    return Buffer.from(dispatcher.reply.take())
  }

  /** Runs a command, likewise. */
  run(command: Command, client = this.client): Reply {
    const decoder = new ReplyDecoder()
    decoder.push(this.raw(command, client))
    const reply = decoder.next()
    if (reply === undefined) throw new Error('no reply')
    return reply
  }

  /** Runs a command and shows its reply as text. */
  show(command: Command, client = this.client): string {
    return format(this.run(command, client))
  }

  /** From now on notes what is propagated, the keys that vanish by themselves included. */
  recordPropagation(): void {
    this.dispatcher.context.effects.isWanted = true
    this.keyspace.observers.removals = {
      keyRemoved: ({ index }, key, command) => {
        const name = Buffer.from(key.copy()).toString('latin1')
        this.propagated.push({ database: index, command: [command, name] })
      },
      fieldsRemoved: ({ index }, key, fields) => {
        const words = [key.copy(), ...fields].map((bytes) => Buffer.from(bytes).toString('latin1'))
        this.propagated.push({ database: index, command: ['HDEL', ...words] })
      },
    }
    this.dispatcher.sink = {
      propagate: (database, command) => {
        const words = isRequest(command) ? command.toArrays() : command
        this.propagated.push({
          database,
          command: words.map((word) =>
            typeof word === 'string' ? word : Buffer.from(word).toString('latin1'),
          ),
        })
      },
    }
  }
}

function isRequest(command: Arguments | Propagated): command is Arguments {
  return !Array.isArray(command)
}

function bytesOf(command: Command): Uint8Array[] {
  if (typeof command !== 'string') {
    return command.map((word) => (typeof word === 'string' ? Buffer.from(word, 'latin1') : word))
  }
  const words = splitArguments(Buffer.from(command, 'latin1'))
  if (words === undefined) throw new Error(`unbalanced quotes: ${command}`)
  return words
}
