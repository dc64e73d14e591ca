// Who hears of changes. Named fields and not a list: a reader sees who is told, and an absent one costs a comparison.

import type { Key } from '../memory/key.ts'
import type { Database } from './database.ts'
import type { KeyEvent } from './events.ts'

export interface ChangeObserver {
  keyChanged(db: Database, key: Key, event: KeyEvent): void
}

export interface KeyNotifier extends ChangeObserver {
  keyAdded(db: Database, key: Key): void
  keyMissed(db: Database, key: Key): void
}

/** Is told of keys that vanish by themselves (expiry, eviction), so that logs and replicas lose them too. */
export interface RemovalObserver {
  keyRemoved(db: Database, key: Key): void
}

export interface Observers {
  watch: ChangeObserver | undefined
  tracking: ChangeObserver | undefined
  notifier: KeyNotifier | undefined
  waiters: ChangeObserver | undefined
  removals: RemovalObserver | undefined
}
