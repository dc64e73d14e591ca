// Transactions: commands that are queued and then run together, and keys that must not have changed meanwhile.

import { ReplyError } from '../base/reply-error.ts'
import { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { allKeys } from '../command/key-specs.ts'
import type { Transaction } from '../transactions/transaction.ts'
import type { Transactions } from '../transactions/transactions.ts'

/** What runs commands as parts of the one that is running. */
export interface CommandRunner {
  /** From here to `leave` the time stands still, and nothing waits. */
  enter(): void
  /** Runs a command, unless its user may not any more; writes the reply behind what has been written. */
  runQueued(command: Command, args: Arguments): void
  leave(): void
}

const EXEC_WITHOUT_MULTI = new ReplyError('ERR EXEC without MULTI')
const DISCARD_WITHOUT_MULTI = new ReplyError('ERR DISCARD without MULTI')
const NESTED = new ReplyError('ERR MULTI calls can not be nested')
const WATCH_INSIDE = new ReplyError('ERR WATCH inside MULTI is not allowed')
const SPOILED = new ReplyError('EXECABORT Transaction discarded because of previous errors.')

export function transactionCommands(transactions: Transactions, runner: CommandRunner): CommandFamily {
  const queued = new Arguments()
  return {
    group: 'transactions',
    commands: [
      {
        name: 'MULTI',
        arity: 1,
        flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
        isNeverQueued: true,
        syntax: '',
        summary: 'Begins a transaction: commands are queued from now on.',
        since: '1.2.0',
        complexity: 'O(1)',
        categories: ['transaction'],
        run: (context) => multi(context, transactions),
      },
      {
        name: 'EXEC',
        arity: 1,
        flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
        isNeverQueued: true,
        syntax: '',
        summary: 'Runs the queued commands, unless a watched key has changed.',
        since: '1.2.0',
        complexity: 'Depends on commands in the transaction',
        categories: ['transaction'],
        run: (context) => exec(context, transactions, runner, queued),
      },
      {
        name: 'DISCARD',
        arity: 1,
        flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
        isNeverQueued: true,
        syntax: '',
        summary: 'Drops the queued commands: the transaction is over.',
        since: '2.0.0',
        complexity: 'O(N), when N is the number of queued commands',
        categories: ['transaction'],
        run: (context) => discard(context, transactions),
      },
      {
        name: 'WATCH',
        arity: -2,
        flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
        isNeverQueued: true,
        keys: allKeys('RO'),
        syntax: 'key [key ...]',
        summary: 'Lets the next transaction run only if these keys have not changed until then.',
        since: '2.2.0',
        complexity: 'O(1) for every key.',
        categories: ['transaction'],
        run: (context) => watch(context, transactions),
      },
      {
        name: 'UNWATCH',
        arity: 1,
        flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
        syntax: '',
        summary: 'Watches no keys any more.',
        since: '2.2.0',
        complexity: 'O(N) where N is the number of watched keys',
        categories: ['transaction'],
        run: ({ client, reply }) => {
          transactions.watches.drop(client)
          reply.ok()
        },
      },
    ],
  }
}

function multi({ client, reply }: Context, transactions: Transactions): void {
  if (client.isQueueing) throw NESTED
  transactions.begin(client)
  reply.ok()
}

function discard({ client, reply }: Context, transactions: Transactions): void {
  if (!client.isQueueing) throw DISCARD_WITHOUT_MULTI
  transactions.end(client)
  reply.ok()
}

function watch(context: Context, transactions: Transactions): void {
  const { args, client, db, reply } = context
  if (client.isQueueing) throw WATCH_INSIDE
  // Once the transaction can't run any more, it does not matter what else changes.
  if (!client.isWatchBroken) {
    for (let i = 1; i < args.count; i++) transactions.watches.add(client, db, context.key(i))
  }
  reply.ok()
}

function exec(context: Context, transactions: Transactions, runner: CommandRunner, queued: Arguments): void {
  const { client, reply, effects } = context
  const transaction = transactions.of(client)
  if (transaction === undefined) throw EXEC_WITHOUT_MULTI
  const { isSpoiled } = transaction
  if (isSpoiled || transactions.watches.isBroken(client)) {
    transactions.end(client)
    if (isSpoiled) throw SPOILED
    reply.nullArray()
    return
  }
  // The commands may change the client's own keys.
  transactions.watches.drop(client)
  const { count } = transaction
  reply.array(count)
  runner.enter()
  try {
    for (let i = 0, lookedTo = 0; i < count; i++) {
      if (i === lookedTo) lookedTo = lookAhead(context, transaction, i)
      transaction.load(i, queued)
      runner.runQueued(transaction.command(i), queued)
    }
  } finally {
    runner.leave()
    context.upcoming.clear()
    queued.forget()
    transactions.end(client)
  }
  // Each command has said for itself what is to be repeated.
  effects.none()
}

/** Looks ahead at the keys of commands from an index on; returns the first that was not looked at. */
function lookAhead({ db, upcoming }: Context, transaction: Transaction, from: number): number {
  upcoming.clear()
  const to = transaction.lookAhead(from, upcoming)
  db.table.touch(upcoming)
  return to
}
