// A server as its embedder sees it: where it is, its clock, looks inside, faults, the end.

import { MovableClock } from '../base/clock.ts'
import { UsersError } from '../server/access-control.ts'
import { Log } from '../server/log.ts'
import { Server, type ServerParts } from '../server/server.ts'
import { ListenError } from '../server/tcp-listeners.ts'
import { argumentBytes } from './command-error.ts'
import { clientFacts, customCommands } from './custom-commands.ts'
import { DirectClient, type Inside } from './direct-client.ts'
import { Inspection } from './inspection.ts'
import type {
  Argument,
  DatabaseView,
  FaultHook,
  ReplyValue,
  RespiteOptions,
  RespiteServer,
  ServerClock,
} from './public.ts'
import { configOf, type Settings } from './settings.ts'

export class EmbeddedServer implements RespiteServer {
  readonly clock: ServerClock
  readonly #server: Server
  readonly #direct: DirectClient
  readonly #inspection: Inspection
  readonly #inside: Inside = { isInside: false }
  #fault: FaultHook | undefined = undefined
  #closing: Promise<void> | undefined = undefined

  private constructor(server: Server, clock: MovableClock) {
    this.#server = server
    this.clock = new EmbeddedClock(clock, () => this.#catchUp())
    const { dispatcher, keyspace, registry } = server
    this.#direct = new DirectClient(dispatcher, this.#inside, clock.now())
    this.#inspection = new Inspection(keyspace, registry, () => {
      if (!this.#inside.isInside) dispatcher.syncClock()
    })
  }

  /** Resolves when clients can connect. */
  static async start(options: RespiteOptions): Promise<EmbeddedServer> {
    const { seed, now, commands, fault, log: write, ...settings } = options
    const config = configOf(settings)
    const clock = new MovableClock()
    if (now !== undefined) {
      clock.stop()
      clock.advance(now - clock.now())
    }
    const log = new Log(() => clock.now(), write ?? (() => {}))
    if (settings.logfile !== undefined) log.setFile(settings.logfile)
    const server = serverOf({ config, log, clock, ...(seed === undefined ? {} : { seed }) })
    const embedded = new EmbeddedServer(server, clock)
    embedded.#addCommands(commands ?? [])
    embedded.fault = fault
    try {
      await server.listen()
      if (namesData(settings)) await server.load()
    } catch (error) {
      await server.close()
      throw error instanceof ListenError ? new Error(whyNotListening(error)) : error
    }
    return embedded
  }

  #addCommands(commands: NonNullable<RespiteOptions['commands']>): void {
    if (commands.length === 0) return
    const { registry, dispatcher } = this.#server
    registry.add(customCommands(commands, { registry, runner: dispatcher, inside: this.#inside }))
  }

  get port(): number {
    return this.#server.listeners.port
  }

  get tlsPort(): number {
    return this.#server.listeners.tlsPort
  }

  get address(): { host: string; port: number } | { path: string } {
    const { port, tlsPort, unixSocket } = this.#server.listeners
    const anyPort = port || tlsPort
    return anyPort === 0 ? { path: unixSocket } : { host: this.#host, port: anyPort }
  }

  get url(): string {
    const { address } = this
    if ('path' in address) return `unix://${address.path}`
    const { host, port } = address
    const scheme = this.port === 0 ? 'rediss' : 'redis'
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** An address that a client on this machine reaches the server at. */
  get #host(): string {
    const [first = '127.0.0.1'] = this.#server.config.string('bind').split(' ')
    const host = first.replace(/^-/, '')
    if (host === '*' || host === '0.0.0.0') return '127.0.0.1'
    return host === '::*' || host === '::' ? '::1' : host
  }

  get fault(): FaultHook | undefined {
    return this.#fault
  }

  set fault(hook: FaultHook | undefined) {
    this.#fault = hook
    const { faults } = this.#server
    if (hook === undefined) {
      faults.plan = undefined
      return
    }
    faults.plan = ({ args, client }, command) => {
      if (client === this.#direct.session) return undefined
      const words = args.toArrays().map((word) => Buffer.from(word).toString('utf8'))
      const wasInside = this.#inside.isInside
      this.#inside.isInside = true
      try {
        const fault = hook({ command: command.fullName, args: words, client: clientFacts(client) })
        return fault !== undefined && 'error' in fault ? { error: latin1Of(fault.error) } : fault
      } finally {
        this.#inside.isInside = wasInside
      }
    }
  }

  db(index: number): DatabaseView {
    return this.#inspection.db(index)
  }

  call(command: string, ...args: Argument[]): ReplyValue {
    return this.#direct.call(command, args)
  }

  close(): Promise<void> {
    this.#closing ??= this.#server.close()
    return this.#closing
  }

  #catchUp(): void {
    if (this.#inside.isInside) throw new Error('the clock stands still while a command runs')
    this.#server.catchUp()
  }
}

/** A mistake that shows when users are made from a file has no stack inside; outside it has to be an Error. */
function serverOf(parts: ServerParts): Server {
  try {
    return new Server(parts)
  } catch (error) {
    throw error instanceof UsersError ? new Error(error.message) : error
  }
}

/** Whether the embedder has said anything of files with data: only then is one read. */
function namesData({ dir, dbfilename, appendonly, save }: Settings): boolean {
  return (
    dir !== undefined ||
    dbfilename !== undefined ||
    Boolean(save) ||
    appendonly === true ||
    appendonly === 'yes'
  )
}

function whyNotListening({ where, reason }: ListenError): string {
  return where === '' ? reason : `Respite can't listen on ${where}: ${reason}`
}

class EmbeddedClock implements ServerClock {
  readonly #clock: MovableClock
  readonly #catchUp: () => void

  constructor(clock: MovableClock, catchUp: () => void) {
    this.#clock = clock
    this.#catchUp = catchUp
  }

  now(): number {
    return this.#clock.now()
  }

  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError('a clock advances by 0 milliseconds or more')
    this.#move(milliseconds)
  }

  set(time: number): void {
    if (!Number.isFinite(time)) throw new RangeError('a time is a number of milliseconds')
    this.#move(time - this.#clock.now())
  }

  stop(): void {
    this.#clock.stop()
  }

  resume(): void {
    this.#clock.resume()
  }

  #move(milliseconds: number): void {
    this.#clock.advance(milliseconds)
    this.#catchUp()
  }
}

function latin1Of(text: string): string {
  return Buffer.from(argumentBytes(text)).toString('latin1')
}
