// Which key goes when memory is short (https://redis.io/docs/latest/develop/reference/eviction/): the policies, and
// evicting one key by them. When memory is short, and for how long keys may be evicted, is decided above.

import { Key } from '../memory/key.ts'
import { MOST_SAMPLES, TableSample } from '../memory/table-sample.ts'
import { ABSENT, type Database, type Entry } from './database.ts'
import { EvictionPool } from './eviction-pool.ts'
import type { Keyspace } from './keyspace.ts'

/** What makes a key the one to go. */
type Measure = 'idle' | 'rare' | 'short-lived' | 'random' | 'none'

const MEASURES: Readonly<Record<string, Measure>> = {
  lru: 'idle',
  lfu: 'rare',
  ttl: 'short-lived',
  random: 'random',
}

/** A step: a key went; none was found yet, as few may be evicted; or there is none. */
export type Step = 'evicted' | 'searching' | 'nothing'

export class Eviction {
  /** Follows `maxmemory-samples`. */
  samples = 5
  readonly #keyspace: Keyspace
  #measure: Measure = 'none'
  /** Only keys that have a deadline go. */
  #isVolatile = false
  readonly #pool = new EvictionPool()
  /** By database: each goes on where it was. */
  readonly #sample: TableSample[]
  readonly #key: Key
  /** The database whose turn it is, where any key is as good as another. */
  #next = 0

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#sample = keyspace.databases.map(() => new TableSample())
    this.#key = new Key(keyspace.seed)
  }

  /** Follows `maxmemory-policy`. */
  set policy(policy: string) {
    const [scope, measure] = policy.split('-')
    this.#measure = measure === undefined ? 'none' : (MEASURES[measure] ?? 'none')
    this.#isVolatile = scope === 'volatile'
    // Scores of another policy say nothing.
    this.#pool.clear()
  }

  /** Whether the policy lets any key go. */
  get isAllowed(): boolean {
    return this.#measure !== 'none'
  }

  /** Evicts one key, or looks for one for some tens of microseconds. */
  step(): Step {
    if (this.#measure === 'none') return 'nothing'
    return this.#measure === 'random' ? this.#evictAny() : this.#evictBest()
  }

  // ---- any key

  /** The databases take turns. */
  #evictAny(): Step {
    const { databases } = this.#keyspace
    let isEmpty = true
    for (let n = 0; n < databases.length; n++) {
      const db = databases[this.#next]!
      this.#next = (this.#next + 1) % databases.length
      if (this.#countOf(db) === 0) continue
      isEmpty = false
      const entry = this.#anyOf(db)
      if (entry === ABSENT) continue
      db.evict(this.#keyspace.keyApart(db.keyOf(entry)), entry)
      return 'evicted'
    }
    return isEmpty ? 'nothing' : 'searching'
  }

  #anyOf(db: Database): Entry {
    if (!this.#isVolatile) return db.table.random(this.#keyspace.random)
    const sample = this.#sampled(db, 1)
    return sample.count === 0 ? ABSENT : sample.at(0)
  }

  // ---- the best that samples bring

  #evictBest(): Step {
    if (!this.#refill()) return 'nothing'
    for (let best = this.#pool.take(); best !== undefined; best = this.#pool.take()) {
      const db = this.#keyspace.databases[best.database]!
      const key = this.#key.point(best.bytes, 0, best.length)
      const entry = db.findAnyway(key)
      // Gone since it was sampled, or of more use than it seemed then.
      if (entry === ABSENT || (this.#isVolatile && !hasDeadline(db, entry))) continue
      if (this.#scoreOf(db, entry) < best.score) continue
      db.evict(key, entry)
      return 'evicted'
    }
    return 'searching'
  }

  /** Samples every database. False if there is nothing to sample. */
  #refill(): boolean {
    const { databases } = this.#keyspace
    let hasKeys = false
    for (let i = 0; i < databases.length; i++) {
      const db = databases[i]!
      if (this.#countOf(db) === 0) continue
      hasKeys = true
      const sample = this.#sampled(db, Math.min(this.samples, MOST_SAMPLES))
      for (let j = 0; j < sample.count; j++) this.#consider(db, sample.at(j))
    }
    return hasKeys
  }

  #consider(db: Database, entry: Entry): void {
    const score = this.#scoreOf(db, entry)
    if (this.#pool.takes(score)) this.#pool.add(score, db.index, db.keyOf(entry))
  }

  /** The higher, the sooner it goes. */
  #scoreOf(db: Database, entry: Entry): number {
    const { access } = this.#keyspace
    if (this.#measure === 'idle') return access.idleSeconds(db.accessOf(entry))
    if (this.#measure === 'rare') return 255 - access.frequency(db.accessOf(entry))
    return -db.deadlineOf(entry)
  }

  #sampled(db: Database, wanted: number): TableSample {
    const sample = this.#sample[db.index]!
    db.table.sample(sample, this.#keyspace.random, wanted, this.#isVolatile)
    return sample
  }

  /** Keys that the policy may evict. */
  #countOf(db: Database): number {
    return this.#isVolatile ? db.table.deadlineCount : db.size
  }
}

function hasDeadline(db: Database, entry: Entry): boolean {
  return db.table.entries.hasDeadline(entry)
}
