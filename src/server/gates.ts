// What can keep a command from running, in Redis's order. While every gate is open, dispatch pays for one comparison:
// a subsystem that closes a gate for all clients sets a bit in `closed`; what concerns one client is a bit in its session.

import { LOADING_DATA, ReplyError } from '../base/reply-error.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import {
  HAS_SUBSCRIPTIONS,
  IS_MONITOR,
  IS_RESTRICTED,
  NEEDS_AUTHENTICATION,
  QUEUES_COMMANDS,
} from '../command/session.ts'

export const LOADING = 1
export const BUSY = 2
export const DISK_ERROR = 8
export const REPLICAS_MISSING = 16
export const READONLY_REPLICA = 32
export const STALE_REPLICA = 64
export const PAUSED = 128
export const FAULTS = 256
/** No bit of any client's `gates`, so that dispatch can tell it from all others in one comparison. */
export const MEMORY = 65_536
export const APPEND_ERROR = 512
const DISK_ERRORS = DISK_ERROR | APPEND_ERROR

/** Not refusals: the request is to be tried again later; or to be queued, as a part of a transaction. */
export const HOLD = Symbol('hold')
export const QUEUE = Symbol('queue')

/** Refuses what a client's user may not do. Only asked about clients with IS_RESTRICTED. */
export interface AccessGuard {
  refusal(context: Context, command: Command): ReplyError | undefined
  /** Of a request that was queued when it was still allowed. */
  refusalOfQueued(context: Context, command: Command): ReplyError | undefined
}

/** What gates ask of a command; and of EXEC, that what it will run is. */
export interface GateFlags {
  readonly isWrite: boolean
  readonly mayReplicate: boolean
  readonly deniesWhenFull: boolean
  readonly runsWhenStale: boolean
  readonly runsWhileLoading: boolean
}

/** Redis prints at most so much of what a client sent. */
const ECHOED_NAME = 128
const ECHOED_ARGUMENTS = 128

const NOT_IN_TRANSACTIONS = new ReplyError('ERR Command not allowed inside a transaction')
const NEEDS_AUTH = new ReplyError('NOAUTH Authentication required.')
const OUT_OF_MEMORY = new ReplyError("OOM command not allowed when used memory > 'maxmemory'.")
const BUSY_SCRIPT = new ReplyError(
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
)
const TOO_FEW_REPLICAS = new ReplyError('NOREPLICAS Not enough good replicas to write.')
const READ_ONLY = new ReplyError("READONLY You can't write against a read only replica.")
const STALE = new ReplyError(
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
)
const ONLY_WATCHES = new ReplyError("ERR Replica can't interact with the keyspace")
const DISK_FAILURE = new ReplyError(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
)

/** `maxmemory`. */
export interface MemoryGate {
  /** Whether more is in use than may be. Asked before each command, so it has to be quick. */
  isOver(): boolean
  /** Evicts what has to go; true if there is still too much. */
  isShort(): boolean
}

export class Gates {
  /** Bits of the gates that are closed for everyone. */
  closed = 0
  /** Only asked while MEMORY is closed. */
  memory: MemoryGate = { isOver: () => false, isShort: () => false }
  /** CLIENT PAUSE: whether it holds reading commands too. Only asked while PAUSED is closed. */
  pausesReads = false
  guard: AccessGuard | undefined = undefined
  /** Faults for a test: may refuse a request, or have it tried again later. Only asked while FAULTS is closed. */
  fault: (context: Context, command: Command) => ReplyError | typeof HOLD | undefined = () => undefined

  #appendFailure: ReplyError = DISK_FAILURE

  /** What is changed can't be written to the append-only file. */
  closeForAppendError(reason: string): void {
    this.#appendFailure = new ReplyError(`MISCONF Errors writing to the AOF file: ${reason}`)
    this.close(APPEND_ERROR)
  }

  close(gate: number): void {
    this.closed |= gate
  }

  open(gate: number): void {
    this.closed &= ~gate
  }

  /**
   * Why the command may not run; undefined: it may. Called only when some gate is closed. `flags`: the command's own, or
   * those of the transaction that it is about to run.
   */
  refusal(
    context: Context,
    command: Command,
    flags: GateFlags,
  ): ReplyError | typeof HOLD | typeof QUEUE | undefined {
    const { client } = context
    const { closed } = this
    // What is to go wrong in a test goes wrong before anything is looked at.
    const fault = (closed & FAULTS) === 0 ? undefined : this.fault(context, command)
    if (fault !== undefined) return fault
    const isQueued = (client.gates & QUEUES_COMMANDS) !== 0 && !command.isNeverQueued
    // The usual reason to come here is MULTI alone.
    if (isQueued && client.gates === QUEUES_COMMANDS && closed === 0 && !command.deniesTransactions)
      return QUEUE
    // A client has to say who it is first.
    if ((client.gates & NEEDS_AUTHENTICATION) !== 0 && !command.runsUnauthenticated) return NEEDS_AUTH
    if (isQueued && command.deniesTransactions) return NOT_IN_TRANSACTIONS
    // Not every user may do everything.
    if ((client.gates & IS_RESTRICTED) !== 0) {
      const refusal = this.guard!.refusal(context, command)
      if (refusal !== undefined) return refusal
    }
    // Memory is short: keys are evicted, and what would take more is refused.
    // Not in a pause: the dataset stands still. Redis: nor is anything queued that may then not run.
    const isFull = (closed & (MEMORY | PAUSED)) === MEMORY && this.memory.isShort()
    if (isFull && (flags.deniesWhenFull || isQueued)) {
      return OUT_OF_MEMORY
    }
    // The last snapshot failed, or what is changed can't be appended to the log, and the user wants to notice.
    if ((closed & DISK_ERRORS) !== 0 && (flags.isWrite || command.name === 'ping')) {
      return (closed & DISK_ERROR) !== 0 ? DISK_FAILURE : this.#appendFailure
    }
    // Too few replicas are there to take a write.
    if ((closed & REPLICAS_MISSING) !== 0 && flags.isWrite) return TOO_FEW_REPLICAS
    // A replica takes writes from its primary only.
    if ((closed & READONLY_REPLICA) !== 0 && flags.isWrite) return READ_ONLY
    // A RESP2 client with subscriptions can't tell replies from messages.
    if ((client.gates & HAS_SUBSCRIPTIONS) !== 0 && client.protocol === 2 && !runsWhileSubscribed(command)) {
      return onlyListens(command)
    }
    // A replica without its primary, told not to serve old data.
    if ((closed & STALE_REPLICA) !== 0 && !flags.runsWhenStale) return STALE
    // The dataset is being loaded.
    if ((closed & LOADING) !== 0 && !flags.runsWhileLoading) return LOADING_DATA
    // A script runs for too long.
    if ((closed & BUSY) !== 0 && !command.runsWhileBusy) return BUSY_SCRIPT
    // Redis: what shows commands is a replica, and a replica does nothing with keys.
    if ((client.gates & IS_MONITOR) !== 0 && (flags.isWrite || flags.mayReplicate || command.isReadonly)) {
      return ONLY_WATCHES
    }
    // CLIENT PAUSE: the request waits.
    if ((closed & PAUSED) !== 0 && (this.pausesReads || flags.isWrite || flags.mayReplicate)) return HOLD
    // In the middle of MULTI.
    return isQueued ? QUEUE : undefined
  }
}

function runsWhileSubscribed(command: Command): boolean {
  return (
    command.repliesByPush || command.name === 'ping' || command.name === 'quit' || command.name === 'reset'
  )
}

function onlyListens(command: Command): ReplyError {
  return new ReplyError(
    `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  )
}

export function unknownCommand(context: Context): ReplyError {
  const { args } = context
  let echoed = ''
  for (let i = 1; i < args.count && echoed.length < ECHOED_ARGUMENTS; i++) {
    echoed += `'${args.shown(i, ECHOED_ARGUMENTS - echoed.length)}' `
  }
  const name = args.shown(0, ECHOED_NAME)
  return new ReplyError(`ERR unknown command '${name}', with args beginning with: ${echoed}`)
}

export function unknownSubcommand(context: Context, command: Command): ReplyError {
  const word = context.args.shown(1, ECHOED_NAME)
  return new ReplyError(`ERR unknown subcommand '${word}'. Try ${command.name.toUpperCase()} HELP.`)
}

export function wrongArity(command: Command): ReplyError {
  return new ReplyError(`ERR wrong number of arguments for '${command.fullName}' command`)
}
