// What takes members out of sorted sets, or waits until there are some: BZPOPMIN, BZPOPMAX and BZMPOP.

import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { countedKeys, keysBeforeLast } from '../command/key-specs.ts'
import { readDeadline } from '../command/timeout.ts'
import { SORTED_SET } from '../types/value-type.ts'
import { type End, popFirst, popMembers, readMultiplePop } from './sorted-set-pop.ts'
import { changeSortedSet } from './sorted-set-store.ts'

const BLOCKING_POP = {
  arity: -3,
  flags: ['write', 'fast', 'blocking'],
  keys: keysBeforeLast('RW', 'access', 'delete'),
  syntax: 'key [key ...] timeout',
  notes: { timeout: { type: 'double' } },
  since: '5.0.0',
  complexity: 'O(log(N)) where N is the number of members.',
  categories: ['sortedset'],
  history: [['6.0.0', 'The time-out may have a fraction.']],
} as const satisfies Partial<CommandDefinition>

export const sortedSetWaitCommands: readonly CommandDefinition[] = [
  {
    ...BLOCKING_POP,
    name: 'BZPOPMIN',
    summary:
      'Removes the lowest member of the first of several sorted sets that has members, or waits for one.',
    run: (context) => popOrWait(context, 'min'),
  },
  {
    ...BLOCKING_POP,
    name: 'BZPOPMAX',
    summary:
      'Removes the highest member of the first of several sorted sets that has members, or waits for one.',
    run: (context) => popOrWait(context, 'max'),
  },
  {
    name: 'BZMPOP',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [countedKeys(2, 'RW', 'access', 'delete')],
    syntax: 'timeout numkeys key [key ...] <MIN | MAX> [COUNT count]',
    notes: { timeout: { type: 'double' } },
    summary: 'Removes members of the first of several sorted sets that has some, or waits until one has.',
    since: '7.0.0',
    complexity:
      'O(K)+O(log(N)+M) where K is the number of keys, N that of the members and M that of the removed ones.',
    categories: ['sortedset'],
    run: popFirstOrWait,
  },
]

function popOrWait(context: Context, end: End): void {
  const { args, effects, reply } = context
  const last = args.count - 1
  const deadline = readDeadline(args, last, context.now)
  for (let i = 1; i < last; i++) {
    const key = context.key(i)
    if (changeSortedSet(context, key) === undefined) continue
    reply.array(3)
    reply.bulk(args.slice(i))
    popMembers(context, key, { end, count: 1, isPaired: false })
    if (effects.isWanted) effects.replaceWith(end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', args.copy(i))
    return
  }
  wait(context, 1, last, deadline)
}

function popFirstOrWait(context: Context): void {
  const wanted = readMultiplePop(context, 2)
  const deadline = readDeadline(context.args, 1, context.now)
  if (!popFirst(context, wanted)) wait(context, wanted.from, wanted.to, deadline)
}

/** For the keys that are the arguments from..to-1. */
function wait(context: Context, from: number, to: number, deadline: number): void {
  if (context.deniesBlocking) context.reply.nullArray()
  else context.block({ type: SORTED_SET, firstKey: from, keyCount: to - from, deadline })
}
