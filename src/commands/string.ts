// Commands on strings.

import { decimalLength, parseSafeInteger, writeDecimal } from '../base/integers.ts'
import { NOT_AN_INTEGER, ReplyError, WRONG_TYPE } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { allKeys, keysFrom, oneKey } from '../command/key-specs.ts'
import { copyBytes } from '../memory/slice.ts'
import { stringEncoding } from '../types/string.ts'
import { STRING, STRING_INT } from '../types/value-type.ts'

function get({ db, key, reply }: Context): void {}
void get

export const stringCommands: CommandFamily = {
  group: 'string',
  commands: [
    {
      name: 'GET',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key',
      summary: 'Returns the string value of a key.',
      since: '1.0.0',
      complexity: 'O(1)',
      run: getCommand,
    },
    {
      name: 'SET',
      arity: -3,
      flags: ['write', 'denyoom'],
      keys: oneKey('OW', 'update'),
      syntax: 'key value',
      summary: 'Sets',
      since: '1.0.0',
      complexity: 'O(1)',
      run: set,
    },
    {
      name: 'INCR',
      arity: 2,
      flags: ['write', 'denyoom', 'fast'],
      keys: oneKey('RW', 'access', 'update'),
      syntax: 'key',
      summary: 'Adds one.',
      since: '1.0.0',
      complexity: 'O(1)',
      run: incr,
    },
    {
      name: 'MSET',
      arity: -3,
      flags: ['write', 'denyoom'],
      keys: [keysFrom(1, 2, 'OW', 'update')],
      syntax: 'key value [key value ...]',
      summary: 'Sets',
      since: '1.0.1',
      complexity: 'O(N)',
      run: mset,
    },
  ],
}
void allKeys
void ReplyError

function getCommand(context: Context): void {
  const { db, reply } = context
  const entry = db.find(context.key(1))
  if (entry === ABSENT) return reply.null()
  if (db.typeOf(entry) !== STRING) throw WRONG_TYPE
  reply.bulk(db.value(entry))
}

function setString(context: Context, keyIndex: number, valueIndex: number): void {
  const { args, db } = context
  const key = context.key(keyIndex)
  const start = args.starts[valueIndex]!
  const length = args.lengths[valueIndex]!
  const place = db.put(key, db.findForWrite(key), STRING, stringEncoding(args.bytes, start, length), length)
  copyBytes(args.bytes, start, place.bytes, place.start, length)
  db.changed(key, 'set')
}

function set(context: Context): void {
  setString(context, 1, 2)
  context.reply.ok()
}

function mset(context: Context): void {
  for (let i = 1; i < context.args.count; i += 2) setString(context, i, i + 1)
  context.reply.ok()
}

function incr(context: Context): void {
  const { db } = context
  const key = context.key(1)
  const entry = db.findForWrite(key)
  let value = 0
  if (entry !== ABSENT) {
    if (db.typeOf(entry) !== STRING) throw WRONG_TYPE
    const s = db.value(entry)
    value = parseSafeInteger(s.bytes, s.start, s.length)
    if (value !== value) throw NOT_AN_INTEGER
  }
  value++
  const length = decimalLength(value)
  const place =
    entry === ABSENT
      ? db.put(key, entry, STRING, STRING_INT, length)
      : db.resize(key, entry, length, STRING_INT)
  writeDecimal(place.bytes, place.start, value)
  db.changed(key, 'incrby')
  context.reply.integer(value)
}
