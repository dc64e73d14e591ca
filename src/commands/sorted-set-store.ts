// What all commands on sorted sets have in common: finding one, making one, and the end of one that has become empty.

import { WRONG_TYPE } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { KeyEvent } from '../keyspace/events.ts'
import type { Key } from '../memory/key.ts'
import { INDEXED_BYTES } from '../types/indexed-sorted-set.ts'
import { EMPTY_SORTED_SET_BYTES, type SortedSetValue } from '../types/sorted-set.ts'
import { SORTED_SET, SORTED_SET_LISTPACK, SORTED_SET_SKIPLIST } from '../types/value-type.ts'

/** Opens the sorted set of a key for reading; undefined if there is none. */
export function readSortedSet({ cell, db, sortedSets }: Context, key: Key): SortedSetValue | undefined {
  const entry = db.find(key)
  if (entry === ABSENT) return undefined
  if (db.typeOf(entry) !== SORTED_SET) throw WRONG_TYPE
  return sortedSets.value.open(db.hold(cell, key, entry))
}

/** Opens the sorted set of a key that is going to be changed; undefined if there is none. */
export function changeSortedSet({ cell, db, sortedSets }: Context, key: Key): SortedSetValue | undefined {
  const entry = db.findForWrite(key)
  if (entry === ABSENT) return undefined
  if (db.typeOf(entry) !== SORTED_SET) throw WRONG_TYPE
  return sortedSets.value.open(db.hold(cell, key, entry))
}

/** An empty sorted set under a key that is absent. */
export function createSortedSet({ cell, db, sortedSets }: Context, key: Key): SortedSetValue {
  return sortedSets.value.create(
    db.putCell(cell, key, SORTED_SET, SORTED_SET_LISTPACK, EMPTY_SORTED_SET_BYTES),
  )
}

/** After members were removed from the set in `sortedSets.value`: says so. A key without members goes. */
export function membersRemoved(
  { cell, db, sortedSets }: Context,
  key: Key,
  event: KeyEvent,
  count: number,
): void {
  db.changed(key, event, count)
  if (sortedSets.value.count > 0) return
  db.detach(key, cell.ref)
  db.changed(key, 'del', 0)
}

/**
 * Stores what is in `sortedSets.result` under a key, in the place of whatever is there; nothing, if it is empty. Returns
 * the number of members.
 */
export function storeResult(context: Context, key: Key, event: KeyEvent, changes = 1): number {
  const { cell, db, sortedSets } = context
  const { result } = sortedSets
  const { count } = result
  const entry = db.findForWrite(key)
  if (count === 0) {
    dropResult(context)
    if (entry !== ABSENT) db.remove(key, entry)
    return 0
  }
  if (result.isSmall) {
    db.put(key, entry, SORTED_SET, SORTED_SET_LISTPACK, EMPTY_SORTED_SET_BYTES)
    result.storeSmall(db.hold(cell, key, db.findAnyway(key)))
    dropResult(context)
  } else {
    db.put(key, entry, SORTED_SET, SORTED_SET_SKIPLIST, INDEXED_BYTES)
    result.storeLarge(db.hold(cell, key, db.findAnyway(key)))
  }
  db.changed(key, event, changes)
  return count
}

/** Lets go of what is in `sortedSets.result`. */
export function dropResult({ keyspace, sortedSets }: Context): void {
  keyspace.disposals.add(sortedSets.result.disposal())
}

/** The head of so many replies, each of them a member, with its score if wanted: in RESP3 a pair. */
export function memberHead({ reply }: Context, count: number, withScores: boolean): void {
  reply.array(withScores && reply.protocol === 2 ? count * 2 : count)
}

/** Replies with the member that `from` is at, and with its score if wanted. */
export function replyMember(
  { reply }: Context,
  from: Pick<SortedSetValue, 'member' | 'score'>,
  withScores: boolean,
): void {
  if (withScores && reply.protocol === 3) reply.array(2)
  reply.bulk(from.member)
  if (withScores) reply.double(from.score)
}
