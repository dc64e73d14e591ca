// What the keyspace tells its observers, as lines of text: `0 set a` for an event, `0 new a`, `0 keymiss a`.

import type { Database, Entry } from '../../src/keyspace/database.ts'
import type { Keyspace } from '../../src/keyspace/keyspace.ts'
import { Key } from '../../src/memory/key.ts'

/** From now on every event adds a line to the list that this returns. */
export function recordEvents(keyspace: Keyspace): string[] {
  const lines: string[] = []
  const note = (db: Database, event: string, key: Key) => {
    lines.push(`${db.index} ${event} ${Buffer.from(key.copy()).toString('latin1')}`)
  }
  keyspace.observers.notifier = {
    keyChanged: (db, key, event) => note(db, event, key),
    keyAdded: (db, key) => note(db, 'new', key),
    keyMissed: (db, key) => note(db, 'keymiss', key),
  }
  return lines
}

/** The entry of a key of database 0, for tests that look inside. */
export function entryOf(keyspace: Keyspace, name: string): Entry {
  const bytes = Buffer.from(name, 'latin1')
  return keyspace.databases[0]!.findAnyway(new Key(keyspace.seed).point(bytes, 0, bytes.length))
}
