// Numbers in fields of hashes: as in strings, integers are added as doubles where that is exact, else as BigInts, and
// HINCRBYFLOAT adds long doubles. A field's deadline stays.

import { isInt64, parseInt64, parseSafeInteger } from '../base/integers.ts'
import { LongDouble, MAX_TEXT_LENGTH, parseLongDouble } from '../base/long-double.ts'
import { NOT_A_FLOAT, ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import type { Key } from '../memory/key.ts'
import type { Slice } from '../memory/slice.ts'
import type { HashValue } from '../types/hash.ts'
import { createHash, findHashForWrite, hashChanged } from './hash-store.ts'

export const hashCounterCommands: readonly CommandDefinition[] = [
  {
    name: 'HINCRBY',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key field increment',
    summary: 'Adds to the integer that a field of a hash holds. A field that does not exist counts as 0.',
    since: '2.0.0',
    complexity: 'O(1)',
    categories: ['hash'],
    run: hincrby,
  },
  {
    name: 'HINCRBYFLOAT',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key field increment',
    notes: { increment: { type: 'double' } },
    summary:
      'Adds to the floating-point number that a field of a hash holds. A field that does not exist counts as 0.',
    since: '2.6.0',
    complexity: 'O(1)',
    categories: ['hash'],
    run: hincrbyfloat,
  },
]

const NOT_INTEGER = new ReplyError('ERR hash value is not an integer')
const NOT_FLOAT = new ReplyError('ERR hash value is not a float')
const OVERFLOWS = new ReplyError('ERR increment or decrement would overflow')
const NOT_FINITE_INCREMENT = new ReplyError('ERR value is NaN or Infinity')
const NOT_FINITE = new ReplyError('ERR increment would produce NaN or Infinity')

function hincrby(context: Context): void {
  const { args, reply } = context
  const increment = parseSafeInteger(args.bytes, args.starts[3]!, args.lengths[3]!)
  if (Number.isNaN(increment)) {
    addExactly(context, args.int64(3))
    return
  }
  const key = context.key(1)
  const hash = findHashForWrite(context, key)
  let sum = increment
  if (hash?.find(args.slice(2)) === true) {
    const { bytes, start, length } = hash.value()
    sum += parseSafeInteger(bytes, start, length)
    // The value is beyond 2^53, or no number at all; or else the sum may have been rounded.
    if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) {
      addExactly(context, BigInt(increment))
      return
    }
  }
  store(context, key, hash, context.hash.number.setInteger(sum))
  hashChanged(context, key, 'hincrby', 1)
  reply.integer(sum)
}

function addExactly(context: Context, increment: bigint): void {
  const key = context.key(1)
  const hash = findHashForWrite(context, key)
  let sum = increment
  if (hash?.find(context.args.slice(2)) === true) sum += int64Of(hash.value())
  if (!isInt64(sum)) throw OVERFLOWS
  store(context, key, hash, context.hash.number.setInt64(sum))
  hashChanged(context, key, 'hincrby', 1)
  context.reply.bigInteger(sum)
}

/** Sets the field at index 2, of a new hash if there is none. Its deadline stays. */
function store(context: Context, key: Key, hash: HashValue | undefined, value: Slice): void {
  const target = hash ?? createHash(context, key)
  target.set(context.args.slice(2), value, true)
}

function int64Of({ bytes, start, length }: Slice): bigint {
  const value = parseInt64(bytes, start, length)
  if (value === undefined) throw NOT_INTEGER
  return value
}

function hincrbyfloat(context: Context): void {
  const { args, reply } = context
  const increment = longDoubleOf(args.slice(3), NOT_A_FLOAT)
  if (!increment.isFinite()) throw NOT_FINITE_INCREMENT
  const key = context.key(1)
  const hash = findHashForWrite(context, key)
  const isThere = hash?.find(args.slice(2)) === true
  const value = isThere ? longDoubleOf(hash!.value(), NOT_FLOAT) : LongDouble.ZERO
  const sum = value.add(increment)
  if (!sum.isFinite()) throw NOT_FINITE
  const text = Buffer.from(sum.toHumanString(), 'latin1')
  store(context, key, hash, context.hash.number.pointText(text, 0, text.length))
  propagateValue(context, text)
  hashChanged(context, key, 'hincrbyfloat', 1)
  reply.buffer(text)
}

/** Redis: the result is repeated and not the addition, whose rounding may differ elsewhere. */
function propagateValue({ args, effects, hash }: Context, text: Uint8Array): void {
  if (!effects.isWanted) return
  effects.replaceWith('HSET', args.copy(1), args.copy(2), text)
  // HSET takes the field's deadline away.
  if (hash.deadline === NO_DEADLINE) return
  effects.add('HPEXPIREAT', args.copy(1), String(hash.deadline), 'FIELDS', '1', args.copy(2))
}

function longDoubleOf({ bytes, start, length }: Slice, error: ReplyError): LongDouble {
  // Before a string of perhaps hundreds of megabytes is made of it.
  if (length > MAX_TEXT_LENGTH) throw error
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
  const value = parseLongDouble(text)
  if (value === undefined) throw error
  return value
}
