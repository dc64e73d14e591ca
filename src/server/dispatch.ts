// From a request to its reply: finds the command, passes the gates, runs it, counts it, propagates it. Everything that
// runs a command comes through here. Knows no socket: the caller has put the request into `context.args`.

import type { Clock } from '../base/clock.ts'
import { ReplyError } from '../base/reply-error.ts'
import { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import { Context } from '../command/context.ts'
import type { Propagated } from '../command/effects.ts'
import type { Registry } from '../command/registry.ts'
import type { Session } from '../command/session.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ErrorStatistics } from '../monitoring/error-statistics.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { SlowLog } from '../monitoring/slow-log.ts'
import { ReplyWriter } from '../resp/writer.ts'
import { type Gates, HOLD, unknownCommand, unknownSubcommand, wrongArity } from './gates.ts'

/** Calls of a quick command that are timed together, at most. */
const GROUP_CALLS = 64
/** From this threshold on (microseconds) a quick command is slow only if something else stalled, or if it is large. */
const EXACT_THRESHOLD = 1000
/** A request or a reply of so many bytes makes a quick command one that may be slow: then it is timed alone. */
const LARGE_BYTES = 65_536

/** Receives what has to be repeated elsewhere: the append-only file, replicas. */
export interface PropagationSink {
  propagate(database: number, command: Arguments | Propagated): void
}

export interface DispatchParts {
  readonly registry: Registry
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly gates: Gates
  readonly slowLog: SlowLog
  readonly latency: LatencyMonitor
  readonly errors: ErrorStatistics
  /** Hears of our own faults. */
  readonly onFault: (error: unknown, command: string) => void
}

export class Dispatcher {
  readonly context: Context
  readonly reply = new ReplyWriter()
  /** Where connections parse their requests into: one object for all. */
  readonly request = new Arguments()
  sink: PropagationSink | undefined = undefined
  /** Hears of clients that speak HTTP; they have to go. */
  onHttp: ((client: Session) => void) | undefined = undefined
  /** Follows `latency-tracking`: whether each command's times are kept. */
  tracksLatency = true
  /** Commands executed, and the time spent in them; both since CONFIG RESETSTAT. */
  executed = 0
  busyMicroseconds = 0
  readonly #parts: DispatchParts
  readonly #registry: Registry
  readonly #keyspace: Keyspace
  readonly #clock: Clock
  readonly #gates: Gates
  /** Wall clock minus monotonic clock, in ms: one look at a clock then tells both. */
  #offset = 0
  // The run of calls that is being timed: one command, or several calls of a quick one.
  #group: Command | undefined = undefined
  #groupCalls = 0
  #groupStart = 0

  constructor(parts: DispatchParts, nobody: Session) {
    this.#parts = parts
    this.#registry = parts.registry
    this.#keyspace = parts.keyspace
    this.#clock = parts.clock
    this.#gates = parts.gates
    this.context = new Context(parts.keyspace, this.reply, nobody)
    this.syncClock()
  }

  /** Follows jumps of the wall clock; called now and then. */
  syncClock(): void {
    this.#offset = this.#clock.now() - this.#clock.monotonic()
    this.#keyspace.now = this.#clock.now()
  }

  /** Before the first of a batch of requests of one client. */
  begin(session: Session): void {
    const context = this.context
    context.client = session
    context.db = this.#keyspace.databases[session.database]!
    this.reply.protocol = session.protocol
    this.#keyspace.access.isPaused = !session.touchesKeys
    this.#tick()
    session.lastInteraction = this.#keyspace.now
  }

  /** Answers bytes that are no request, of the client of `begin`. */
  refuseInput(error: string): void {
    this.#refuse(undefined, new ReplyError(`ERR Protocol error: ${error}`))
  }

  /** After the last of a batch. */
  end(): void {
    if (this.#group !== undefined) this.#closeGroup(undefined)
  }

  /**
   * Runs the request in `args` for the client of `begin`; the reply is then in `reply`. False: not now (CLIENT PAUSE);
   * nothing has happened, and the request is to be tried again later.
   */
  execute(args: Arguments): boolean {
    const context = this.context
    context.args = args
    let command = this.#registry.find(args)
    if (command === undefined) return this.#unknown(context)
    if (command.subcommands !== undefined && args.count > 1) {
      const sub = command.subcommands.get(args.word(1))
      if (sub === undefined) return this.#refuse(undefined, unknownSubcommand(context, command))
      command = sub
    }
    if (command.arity > 0 ? args.count !== command.arity : args.count < -command.arity) {
      return this.#refuse(command, wrongArity(command))
    }
    if ((this.#gates.closed | context.client.gates) !== 0) {
      const refusal = this.#gates.refusal(context, command)
      if (refusal === HOLD) {
        context.client.lastCommand = command.fullName
        return false
      }
      if (refusal !== undefined) return this.#refuse(command, refusal)
    }
    this.#call(command)
    return true
  }

  #call(command: Command): void {
    const { context, reply } = this
    const keyspace = this.#keyspace
    if (this.#group !== command || this.#groupCalls >= GROUP_CALLS) {
      if (this.#group !== undefined) this.#closeGroup(undefined)
      this.#group = command
    }
    this.#groupCalls++
    const start = reply.length
    const { errors } = reply
    const { dirty } = keyspace
    const database = context.db.index
    context.client.lastCommand = command.fullName
    try {
      command.run!(context)
    } catch (error) {
      this.#failed(error, command, start)
    }
    if (reply.errors !== errors) {
      command.failed += reply.errors - errors
      this.#parts.errors.count(reply.lastError)
    }
    if (this.sink !== undefined) this.#propagate(this.sink, database, keyspace.dirty !== dirty)
    if (
      !command.isQuick ||
      this.#parts.slowLog.thresholdMicroseconds < EXACT_THRESHOLD ||
      reply.length - start > LARGE_BYTES ||
      context.args.lastLength > LARGE_BYTES
    ) {
      this.#closeGroup(context.args)
    }
    if (context.client.replyMode !== 'on') this.#mute(start)
  }

  /** Everything below dispatch that throws ends here. */
  #failed(error: unknown, command: Command, start: number): void {
    // Half a reply may have been written: it must not reach the client.
    this.reply.length = start
    if (error instanceof ReplyError) {
      this.reply.error(error.message)
      return
    }
    this.#parts.onFault(error, command.fullName)
    this.reply.error('ERR internal error')
  }

  #propagate(sink: PropagationSink, database: number, hasChanged: boolean): void {
    const instead = this.context.effects.take()
    if (instead !== undefined) for (const command of instead) sink.propagate(database, command)
    else if (hasChanged) sink.propagate(database, this.context.args)
  }

  /** CLIENT REPLY OFF and SKIP. */
  #mute(start: number): void {
    const { client } = this.context
    if (client.replyMode === 'skip-next') {
      client.replyMode = 'skip'
      this.reply.length = start
      return
    }
    this.reply.length = start
    if (client.replyMode === 'skip') client.replyMode = 'on'
  }

  #refuse(command: Command | undefined, refusal: ReplyError): boolean {
    if (command !== undefined) command.rejected++
    const start = this.reply.length
    this.reply.error(refusal.message)
    this.#parts.errors.count(this.reply.lastError)
    if (this.context.client.replyMode !== 'on') this.#mute(start)
    return true
  }

  #unknown(context: Context): boolean {
    // What a browser sends first, when a page has made it talk to us: the rest is not to be run.
    if (isHttp(context.args)) {
      this.onHttp?.(context.client)
      context.client.peer.close(false)
      return true
    }
    return this.#refuse(undefined, unknownCommand(context))
  }

  #tick(): void {
    const monotonic = this.#clock.monotonic()
    this.#groupStart = monotonic
    this.#keyspace.now = Math.floor(monotonic + this.#offset)
  }

  /**
   * Ends the run of calls that is being timed; what follows starts at the same look at the clock. `args` of the last
   * call, if they are still there: the next request may have been read over them.
   */
  #closeGroup(args: Arguments | undefined): void {
    const command = this.#group!
    const calls = this.#groupCalls
    const start = this.#groupStart
    this.#tick()
    this.#group = undefined
    this.#groupCalls = 0
    const microseconds = (this.#groupStart - start) * 1000
    command.calls += calls
    command.microseconds += microseconds
    if (this.tracksLatency) command.histogram.record(Math.floor((microseconds * 1000) / calls), calls)
    this.executed += calls
    this.busyMicroseconds += microseconds
    const { slowLog, latency } = this.#parts
    if (microseconds >= slowLog.thresholdMicroseconds && !command.skipsSlowlog) {
      slowLog.record(args ?? command.fullName, this.context.client, this.#keyspace.now, microseconds)
    }
    if (microseconds >= latency.thresholdMicroseconds) {
      latency.note(command.isFast ? 'fast-command' : 'command', microseconds / 1000, this.#keyspace.now)
    }
  }
}

function isHttp(args: Arguments): boolean {
  return args.is(0, 'POST') || args.is(0, 'HOST:')
}
