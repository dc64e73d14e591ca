// Values on their way from key to key: RENAME, COPY and MOVE, whatever the type. Type, encoding and deadline go along.
// What a value keeps outside its entry is copied as its kind says (kind.ts); renaming within a database moves the entry
// and needs no copy.

import { Cell } from '../memory/cell.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import type { Key } from '../memory/key.ts'
import { copyBytes } from '../memory/slice.ts'
import { ABSENT, type Database, type Entry } from './database.ts'
import { kindOf } from './kinds.ts'

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
  const kind = kindOf(from.typeOf(entry), from.encodingOf(entry))
  if (kind.copy !== undefined) {
    // The key of the copy serves both cells: nothing is written through the first.
    const source = new Cell().open(from.table, newKey, entry)
    const copy = new Cell().open(to.table, newKey, to.findAnyway(newKey))
    kind.copy(source, copy, to.types)
  }
  const earliest = kind.earliestDeadline?.(from.table.entries, entry) ?? NO_DEADLINE
  to.noteElementDeadlines(newKey, false, earliest)
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
