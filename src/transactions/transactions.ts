// Who is in the middle of a transaction, and with what. Runs nothing: EXEC does (commands/transaction.ts).

import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import { QUEUES_COMMANDS, type Session } from '../command/session.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { Transaction } from './transaction.ts'
import { Watches } from './watches.ts'

/** Transactions that have ended and are kept for the next clients. */
const MOST_SPARE = 64

export class Transactions {
  readonly watches: Watches
  readonly #spare: Transaction[] = []
  /** The one that may have commands whose arguments lie where requests are read. */
  #unkept: Transaction | undefined = undefined

  constructor(keyspace: Keyspace) {
    this.watches = new Watches(keyspace)
  }

  /** The client's transaction; undefined: it is in none. */
  of(client: Session): Transaction | undefined {
    return client.transaction as Transaction | undefined
  }

  /** From now on the client's commands are queued. */
  begin(client: Session): void {
    client.transaction = this.#spare.pop() ?? new Transaction()
    client.queuedCommands = 0
    client.gates |= QUEUES_COMMANDS
  }

  /** Before the bytes of the arguments change `keep` must be called. */
  queue(client: Session, command: Command, args: Arguments): void {
    const transaction = this.of(client)!
    if (transaction !== this.#unkept) {
      this.keep()
      this.#unkept = transaction
    }
    transaction.add(command, args)
    client.queuedCommands++
    client.queuedBytes = transaction.bytes
  }

  /** From now on the bytes of queued arguments may change. */
  keep(): void {
    this.#unkept?.keep()
    this.#unkept = undefined
  }

  /** A command of the client has been refused: if it is in a transaction, that one will run nothing. */
  spoil(client: Session): void {
    const transaction = this.of(client)
    if (transaction !== undefined) transaction.isSpoiled = true
  }

  /** The client's transaction is over, and so is its watching. */
  end(client: Session): void {
    this.watches.drop(client)
    const transaction = this.of(client)
    if (transaction === undefined) return
    client.transaction = undefined
    client.queuedCommands = -1
    client.queuedBytes = 0
    client.gates &= ~QUEUES_COMMANDS
    transaction.clear()
    if (this.#spare.length < MOST_SPARE) this.#spare.push(transaction)
  }

  /** The client has gone. What it was running may still be running: nothing of it is used again. */
  forget(client: Session): void {
    client.transaction = undefined
    this.watches.drop(client)
  }
}
