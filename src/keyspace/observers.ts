// Who hears of changes. Named fields and not a list: a reader sees who is told, and an absent one costs a comparison.

import type { Key } from '../memory/key.ts'
import type { Database } from './database.ts'
import type { KeyEvent, RemovalCommand } from './events.ts'

export interface ChangeObserver {
  keyChanged(db: Database, key: Key, event: KeyEvent): void
}

/** Hears of whole databases too, and before it happens: what was there, and what will be, can still be asked. */
export interface ContentObserver extends ChangeObserver {
  /** All keys of these databases are about to go, without an event for each. They may be empty already. */
  flushing(databases: readonly Database[]): void
  /** Two databases are about to exchange what they hold. */
  swapping(one: Database, other: Database): void
}

export interface KeyNotifier extends ChangeObserver {
  keyAdded(db: Database, key: Key): void
  keyMissed(db: Database, key: Key): void
}

/** Is told of keys that vanish by themselves (expiry, eviction), so that logs and replicas lose them too. */
export interface RemovalObserver {
  /** `command`: what the removal is to be repeated as. */
  keyRemoved(db: Database, key: Key, command: RemovalCommand): void
  /** Fields of a hash; the hash goes with the last of them. The names are the observer's to keep. */
  fieldsRemoved(db: Database, key: Key, fields: readonly Uint8Array[]): void
}

export interface Observers {
  watch: ContentObserver | undefined
  tracking: ContentObserver | undefined
  notifier: KeyNotifier | undefined
  waiters: ContentObserver | undefined
  removals: RemovalObserver | undefined
}
