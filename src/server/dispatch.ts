// From a request to its reply: finds the command, passes the gates, runs it, counts it, propagates it. Everything that
// runs a command comes through here. Knows no socket: the caller has put the request into `context.args`.

import type { Clock } from '../base/clock.ts'
import { ReplyError } from '../base/reply-error.ts'
import { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import { Context } from '../command/context.ts'
import type { Propagated } from '../command/effects.ts'
import { LookAhead } from '../command/look-ahead.ts'
import type { Registry } from '../command/registry.ts'
import { IS_RESTRICTED, MUTES_REPLIES, type ReplyMode, type Session } from '../command/session.ts'
import type { Waiter } from '../command/waiter.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ErrorStatistics } from '../monitoring/error-statistics.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { SlowLog } from '../monitoring/slow-log.ts'
import { ReplyWriter } from '../resp/writer.ts'
import type { Transactions } from '../transactions/transactions.ts'
import {
  type GateFlags,
  type Gates,
  HOLD,
  MEMORY,
  QUEUE,
  unknownCommand,
  unknownSubcommand,
  wrongArity,
} from './gates.ts'
import { type PropagationSink, PropagationUnit } from './propagation.ts'

/** Calls of a quick command that are timed together, at most. */
const GROUP_CALLS = 64
/** From this threshold on (microseconds) a quick command is slow only if something else stalled, or if it is large. */
const EXACT_THRESHOLD = 1000
/** A request or a reply of so many bytes makes a quick command one that may be slow: then it is timed alone. */
const LARGE_BYTES = 65_536

/** Hears of commands that have run, if they or their client are of interest to somebody else. */
export interface CommandObserver {
  /** `context` is as the command has left it. */
  ran(context: Context, command: Command, isInside: boolean): void
  /** The request was not run. */
  refused(client: Session): void
}

/** A command that runs others: what has to be taken up again after them. */
interface Outer {
  readonly command: Command
  readonly args: Arguments
  readonly calls: number
  readonly start: number
  readonly deniesBlocking: boolean
  readonly replyMode: ReplyMode
  /** Errors replied before the others ran: theirs are theirs. */
  readonly errors: number
}

export interface DispatchParts {
  readonly registry: Registry
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly gates: Gates
  readonly transactions: Transactions
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
  /** Serves those whom a command has given what they wait for. */
  waking: { settle(): void; expire(now: number): void } | undefined = undefined
  observer: CommandObserver | undefined = undefined
  /** Whether the observer wants to hear of every command; if not, then of clients with `afterwards` set. */
  isObserved = false
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
  readonly #lookAhead = new LookAhead()
  #isInBatch = false
  /** Wall clock minus monotonic clock, in ms: one look at a clock then tells both. */
  #offset = 0
  // The run of calls that is being timed: one command, or several calls of a quick one.
  #group: Command | undefined = undefined
  #groupCalls = 0
  #groupStart = 0
  /** The last look at the clock, if it will do for the next: a look costs 60-100 ns. */
  #lookedAt = 0
  /** Commands that run others, the innermost last. */
  readonly #outer: Outer[] = []
  readonly #unit = new PropagationUnit()
  /** CLIENT REPLY was said among commands that run inside of this one: its own reply is sent. */
  #isUnmuted = false

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
    // The wall clock tells whole milliseconds, so this is up to one too small. The largest of several is near the truth,
    // or clients whose clock is ours would see their deadlines a millisecond later than they asked for.
    const offset = this.#clock.now() - this.#clock.monotonic()
    if (offset > this.#offset || offset <= this.#offset - 1) this.#offset = offset
    this.#keyspace.now = this.#clock.now()
  }

  /** The client whose requests are running; undefined between batches. */
  get runningClient(): Session | undefined {
    return this.#isInBatch ? this.context.client : undefined
  }

  /** Before the first of a batch of requests of one client. */
  begin(session: Session): void {
    const context = this.context
    this.#isInBatch = true
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

  /**
   * Looks at requests that follow on the one that has just run, so that memory has what they are about at hand by the
   * time they run too. Returns where the first request is that was not looked at.
   */
  lookAhead(bytes: Uint8Array, from: number, end: number): number {
    const { context } = this
    return this.#lookAhead.run(context, this.#registry.find(context.args), bytes, from, end)
  }

  /** After the last of a batch: its bytes may change from now on. */
  end(): void {
    this.#isInBatch = false
    this.#parts.transactions.keep()
    this.context.upcoming.clear()
    this.#keyspace.upcomingMembers.clear()
    if (this.#group !== undefined) this.#closeGroup(undefined)
  }

  /**
   * Runs the request in `args` for the client of `begin`; the reply is then in `reply`. False: not now. Either the
   * client is blocked, and will be woken; or (CLIENT PAUSE) nothing has happened, and the request is to be tried again.
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
    const closed = this.#gates.closed | context.client.gates
    // `maxmemory` alone is no reason to look at all gates before each command.
    if (closed !== 0 && (closed !== MEMORY || this.#gates.memory.isOver())) {
      const refusal = this.#gates.refusal(context, command, this.#flagsOf(command))
      if (refusal === HOLD) {
        context.client.lastCommand = command.fullName
        return false
      }
      if (refusal === QUEUE) return this.#queue(command)
      if (refusal !== undefined) return this.#refuse(command, refusal)
    }
    context.client.lastCommand = command.fullName
    this.#call(command)
    return !context.blocked.isPending || this.#settle()
  }

  /** Before anybody's next command, those are served who wait for what this one has brought. */
  #settle(): boolean {
    this.waking?.settle()
    const { blocked, client } = this.context
    return !blocked.has(client)
  }

  /** Answers a request that ends without being run again: its time is up, or somebody has unblocked its client. */
  answer({ args, wait, outcome, microseconds }: Waiter): void {
    const { context, reply } = this
    context.args = args
    const command = this.#registry.find(args)!
    const start = reply.length
    if (outcome instanceof ReplyError) {
      reply.error(outcome.message)
      command.failed++
      this.#parts.errors.count(reply.lastError)
    } else if (wait.onTimeout !== undefined) wait.onTimeout(reply)
    else reply.nullArray()
    this.#count(command, 1, microseconds, args)
    if (context.client.replyMode !== 'on') this.#mute(start)
  }

  /** EXEC is judged by what it will run. */
  #flagsOf(command: Command): GateFlags {
    if (!command.isNeverQueued || command.name !== 'exec') return command
    return this.#parts.transactions.of(this.context.client) ?? command
  }

  #queue(command: Command): boolean {
    const { client, args } = this.context
    client.lastCommand = command.fullName
    this.#parts.transactions.queue(client, command, args)
    const start = this.reply.length
    this.reply.simple('QUEUED')
    if (client.replyMode !== 'on') this.#mute(start)
    return true
  }

  // ---- commands inside of a command

  /** The command that is running is about to run others (EXEC, a script): until `leave` time stands still. */
  enter(): void {
    const { context } = this
    const { args, deniesBlocking } = context
    if (this.#outer.length === 0) this.#unit.begin()
    this.#outer.push({
      command: this.#group!,
      args,
      calls: this.#groupCalls,
      start: this.#groupStart,
      deniesBlocking,
      replyMode: context.client.replyMode,
      errors: this.reply.errors,
    })
    this.#group = undefined
    this.#groupCalls = 0
    context.deniesBlocking = true
  }

  /**
   * Runs a command as a part of the one that is running: through no gate, but timed, counted and propagated for itself.
   * Its reply is written behind what that one has written.
   */
  runInside(command: Command, args: Arguments): void {
    const { errors } = this.reply
    this.context.args = args
    this.#call(command)
    // They are this command's, not those of the one around it.
    this.reply.errors = errors
  }

  /** Likewise, if the client's user still may. */
  runQueued(command: Command, args: Arguments): void {
    const { context } = this
    context.args = args
    if ((context.client.gates & IS_RESTRICTED) !== 0) {
      const refusal = this.#gates.guard!.refusalOfQueued(context, command)
      if (refusal !== undefined) {
        this.reply.error(refusal.message)
        this.#parts.errors.count(this.reply.lastError)
        return
      }
    }
    this.runInside(command, args)
  }

  /** The command that has called `enter` goes on by itself. */
  leave(): void {
    const { context } = this
    if (this.#group !== undefined) {
      this.#closeGroup(undefined)
      // The command that has run the others ends now too.
      this.#lookedAt = this.#groupStart
    }
    const { command, args, calls, start, deniesBlocking, replyMode, errors } = this.#outer.pop()!
    this.reply.errors = errors
    context.args = args
    context.deniesBlocking = deniesBlocking
    this.#group = command
    this.#groupCalls = calls
    this.#groupStart = start
    if (this.#outer.length > 0) return
    this.#unit.end(this.sink)
    this.#isUnmuted = replyMode === 'on'
  }

  /** Has a command repeated elsewhere that is not the one that is running: the removal of a key that was due. */
  propagate(database: number, command: Propagated): void {
    if (this.sink !== undefined) this.#unit.add(this.sink, database, command)
  }

  #call(command: Command): void {
    const { context, reply } = this
    const keyspace = this.#keyspace
    // What may be slow is not to share its time with quick calls before it.
    const isAlone = context.args.count > command.quickWords
    if (this.#group !== command || this.#groupCalls >= GROUP_CALLS || isAlone) {
      if (this.#group !== undefined) this.#closeGroup(undefined)
      this.#group = command
    }
    this.#groupCalls++
    const start = reply.length
    const { errors } = reply
    const { dirty } = keyspace
    const database = context.db.index
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
      isAlone ||
      this.#parts.slowLog.thresholdMicroseconds < EXACT_THRESHOLD ||
      reply.length - start > LARGE_BYTES ||
      context.args.lastLength > LARGE_BYTES
    ) {
      this.#closeGroup(context.args)
    }
    if (this.isObserved || context.client.afterwards !== 0) this.#afterwards(command, start)
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
    if (instead === undefined) {
      if (hasChanged) this.#unit.add(sink, database, this.context.args)
      return
    }
    if (instead.length > 1 && this.#outer.length === 0) this.#unit.begin()
    for (const command of instead) this.#unit.add(sink, database, command)
    if (instead.length > 1 && this.#outer.length === 0) this.#unit.end(sink)
  }

  #afterwards(command: Command, start: number): void {
    const { context } = this
    const { client } = context
    this.observer?.ran(context, command, this.#outer.length > 0)
    if ((client.afterwards & MUTES_REPLIES) !== 0 && !client.isBlocked) {
      this.#mute(command.repliesByPush ? this.reply.length : start)
    }
    this.#isUnmuted = false
  }

  /** CLIENT REPLY OFF and SKIP. */
  #mute(start: number): void {
    const { client } = this.context
    if (this.#outer.length > 0) {
      if (client.replyMode === 'off') this.reply.length = start
      return
    }
    if (!this.#isUnmuted) this.reply.length = start
    if (client.replyMode === 'skip-next') {
      client.replyMode = 'skip'
      return
    }
    if (client.replyMode === 'skip') client.replyMode = 'on'
  }

  #refuse(command: Command | undefined, refusal: ReplyError): boolean {
    if (command !== undefined) command.rejected++
    const start = this.reply.length
    this.reply.error(this.#spoiling(command, refusal).message)
    this.#parts.errors.count(this.reply.lastError)
    const { client } = this.context
    if (client.afterwards !== 0) this.observer?.refused(client)
    if (client.replyMode !== 'on') this.#mute(start)
    return true
  }

  /** A refused command spoils the transaction that it was to be a part of; EXEC itself ends it. */
  #spoiling(command: Command | undefined, refusal: ReplyError): ReplyError {
    const { client } = this.context
    const { transactions } = this.#parts
    if (command?.name !== 'exec') {
      transactions.spoil(client)
      return refusal
    }
    transactions.end(client)
    const reason = refusal.message.replace(/^ERR /, '')
    return new ReplyError(`EXECABORT Transaction discarded because of: ${reason}`)
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
    const monotonic = this.#lookedAt > 0 ? this.#lookedAt : this.#clock.monotonic()
    this.#lookedAt = 0
    this.#groupStart = monotonic
    if (this.#outer.length === 0) this.#keyspace.now = Math.floor(monotonic + this.#offset)
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
    if (!command.mayBlock) this.#count(command, calls, microseconds, args)
    else {
      // What waits is counted once, when it has been served.
      const { blocked, client } = this.context
      const spent = blocked.spend(client, microseconds)
      if (!blocked.has(client)) this.#count(command, calls, spent, args)
    }
  }

  #count(command: Command, calls: number, microseconds: number, args: Arguments | undefined): void {
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
