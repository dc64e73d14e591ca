// Whole databases: counting, emptying, exchanging.

import { INVALID_DATABASE, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Database } from '../keyspace/database.ts'

const FLUSH_NOTES = { ASYNC: { since: '4.0.0' }, SYNC: { since: '6.2.0' } } as const

export const databaseCommands: CommandFamily = {
  group: 'server',
  commands: [
    {
      name: 'DBSIZE',
      arity: 1,
      flags: ['readonly', 'fast'],
      syntax: '',
      summary: 'Counts the keys of the database.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['keyspace'],
      tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
      run: dbsize,
    },
    {
      name: 'FLUSHDB',
      arity: -1,
      flags: ['write'],
      syntax: '[ASYNC | SYNC]',
      notes: FLUSH_NOTES,
      summary: 'Removes all keys of the database.',
      since: '1.0.0',
      complexity: 'O(1), as memory is given back later; O(N) in Redis, where N is the number of keys.',
      categories: ['keyspace', 'dangerous'],
      tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
      history: [
        ['4.0.0', 'The option ASYNC.'],
        ['6.2.0', 'The option SYNC.'],
      ],
      run: (context) => flush(context, [context.db]),
    },
    {
      name: 'FLUSHALL',
      arity: -1,
      flags: ['write'],
      syntax: '[ASYNC | SYNC]',
      notes: FLUSH_NOTES,
      summary: 'Removes all keys of all databases.',
      since: '1.0.0',
      complexity: 'O(1), as memory is given back later; O(N) in Redis, where N is the number of keys.',
      categories: ['keyspace', 'dangerous'],
      tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
      history: [
        ['4.0.0', 'The option ASYNC.'],
        ['6.2.0', 'The option SYNC.'],
      ],
      run: flushAll,
    },
    {
      name: 'SWAPDB',
      arity: 3,
      flags: ['write', 'fast'],
      syntax: 'index1 index2',
      summary: 'Exchanges two databases: each client sees at once what was in the other.',
      since: '4.0.0',
      complexity: 'O(N) where N is the number of clients that watch or wait for keys of either database.',
      categories: ['keyspace', 'dangerous'],
      run: swapdb,
    },
  ],
}

const INVALID_FIRST = new ReplyError('ERR invalid first DB index')
const INVALID_SECOND = new ReplyError('ERR invalid second DB index')
const MAX_INT32 = 0x7fffffff

function dbsize(context: Context): void {
  context.reply.integer(context.db.size)
}

function flush(context: Context, databases: readonly Database[]): void {
  const { args, effects, keyspace } = context
  // There is nothing to choose: the databases are empty at once, and their memory goes back in slices.
  if (args.count > 2) throw SYNTAX_ERROR
  if (args.count === 2 && !args.is(1, 'ASYNC') && !args.is(1, 'SYNC')) throw SYNTAX_ERROR
  keyspace.dirty += keyspace.flush(databases)
  // Redis: propagated even if there was nothing to remove.
  if (effects.isWanted) effects.replaceWith(...args.toArrays())
  context.reply.ok()
}

function flushAll(context: Context): void {
  flush(context, context.keyspace.databases)
  context.keyspace.onFlushedAll?.()
}

function swapdb(context: Context): void {
  const { keyspace } = context
  const first = indexAt(context, 1, INVALID_FIRST)
  const second = indexAt(context, 2, INVALID_SECOND)
  const one = keyspace.databases[first]
  const other = keyspace.databases[second]
  if (one === undefined || other === undefined) throw INVALID_DATABASE
  if (one !== other) keyspace.swap(one, other)
  // Redis: counts as one change, even of a database with itself.
  keyspace.dirty++
  context.reply.ok()
}

function indexAt(context: Context, index: number, error: ReplyError): number {
  const number = context.args.integer(index, error)
  if (number > MAX_INT32 || number < -MAX_INT32 - 1) throw error
  return number
}
