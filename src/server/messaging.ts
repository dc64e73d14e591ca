// What clients have to do with each other: transactions and the keys they watch, subscriptions. Brings these parts
// together, and ends a client's share in them. Knows no socket.

import type { Clock } from '../base/clock.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { type Session, TRACKS_READS } from '../command/session.ts'
import { monitorCommands } from '../commands/monitor.ts'
import { pubsubCommands } from '../commands/pubsub.ts'
import { transactionCommands } from '../commands/transaction.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { MessagingFigures } from '../monitoring/figures.ts'
import { Monitors } from '../monitoring/monitors.ts'
import { KeyspaceNotifier } from '../pubsub/keyspace-notifier.ts'
import { Pubsub } from '../pubsub/pubsub.ts'
import { Tracking } from '../tracking/tracking.ts'
import { Transactions } from '../transactions/transactions.ts'
import type { Clients } from './clients.ts'
import type { CommandObserver, Dispatcher } from './dispatch.ts'

export class Messaging implements CommandObserver, MessagingFigures {
  readonly transactions: Transactions
  readonly pubsub: Pubsub
  readonly notifier: KeyspaceNotifier
  readonly tracking: Tracking
  readonly monitors: Monitors
  #dispatcher: Dispatcher | undefined = undefined

  constructor(keyspace: Keyspace, clock: Clock, transactions = new Transactions(keyspace)) {
    this.transactions = transactions
    this.pubsub = new Pubsub(keyspace.seed)
    this.notifier = new KeyspaceNotifier(this.pubsub, keyspace)
    this.tracking = new Tracking(keyspace)
    this.monitors = new Monitors(clock)
    this.tracking.onPending = () => setImmediate(() => this.tracking.broadcast())
  }

  /** The parts that were made later. */
  connect(dispatcher: Dispatcher, clients: Clients): void {
    this.#dispatcher = dispatcher
    dispatcher.observer = this
    this.tracking.changer = () => dispatcher.runningClient
    this.tracking.findClient = (id) => clients.get(id)
  }

  families(dispatcher: Dispatcher): CommandFamily[] {
    return [
      transactionCommands(this.transactions, dispatcher),
      pubsubCommands(this.pubsub),
      monitorCommands((client) => this.#monitor(client)),
    ]
  }

  followSettings(config: Config): void {
    config.watch('notify-keyspace-events', (value) => this.notifier.setClasses(value))
    config.watch('tracking-table-max-keys', (value) => {
      this.tracking.maxKeys = value
    })
  }

  /** RESET: the client is in the middle of nothing any more. */
  reset(client: Session): void {
    this.transactions.end(client)
    this.pubsub.unsubscribeAll(client)
    this.tracking.stop(client)
    this.#unmonitor(client)
  }

  /** The client has gone. */
  forget(client: Session): void {
    this.transactions.forget(client)
    this.pubsub.unsubscribeAll(client)
    this.tracking.stop(client)
    this.#unmonitor(client)
  }

  #monitor(client: Session): void {
    this.monitors.add(client)
    this.#dispatcher!.isObserved = true
  }

  #unmonitor(client: Session): void {
    this.monitors.remove(client)
    if (this.monitors.count === 0) this.#dispatcher!.isObserved = false
  }

  ran(context: Context, command: Command, isInside: boolean): void {
    const { client, args } = context
    // A request that has waited for a key was shown when it came.
    const isShown = !command.skipsMonitor && !command.isAdmin && context.blocked.retried === undefined
    if (isShown && this.monitors.count > 0) this.monitors.show(context)
    if ((client.afterwards & TRACKS_READS) === 0) return
    this.tracking.ran(client, command, args)
    if (!isInside) this.tracking.settle(client)
    // Redis: other CLIENT commands may come between CLIENT CACHING and the command that it is about.
    if (!isInside && !client.isQueueing && command.container?.name !== 'client') {
      this.tracking.endException(client)
    }
  }

  refused(client: Session): void {
    // Keys may have been evicted before, on its account.
    if ((client.afterwards & TRACKS_READS) !== 0) this.tracking.settle(client)
    if (!client.isQueueing) this.tracking.endException(client)
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

  get trackingClients(): number {
    return this.tracking.clients
  }

  get trackedKeys(): number {
    return this.tracking.keys
  }

  get trackedItems(): number {
    return this.tracking.items
  }

  get trackedBytes(): number {
    return this.tracking.usedBytes
  }

  get trackedPrefixes(): number {
    return this.tracking.broadcasts.size
  }
}
