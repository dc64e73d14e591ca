// SET with its options, its older forms, and the GETs that change something: whatever stores a whole string, sets a
// deadline or both. What depends on the time of day is propagated as a moment.

import type { Arguments } from '../command/arguments.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { type FoundKeys, keyFlagBits } from '../command/found-keys.ts'
import { oneKey } from '../command/key-specs.ts'
import { NO_DEADLINE } from '../memory/entries.ts'
import {
  deadlineIn,
  deadlineText,
  EX,
  GET,
  hasDeadline,
  KEEPTTL,
  NX,
  PERSIST,
  PX,
  readDeadline,
  readGetexOptions,
  readSetOptions,
  XX,
} from './string-options.ts'
import { findString, replyValue, setPlain, storeArgument } from './string-store.ts'

export const setCommands: readonly CommandDefinition[] = [
  {
    name: 'SET',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: oneKey('RW', 'access', 'update', 'variable_flags'),
    syntax:
      'key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]',
    notes: {
      'NX | XX': { since: '2.6.12' },
      GET: { since: '6.2.0' },
      'EX seconds': { since: '2.6.12' },
      'PX milliseconds': { since: '2.6.12' },
      'EXAT unix-time-seconds': { since: '6.2.0' },
      'PXAT unix-time-milliseconds': { since: '6.2.0' },
      KEEPTTL: { since: '6.0.0' },
    },
    summary:
      'Sets the string of a key, whatever the key held before, and its deadline. Creates the key if it does not exist.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    history: [
      ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'],
      ['6.0.0', 'Added the `KEEPTTL` option.'],
      ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` options.'],
      ['7.0.0', '`NX` and `GET` may be used together.'],
    ],
    findKeys: findSetKey,
    run: set,
  },
  {
    name: 'SETNX',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('OW', 'insert'),
    syntax: 'key value',
    summary: 'Sets the string of a key, but only if the key does not exist.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
    run: setnx,
  },
  {
    name: 'SETEX',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: oneKey('OW', 'update'),
    syntax: 'key seconds value',
    summary: 'Sets the string of a key and how many seconds it lives. Creates the key if it does not exist.',
    since: '2.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
    run: (context) => setWithLifetime(context, EX, 'setex'),
  },
  {
    name: 'PSETEX',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: oneKey('OW', 'update'),
    syntax: 'key milliseconds value',
    summary:
      'Sets the string of a key and how many milliseconds it lives. Creates the key if it does not exist.',
    since: '2.6.0',
    complexity: 'O(1)',
    categories: ['string'],
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
    run: (context) => setWithLifetime(context, PX, 'psetex'),
  },
  {
    name: 'GETSET',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key value',
    summary: 'Sets the string of a key and returns the one it held before.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['string'],
    deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
    run: getset,
  },
  {
    name: 'GETDEL',
    arity: 2,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'access', 'delete'),
    syntax: 'key',
    summary: 'Returns the string of a key and removes the key.',
    since: '6.2.0',
    complexity: 'O(1)',
    categories: ['string'],
    run: getdel,
  },
  {
    name: 'GETEX',
    arity: -2,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax:
      'key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]',
    summary: 'Returns the string of a key and sets or takes away its deadline.',
    since: '6.2.0',
    complexity: 'O(1)',
    categories: ['string'],
    run: getex,
  },
]

const WRITES = keyFlagBits(['OW', 'update'])
const READS_AND_WRITES = keyFlagBits(['RW', 'access', 'update'])

/** The old value is read with GET only. Redis: any argument that reads GET will do, that of EX too. */
function findSetKey(args: Arguments, found: FoundKeys): void {
  let flags = WRITES
  for (let i = 3; i < args.count; i++) if (args.is(i, 'GET')) flags = READS_AND_WRITES
  found.add(1, flags)
}

function set(context: Context): void {
  // Most SETs have no options: nothing else is looked at then.
  if (context.args.count > 3) {
    setWithOptions(context)
    return
  }
  setPlain(context, 1, 2)
  context.reply.ok()
}

function setWithOptions(context: Context): void {
  const { args, db, effects, reply } = context
  const options = readSetOptions(args, 3)
  const deadline = hasDeadline(options) ? deadlineIn(context, options, 'set') : NO_DEADLINE
  const key = context.key(1)
  const repliesOld = (options & GET) !== 0
  const entry = repliesOld ? findString(context, key) : db.findForWrite(key)
  // The old value goes out before it is overwritten. Redis: also where NX or XX then lets nothing happen.
  if (repliesOld) replyValue(context, entry)
  if (entry === ABSENT ? (options & XX) !== 0 : (options & NX) !== 0) {
    if (!repliesOld) reply.null()
    return
  }
  const keepsDeadline = (options & KEEPTTL) !== 0 && entry !== ABSENT
  storeArgument(context, key, entry, 2, keepsDeadline ? db.deadlineOf(entry) : deadline)
  db.changed(key, 'set')
  if (hasDeadline(options)) {
    db.changed(key, 'expire', 0)
    if (effects.isWanted) propagateSetUntil(context, 2, deadline)
  } else if (repliesOld && effects.isWanted) propagateWithoutGet(context)
  if (!repliesOld) reply.ok()
}

function setnx(context: Context): void {
  const { db, reply } = context
  const key = context.key(1)
  if (db.findForWrite(key) !== ABSENT) {
    reply.integer(0)
    return
  }
  storeArgument(context, key, ABSENT, 2)
  db.changed(key, 'set')
  reply.integer(1)
}

function setWithLifetime(context: Context, kind: number, command: string): void {
  const { db, effects, reply } = context
  const deadline = readDeadline(context, 2, kind, command)
  const key = context.key(1)
  storeArgument(context, key, db.findForWrite(key), 3, deadline)
  db.changed(key, 'set')
  db.changed(key, 'expire', 0)
  if (effects.isWanted) propagateSetUntil(context, 3, deadline)
  reply.ok()
}

function getset(context: Context): void {
  const { args, db, effects } = context
  const key = context.key(1)
  const entry = findString(context, key)
  replyValue(context, entry)
  storeArgument(context, key, entry, 2)
  db.changed(key, 'set')
  if (effects.isWanted) effects.replaceWith('SET', args.copy(1), args.copy(2))
}

function getdel(context: Context): void {
  const { args, db, effects } = context
  const key = context.key(1)
  const entry = findString(context, key)
  replyValue(context, entry)
  if (entry === ABSENT) return
  db.remove(key, entry)
  if (effects.isWanted) effects.replaceWith('DEL', args.copy(1))
}

function getex(context: Context): void {
  const options = readGetexOptions(context.args, 2)
  const key = context.key(1)
  const entry = findString(context, key)
  // Redis: whether a deadline is valid is looked at only if there is something to give it to.
  if (entry === ABSENT) {
    context.reply.null()
    return
  }
  if (hasDeadline(options)) replyUntil(context, entry, deadlineIn(context, options, 'getex'))
  else {
    replyValue(context, entry)
    if ((options & PERSIST) !== 0) persist(context, entry)
  }
}

/** Replies with the value and gives the key a deadline; the key is still where `context.key` was pointed to. */
function replyUntil(context: Context, entry: Entry, deadline: number): void {
  const { args, db, effects, keyspace } = context
  const key = context.key(1)
  replyValue(context, entry)
  // Redis: a deadline in the past removes the key, unless it is for someone else to remove keys (on a replica).
  if (deadline <= context.now && keyspace.removesWhatIsDue) {
    db.remove(key, entry)
    if (effects.isWanted) effects.replaceWith(keyspace.removalCommand, args.copy(1))
    return
  }
  db.setDeadline(key, entry, deadline)
  db.changed(key, 'expire')
  if (effects.isWanted) effects.replaceWith('PEXPIREAT', args.copy(1), deadlineText(deadline))
}

function persist(context: Context, entry: Entry): void {
  const { args, db, effects } = context
  if (db.deadlineOf(entry) === NO_DEADLINE) return
  const key = context.key(1)
  db.setDeadline(key, entry, NO_DEADLINE)
  db.changed(key, 'persist')
  if (effects.isWanted) effects.replaceWith('PERSIST', args.copy(1))
}

/** SET with a deadline is repeated without conditions: they have been met. */
function propagateSetUntil({ args, effects }: Context, valueIndex: number, deadline: number): void {
  effects.replaceWith('SET', args.copy(1), args.copy(valueIndex), 'PXAT', deadlineText(deadline))
}

/** Redis: SET is repeated without GET, as nobody reads the reply. */
function propagateWithoutGet({ args, effects }: Context): void {
  const words = ['SET', args.copy(1), args.copy(2)]
  for (let i = 3; i < args.count; i++) if (!args.is(i, 'GET')) words.push(args.copy(i))
  effects.replaceWith(...words)
}
