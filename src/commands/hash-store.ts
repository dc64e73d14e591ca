// What all commands on hashes have in common: finding a hash, making one, and ending a change of one.
// Fields that are due are removed as a command opens their hash, and else hidden (keyspace/fields.ts).

import { WRONG_TYPE } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { KeyEvent } from '../keyspace/events.ts'
import { removeDueFields } from '../keyspace/fields.ts'
import type { Key } from '../memory/key.ts'
import { EMPTY_HASH_BYTES, type HashValue } from '../types/hash.ts'
import { HASH, HASH_LISTPACK } from '../types/value-type.ts'

/** Finds a hash for reading; undefined if there is none. */
export function findHash(context: Context, key: Key): HashValue | undefined {
  return open(context, key, context.db.find(key))
}

/** Finds a hash that is going to be changed; undefined if there is none. */
export function findHashForWrite(context: Context, key: Key): HashValue | undefined {
  return open(context, key, context.db.findForWrite(key))
}

/** A hash to be changed, an empty one if there was none: something must be put into it. */
export function hashForWrite(context: Context, key: Key): HashValue {
  return findHashForWrite(context, key) ?? createHash(context, key)
}

/** A new hash under a key that is absent: something must be put into it. */
export function createHash(context: Context, key: Key): HashValue {
  const { db, cell, keyspace } = context
  db.putCell(cell, key, HASH, HASH_LISTPACK, EMPTY_HASH_BYTES)
  return context.hash.create(cell, keyspace.elementsDueAt)
}

function open(context: Context, key: Key, entry: Entry): HashValue | undefined {
  if (entry === ABSENT) return undefined
  const { db, keyspace } = context
  if (db.typeOf(entry) !== HASH) throw WRONG_TYPE
  const dueAt = keyspace.elementsDueAt
  const hash = context.hash.open(db.hold(context.cell, key, entry), dueAt)
  if (!hash.hadDeadlines || hash.earliestDeadline > dueAt || !keyspace.mayExpire) return hash
  return removeDueFields(keyspace, db, key, hash) ? hash : undefined
}

/** Sets the fields that stand with their values from an index on; returns how many are new. Ends no change. */
export function setFields(context: Context, key: Key, from: number, keepsDeadlines: boolean): number {
  const { args } = context
  const hash = hashForWrite(context, key)
  const end = args.count
  const pairs = (end - from) >> 1
  if (pairs > 1) {
    let longest = 0
    let bytes = 0
    for (let i = from; i < end; i++) {
      const length = args.lengths[i]!
      if (length > longest) longest = length
      bytes += length
    }
    hash.reserve(pairs, longest, bytes)
  }
  let added = 0
  for (let i = from; i < end; i += 2) {
    if (hash.set(args.slice(i), args.otherSlice(i + 1), keepsDeadlines)) added++
  }
  if (pairs > 1) hash.settle()
  return added
}

/**
 * Ends a change of a hash: says so, with the event and how many changes it was, and removes the key if the hash is
 * empty.
 */
export function hashChanged(context: Context, key: Key, event: KeyEvent, changes: number): void {
  const { db, hash } = context
  if (hash.hadDeadlines || hash.hasDeadlines) {
    db.noteElementDeadlines(key, hash.hadDeadlines, hash.earliestDeadline)
    hash.noteDeadlines()
  }
  if (hash.count > 0) {
    db.changed(key, event, changes)
    return
  }
  db.detach(key, hash.cell.ref)
  db.changed(key, event, changes)
  db.changed(key, 'del', 0)
}

/** Replies with the found field's name. */
export function replyField(hash: HashValue, { reply }: Context): void {
  reply.bulk(hash.field())
}

export function replyValue(hash: HashValue, { reply }: Context): void {
  reply.bulk(hash.value())
}

export function replyBoth(hash: HashValue, { reply }: Context): void {
  reply.bulk(hash.field())
  reply.bulk(hash.value())
}
