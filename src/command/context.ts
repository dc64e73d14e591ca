// What a handler is given. One object serves all commands: nothing of it may be kept.

import { SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Database, type Entry } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { Cell } from '../memory/cell.ts'
import { Element } from '../memory/element.ts'
import { Key } from '../memory/key.ts'
import { UpcomingKeys } from '../memory/upcoming-keys.ts'
import type { ReplyWriter } from '../resp/writer.ts'
import { HashValue } from '../types/hash.ts'
import { ListValue } from '../types/list.ts'
import { SetWorkspace } from '../types/set-workspace.ts'
import { SortWorkspace } from '../types/sort-workspace.ts'
import { SortedSetWorkspace } from '../types/sorted-set-workspace.ts'
import { StreamWorkspace } from '../types/stream-workspace.ts'
import { Arguments } from './arguments.ts'
import { BlockedClients } from './blocked-clients.ts'
import { Effects } from './effects.ts'
import type { Session } from './session.ts'
import type { Wait } from './waiter.ts'

const NOTHING = new Uint8Array(0)

export class Context {
  args: Arguments = new Arguments()
  readonly keyspace: Keyspace
  readonly effects = new Effects()
  /** For the value that the command is about, and for another one beside it. */
  readonly cell = new Cell()
  readonly otherCell = new Cell()
  readonly sets: SetWorkspace
  readonly hash: HashValue
  readonly sorting: SortWorkspace
  /** A value on its way into a collection or out of one. */
  readonly element = new Element()
  readonly list: ListValue
  readonly otherList: ListValue
  readonly streams: StreamWorkspace
  readonly sortedSets: SortedSetWorkspace
  reply: ReplyWriter
  /** The database that the client has selected. */
  db: Database
  client: Session
  readonly blocked: BlockedClients
  /** Inside of EXEC or a script: a command that would wait does as if its time were up. */
  deniesBlocking = false
  /** Keys of this batch of requests that have been looked at already. */
  readonly upcoming: UpcomingKeys
  readonly #key: Key
  readonly #otherKey: Key

  constructor(keyspace: Keyspace, reply: ReplyWriter, client: Session) {
    this.keyspace = keyspace
    this.reply = reply
    this.client = client
    this.blocked = new BlockedClients(keyspace)
    this.db = keyspace.databases[0]!
    this.sets = new SetWorkspace(keyspace.types)
    this.hash = new HashValue(keyspace.types)
    this.sorting = new SortWorkspace(keyspace.types)
    this.list = new ListValue(keyspace.types)
    this.otherList = new ListValue(keyspace.types)
    this.streams = new StreamWorkspace(keyspace.types)
    this.upcoming = new UpcomingKeys(keyspace.seed)
    this.sortedSets = new SortedSetWorkspace(keyspace.types)
    this.#key = new Key(keyspace.seed)
    this.#otherKey = new Key(keyspace.seed)
  }

  /** The time of this command, in milliseconds since the epoch. */
  get now(): number {
    return this.keyspace.now
  }

  /** An argument as a key. The key is reused by the next call. */
  key(index: number): Key {
    const { bytes, starts, lengths } = this.args
    const start = starts[index]!
    const length = lengths[index]!
    return this.upcoming.take(bytes, start, length) ?? this.#key.point(bytes, start, length)
  }

  /** Looks ahead at the keys among the arguments from an index on, of which every `step`th is one. */
  lookAhead(from: number, step: number): void {
    const { upcoming, args } = this
    // One key is searched for as quickly without; and it may be one of those that the whole pipeline is about.
    if (from + step >= args.count) return
    upcoming.clear()
    for (let i = from; i < args.count && !upcoming.isFull; i += step) {
      upcoming.add(args.bytes, args.starts[i]!, args.lengths[i]!)
    }
    this.db.table.touch(upcoming)
  }

  /** A second key beside the first. */
  otherKey(index: number): Key {
    const { args } = this
    return this.#otherKey.point(args.bytes, args.starts[index]!, args.lengths[index]!)
  }

  /** Lets the request wait, as long as `deniesBlocking` is not set: nothing is replied, and it is run again later. */
  block(wait: Wait): void {
    this.blocked.park(this.client, this.args, wait)
  }

  /** Lets go of the bytes of the last request. */
  forget(): void {
    this.args.forget()
    this.upcoming.forget()
    this.keyspace.upcomingMembers.forget()
    this.#key.set(NOTHING, 0, 0)
    this.#otherKey.set(NOTHING, 0, 0)
  }

  /** Refuses whatever stands at or after an index. */
  noMore(index: number): void {
    if (this.args.count > index) throw SYNTAX_ERROR
  }
}

export { ABSENT, type Entry }
