// Values on their way from key to key: RENAME, COPY and MOVE, whatever the type. Type, encoding and deadline go along.
// The one place that has to know when a type keeps more than the bytes in its entry: bytes that refer to something else
// in the database's memory mean nothing in another database, nor may two keys refer to the same thing. So such a type
// adds its own way of copying here; renaming within a database moves the reference and needs none.

import type { Key } from '../memory/key.ts'
import { copyBytes } from '../memory/slice.ts'
import { ABSENT, type Database, type Entry } from './database.ts'

/**
 * Copies a value to a key that must be absent. The copy counts as just accessed. Ends no write: the command says what
 * has changed.
 */
export function copyEntry(from: Database, entry: Entry, to: Database, newKey: Key): void {
  const { length } = from.value(entry)
  const place = to.put(
    newKey,
    ABSENT,
    from.typeOf(entry),
    from.encodingOf(entry),
    length,
    from.deadlineOf(entry),
  )
  const { bytes, start } = place
  const value = from.value(entry)
  copyBytes(value.bytes, value.start, bytes, start, length)
}

/** Moves a value to a key that must be absent, here or in another database; it keeps its access clock. */
export function moveEntry(from: Database, key: Key, entry: Entry, to: Database, newKey: Key): void {
  if (from === to) {
    from.rekey(key, entry, newKey)
    return
  }
  const access = from.accessOf(entry)
  copyEntry(from, entry, to, newKey)
  to.setAccess(to.findAnyway(newKey), access)
  from.detach(key, entry)
}
