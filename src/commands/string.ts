// Commands on strings: reading and writing them as a whole or in part. Those with options and deadlines are in
// string-set.ts, counters in string-counter.ts, LCS in string-lcs.ts.

import { ReplyError } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { allKeys, keysFrom, oneKey } from '../command/key-specs.ts'
import { copyBytes } from '../memory/slice.ts'
import { MOST_UPCOMING } from '../memory/upcoming-keys.ts'
import { STRING, STRING_RAW } from '../types/value-type.ts'
import { counterCommands } from './string-counter.ts'
import { lcsCommand } from './string-lcs.ts'
import { fromStart, isBackwards } from './string-range.ts'
import { setCommands } from './string-set.ts'
import {
  checkLength,
  extend,
  findString,
  findStringForWrite,
  replyValue,
  setPlain,
  storeArgument,
} from './string-store.ts'

export const stringCommands: CommandFamily = {
  group: 'string',
  commands: [
    {
      name: 'GET',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key',
      summary: 'Returns the string that a key holds.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['string'],
      run: get,
    },
    {
      name: 'MGET',
      arity: -2,
      flags: ['readonly', 'fast'],
      keys: allKeys('RO', 'access'),
      syntax: 'key [key ...]',
      summary: 'Returns the strings of several keys, in one step.',
      since: '1.0.0',
      complexity: 'O(N) where N is the number of keys.',
      categories: ['string'],
      tips: ['request_policy:multi_shard'],
      run: mget,
    },
    {
      name: 'MSET',
      arity: -3,
      flags: ['write', 'denyoom'],
      keys: [keysFrom(1, 2, 'OW', 'update')],
      syntax: 'key value [key value ...]',
      summary: 'Sets the strings of several keys, in one step.',
      since: '1.0.1',
      complexity: 'O(N) where N is the number of keys.',
      categories: ['string'],
      tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
      run: mset,
    },
    {
      name: 'MSETNX',
      arity: -3,
      flags: ['write', 'denyoom'],
      keys: [keysFrom(1, 2, 'OW', 'insert')],
      syntax: 'key value [key value ...]',
      summary: 'Sets the strings of several keys, in one step, but only if none of the keys exists.',
      since: '1.0.1',
      complexity: 'O(N) where N is the number of keys.',
      categories: ['string'],
      run: msetnx,
    },
    {
      name: 'STRLEN',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO'),
      syntax: 'key',
      summary: 'Returns how many bytes a string has.',
      since: '2.2.0',
      complexity: 'O(1)',
      categories: ['string'],
      run: strlen,
    },
    {
      name: 'APPEND',
      arity: 3,
      flags: ['write', 'denyoom', 'fast'],
      keys: oneKey('RW', 'insert'),
      syntax: 'key value',
      summary: 'Adds bytes to the end of a string. Creates the key if it does not exist.',
      since: '2.0.0',
      complexity: 'O(1), taken over many calls, as a long string gets room to grow.',
      categories: ['string'],
      run: append,
    },
    {
      name: 'SETRANGE',
      arity: 4,
      flags: ['write', 'denyoom'],
      keys: oneKey('RW', 'update'),
      syntax: 'key offset value',
      summary:
        'Overwrites a part of a string, filling up with zero bytes. Creates the key if it does not exist.',
      since: '2.2.0',
      complexity: 'O(M) where M is the length of the value, or of the string if it has to move to grow.',
      categories: ['string'],
      run: setrange,
    },
    {
      name: 'GETRANGE',
      arity: 4,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key start end',
      summary: 'Returns a part of a string.',
      since: '2.4.0',
      complexity: 'O(N) where N is the number of bytes returned.',
      categories: ['string'],
      run: getrange,
    },
    {
      name: 'SUBSTR',
      arity: 4,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key start end',
      summary: 'Returns a part of a string, under an old name.',
      since: '1.0.0',
      complexity: 'O(N) where N is the number of bytes returned.',
      categories: ['string'],
      deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
      run: getrange,
    },
    lcsCommand,
    ...setCommands,
    ...counterCommands,
  ],
}

const OFFSET_OUT_OF_RANGE = new ReplyError('ERR offset is out of range')

function get(context: Context): void {
  replyValue(context, findString(context, context.key(1)))
}

function mget(context: Context): void {
  const { args, db, reply } = context
  reply.array(args.count - 1)
  for (let i = 1; i < args.count; i++) {
    if (i % MOST_UPCOMING === 1) context.lookAhead(i, 1)
    const entry = db.find(context.key(i))
    // Redis: a key of another type is no error here.
    if (entry === ABSENT || db.typeOf(entry) !== STRING) reply.null()
    else reply.bulk(db.value(entry))
  }
}

function mset(context: Context): void {
  const { args, reply } = context
  checkPairs(context, 'mset')
  for (let i = 1; i < args.count; i += 2) {
    if (i % (2 * MOST_UPCOMING) === 1) context.lookAhead(i, 2)
    setPlain(context, i, i + 1)
  }
  reply.ok()
}

function msetnx(context: Context): void {
  const { args, db, reply } = context
  checkPairs(context, 'msetnx')
  for (let i = 1; i < args.count; i += 2) {
    if (db.findForWrite(context.key(i)) !== ABSENT) {
      reply.integer(0)
      return
    }
  }
  for (let i = 1; i < args.count; i += 2) setPlain(context, i, i + 1)
  reply.integer(1)
}

function checkPairs({ args }: Context, command: string): void {
  if (args.count % 2 === 0) throw new ReplyError(`ERR wrong number of arguments for '${command}' command`)
}

function strlen(context: Context): void {
  const { db, reply } = context
  const entry = findString(context, context.key(1))
  reply.integer(entry === ABSENT ? 0 : db.value(entry).length)
}

function append(context: Context): void {
  const { args, db, reply } = context
  const key = context.key(1)
  const entry = findStringForWrite(context, key)
  let length = args.lengths[2]!
  if (entry === ABSENT) storeArgument(context, key, entry, 2)
  else {
    const old = db.value(entry).length
    const added = length
    length += old
    checkLength(context, length)
    const place = db.resize(key, entry, length, STRING_RAW)
    copyBytes(args.bytes, args.starts[2]!, place.bytes, place.start + old, added)
  }
  db.changed(key, 'append')
  reply.integer(length)
}

function setrange(context: Context): void {
  const { args, db, reply } = context
  const offset = args.integer(2)
  if (offset < 0) throw OFFSET_OUT_OF_RANGE
  const key = context.key(1)
  const entry = findStringForWrite(context, key)
  const length = args.lengths[3]!
  // Redis: without anything to write, the string is not filled up to the offset either.
  if (length === 0) {
    reply.integer(entry === ABSENT ? 0 : db.value(entry).length)
    return
  }
  checkLength(context, offset + length)
  const place = extend(context, key, entry, offset + length)
  copyBytes(args.bytes, args.starts[3]!, place.bytes, place.start + offset, length)
  const total = place.length
  db.changed(key, 'setrange')
  reply.integer(total)
}

function getrange(context: Context): void {
  const { args, db, reply } = context
  const isEmpty = isBackwards(args, 2, 3)
  const entry = findString(context, context.key(1))
  if (entry === ABSENT || isEmpty) {
    reply.bulkBytes(args.bytes, 0, 0)
    return
  }
  const { bytes, start, length } = db.value(entry)
  const first = fromStart(args.integer(2), length)
  const end = Math.min(fromStart(args.integer(3), length) + 1, length)
  reply.bulkBytes(bytes, start + first, Math.max(0, end - first))
}
