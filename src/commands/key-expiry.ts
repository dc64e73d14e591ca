// Deadlines of keys: setting, asking, taking away. Removing what is due happens in keyspace/, on access and by the
// active cycle. Whatever was asked for, a deadline is propagated as a moment: replicas and logs get it later.

import { parseInt64, parseSafeInteger } from '../base/integers.ts'
import { NOT_AN_INTEGER, ReplyError } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { NO_DEADLINE } from '../memory/entries.ts'
import type { Key } from '../memory/key.ts'

const CONDITIONS = '[NX | XX | GT | LT]'
const CONDITIONS_NOTES = { 'NX | XX | GT | LT': { since: '7.0.0' } } as const
const CONDITIONS_HISTORY = [['7.0.0', 'The options NX, XX, GT and LT.']] as const
const NO_KEY_HISTORY = [['2.8.0', 'Replies -2 if the key does not exist.']] as const

const setters: readonly CommandDefinition[] = [
  {
    name: 'EXPIRE',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key seconds ${CONDITIONS}`,
    notes: CONDITIONS_NOTES,
    summary: 'Lets a key expire in so many seconds.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    history: CONDITIONS_HISTORY,
    run: (context) => expire(context, context.now, 1000, 'expire'),
  },
  {
    name: 'PEXPIRE',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key milliseconds ${CONDITIONS}`,
    notes: CONDITIONS_NOTES,
    summary: 'Lets a key expire in so many milliseconds.',
    since: '2.6.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    history: CONDITIONS_HISTORY,
    run: (context) => expire(context, context.now, 1, 'pexpire'),
  },
  {
    name: 'EXPIREAT',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key unix-time-seconds ${CONDITIONS}`,
    notes: CONDITIONS_NOTES,
    summary: 'Lets a key expire at a moment given as Unix time in seconds.',
    since: '1.2.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    history: CONDITIONS_HISTORY,
    run: (context) => expire(context, 0, 1000, 'expireat'),
  },
  {
    name: 'PEXPIREAT',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key unix-time-milliseconds ${CONDITIONS}`,
    notes: CONDITIONS_NOTES,
    summary: 'Lets a key expire at a moment given as Unix time in milliseconds.',
    since: '2.6.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    history: CONDITIONS_HISTORY,
    run: (context) => expire(context, 0, 1, 'pexpireat'),
  },
  {
    name: 'PERSIST',
    arity: 2,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: 'key',
    summary: 'Takes the deadline of a key away.',
    since: '2.2.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    run: persist,
  },
]

const getters: readonly CommandDefinition[] = [
  {
    name: 'TTL',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key',
    summary: 'Tells in how many seconds a key expires.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    tips: ['nondeterministic_output'],
    history: NO_KEY_HISTORY,
    run: (context) => replyDeadline(context, context.now, 1000),
  },
  {
    name: 'PTTL',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key',
    summary: 'Tells in how many milliseconds a key expires.',
    since: '2.6.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    tips: ['nondeterministic_output'],
    history: NO_KEY_HISTORY,
    run: (context) => replyDeadline(context, context.now, 1),
  },
  {
    name: 'EXPIRETIME',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key',
    summary: 'Tells when a key expires, as Unix time in seconds.',
    since: '7.0.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    run: (context) => replyDeadline(context, 0, 1000),
  },
  {
    name: 'PEXPIRETIME',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key',
    summary: 'Tells when a key expires, as Unix time in milliseconds.',
    since: '7.0.0',
    complexity: 'O(1)',
    categories: ['keyspace'],
    run: (context) => replyDeadline(context, 0, 1),
  },
]

export const keyExpiryCommands: CommandFamily = { group: 'generic', commands: [...setters, ...getters] }

// Conditions of EXPIRE and its likes, as bits.
const NX = 1
const XX = 2
const GT = 4
const LT = 8

const NX_AND_OTHERS = new ReplyError('ERR NX and XX, GT or LT options at the same time are not compatible')
const GT_AND_LT = new ReplyError('ERR GT and LT options at the same time are not compatible')

const MAX_INT64 = 2n ** 63n - 1n

/** `base` and `unit` in milliseconds: what the argument counts from, and what it counts. */
function expire(context: Context, base: number, unit: number, command: string): void {
  const { db } = context
  const conditions = parseConditions(context)
  const deadline = parseDeadline(context, base, unit, command)
  const key = context.key(1)
  const entry = db.findForWrite(key)
  const isChange = entry !== ABSENT && isWanted(conditions, deadline, db.deadlineOf(entry))
  if (isChange) applyDeadline(context, key, entry, deadline)
  context.reply.integer(isChange ? 1 : 0)
}

function applyDeadline(context: Context, key: Key, entry: Entry, deadline: number): void {
  const { args, db, effects, keyspace } = context
  // Redis: a deadline in the past removes the key; but where keys don't expire by themselves (a replica, loading), the
  // deadline is set and whoever decides about the key removes it.
  if (deadline <= context.now && keyspace.removesWhatIsDue) {
    db.remove(key, entry)
    if (effects.isWanted) effects.replaceWith(keyspace.removalCommand, args.copy(1))
  } else {
    db.setDeadline(key, entry, deadline)
    db.changed(key, 'expire')
    if (effects.isWanted) effects.replaceWith('PEXPIREAT', args.copy(1), integerText(deadline))
  }
}

function parseConditions({ args }: Context): number {
  let conditions = 0
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'NX')) conditions |= NX
    else if (args.is(i, 'XX')) conditions |= XX
    else if (args.is(i, 'GT')) conditions |= GT
    else if (args.is(i, 'LT')) conditions |= LT
    else throw new ReplyError(`ERR Unsupported option ${args.shown(i, args.lengths[i]!)}`)
  }
  if ((conditions & NX) !== 0 && conditions !== NX) throw NX_AND_OTHERS
  if ((conditions & GT) !== 0 && (conditions & LT) !== 0) throw GT_AND_LT
  return conditions
}

/** The deadline in milliseconds since the epoch, as near as a double gets: exact until the year 287396. */
function parseDeadline(context: Context, base: number, unit: number, command: string): number {
  const { bytes, starts, lengths } = context.args
  const amount = parseSafeInteger(bytes, starts[2]!, lengths[2]!)
  // A safe integer overflows 64 bits neither as seconds nor with the time added.
  if (!Number.isNaN(amount)) return amount * unit + base
  const exact = parseInt64(bytes, starts[2]!, lengths[2]!)
  if (exact === undefined) throw NOT_AN_INTEGER
  const milliseconds = exact * BigInt(unit)
  // Redis: what overflows is refused, on the way to milliseconds or when the time is added.
  const limit = MAX_INT64 - BigInt(base)
  if (milliseconds > limit || milliseconds < -MAX_INT64 - 1n) {
    throw new ReplyError(`ERR invalid expire time in '${command}' command`)
  }
  return Number(milliseconds) + base
}

/** `current` is NO_DEADLINE, later than every other, where there is none. */
function isWanted(conditions: number, deadline: number, current: number): boolean {
  if (conditions === 0) return true
  const hasDeadline = current !== NO_DEADLINE
  if ((conditions & NX) !== 0 && hasDeadline) return false
  if ((conditions & XX) !== 0 && !hasDeadline) return false
  if ((conditions & GT) !== 0 && deadline <= current) return false
  return (conditions & LT) === 0 || deadline < current
}

function persist(context: Context): void {
  const { db } = context
  const key = context.key(1)
  const entry = db.findForWrite(key)
  const hasDeadline = entry !== ABSENT && db.deadlineOf(entry) !== NO_DEADLINE
  if (hasDeadline) {
    db.setDeadline(key, entry, NO_DEADLINE)
    db.changed(key, 'persist')
  }
  context.reply.integer(hasDeadline ? 1 : 0)
}

const NO_KEY = -2
const NEVER = -1

/** Replies with the deadline, counted from `base` in `unit`s, rounded to the nearest. */
function replyDeadline(context: Context, base: number, unit: number): void {
  const value = askDeadline(context, base, unit)
  if (value <= Number.MAX_SAFE_INTEGER) context.reply.integer(value)
  else context.reply.bigInteger(BigInt(value))
}

function askDeadline(context: Context, base: number, unit: number): number {
  const { db } = context
  const entry = db.look(context.key(1))
  if (entry === ABSENT) return NO_KEY
  const deadline = db.deadlineOf(entry)
  if (deadline === NO_DEADLINE) return NEVER
  const left = Math.max(0, deadline - base)
  return unit === 1 ? left : Math.floor((left + unit / 2) / unit)
}

function integerText(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString()
}
