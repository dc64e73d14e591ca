// Runs the commands of an append-only log: as a client of nobody's, past all gates, uncounted, and repeated nowhere. What
// goes wrong in them goes to the server's log, and the next one is run.

import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import type { Registry } from '../command/registry.ts'
import { NOBODY, Session } from '../command/session.ts'
import type { LogRunner } from '../persistence/log-file-load.ts'
import type { ReplyWriter } from '../resp/writer.ts'
import type { Transactions } from '../transactions/transactions.ts'
import { wrongArity } from './gates.ts'
import type { Log } from './log.ts'

export interface LogReplayParts {
  readonly registry: Registry
  readonly context: Context
  readonly reply: ReplyWriter
  readonly transactions: Transactions
  readonly log: Log
}

export class LogReplay implements LogRunner {
  readonly #parts: LogReplayParts
  readonly #session: Session

  constructor(parts: LogReplayParts) {
    this.#parts = parts
    this.#session = new Session(0, NOBODY, parts.context.now)
  }

  get isInTransaction(): boolean {
    return this.#session.isQueueing
  }

  abandon(): void {
    this.#parts.transactions.end(this.#session)
  }

  run(args: Arguments): boolean {
    const command = this.#find(args)
    if (command === undefined) return false
    if (command.arity > 0 ? args.count !== command.arity : args.count < -command.arity) {
      this.#report(wrongArity(command).message, command)
    } else if (this.#session.isQueueing && !command.isNeverQueued) {
      this.#parts.transactions.queue(this.#session, command, args)
      // What follows in the log is read over it.
      this.#parts.transactions.keep()
    } else this.#call(command, args)
    return true
  }

  #find(args: Arguments): Command | undefined {
    const command = this.#parts.registry.find(args)
    if (command?.subcommands === undefined || args.count < 2) return command
    return command.subcommands.get(args.word(1))
  }

  /** There may be a command running that wants the log loaded: it finds everything as it was. */
  #call(command: Command, args: Arguments): void {
    const { context, reply } = this.#parts
    const { client, db, args: outerArgs, deniesBlocking } = context
    const start = reply.length
    const { errors } = reply
    context.client = this.#session
    context.db = context.keyspace.databases[this.#session.database]!
    context.args = args
    context.deniesBlocking = true
    try {
      command.run?.(context)
      if (reply.errors !== errors) this.#report(reply.lastError, command)
    } catch (error) {
      this.#report(error instanceof ReplyError ? error.message : textOf(error), command)
    }
    context.effects.take()
    reply.length = start
    context.client = client
    context.db = db
    context.args = outerArgs
    context.deniesBlocking = deniesBlocking
  }

  #report(error: string, command: Command): void {
    const shown = error.startsWith('ERR ') ? error.slice(4) : `-${error}`
    this.#parts.log.warning(
      `== CRITICAL == This server is sending an error to its AOF-loading-client: '${shown}' after processing the command '${command.fullName}'`,
    )
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
