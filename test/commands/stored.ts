// What commands have left behind in database 0, looked at from outside: for tests of one family, which can do without
// the commands of others.

import { ABSENT, type Database, type Entry } from '../../src/keyspace/database.ts'
import type { KeyEvent } from '../../src/keyspace/events.ts'
import { NO_DEADLINE } from '../../src/memory/entries.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { encodingName } from '../../src/types/value-type.ts'
import type { Harness } from '../support/harness.ts'

function databaseOf(harness: Harness): Database {
  return harness.keyspace.databases[0]!
}

function keyOf(harness: Harness, name: string): Key {
  const bytes = Buffer.from(name, 'latin1')
  return new Key(harness.keyspace.seed).point(bytes, 0, bytes.length)
}

function entryOf(harness: Harness, name: string): Entry {
  const entry = databaseOf(harness).peek(keyOf(harness, name))
  if (entry === ABSENT) throw new Error(`no key ${name}`)
  return entry
}

/** Where a value lies now. What a snapshot is to see has to stay there until the thaw. */
export function placeOf(harness: Harness, name: string): Slice {
  const { bytes, start, length } = databaseOf(harness).value(entryOf(harness, name))
  return new Slice().set(bytes, start, length)
}

/** The word of OBJECT ENCODING. */
export function encodingOf(harness: Harness, name: string): string {
  const entry = entryOf(harness, name)
  const db = databaseOf(harness)
  return encodingName(db.typeOf(entry), db.encodingOf(entry))
}

/** Milliseconds from now to the deadline; undefined if there is none. */
export function lifetimeOf(harness: Harness, name: string): number | undefined {
  const deadline = databaseOf(harness).deadlineOf(entryOf(harness, name))
  return deadline === NO_DEADLINE ? undefined : deadline - harness.clock.now()
}

/** All keys with their values and deadlines, in no order. */
export function contentOf(harness: Harness): Map<string, { value: string; deadline: number }> {
  const content = new Map<string, { value: string; deadline: number }>()
  const db = databaseOf(harness)
  db.table.each((entry) => {
    if (db.isDue(entry)) return
    const name = Buffer.from(db.keyOf(entry).copy()).toString('latin1')
    const value = Buffer.from(db.value(entry).copy()).toString('latin1')
    content.set(name, { value, deadline: db.deadlineOf(entry) })
  })
  return content
}

/** Puts a value of another type under a key. */
export function putOtherType(harness: Harness, name: string, type: number): void {
  const place = databaseOf(harness).put(keyOf(harness, name), ABSENT, type, 0, 1)
  place.bytes[place.start] = 0x31
}

/** From now on collects the events of keys, as `event key`. */
export function recordEvents(harness: Harness): string[] {
  const events: string[] = []
  harness.keyspace.observers.notifier = {
    keyChanged: (_db: Database, key: Key, event: KeyEvent) => {
      events.push(`${event} ${Buffer.from(key.copy()).toString('latin1')}`)
    },
    keyAdded: () => {},
    keyMissed: () => {},
  }
  return events
}
