// Active expiry: removes keys, and fields of hashes, that are due though nobody asks for them. No sampling: every segment
// of a table knows its earliest deadline, so a round looks only into those that have something due.
// Knows no timer: whoever has one calls `runSlice` with the time it can spare, and again at once while there is more.

import type { Database, Entry } from './database.ts'
import { FieldExpiry } from './fields.ts'
import type { Keyspace } from './keyspace.ts'

/** Segments with nothing due take nanoseconds: looking at the clock after each would cost more than the segment. */
const SEGMENTS_PER_LOOK = 64
/** How much the latest cycle counts in the running average. */
const AVERAGE_WEIGHT = 0.05

export class ActiveExpiry {
  /** DEBUG SET-ACTIVE-EXPIRE. */
  isEnabled = true
  /** Slices that ended for want of time. */
  timeCapReached = 0
  /** Time that slices took, and the last of them. */
  busyMilliseconds = 0
  lastSliceMilliseconds = 0
  /** Running average: how many percent of the keys with a deadline were found due. */
  stalePercent = 0
  readonly #keyspace: Keyspace
  readonly #monotonic: () => number
  /** The database that the next slice begins with. */
  #next = 0
  /** Keys removed since everything was done last. */
  #removed = 0
  /** Fields removed ever. */
  #fields = 0
  readonly #fieldExpiry: FieldExpiry
  /** When the slice has to end. */
  #end = 0
  /** The database that is being looked through; of `#expire`, which is made once. */
  #db: Database

  /** `monotonic`: milliseconds that only grow, to measure slices with. */
  constructor(keyspace: Keyspace, monotonic: () => number) {
    this.#keyspace = keyspace
    this.#monotonic = monotonic
    this.#fieldExpiry = new FieldExpiry(keyspace)
    this.#db = keyspace.databases[0]!
  }

  readonly #expire = (entry: Entry): void => {
    const db = this.#db
    if (db.isDue(entry)) {
      db.expireEntry(entry)
      this.#removed++
    } else if (this.#monotonic() < this.#end) this.#fields += this.#fieldExpiry.run(db, entry)
  }

  /**
   * Removes keys that are due at `keyspace.now`, for about `budgetMs` milliseconds: the clock is looked at after every
   * segment that had work, and those hold at most 864 keys. True if there is more to do.
   */
  runSlice(budgetMs: number): boolean {
    const { databases, mayExpire } = this.#keyspace
    if (!this.isEnabled || !mayExpire) return false
    const start = this.#monotonic()
    this.#end = start + budgetMs
    const isDone = this.#runDatabases(databases)
    if (isDone) this.#endCycle()
    else this.timeCapReached++
    this.lastSliceMilliseconds = this.#monotonic() - start
    this.busyMilliseconds += this.lastSliceMilliseconds
    return !isDone
  }

  /** False if time ran out first. */
  #runDatabases(databases: readonly Database[]): boolean {
    for (let n = 0; n < databases.length; n++) {
      if (!this.#runDatabase(databases[this.#next]!)) return false
      this.#next = (this.#next + 1) % databases.length
    }
    return true
  }

  /** False if time ran out first. */
  #runDatabase(db: Database): boolean {
    const { now } = this.#keyspace
    this.#db = db
    let removed = this.#removed + this.#fields
    for (let looked = 1; !db.table.collectDue(now, 1, this.#expire); looked++) {
      if (this.#removed + this.#fields === removed && looked % SEGMENTS_PER_LOOK !== 0) continue
      removed = this.#removed + this.#fields
      if (this.#monotonic() >= this.#end) return false
    }
    return true
  }

  #endCycle(): void {
    let remaining = 0
    for (const db of this.#keyspace.databases) remaining += db.table.deadlineCount
    const percent = this.#removed === 0 ? 0 : (100 * this.#removed) / (this.#removed + remaining)
    this.stalePercent += AVERAGE_WEIGHT * (percent - this.stalePercent)
    this.#removed = 0
  }
}
