// What counts or removes all members between two bounds: ZCOUNT, ZLEXCOUNT, ZREMRANGEBYRANK, -SCORE and -LEX.

import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { type RangeKind, readRange, spanOf } from './sorted-set-bounds.ts'
import { changeSortedSet, membersRemoved, readSortedSet } from './sorted-set-store.ts'

const OF_COUNTING = 'O(log(N)) where N is the number of members.'
const OF_REMOVING = 'O(log(N)+M) where N is the number of members and M that of the removed ones.'

export const sortedSetSpanCommands: readonly CommandDefinition[] = [
  {
    name: 'ZCOUNT',
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key min max',
    summary: 'Counts the members of a sorted set whose scores are in a range.',
    since: '2.0.0',
    complexity: OF_COUNTING,
    categories: ['sortedset'],
    run: (context) => count(context, 'score'),
  },
  {
    name: 'ZLEXCOUNT',
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key min max',
    notes: { min: { type: 'string' }, max: { type: 'string' } },
    summary: 'Counts the members of a sorted set that are in a range, where all scores are the same.',
    since: '2.8.9',
    complexity: OF_COUNTING,
    categories: ['sortedset'],
    run: (context) => count(context, 'lex'),
  },
  {
    name: 'ZREMRANGEBYRANK',
    arity: 4,
    flags: ['write'],
    keys: oneKey('RW', 'delete'),
    syntax: 'key start stop',
    summary: 'Removes the members of a sorted set whose ranks are in a range. A key without members goes.',
    since: '2.0.0',
    complexity: OF_REMOVING,
    categories: ['sortedset'],
    run: (context) => removeRange(context, 'rank', 'zremrangebyrank'),
  },
  {
    name: 'ZREMRANGEBYSCORE',
    arity: 4,
    flags: ['write'],
    keys: oneKey('RW', 'delete'),
    syntax: 'key min max',
    summary: 'Removes the members of a sorted set whose scores are in a range. A key without members goes.',
    since: '1.2.0',
    complexity: OF_REMOVING,
    categories: ['sortedset'],
    run: (context) => removeRange(context, 'score', 'zremrangebyscore'),
  },
  {
    name: 'ZREMRANGEBYLEX',
    arity: 4,
    flags: ['write'],
    keys: oneKey('RW', 'delete'),
    syntax: 'key min max',
    notes: { min: { type: 'string' }, max: { type: 'string' } },
    summary:
      'Removes the members of a sorted set that are in a range, where all scores are the same. A key without members goes.',
    since: '2.8.9',
    complexity: OF_REMOVING,
    categories: ['sortedset'],
    run: (context) => removeRange(context, 'lex', 'zremrangebylex'),
  },
]

function count(context: Context, kind: RangeKind): void {
  const range = readRange(context.args, kind, 2, 3)
  const set = readSortedSet(context, context.key(1))
  context.reply.integer(set === undefined ? 0 : spanOf(set, range, 'ascending').count)
}

function removeRange(
  context: Context,
  kind: RangeKind,
  event: 'zremrangebyrank' | 'zremrangebyscore' | 'zremrangebylex',
): void {
  const range = readRange(context.args, kind, 2, 3)
  const key = context.key(1)
  const set = changeSortedSet(context, key)
  if (set === undefined) {
    context.reply.integer(0)
    return
  }
  const span = spanOf(set, range, 'ascending')
  if (span.count > 0) {
    set.removeRange(span.first, span.first + span.count)
    membersRemoved(context, key, event, span.count)
  }
  context.reply.integer(span.count)
}
