// What all commands on sets have in common: finding a set, making one, and the end of one that has become empty.

import { WRONG_TYPE } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { Key } from '../memory/key.ts'
import type { Member } from '../types/member.ts'
import { bytesFor, type SetValue } from '../types/set.ts'
import { SET } from '../types/value-type.ts'

/** Refuses an entry that is there but holds no set. */
export function checkIsSet({ db }: Context, entry: Entry): Entry {
  if (entry !== ABSENT && db.typeOf(entry) !== SET) throw WRONG_TYPE
  return entry
}

/** Opens the set of a key, an argument, for reading; undefined if there is none. */
export function readSet(context: Context, index: number): SetValue | undefined {
  const { cell, db, sets } = context
  const key = context.key(index)
  const entry = checkIsSet(context, db.find(key))
  return entry === ABSENT ? undefined : sets.value.open(db.hold(cell, key, entry))
}

/** Opens the set of a key that is going to be changed; undefined if there is none. */
export function changeSet(context: Context, key: Key): SetValue | undefined {
  const { cell, db, sets } = context
  const entry = checkIsSet(context, db.findForWrite(key))
  return entry === ABSENT ? undefined : sets.value.open(db.hold(cell, key, entry))
}

/** An empty set under a key that is absent, in the encoding for so many members of which the first is known. */
export function createSet({ cell, db, sets }: Context, key: Key, count: number, first: Member): SetValue {
  const set = sets.value
  const encoding = set.encodingFor(count, first)
  return set.create(db.putCell(cell, key, SET, encoding, bytesFor(encoding, first)))
}

/** After members were removed from the set in `sets.value`: a key without members goes too. */
export function removeIfEmpty(context: Context, key: Key): void {
  if (context.sets.value.count === 0) removeEmptied(context, key)
}

/** Removes the key in `cell`, whose members are gone, as a part of the change that took them. */
export function removeEmptied({ cell, db }: Context, key: Key): void {
  db.detach(key, cell.ref)
  db.changed(key, 'del', 0)
}
