// Client-side caching: tells clients when what they have read, or what begins with their prefixes, has changed
// (https://redis.io/docs/latest/develop/reference/client-side-caching/). While nobody asks for it, no command comes here.

import type { Random } from '../base/random.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import { FoundKeys } from '../command/found-keys.ts'
import { HAS_SUBSCRIPTIONS, type Session, TRACKS_READS } from '../command/session.ts'
import type { Database } from '../keyspace/database.ts'
import type { KeyEvent } from '../keyspace/events.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ContentObserver } from '../keyspace/observers.ts'
import { Key } from '../memory/key.ts'
import { ReplyWriter } from '../resp/writer.ts'
import { Broadcasts, type Prefix } from './broadcasts.ts'
import { brokenRedirection, Invalidation } from './invalidation.ts'
import { KeyHolders } from './key-holders.ts'

/** What CLIENT TRACKING ON asks for. */
export interface TrackingOptions {
  readonly isBroadcast: boolean
  /** Latin1; of a broadcast, beside those that it has already. None: every key. */
  readonly prefixes: readonly string[]
  readonly isOptIn: boolean
  readonly isOptOut: boolean
  /** Not to be told of own changes. */
  readonly isNoLoop: boolean
  /** The client that is told instead; 0: none. */
  readonly redirect: number
}

/** A client that is told. */
export interface Tracked {
  readonly session: Session
  options: TrackingOptions
  /** CLIENT CACHING: the next command is an exception from opting in or out. */
  isException: boolean
}

export class Tracking implements ContentObserver {
  /** So many keys are remembered at most; 0: no limit. Follows `tracking-table-max-keys`. */
  maxKeys = 1_000_000
  /** Called when changes wait to be broadcast: whoever has a timer calls `broadcast` soon. */
  onPending: () => void = () => {}
  /** Who is changing keys: the client whose command is running. */
  changer: () => Session | undefined = () => undefined
  /** Finds a client by its number. */
  findClient: (id: number) => Session | undefined = () => undefined
  readonly broadcasts = new Broadcasts()
  readonly #keyspace: Keyspace
  readonly #random: Random
  readonly #clients = new Map<number, Tracked>()
  readonly #holders: KeyHolders
  readonly #found = new FoundKeys()
  readonly #key: Key
  readonly #writer = new ReplyWriter()
  /** What the client has to be told whose command is running: behind that command, in the way it has chosen by then. */
  readonly #later: Invalidation[] = []

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#random = keyspace.random
    this.#holders = new KeyHolders(keyspace.seed)
    this.#key = new Key(keyspace.seed)
  }

  /** Clients that are told of changes. */
  get clients(): number {
    return this.#clients.size
  }

  /** Keys that are remembered, and pairs of those with clients. */
  get keys(): number {
    return this.#holders.keys
  }

  get items(): number {
    return this.#holders.items
  }

  /** Bytes that remembering them takes. */
  get usedBytes(): number {
    return this.#holders.usedBytes
  }

  of(client: Session): Tracked | undefined {
    return this.#clients.get(client.id)
  }

  /** Begins to tell a client, or goes on in another way. */
  start(client: Session, options: TrackingOptions): void {
    const tracked = this.of(client)
    if (tracked === undefined) this.#clients.set(client.id, { session: client, options, isException: false })
    else {
      tracked.options = options
      tracked.isException = false
    }
    client.tracking = options.isBroadcast ? 'broadcast' : 'reads'
    client.redirect = options.redirect
    client.isRedirectBroken = false
    if (options.isBroadcast) {
      for (const prefix of options.prefixes.length === 0 ? [''] : options.prefixes) {
        this.broadcasts.add(client, prefix)
      }
    } else client.afterwards |= TRACKS_READS
    this.#keyspace.observers.tracking = this
  }

  /** Tells the client nothing any more. */
  stop(client: Session): void {
    if (!this.#clients.has(client.id)) return
    if (client === this.changer()) this.settle(client)
    this.#clients.delete(client.id)
    this.broadcasts.remove(client)
    client.tracking = 'off'
    client.redirect = -1
    client.isRedirectBroken = false
    client.afterwards &= ~TRACKS_READS
    if (this.#clients.size > 0) return
    this.#holders.clear()
    this.#keyspace.observers.tracking = undefined
  }

  /** A command of a client that tracks what it reads has run. */
  ran(client: Session, command: Command, args: Arguments): void {
    const { options, isException } = this.of(client)!
    if (!command.isReadonly || command.group === 'pubsub') return
    if ((options.isOptIn && !isException) || (options.isOptOut && isException)) return
    const found = this.#found
    command.keys.find(args, found)
    for (let i = 0; i < found.count; i++) {
      const at = found.indexes[i]!
      this.#holders.add(this.#key.point(args.bytes, args.starts[at]!, args.lengths[at]!), client.id)
    }
    if (this.maxKeys > 0) this.#limit()
  }

  /** A request of a client that tracks what it reads is done, with all that it ran. */
  settle(client: Session): void {
    if (this.#later.length === 0) return
    const { options } = this.of(client)!
    for (const message of this.#later.splice(0)) this.#send(client, options, message)
  }

  /** The client's request is done: what CLIENT CACHING has said was for it, or for its transaction. */
  endException(client: Session): void {
    const tracked = this.of(client)
    if (tracked !== undefined) tracked.isException = false
  }

  keyChanged(_: Database, key: Key, event: KeyEvent): void {
    const changer = event === 'expired' || event === 'evicted' ? undefined : this.changer()
    if (this.broadcasts.size > 0 && this.broadcasts.note(key, changer)) this.onPending()
    if (this.#holders.keys > 0) this.#invalidate(key, changer)
  }

  flushing(_: readonly Database[]): void {
    this.#holders.clear()
    const all = new Invalidation(this.#writer, undefined)
    for (const tracked of this.#clients.values()) this.#tell(tracked, all)
  }

  // Redis: says nothing, though the keys of both databases may have changed.
  swapping(_one: Database, _other: Database): void {}

  /** Tells what has changed since the last call. */
  broadcast(): void {
    this.broadcasts.take((prefix) => this.#broadcast(prefix))
  }

  #broadcast({ clients, changed }: Prefix): void {
    const keys = [...changed.keys()].sort()
    const all = new Invalidation(this.#writer, keys)
    for (const client of clients) {
      const tracked = this.of(client)!
      if (!tracked.options.isNoLoop) {
        this.#tell(tracked, all)
        continue
      }
      const others = keys.filter((key) => changed.get(key) !== client)
      if (others.length > 0) this.#tell(tracked, new Invalidation(this.#writer, others))
    }
  }

  /** Tells those who hold a key that it is no longer right, once. */
  #invalidate(key: Key, changer: Session | undefined): void {
    let message: Invalidation | undefined
    this.#holders.take(key, (id) => {
      const tracked = this.#clients.get(id)
      if (tracked === undefined || tracked.options.isBroadcast) return
      if (tracked.options.isNoLoop && tracked.session === changer) return
      message ??= new Invalidation(this.#writer, [Buffer.from(key.view()).toString('latin1')])
      this.#tell(tracked, message)
    })
  }

  /** Forgets keys until they are few enough. Who holds them cannot be told of changes any more, so is told now. */
  #limit(): void {
    while (this.#holders.keys > this.maxKeys) {
      const key = this.#holders.random(this.#random)
      if (key === undefined) return
      this.#invalidate(key, undefined)
    }
  }

  #tell(tracked: Tracked, message: Invalidation): void {
    const { session, options } = tracked
    if (!options.isBroadcast && session === this.changer()) this.#later.push(message)
    else this.#send(session, options, message)
  }

  #send(session: Session, options: TrackingOptions, message: Invalidation): void {
    const isRedirected = options.redirect !== 0
    const target = isRedirected ? this.findClient(options.redirect) : session
    if (target === undefined) {
      session.isRedirectBroken = true
      if (session.protocol === 3) session.peer.send(brokenRedirection(this.#writer, options.redirect))
    } else if (target.protocol === 3) target.peer.send(message.push)
    else if (isRedirected && (target.gates & HAS_SUBSCRIPTIONS) !== 0) target.peer.send(message.message)
  }
}
