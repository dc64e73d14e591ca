// WATCH: whose keys have changed since. Keys are found by their hash, so that a write makes no string; while nobody
// watches anything, no write comes here. Knows no transaction.
//
// A key that is due counts as absent, whether or not it has been removed yet: that it is removed changes nothing for
// whom it was absent.

import { NAME_BYTES, type Session } from '../command/session.ts'
import { ABSENT, type Database } from '../keyspace/database.ts'
import type { KeyEvent } from '../keyspace/events.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ContentObserver } from '../keyspace/observers.ts'
import { Key } from '../memory/key.ts'
import { KeyMap } from '../memory/key-map.ts'

/** A key that somebody watches. */
interface WatchedKey {
  readonly database: number
  readonly bytes: Uint8Array
  /** Who watches it, and whether the key was there at WATCH. */
  readonly watchers: Map<Session, boolean>
}

export class Watches implements ContentObserver {
  readonly #keyspace: Keyspace
  /** By database. */
  readonly #keys: KeyMap<WatchedKey>[]
  readonly #byClient = new Map<Session, WatchedKey[]>()
  readonly #key: Key

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#keys = keyspace.databases.map(() => new KeyMap())
    this.#key = new Key(keyspace.seed)
  }

  /** Distinct keys that are watched. */
  get count(): number {
    return this.#keys.reduce((sum, { size }) => sum + size, 0)
  }

  /** The client watches a key too. */
  add(client: Session, db: Database, key: Key): void {
    const keys = this.#keys[db.index]!
    let watched = keys.get(key)
    if (watched === undefined) {
      watched = { database: db.index, bytes: key.copy(), watchers: new Map() }
      keys.set(key, watched)
    }
    if (watched.watchers.has(client)) return
    watched.watchers.set(client, isLive(db, key))
    let own = this.#byClient.get(client)
    if (own === undefined) {
      own = []
      this.#byClient.set(client, own)
    }
    own.push(watched)
    client.watchedKeys++
    client.namesBytes += watched.bytes.length + NAME_BYTES
    this.#keyspace.observers.watch = this
  }

  /** Whether any of the client's keys has changed, if only by its time having come. */
  isBroken(client: Session): boolean {
    if (client.isWatchBroken) return true
    if (client.watchedKeys === 0) return false
    for (const watched of this.#byClient.get(client)!) {
      if (watched.watchers.get(client) === true && this.#isDue(watched)) return true
    }
    return false
  }

  /** The client watches nothing any more. */
  drop(client: Session): void {
    client.isWatchBroken = false
    if (client.watchedKeys === 0) return
    for (const watched of this.#byClient.get(client)!) {
      client.namesBytes -= watched.bytes.length + NAME_BYTES
      watched.watchers.delete(client)
      if (watched.watchers.size === 0) this.#keys[watched.database]!.delete(this.#point(watched))
    }
    this.#byClient.delete(client)
    client.watchedKeys = 0
    if (this.#byClient.size === 0) this.#keyspace.observers.watch = undefined
  }

  keyChanged(db: Database, key: Key, event: KeyEvent): void {
    const watched = this.#keys[db.index]!.get(key)
    if (watched === undefined) return
    for (const [client, wasThere] of watched.watchers) {
      if (wasThere || event !== 'expired') client.isWatchBroken = true
    }
  }

  flushing(databases: readonly Database[]): void {
    for (const db of databases) this.#replacing(db, undefined)
  }

  swapping(one: Database, other: Database): void {
    this.#replacing(one, other)
    this.#replacing(other, one)
  }

  /** A database is about to hold what is in another one (undefined: nothing). */
  #replacing(before: Database, after: Database | undefined): void {
    for (const [, watched] of this.#keys[before.index]!.entries()) {
      const key = this.#point(watched)
      const isThere = isLive(before, key) || (after !== undefined && isLive(after, key))
      for (const [client, wasThere] of watched.watchers) {
        if (wasThere || isThere) client.isWatchBroken = true
      }
    }
  }

  #isDue(watched: WatchedKey): boolean {
    const db = this.#keyspace.databases[watched.database]!
    const entry = db.findAnyway(this.#point(watched))
    return entry !== ABSENT && db.isDue(entry)
  }

  #point({ bytes }: WatchedKey): Key {
    return this.#key.point(bytes, 0, bytes.length)
  }
}

function isLive(db: Database, key: Key): boolean {
  const entry = db.findAnyway(key)
  return entry !== ABSENT && !db.isDue(entry)
}
