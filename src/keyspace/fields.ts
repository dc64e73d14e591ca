// Fields of hashes whose time has come: the one place that removes them. On access, when a command opens the hash, and by
// the active cycle (expiry.ts). Knows no command.

import { Cell } from '../memory/cell.ts'
import type { Key } from '../memory/key.ts'
import { HashValue } from '../types/hash.ts'
import type { Database, Entry } from './database.ts'
import type { Keyspace } from './keyspace.ts'

/** What of a large hash is looked through at once: segments of its table, of up to 864 fields each. */
const SEGMENTS = 2

/**
 * Removes fields of an opened hash that are due, of a large hash as many as can be done at once, and tells everybody.
 * False if the hash went with the last of them: then it is closed.
 */
export function removeDueFields(keyspace: Keyspace, db: Database, key: Key, hash: HashValue): boolean {
  const { stats, observers, now } = keyspace
  const removed: Removed = { count: 0, names: observers.removals === undefined ? undefined : [] }
  hash.removeDue(now, SEGMENTS, note, removed)
  db.noteElementDeadlines(key, hash.hadDeadlines, hash.earliestDeadline)
  hash.noteDeadlines()
  if (removed.count === 0) return true
  stats.expiredElements += removed.count
  const isEmpty = hash.count === 0
  if (isEmpty) db.detach(key, hash.cell.ref)
  // Redis: what goes by itself is no change since the last save.
  const { dirty } = keyspace
  db.changed(key, 'hexpired')
  if (isEmpty) db.changed(key, 'del')
  keyspace.dirty = dirty
  if (removed.names !== undefined) observers.removals?.fieldsRemoved(db, key, removed.names)
  return !isEmpty
}

interface Removed {
  count: number
  readonly names: Uint8Array[] | undefined
}

function note(hash: HashValue, removed: Removed): void {
  removed.count++
  removed.names?.push(hash.field().copy())
}

/** Removes due fields of hashes that nobody has opened. */
export class FieldExpiry {
  readonly #keyspace: Keyspace
  readonly #hash: HashValue
  readonly #cell = new Cell()

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#hash = new HashValue(keyspace.types)
  }

  /** Returns how many fields it has removed. There may be more. */
  run(db: Database, entry: Entry): number {
    const keyspace = this.#keyspace
    const before = keyspace.stats.expiredElements
    const key = keyspace.keyApart(db.keyOf(entry))
    const hash = this.#hash.open(db.hold(this.#cell, key, entry), keyspace.now)
    removeDueFields(keyspace, db, key, hash)
    return keyspace.stats.expiredElements - before
  }
}
