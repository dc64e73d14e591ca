// All databases of a server, and what they share: the frozen time, the count of changes, who hears of them.
// Knows no command, no client and no clock: whoever runs a command sets `now`.

import type { Random } from '../base/random.ts'
import { Cell } from '../memory/cell.ts'
import { Entries } from '../memory/entries.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import { UpcomingKeys } from '../memory/upcoming-keys.ts'
import { defaultLimits, type TypeEnvironment } from '../types/environment.ts'
import { AccessClock } from './access.ts'
import { Database } from './database.ts'
import { Disposals } from './disposals.ts'
import type { RemovalCommand } from './events.ts'
import { earliestElementDeadline } from './kinds.ts'
import type { Observers } from './observers.ts'

/** What `reclaim` does in one step: blocks freed, or bytes given back, which are those of a page. */
const BLOCKS_AT_ONCE = 256
const BYTES_AT_ONCE = 16 * 1024 * 1024
/** Longer keys get room of their own when they are copied. */
const KEY_ROOM = 4096

export class Keyspace {
  readonly databases: Database[] = []
  readonly seed: HashSeed
  readonly random: Random
  readonly access: AccessClock
  readonly types: TypeEnvironment
  /** Members and fields of values that are about to be searched for. */
  readonly upcomingMembers: UpcomingKeys
  /** For a look at the table that is in a value. */
  readonly members: Table
  readonly membersCell = new Cell()
  readonly disposals = new Disposals(() => this.onReclaimable?.())
  /** Hears that there is something for `reclaim` to do, perhaps a lot. */
  onReclaimable: (() => void) | undefined = undefined
  /** Hears that a client has emptied all databases. */
  onFlushedAll: (() => void) | undefined = undefined
  readonly observers: Observers = {
    watch: undefined,
    tracking: undefined,
    notifier: undefined,
    waiters: undefined,
    removals: undefined,
  }
  readonly stats = { hits: 0, misses: 0, expired: 0, expiredElements: 0, evicted: 0, sanitizations: 0 }
  /** Changes since the last save. */
  dirty = 0
  /** False where an expired key is hidden but not removed: on a replica, or while writes are paused. */
  mayExpire = true
  /**
   * True while what a primary or a log says is carried out: it has said, or will say, when each key goes. Until then
   * the key is there.
   */
  ignoresDeadlines = false
  /** Commands make no string longer than this: follows `proto-max-bulk-len`. */
  maxStringBytes = 512 * 1024 * 1024
  /** Whether OBJECT REFCOUNT tells small integers as shared: not where keys may be evicted by their last access. */
  sharesIntegers = true
  /** What a key whose time has come is propagated as: follows `lazyfree-lazy-expire`. */
  removalCommand: RemovalCommand = 'DEL'
  /** What a key that is evicted is propagated as: follows `lazyfree-lazy-eviction`. */
  evictionCommand: RemovalCommand = 'DEL'
  /** What a key that a command empties as a whole is propagated as: follows `lazyfree-lazy-server-del`. */
  serverRemovalCommand: RemovalCommand = 'DEL'
  #now = 0
  /** Memory of flushed databases, on its way back to the system. */
  readonly #discarded: Entries[] = []
  readonly #apart = new Uint8Array(KEY_ROOM)
  readonly #keyApart: Key

  constructor(count: number, seed: HashSeed, random: Random) {
    this.seed = seed
    this.random = random
    this.#keyApart = new Key(seed)
    this.upcomingMembers = new UpcomingKeys(seed)
    this.types = { seed, chance: random, limits: defaultLimits(), upcoming: this.upcomingMembers }
    this.members = Table.unattached(seed)
    this.access = new AccessClock(() => random.fraction())
    for (let index = 0; index < count; index++) {
      this.databases.push(new Database(index, this, this.#emptyTable()))
    }
  }

  /** Elements of values that are due by then are not there for anybody; NEGATIVE_INFINITY where deadlines are ignored. */
  get elementsDueAt(): number {
    return this.ignoresDeadlines ? Number.NEGATIVE_INFINITY : this.#now
  }

  /** Whether a deadline in the past removes what it is given to. */
  get removesWhatIsDue(): boolean {
    return this.mayExpire && !this.ignoresDeadlines
  }

  /** The time of the command that is running, in milliseconds since the epoch. It stands still meanwhile. */
  get now(): number {
    return this.#now
  }

  set now(now: number) {
    if (now === this.#now) return
    this.#now = now
    this.access.tick(now)
  }

  /** Bytes of all that is stored. */
  get usedBytes(): number {
    let bytes = 0
    for (const db of this.databases) bytes += db.table.entries.usedBytes
    return bytes
  }

  /** Empties databases in no time; their memory goes back by `reclaim`. Returns how many keys there were. */
  flush(databases: readonly Database[]): number {
    const { watch, tracking, waiters } = this.observers
    watch?.flushing(databases)
    tracking?.flushing(databases)
    waiters?.flushing(databases)
    let count = 0
    for (const db of databases) {
      if (db.size === 0) continue
      count += db.size
      this.disposals.forget(db.table.entries)
      this.#discarded.push(db.table.entries)
      db.table = this.#emptyTable()
    }
    if (count > 0) this.onReclaimable?.()
    return count
  }

  /**
   * Does a small part of what is to be done between requests, as gigabytes at once would stall everybody: frees large
   * values that were removed and blocks that a snapshot has kept, gives memory of flushed databases back to the system.
   * Takes some tens of microseconds, or about a millisecond for memory of the system's. True when nothing is left.
   */
  reclaim(): boolean {
    if (!this.disposals.run()) return false
    for (let i = 0; i < this.databases.length; i++) {
      if (!this.databases[i]!.table.entries.drain(BLOCKS_AT_ONCE)) return false
    }
    const last = this.#discarded.at(-1)
    if (last === undefined) return true
    if (last.discard(BYTES_AT_ONCE)) this.#discarded.pop()
    return this.#discarded.length === 0
  }

  /** Exchanges what two databases hold. */
  swap(one: Database, other: Database): void {
    const { watch, tracking, waiters } = this.observers
    watch?.swapping(one, other)
    tracking?.swapping(one, other)
    waiters?.swapping(one, other)
    const table = one.table
    one.table = other.table
    other.table = table
  }

  /**
   * A copy of a key that lies in the store, for a change that frees its place. Reused by the next call.
   */
  keyApart(bytes: Slice): Key {
    const room = bytes.length <= this.#apart.length ? this.#apart : new Uint8Array(bytes.length)
    copyBytes(bytes.bytes, bytes.start, room, 0, bytes.length)
    return this.#keyApart.point(room, 0, bytes.length)
  }

  #emptyTable(): Table {
    const entries = new Entries()
    const table = new Table(this.seed, entries)
    table.due.inner = { count: 0, earliestIn: (entry) => earliestElementDeadline(entries, entry) }
    return table
  }
}
