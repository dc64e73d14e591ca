// What all commands on strings have in common: finding a string, storing one, and the limit to its length.

import { STRING_TOO_LONG, WRONG_TYPE } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { Key } from '../memory/key.ts'
import { MAX_BLOCK_BYTES } from '../memory/size-classes.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'
import { stringEncoding } from '../types/string.ts'
import { STRING, STRING_RAW } from '../types/value-type.ts'

/** Nothing longer fits into memory in one piece, whatever `proto-max-bulk-len` allows. */
export const LONGEST_STRING = 2 ** 31 - 1

/** Refuses an entry that is there but holds no string. */
export function checkIsString({ db }: Context, entry: Entry): void {
  if (entry !== ABSENT && db.typeOf(entry) !== STRING) throw WRONG_TYPE
}

/** Finds a string for reading; ABSENT if there is none. */
export function findString(context: Context, key: Key): Entry {
  const entry = context.db.find(key)
  checkIsString(context, entry)
  return entry
}

/** Finds a string that is going to be changed; ABSENT if there is none. */
export function findStringForWrite(context: Context, key: Key): Entry {
  const entry = context.db.findForWrite(key)
  checkIsString(context, entry)
  return entry
}

/** Replies with a string's bytes, or null if there is none. */
export function replyValue({ db, reply }: Context, entry: Entry): void {
  if (entry === ABSENT) reply.null()
  else reply.bulk(db.value(entry))
}

/** Stores an argument under a key, in the place of whatever is there. Does not yet say that the key has changed. */
export function storeArgument(
  { args, db }: Context,
  key: Key,
  entry: Entry,
  index: number,
  deadline?: number,
): void {
  const start = args.starts[index]!
  const length = args.lengths[index]!
  const encoding = stringEncoding(args.bytes, start, length)
  const place = db.put(key, entry, STRING, encoding, length, deadline)
  copyBytes(args.bytes, start, place.bytes, place.start, length)
}

/** SET without options: stores the value at one index under the key at another. */
export function setPlain(context: Context, keyIndex: number, valueIndex: number): void {
  const { db } = context
  const key = context.key(keyIndex)
  storeArgument(context, key, db.findForWrite(key), valueIndex)
  db.changed(key, 'set')
}

/**
 * Makes a string changeable in place, with at least so many bytes; what is new is zero. The key may be absent.
 * Does not yet say that the key has changed.
 */
export function extend({ db }: Context, key: Key, entry: Entry, length: number): Slice {
  if (entry !== ABSENT) return db.resize(key, entry, Math.max(length, db.value(entry).length), STRING_RAW)
  const place = db.put(key, entry, STRING, STRING_RAW, length)
  // A longer value has a buffer of its own, which is zero: filling it would touch up to 512 MB.
  if (length <= MAX_BLOCK_BYTES) place.bytes.fill(0, place.start, place.start + length)
  return place
}

/** Refuses a change that would make a string longer than `proto-max-bulk-len`. */
export function checkLength({ keyspace }: Context, length: number): void {
  if (length > keyspace.maxStringBytes || length > LONGEST_STRING) throw STRING_TOO_LONG
}
