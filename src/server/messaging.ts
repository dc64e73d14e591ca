// What clients have to do with each other: transactions and the keys they watch, subscriptions. Brings these parts
// together, and ends a client's share in them. Knows no socket.

import type { CommandFamily } from '../command/definition.ts'
import type { Session } from '../command/session.ts'
import { pubsubCommands } from '../commands/pubsub.ts'
import { transactionCommands } from '../commands/transaction.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { MessagingFigures } from '../monitoring/figures.ts'
import { KeyspaceNotifier } from '../pubsub/keyspace-notifier.ts'
import { Pubsub } from '../pubsub/pubsub.ts'
import { Transactions } from '../transactions/transactions.ts'
import type { Dispatcher } from './dispatch.ts'

export class Messaging implements MessagingFigures {
  readonly transactions: Transactions
  readonly pubsub: Pubsub
  readonly notifier: KeyspaceNotifier

  constructor(keyspace: Keyspace) {
    this.transactions = new Transactions(keyspace)
    this.pubsub = new Pubsub(keyspace.seed)
    this.notifier = new KeyspaceNotifier(this.pubsub, keyspace)
  }

  families(dispatcher: Dispatcher): CommandFamily[] {
    return [transactionCommands(this.transactions, dispatcher), pubsubCommands(this.pubsub)]
  }

  followSettings(config: Config): void {
    config.watch('notify-keyspace-events', (value) => this.notifier.setClasses(value))
  }

  /** RESET: the client is in the middle of nothing any more. */
  reset(client: Session): void {
    this.transactions.end(client)
    this.pubsub.unsubscribeAll(client)
  }

  /** The client has gone. */
  forget(client: Session): void {
    this.transactions.forget(client)
    this.pubsub.unsubscribeAll(client)
  }

  // ---- figures

  get watchedKeys(): number {
    return this.transactions.watches.count
  }

  get channels(): number {
    return this.pubsub.channels.all.size
  }

  get patterns(): number {
    return this.pubsub.patterns.all.size
  }

  get shardChannels(): number {
    return this.pubsub.shardChannels.all.size
  }
}
