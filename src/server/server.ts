// The composition root: builds all parts of one server, wires them to its settings, and drives them by timers.
// Several may run in one process; nothing here is global. What a process does at start and end is main.ts's business.

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Clock, systemClock } from '../base/clock.ts'
import { Random } from '../base/random.ts'
import { Registry } from '../command/registry.ts'
import { NEEDS_AUTHENTICATION, type Peer, Session } from '../command/session.ts'
import { commandCommands } from '../commands/command.ts'
import { stringCommands } from '../commands/string.ts'
import { Config } from '../config/config.ts'
import { wordsOf } from '../config/list-values.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import { ErrorStatistics } from '../monitoring/error-statistics.ts'
import { SlowLog } from '../monitoring/slow-log.ts'
import { Connection, type ConnectionHost } from './connection.ts'
import { Dispatcher } from './dispatch.ts'
import { Gates } from './gates.ts'
import { Listeners } from './listeners.ts'
import { Log } from './log.ts'

/** What a server can be given instead of the real thing. */
export interface ServerParts {
  readonly config?: Config
  readonly clock?: Clock
  readonly log?: Log
  /** Seed of all chance but for secrets. */
  readonly seed?: number
}

export class Server {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly keyspace: Keyspace
  readonly registry = new Registry()
  readonly gates = new Gates()
  readonly slowLog = new SlowLog()
  readonly errors = new ErrorStatistics()
  readonly dispatcher: Dispatcher
  readonly listeners: Listeners
  readonly #host: ConnectionHost
  readonly #connections = new Set<Connection>()
  #nextId = 1
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(parts: ServerParts = {}) {
    this.config = parts.config ?? new Config()
    this.clock = parts.clock ?? systemClock
    this.log = parts.log ?? new Log(() => this.clock.now())
    const secret = randomBytes(12)
    this.random = new Random(parts.seed ?? secret.readInt32LE(8))
    const seed = { low: secret.readInt32LE(0), high: secret.readInt32LE(4) }
    this.keyspace = new Keyspace(this.config.number('databases'), seed, this.random)
    this.registry.add(stringCommands)
    this.registry.add(commandCommands(this.registry))
    this.dispatcher = new Dispatcher(
      {
        registry: this.registry,
        keyspace: this.keyspace,
        clock: this.clock,
        gates: this.gates,
        slowLog: this.slowLog,
        errors: this.errors,
        onFault: (error, command) => this.#fault(error, command),
      },
      new Session(0, NOBODY, this.clock.now()),
    )
    this.#host = this.#connectionHost()
    this.listeners = new Listeners((socket) => this.#accept(socket), this.log)
    this.#followSettings()
  }

  /** Opens the listening sockets; throws ListenError. */
  async listen(): Promise<void> {
    const { config } = this
    await this.listeners.open({
      addresses: wordsOf(config.string('bind')),
      port: config.number('port'),
      unixSocket: config.string('unixsocket'),
      unixSocketMode: config.number('unixsocketperm'),
      backlog: config.number('tcp-backlog'),
    })
    this.#timer = setInterval(() => this.#tick(), 100)
  }

  /** Ends every connection and timer; resolves when no handle is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    const closed = this.listeners.close()
    for (const connection of this.#connections) connection.close(false)
    await closed
  }

  #tick(): void {
    this.dispatcher.syncClock()
  }

  #fault(error: unknown, command: string): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.log.warning(`Internal error in '${command}': ${text}`)
  }

  #accept(socket: Socket): Connection | undefined {
    const address = socket.remoteAddress === undefined ? '' : `${socket.remoteAddress}:${socket.remotePort}`
    const connection = new Connection(
      this.#nextId++,
      socket,
      this.#host,
      address,
      `${socket.localAddress}:${socket.localPort}`,
      this.clock.now(),
    )
    if (this.config.string('requirepass') !== '') connection.session.gates |= NEEDS_AUTHENTICATION
    this.#connections.add(connection)
    return connection
  }

  #connectionHost(): ConnectionHost {
    return {
      dispatcher: this.dispatcher,
      maxBulkBytes: this.config.number('proto-max-bulk-len'),
      maxQueryBytes: this.config.number('client-query-buffer-limit'),
      closed: (connection) => this.#connections.delete(connection),
      allowsOutput: () => true,
      limitsOutput: () => false,
      hold: () => {},
      warn: (text) => this.log.warning(text),
    }
  }

  #followSettings(): void {
    const { config, slowLog, keyspace } = this
    config.watch('slowlog-log-slower-than', (value) => {
      slowLog.threshold = value
    })
    config.watch('slowlog-max-len', (value) => {
      slowLog.maxLength = value
      slowLog.trim()
    })
    config.watch('loglevel', (value) => this.log.setLevel(value))
    config.watch('lfu-log-factor', (value) => {
      keyspace.access.logFactor = value
    })
    config.watch('lfu-decay-time', (value) => {
      keyspace.access.decayMinutes = value
    })
    config.watch('maxmemory-policy', (value) => {
      keyspace.access.isFrequency = value.endsWith('lfu')
    })
  }
}

/** The peer of whoever runs commands without a connection. */
const NOBODY: Peer = {
  address: '',
  localAddress: '',
  fileDescriptor: -1,
  isUnix: false,
  isTls: false,
  queryBytes: 0,
  queryFreeBytes: 0,
  outputBytes: 0,
  outputPieces: 0,
  totalBytesIn: 0,
  totalBytesOut: 0,
  totalCommands: 0,
  close() {},
}
