// Deadlines of fields: setting, asking, taking away. A field that is due is removed by keyspace/fields.ts. Whatever was
// asked for, a deadline is propagated as a moment, and a field that goes at once as its removal.

import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { DeadlineChange, FIELD_SET } from './deadline-change.ts'
import {
  allows,
  BAD_COUNT_TO_EXPIRE,
  BAD_COUNT_TO_READ,
  readCondition,
  readFieldDeadline,
  readFields,
} from './hash-fields.ts'
import { findHash, findHashForWrite, hashChanged } from './hash-store.ts'

const SYNTAX = '[NX | XX | GT | LT] FIELDS numfields field [field ...]'
const COMPLEXITY = 'O(N) where N is the number of fields named.'

const setters: readonly CommandDefinition[] = [
  {
    name: 'HEXPIRE',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key seconds ${SYNTAX}`,
    summary: 'Lets fields of a hash expire in so many seconds.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: (context) => expire(context, context.now, 1000),
  },
  {
    name: 'HPEXPIRE',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key milliseconds ${SYNTAX}`,
    summary: 'Lets fields of a hash expire in so many milliseconds.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: (context) => expire(context, context.now, 1),
  },
  {
    name: 'HEXPIREAT',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key unix-time-seconds ${SYNTAX}`,
    summary: 'Lets fields of a hash expire at a moment given as Unix time in seconds.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: (context) => expire(context, 0, 1000),
  },
  {
    name: 'HPEXPIREAT',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key unix-time-milliseconds ${SYNTAX}`,
    summary: 'Lets fields of a hash expire at a moment given as Unix time in milliseconds.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: (context) => expire(context, 0, 1),
  },
  {
    name: 'HPERSIST',
    arity: -5,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: 'key FIELDS numfields field [field ...]',
    summary: 'Takes the deadlines of fields of a hash away.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: hpersist,
  },
]

const getters: readonly CommandDefinition[] = [
  {
    name: 'HTTL',
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key FIELDS numfields field [field ...]',
    summary: 'Tells in how many seconds fields of a hash expire.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    tips: ['nondeterministic_output'],
    run: (context) => replyDeadlines(context, context.now, 1000),
  },
  {
    name: 'HPTTL',
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key FIELDS numfields field [field ...]',
    summary: 'Tells in how many milliseconds fields of a hash expire.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    tips: ['nondeterministic_output'],
    run: (context) => replyDeadlines(context, context.now, 1),
  },
  {
    name: 'HEXPIRETIME',
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key FIELDS numfields field [field ...]',
    summary: 'Tells when fields of a hash expire, as Unix time in seconds.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: (context) => replyDeadlines(context, 0, 1000),
  },
  {
    name: 'HPEXPIRETIME',
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key FIELDS numfields field [field ...]',
    summary: 'Tells when fields of a hash expire, as Unix time in milliseconds.',
    since: '7.4.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: (context) => replyDeadlines(context, 0, 1),
  },
]

export const hashExpiryCommands: readonly CommandDefinition[] = [...setters, ...getters]

// What is replied for each field, besides what DeadlineChange says.
const NO_FIELD = -2
const NO_LIFETIME = -1
const NOT_ALLOWED = 0

/** `base` and `unit` in milliseconds: what the argument counts from, and what it counts. */
function expire(context: Context, base: number, unit: number): void {
  const { args, reply } = context
  const key = context.key(1)
  // Redis: a value of another type is seen before bad arguments are.
  const hash = findHashForWrite(context, key)
  const deadline = readFieldDeadline(args, 2, base, unit)
  const condition = readCondition(args, 3)
  const first = readFields(args, condition === 0 ? 3 : 4, BAD_COUNT_TO_EXPIRE)
  reply.array(args.count - first)
  const change = new DeadlineChange(context)
  for (let i = first; i < args.count; i++) {
    if (hash?.find(args.slice(i)) !== true) reply.integer(NO_FIELD)
    else if (!allows(condition, hash.deadline, deadline)) reply.integer(NOT_ALLOWED)
    else reply.integer(change.apply(hash, deadline, i))
  }
  if (hash !== undefined) change.end()
}

function hpersist(context: Context): void {
  const { args, reply } = context
  const key = context.key(1)
  const hash = findHashForWrite(context, key)
  const first = readFields(args, 2, BAD_COUNT_TO_READ)
  let changes = 0
  reply.array(args.count - first)
  for (let i = first; i < args.count; i++) {
    if (hash?.find(args.slice(i)) !== true) reply.integer(NO_FIELD)
    else if (hash.deadline === NO_DEADLINE) reply.integer(NO_LIFETIME)
    else {
      hash.setDeadline(NO_DEADLINE)
      changes++
      reply.integer(FIELD_SET)
    }
  }
  if (changes > 0) hashChanged(context, key, 'hpersist', changes)
}

/** Replies with the deadlines of fields, counted from `base` in `unit`s, rounded up. */
function replyDeadlines(context: Context, base: number, unit: number): void {
  const { args, reply } = context
  const hash = findHash(context, context.key(1))
  const first = readFields(args, 2, BAD_COUNT_TO_READ)
  reply.array(args.count - first)
  for (let i = first; i < args.count; i++) {
    if (hash?.find(args.slice(i)) !== true) reply.integer(NO_FIELD)
    else if (hash.deadline === NO_DEADLINE) reply.integer(NO_LIFETIME)
    else reply.integer(Math.ceil((hash.deadline - base) / unit))
  }
}
