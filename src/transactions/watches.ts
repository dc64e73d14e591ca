// WATCH: whose keys have changed since. Keys are found by their hash, so that a write makes no string; while nobody
// watches anything, no write comes here. Knows no transaction.
//
// A key that is due counts as absent, whether or not it has been removed yet: that it is removed changes nothing for
// whom it was absent.

import type { Session } from '../command/session.ts'
import { ABSENT, type Database } from '../keyspace/database.ts'
import type { KeyEvent } from '../keyspace/events.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ContentObserver } from '../keyspace/observers.ts'
import { Key } from '../memory/key.ts'

/** A key that somebody watches. */
interface WatchedKey {
  readonly database: number
  readonly hash: number
  readonly bytes: Uint8Array
  /** Who watches it, and whether the key was there at WATCH. */
  readonly watchers: Map<Session, boolean>
  /** Another key with the same hash. */
  next: WatchedKey | undefined
}

export class Watches implements ContentObserver {
  /** Distinct keys that are watched. */
  count = 0
  readonly #keyspace: Keyspace
  /** By hash, whatever the database. */
  readonly #keys = new Map<number, WatchedKey>()
  readonly #byClient = new Map<Session, WatchedKey[]>()
  readonly #key: Key

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#key = new Key(keyspace.seed)
  }

  /** The client watches a key too. */
  add(client: Session, db: Database, key: Key): void {
    const watched = this.#find(db, key) ?? this.#create(db, key)
    if (watched.watchers.has(client)) return
    const entry = db.findAnyway(key)
    watched.watchers.set(client, entry !== ABSENT && !db.isDue(entry))
    let own = this.#byClient.get(client)
    if (own === undefined) {
      own = []
      this.#byClient.set(client, own)
    }
    own.push(watched)
    client.watchedKeys++
    this.#keyspace.observers.watch = this
  }

  /** Whether any of the client's keys has changed, if only by its time having come. */
  isBroken(client: Session): boolean {
    if (client.isWatchBroken) return true
    const own = this.#byClient.get(client)
    if (own === undefined) return false
    for (const watched of own) {
      if (watched.watchers.get(client) === true && this.#isDue(watched)) return true
    }
    return false
  }

  /** The client watches nothing any more. */
  drop(client: Session): void {
    client.isWatchBroken = false
    if (client.watchedKeys === 0) return
    const own = this.#byClient.get(client)
    if (own === undefined) return
    this.#byClient.delete(client)
    client.watchedKeys = 0
    for (const watched of own) {
      watched.watchers.delete(client)
      if (watched.watchers.size === 0) this.#remove(watched)
    }
    if (this.count === 0) this.#keyspace.observers.watch = undefined
  }

  keyChanged(db: Database, key: Key, event: KeyEvent): void {
    const watched = this.#find(db, key)
    if (watched === undefined) return
    for (const [client, wasThere] of watched.watchers) {
      if (wasThere || event !== 'expired') client.isWatchBroken = true
    }
  }

  flushing(databases: readonly Database[]): void {
    for (const watched of this.#all()) {
      const db = databases.find(({ index }) => index === watched.database)
      if (db !== undefined) this.#replacing(watched, db, undefined)
    }
  }

  swapping(one: Database, other: Database): void {
    for (const watched of this.#all()) {
      if (watched.database === one.index) this.#replacing(watched, one, other)
      else if (watched.database === other.index) this.#replacing(watched, other, one)
    }
  }

  /** A key's database is about to hold what is in another one (undefined: nothing). */
  #replacing(watched: WatchedKey, before: Database, after: Database | undefined): void {
    const key = this.#point(watched)
    const isThere = isLive(before, key) || (after !== undefined && isLive(after, key))
    for (const [client, wasThere] of watched.watchers) {
      if (wasThere || isThere) client.isWatchBroken = true
    }
  }

  *#all(): IterableIterator<WatchedKey> {
    for (const first of this.#keys.values()) {
      for (let watched: WatchedKey | undefined = first; watched !== undefined; watched = watched.next) {
        yield watched
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

  #find(db: Database, key: Key): WatchedKey | undefined {
    let watched = this.#keys.get(key.hash)
    while (watched !== undefined && !isKey(watched, db, key)) watched = watched.next
    return watched
  }

  #create(db: Database, key: Key): WatchedKey {
    const { hash } = key
    const next = this.#keys.get(hash)
    const watched = { database: db.index, hash, bytes: key.copy(), watchers: new Map(), next }
    this.#keys.set(hash, watched)
    this.count++
    return watched
  }

  #remove(watched: WatchedKey): void {
    this.count--
    const first = this.#keys.get(watched.hash)!
    if (first === watched) {
      if (watched.next === undefined) this.#keys.delete(watched.hash)
      else this.#keys.set(watched.hash, watched.next)
      return
    }
    let before = first
    while (before.next !== watched) before = before.next!
    before.next = watched.next
  }
}

function isKey(watched: WatchedKey, db: Database, key: Key): boolean {
  const { bytes } = watched
  if (watched.database !== db.index || bytes.length !== key.length) return false
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== key.bytes[key.start + i]) return false
  return true
}

function isLive(db: Database, key: Key): boolean {
  const entry = db.findAnyway(key)
  return entry !== ABSENT && !db.isDue(entry)
}
