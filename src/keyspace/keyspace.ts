// All databases of a server, and what they share: the frozen time, the count of changes, who hears of them.
// Knows no command, no client and no clock: whoever runs a command sets `now`.

import type { Random } from '../base/random.ts'
import { Entries } from '../memory/entries.ts'
import type { HashSeed } from '../memory/key.ts'
import { Table } from '../memory/table.ts'
import { AccessClock } from './access.ts'
import { Database } from './database.ts'
import type { Observers } from './observers.ts'

export class Keyspace {
  readonly databases: Database[] = []
  readonly seed: HashSeed
  readonly random: Random
  readonly access: AccessClock
  readonly observers: Observers = {
    watch: undefined,
    tracking: undefined,
    notifier: undefined,
    waiters: undefined,
    removals: undefined,
  }
  readonly stats = { hits: 0, misses: 0, expired: 0, evicted: 0 }
  /** Changes since the last save. */
  dirty = 0
  /** False where an expired key is hidden but not removed: on a replica, or while writes are paused. */
  mayExpire = true
  /** Commands make no string longer than this: follows `proto-max-bulk-len`. */
  maxStringBytes = 512 * 1024 * 1024
  #now = 0

  constructor(count: number, seed: HashSeed, random: Random) {
    this.seed = seed
    this.random = random
    this.access = new AccessClock(() => random.fraction())
    for (let index = 0; index < count; index++) {
      this.databases.push(new Database(index, this, this.#emptyTable()))
    }
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
    for (const db of this.databases) bytes += db.table.entries.usedBytes + db.table.directoryBytes
    return bytes
  }

  /** Empties a database in no time: its pages go back as a whole. Returns how many keys there were. */
  flush(db: Database): number {
    const count = db.size
    if (count > 0) db.table = this.#emptyTable()
    return count
  }

  /** Exchanges what two databases hold. */
  swap(one: Database, other: Database): void {
    const table = one.table
    one.table = other.table
    other.table = table
  }

  #emptyTable(): Table {
    return new Table(this.seed, new Entries())
  }
}
