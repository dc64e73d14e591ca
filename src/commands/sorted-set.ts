// Commands on single members of sorted sets, and the table of all sorted-set commands. What adds members is in
// sorted-set-add.ts, ranges are in sorted-set-range.ts, and so on.

import { SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { sortedSetAddCommands } from './sorted-set-add.ts'
import { sortedSetAlgebraCommands } from './sorted-set-algebra.ts'
import { sortedSetChoiceCommands } from './sorted-set-choice.ts'
import { sortedSetPopCommands } from './sorted-set-pop.ts'
import { sortedSetRangeCommands } from './sorted-set-range.ts'
import { sortedSetSpanCommands } from './sorted-set-span.ts'
import { changeSortedSet, membersRemoved, readSortedSet } from './sorted-set-store.ts'
import { sortedSetWaitCommands } from './sorted-set-wait.ts'

export const sortedSetCommands: CommandFamily = {
  group: 'sorted-set',
  commands: [
    ...sortedSetAddCommands,
    {
      name: 'ZREM',
      arity: -3,
      flags: ['write', 'fast'],
      keys: oneKey('RW', 'delete'),
      syntax: 'key member [member ...]',
      summary: 'Removes members from a sorted set and says how many were there. A key without members goes.',
      since: '1.2.0',
      complexity: 'O(M*log(N)) where N is the number of members and M that of the members to remove.',
      categories: ['sortedset'],
      history: [['2.4.0', 'Several members may be given.']],
      run: zrem,
    },
    {
      name: 'ZCARD',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO'),
      syntax: 'key',
      summary: 'Returns the number of members of a sorted set.',
      since: '1.2.0',
      complexity: 'O(1)',
      categories: ['sortedset'],
      run: zcard,
    },
    {
      name: 'ZSCORE',
      arity: 3,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key member',
      summary: 'Returns the score of a member of a sorted set.',
      since: '1.2.0',
      complexity: 'O(1)',
      categories: ['sortedset'],
      run: zscore,
    },
    {
      name: 'ZMSCORE',
      arity: -3,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key member [member ...]',
      summary: 'Returns the scores of several members of a sorted set.',
      since: '6.2.0',
      complexity: 'O(N) where N is the number of members that are asked for.',
      categories: ['sortedset'],
      run: zmscore,
    },
    {
      name: 'ZRANK',
      arity: -3,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key member [WITHSCORE]',
      summary: 'Tells how many members of a sorted set come before a member, and its score if wanted.',
      since: '2.0.0',
      complexity: 'O(log(N))',
      categories: ['sortedset'],
      history: [['7.2.0', 'Added the `WITHSCORE` option.']],
      run: (context) => replyRank(context, 'ascending'),
    },
    {
      name: 'ZREVRANK',
      arity: -3,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key member [WITHSCORE]',
      summary: 'Tells how many members of a sorted set come after a member, and its score if wanted.',
      since: '2.0.0',
      complexity: 'O(log(N))',
      categories: ['sortedset'],
      history: [['7.2.0', 'Added the `WITHSCORE` option.']],
      run: (context) => replyRank(context, 'descending'),
    },
    ...sortedSetSpanCommands,
    ...sortedSetRangeCommands,
    ...sortedSetPopCommands,
    ...sortedSetWaitCommands,
    ...sortedSetChoiceCommands,
    ...sortedSetAlgebraCommands,
  ],
}

function zrem(context: Context): void {
  const { args, reply } = context
  const key = context.key(1)
  const set = changeSortedSet(context, key)
  let removed = 0
  if (set !== undefined) {
    for (let i = 2; i < args.count && set.count > 0; i++) {
      if (!set.find(args.slice(i))) continue
      set.remove()
      removed++
    }
  }
  if (removed > 0) membersRemoved(context, key, 'zrem', removed)
  reply.integer(removed)
}

function zcard(context: Context): void {
  context.reply.integer(readSortedSet(context, context.key(1))?.count ?? 0)
}

function zscore(context: Context): void {
  const { args, reply } = context
  const set = readSortedSet(context, context.key(1))
  if (set?.find(args.slice(2))) reply.double(set.score)
  else reply.null()
}

function zmscore(context: Context): void {
  const { args, reply } = context
  const set = readSortedSet(context, context.key(1))
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    if (set?.find(args.slice(i))) reply.double(set.score)
    else reply.null()
  }
}

function replyRank(context: Context, order: 'ascending' | 'descending'): void {
  const { args, reply } = context
  context.noMore(4)
  const withScore = args.count === 4
  if (withScore && !args.is(3, 'WITHSCORE')) throw SYNTAX_ERROR
  const set = readSortedSet(context, context.key(1))
  if (!set?.find(args.slice(2))) {
    if (withScore) reply.nullArray()
    else reply.null()
    return
  }
  const rank = order === 'ascending' ? set.rank : set.count - 1 - set.rank
  if (!withScore) {
    reply.integer(rank)
    return
  }
  reply.array(2)
  reply.integer(rank)
  reply.double(set.score)
}
