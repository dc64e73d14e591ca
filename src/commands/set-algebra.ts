// Commands that combine whole sets: SINTER, SUNION, SDIFF, what stores their results, and SINTERCARD.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { allKeys, countedKeys, keyAt, keysFrom } from '../command/key-specs.ts'
import { copyBytes } from '../memory/slice.ts'
import type { SetOperation } from '../types/set-algebra.ts'
import { SET } from '../types/value-type.ts'
import { checkIsSet } from './set-store.ts'

const OF_INTERSECTION =
  'O(N*M) at worst, where N is the number of members of the smallest set and M the number of sets.'
const OF_ALL = 'O(N) where N is the number of members of all the sets.'

export const setAlgebraCommands: readonly CommandDefinition[] = [
  {
    name: 'SINTER',
    arity: -2,
    flags: ['readonly'],
    keys: allKeys('RO', 'access'),
    syntax: 'key [key ...]',
    summary: 'Returns the members that all of the sets have.',
    since: '1.0.0',
    complexity: OF_INTERSECTION,
    categories: ['set'],
    tips: ['nondeterministic_output_order'],
    run: (context) => tell(context, 'intersection'),
  },
  {
    name: 'SINTERCARD',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO', 'access')],
    syntax: 'numkeys key [key ...] [LIMIT limit]',
    summary: 'Counts the members that all of the sets have, up to a limit if there is one.',
    since: '7.0.0',
    complexity: OF_INTERSECTION,
    categories: ['set'],
    run: sintercard,
  },
  {
    name: 'SINTERSTORE',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), keysFrom(2, 1, 'RO', 'access')],
    syntax: 'destination key [key ...]',
    summary: 'Stores the members that all of the sets have, and says how many they are.',
    since: '1.0.0',
    complexity: OF_INTERSECTION,
    categories: ['set'],
    run: (context) => store(context, 'intersection', 'sinterstore'),
  },
  {
    name: 'SUNION',
    arity: -2,
    flags: ['readonly'],
    keys: allKeys('RO', 'access'),
    syntax: 'key [key ...]',
    summary: 'Returns the members that any of the sets has.',
    since: '1.0.0',
    complexity: OF_ALL,
    categories: ['set'],
    tips: ['nondeterministic_output_order'],
    run: (context) => tell(context, 'union'),
  },
  {
    name: 'SUNIONSTORE',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), keysFrom(2, 1, 'RO', 'access')],
    syntax: 'destination key [key ...]',
    summary: 'Stores the members that any of the sets has, and says how many they are.',
    since: '1.0.0',
    complexity: OF_ALL,
    categories: ['set'],
    run: (context) => store(context, 'union', 'sunionstore'),
  },
  {
    name: 'SDIFF',
    arity: -2,
    flags: ['readonly'],
    keys: allKeys('RO', 'access'),
    syntax: 'key [key ...]',
    summary: 'Returns the members of the first set that none of the others has.',
    since: '1.0.0',
    complexity: OF_ALL,
    categories: ['set'],
    tips: ['nondeterministic_output_order'],
    run: (context) => tell(context, 'difference'),
  },
  {
    name: 'SDIFFSTORE',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), keysFrom(2, 1, 'RO', 'access')],
    syntax: 'destination key [key ...]',
    summary: 'Stores the members of the first set that none of the others has, and says how many they are.',
    since: '1.0.0',
    complexity: OF_ALL,
    categories: ['set'],
    run: (context) => store(context, 'difference', 'sdiffstore'),
  },
]

type StoreEvent = 'sinterstore' | 'sunionstore' | 'sdiffstore'

const NO_KEYS = new ReplyError('ERR numkeys should be greater than 0')
const TOO_MANY_KEYS = new ReplyError("ERR Number of keys can't be greater than number of args")
const NEGATIVE_LIMIT = new ReplyError("ERR LIMIT can't be negative")
const MAX_INT64 = 2 ** 63

/** Begins an operation on the sets of the keys from one argument to another. */
function begin(context: Context, operation: SetOperation, from: number, to: number): void {
  const { db, sets } = context
  const { algebra } = sets
  algebra.begin(operation, db.table.entries)
  for (let i = from; i < to; i++) {
    const key = context.key(i)
    const entry = checkIsSet(context, db.find(key))
    if (entry === ABSENT) algebra.includeNothing()
    else {
      // The operands are only read, so that the key, which the next one overwrites, is not needed.
      db.hold(algebra.nextCell, key, entry)
      algebra.include()
    }
  }
}

function end({ keyspace, sets }: Context): void {
  const disposal = sets.algebra.end()
  if (disposal !== undefined) keyspace.disposals.add(disposal)
}

function tell(context: Context, operation: SetOperation): void {
  const { args, reply, sets } = context
  const { algebra } = sets
  begin(context, operation, 1, args.count)
  algebra.start()
  let count = 0
  const set = reply.openArray()
  for (; algebra.next(); count++) reply.bulk(algebra.member)
  reply.closeSet(set, count)
  end(context)
}

function store(context: Context, operation: SetOperation, event: StoreEvent): void {
  const { args, db, reply, sets } = context
  const { algebra } = sets
  begin(context, operation, 2, args.count)
  const draft = algebra.toDraft()
  const count = algebra.draftCount
  const key = context.key(1)
  const entry = db.findForWrite(key)
  if (count > 0) {
    const place = db.put(key, entry, SET, draft.encoding, draft.length)
    copyBytes(draft.bytes, draft.start, place.bytes, place.start, draft.length)
    algebra.end()
    db.changed(key, event)
  } else {
    end(context)
    if (entry !== ABSENT) db.remove(key, entry)
  }
  reply.integer(count)
}

function sintercard(context: Context): void {
  const { args, reply, sets } = context
  const { algebra } = sets
  const keys = args.integer(1, NO_KEYS)
  if (keys < 1) throw NO_KEYS
  const end = 2 + keys
  if (end > args.count) throw TOO_MANY_KEYS
  const limit = limitFrom(context, end)
  begin(context, 'intersection', 2, end)
  algebra.start()
  let count = 0
  while (count < limit && algebra.next()) count++
  algebra.end()
  reply.integer(count)
}

/** The options of SINTERCARD, which begin at an index. */
function limitFrom({ args }: Context, from: number): number {
  let limit = 0
  for (let i = from; i < args.count; i += 2) {
    if (!args.is(i, 'LIMIT') || i + 1 === args.count) throw SYNTAX_ERROR
    limit = args.integer(i + 1, NEGATIVE_LIMIT)
    if (limit < 0) throw NEGATIVE_LIMIT
  }
  return limit === 0 ? MAX_INT64 : limit
}
