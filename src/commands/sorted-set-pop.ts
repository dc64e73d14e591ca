// What takes the lowest or highest members out of a sorted set: ZPOPMIN, ZPOPMAX and ZMPOP.

import { NOT_POSITIVE, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { countedKeys, oneKey } from '../command/key-specs.ts'
import type { Key } from '../memory/key.ts'
import { changeSortedSet, membersRemoved } from './sorted-set-store.ts'

export const sortedSetPopCommands: readonly CommandDefinition[] = [
  {
    name: 'ZPOPMIN',
    arity: -2,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'access', 'delete'),
    syntax: 'key [count]',
    summary: 'Removes the lowest members of a sorted set and returns them. A key without members goes.',
    since: '5.0.0',
    complexity: 'O(log(N)+M) where N is the number of members and M that of the removed ones.',
    categories: ['sortedset'],
    run: (context) => pop(context, 'min'),
  },
  {
    name: 'ZPOPMAX',
    arity: -2,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'access', 'delete'),
    syntax: 'key [count]',
    summary: 'Removes the highest members of a sorted set and returns them. A key without members goes.',
    since: '5.0.0',
    complexity: 'O(log(N)+M) where N is the number of members and M that of the removed ones.',
    categories: ['sortedset'],
    run: (context) => pop(context, 'max'),
  },
  {
    name: 'ZMPOP',
    arity: -4,
    flags: ['write'],
    keys: [countedKeys(1, 'RW', 'access', 'delete')],
    syntax: 'numkeys key [key ...] <MIN | MAX> [COUNT count]',
    summary: 'Removes the lowest or highest members of the first of several sorted sets that is there.',
    since: '7.0.0',
    complexity:
      'O(K)+O(log(N)+M) where K is the number of keys, N that of the members and M that of the removed ones.',
    categories: ['sortedset'],
    run: zmpop,
  },
]

const NO_KEYS = new ReplyError('ERR numkeys should be greater than 0')
const NO_COUNT = new ReplyError('ERR count should be greater than 0')

export type End = 'min' | 'max'

function pop(context: Context, end: End): void {
  const { args, reply } = context
  context.noMore(3)
  const hasCount = args.count === 3
  const wanted = hasCount ? args.integer(2, NOT_POSITIVE) : 1
  if (wanted < 0) throw NOT_POSITIVE
  const key = context.key(1)
  const set = changeSortedSet(context, key)
  const count = Math.min(wanted, set?.count ?? 0)
  // Redis: pairs only with RESP3, and only where there may be several.
  const isPaired = hasCount && reply.protocol === 3
  reply.array(isPaired ? count : count * 2)
  if (count > 0) popMembers(context, key, { end, count, isPaired })
}

export interface Pop {
  readonly end: End
  /** At least 1, and no more than there are. */
  readonly count: number
  /** Whether each member and its score are an array of their own. */
  readonly isPaired: boolean
}

/** Removes members from the set that was opened to be changed, and replies with each and its score; no head. */
export function popMembers(context: Context, key: Key, { end, count, isPaired }: Pop): void {
  const { reply, sortedSets } = context
  const set = sortedSets.value
  const first = end === 'min' ? 0 : set.count - count
  let more = set.seek(end === 'min' ? 0 : set.count - 1)
  for (let left = count; left > 0 && more; left--) {
    if (isPaired) reply.array(2)
    reply.bulk(set.member)
    reply.double(set.score)
    if (left > 1) more = end === 'min' ? set.next() : set.previous()
  }
  set.removeRange(first, first + count)
  membersRemoved(context, key, end === 'min' ? 'zpopmin' : 'zpopmax', count)
}

export interface MultiplePop {
  /** The keys are the arguments from..to-1. */
  readonly from: number
  readonly to: number
  readonly end: End
  readonly count: number
}

function zmpop(context: Context): void {
  if (!popFirst(context, readMultiplePop(context, 1))) context.reply.nullArray()
}

/** Reads `numkeys key [key ...] <MIN | MAX> [COUNT count]`, which begins at an index. */
export function readMultiplePop({ args }: Context, index: number): MultiplePop {
  const keys = args.integer(index, NO_KEYS)
  if (keys < 1) throw NO_KEYS
  const from = index + 1
  const to = from + keys
  if (to >= args.count) throw SYNTAX_ERROR
  const isMin = args.is(to, 'MIN')
  if (!isMin && !args.is(to, 'MAX')) throw SYNTAX_ERROR
  let count = 0
  for (let i = to + 1; i < args.count; i += 2) {
    if (count > 0 || !args.is(i, 'COUNT') || i + 1 === args.count) throw SYNTAX_ERROR
    count = args.integer(i + 1, NO_COUNT)
    if (count < 1) throw NO_COUNT
  }
  return { from, to, end: isMin ? 'min' : 'max', count: Math.max(1, count) }
}

/** Pops from the first of the keys that holds a sorted set, and replies with key and members; false if there is none. */
export function popFirst(context: Context, { from, to, end, count: wanted }: MultiplePop): boolean {
  const { args, effects, reply } = context
  for (let i = from; i < to; i++) {
    const key = context.key(i)
    const set = changeSortedSet(context, key)
    if (set === undefined) continue
    const count = Math.min(wanted, set.count)
    reply.array(2)
    reply.bulk(args.slice(i))
    reply.array(count)
    popMembers(context, key, { end, count, isPaired: true })
    if (effects.isWanted) effects.replaceWith(end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', args.copy(i), `${count}`)
    return true
  }
  return false
}
