// Numbers in strings. Integers are added as doubles where that is exact, else as BigInts; INCRBYFLOAT adds long
// doubles, as Redis does.

import {
  decimalLength,
  INT64_MIN,
  isInt64,
  parseInt64,
  parseSafeInteger,
  writeDecimal,
} from '../base/integers.ts'
import { LongDouble, MAX_TEXT_LENGTH, parseLongDouble } from '../base/long-double.ts'
import { NOT_A_FLOAT, NOT_AN_INTEGER, ReplyError } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { Key } from '../memory/key.ts'
import type { Slice } from '../memory/slice.ts'
import { textEncoding } from '../types/string.ts'
import { STRING, STRING_INT } from '../types/value-type.ts'
import { findStringForWrite } from './string-store.ts'

export const counterCommands: readonly CommandDefinition[] = [
  {
    name: 'INCR',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key',
    summary: 'Adds one to the integer that a key holds. A key that does not exist counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    run: (context) => add(context, 1),
  },
  {
    name: 'DECR',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key',
    summary: 'Takes one from the integer that a key holds. A key that does not exist counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    run: (context) => add(context, -1),
  },
  {
    name: 'INCRBY',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key increment',
    summary: 'Adds to the integer that a key holds. A key that does not exist counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    run: incrby,
  },
  {
    name: 'DECRBY',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key decrement',
    summary: 'Takes from the integer that a key holds. A key that does not exist counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    run: decrby,
  },
  {
    name: 'INCRBYFLOAT',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key increment',
    notes: { increment: { type: 'double' } },
    summary: 'Adds to the floating-point number that a key holds. A key that does not exist counts as 0.',
    since: '2.6.0',
    complexity: 'O(1)',
    categories: ['string'],
    run: incrbyfloat,
  },
]

const SUM_OVERFLOWS = new ReplyError('ERR increment or decrement would overflow')
const DECREMENT_OVERFLOWS = new ReplyError('ERR decrement would overflow')
const NOT_FINITE = new ReplyError('ERR increment would produce NaN or Infinity')

function incrby(context: Context): void {
  const { args } = context
  const increment = parseSafeInteger(args.bytes, args.starts[2]!, args.lengths[2]!)
  if (Number.isNaN(increment)) addExactly(context, args.int64(2))
  else add(context, increment)
}

function decrby(context: Context): void {
  const { args } = context
  const decrement = parseSafeInteger(args.bytes, args.starts[2]!, args.lengths[2]!)
  if (!Number.isNaN(decrement)) {
    add(context, -decrement)
    return
  }
  const exact = args.int64(2)
  if (exact === INT64_MIN) throw DECREMENT_OVERFLOWS
  addExactly(context, -exact)
}

function add(context: Context, increment: number): void {
  const { db } = context
  const key = context.key(1)
  const entry = findStringForWrite(context, key)
  let sum = increment
  if (entry !== ABSENT) {
    const { bytes, start, length } = db.value(entry)
    sum += parseSafeInteger(bytes, start, length)
    // The value is beyond 2^53, or no number at all; or else the sum may have been rounded.
    if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) {
      addExactly(context, BigInt(increment))
      return
    }
    // Nine times out of ten the number of digits stays: they are overwritten where they are.
    if (decimalLength(sum) === length && db.mayOverwrite(entry, STRING_INT)) {
      writeDecimal(bytes, start, sum)
      db.changed(key, 'incrby')
      context.reply.integer(sum)
      return
    }
  }
  const place = counterPlace(context, key, entry, decimalLength(sum))
  writeDecimal(place.bytes, place.start, sum)
  db.changed(key, 'incrby')
  context.reply.integer(sum)
}

function addExactly(context: Context, increment: bigint): void {
  const { db } = context
  const key = context.key(1)
  const entry = findStringForWrite(context, key)
  const sum = (entry === ABSENT ? 0n : int64Of(db.value(entry))) + increment
  if (!isInt64(sum)) throw SUM_OVERFLOWS
  const text = sum.toString()
  const place = counterPlace(context, key, entry, text.length)
  writeText(place, text)
  db.changed(key, 'incrby')
  context.reply.bigInteger(sum)
}

function int64Of({ bytes, start, length }: Slice): bigint {
  const value = parseInt64(bytes, start, length)
  if (value === undefined) throw NOT_AN_INTEGER
  return value
}

/** Room for an integer of so many digits; the deadline stays. */
function counterPlace({ db }: Context, key: Key, entry: Entry, length: number): Slice {
  return entry === ABSENT
    ? db.put(key, entry, STRING, STRING_INT, length)
    : db.resize(key, entry, length, STRING_INT)
}

function incrbyfloat(context: Context): void {
  const { args, db, effects, reply } = context
  const key = context.key(1)
  const entry = findStringForWrite(context, key)
  const value = entry === ABSENT ? LongDouble.ZERO : longDoubleOf(db.value(entry))
  const sum = value.add(longDoubleOf(args.slice(2)))
  if (!sum.isFinite()) throw NOT_FINITE
  const text = sum.toHumanString()
  const encoding = textEncoding(text.length)
  const place =
    entry === ABSENT
      ? db.put(key, entry, STRING, encoding, text.length)
      : db.resize(key, entry, text.length, encoding)
  writeText(place, text)
  db.changed(key, 'incrbyfloat')
  // Redis: the result is repeated and not the addition, whose rounding may differ elsewhere.
  if (effects.isWanted) effects.replaceWith('SET', args.copy(1), text, 'KEEPTTL')
  reply.text(text)
}

function longDoubleOf({ bytes, start, length }: Slice): LongDouble {
  // Before a string of perhaps hundreds of megabytes is made of it.
  if (length > MAX_TEXT_LENGTH) throw NOT_A_FLOAT
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
  const value = parseLongDouble(text)
  if (value === undefined) throw NOT_A_FLOAT
  return value
}

/** Digits, sign and point, one byte each. */
function writeText({ bytes, start }: Slice, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i)
}
