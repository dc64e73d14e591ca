// Taking elements off the ends of lists: LPOP, RPOP and LMPOP; and those that wait for a list to have some.

import { NOT_POSITIVE, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { countedKeys, keysBeforeLast, oneKey } from '../command/key-specs.ts'
import { readDeadline } from '../command/timeout.ts'
import type { ListValue } from '../types/list.ts'
import { LIST } from '../types/value-type.ts'
import { findListForWrite, readSide, replyFrom, type Side, takeOff } from './list-access.ts'

const BAD_KEY_COUNT = new ReplyError('ERR numkeys should be greater than 0')
const BAD_COUNT = new ReplyError('ERR count should be greater than 0')
const WRONG_ARITY = {
  left: new ReplyError("ERR wrong number of arguments for 'lpop' command"),
  right: new ReplyError("ERR wrong number of arguments for 'rpop' command"),
}

const POP = {
  arity: -2,
  flags: ['write', 'fast'],
  keys: oneKey('RW', 'access', 'delete'),
  syntax: 'key [count]',
  notes: { count: { since: '6.2.0' } },
  since: '1.0.0',
  complexity: 'O(N) where N is the number of elements returned',
  categories: ['list'],
  history: [['6.2.0', 'Takes the number of elements.']],
} as const satisfies Partial<CommandDefinition>

const BLOCKING_POP = {
  arity: -3,
  flags: ['write', 'blocking'],
  keys: keysBeforeLast('RW', 'access', 'delete'),
  syntax: 'key [key ...] timeout',
  notes: { timeout: { type: 'double' } },
  since: '2.0.0',
  complexity: 'O(N) where N is the number of keys',
  categories: ['list'],
  history: [['6.0.0', 'The time-out may have a fraction.']],
} as const satisfies Partial<CommandDefinition>

const SIDES = '<LEFT | RIGHT>'

export const listPopCommands: readonly CommandDefinition[] = [
  {
    ...POP,
    name: 'LPOP',
    summary:
      'Removes elements from the head of a list and returns them. Deletes the list with its last element.',
    run: (context) => pop(context, 'left'),
  },
  {
    ...POP,
    name: 'RPOP',
    summary:
      'Removes elements from the tail of a list and returns them. Deletes the list with its last element.',
    run: (context) => pop(context, 'right'),
  },
  {
    name: 'LMPOP',
    arity: -4,
    flags: ['write'],
    keys: [countedKeys(1, 'RW', 'access', 'delete')],
    syntax: `numkeys key [key ...] ${SIDES} [COUNT count]`,
    notes: { 'LEFT | RIGHT': 'where' },
    summary: 'Removes elements from the first of several lists that has some, and returns them with its key.',
    since: '7.0.0',
    complexity: 'O(N+M) where N is the number of keys and M the number of elements returned',
    categories: ['list'],
    run: popFromFirst,
  },
  {
    ...BLOCKING_POP,
    name: 'BLPOP',
    summary: 'Removes the head of the first of several lists that has elements, or waits until one has.',
    run: (context) => popOrWait(context, 'left'),
  },
  {
    ...BLOCKING_POP,
    name: 'BRPOP',
    summary: 'Removes the tail of the first of several lists that has elements, or waits until one has.',
    run: (context) => popOrWait(context, 'right'),
  },
  {
    name: 'BLMPOP',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [countedKeys(2, 'RW', 'access', 'delete')],
    syntax: `timeout numkeys key [key ...] ${SIDES} [COUNT count]`,
    notes: { timeout: { type: 'double' }, 'LEFT | RIGHT': 'where' },
    summary: 'Removes elements from the first of several lists that has some, or waits until one has.',
    since: '7.0.0',
    complexity: 'O(N+M) where N is the number of keys and M the number of elements returned',
    categories: ['list'],
    run: popFromFirstOrWait,
  },
]

function pop(context: Context, side: Side): void {
  const { args, reply } = context
  if (args.count > 3) throw WRONG_ARITY[side]
  const hasCount = args.count === 3
  const count = hasCount ? args.integer(2, NOT_POSITIVE) : 1
  if (count < 0) throw NOT_POSITIVE
  const key = context.key(1)
  const list = findListForWrite(context, key)
  if (list === undefined) {
    if (hasCount) reply.nullArray()
    else reply.null()
    return
  }
  const taken = Math.min(count, list.count)
  if (hasCount) reply.array(taken)
  if (taken === 0) return
  replyFrom(context, list, side, taken)
  takeOff(context, key, list, side, taken)
}

function popOrWait(context: Context, side: Side): void {
  const { args, effects, reply } = context
  const last = args.count - 1
  const deadline = readDeadline(args, last, context.now)
  for (let i = 1; i < last; i++) {
    const key = context.key(i)
    const list = findListForWrite(context, key)
    if (list === undefined) continue
    reply.array(2)
    reply.bulk(args.slice(i))
    replyFrom(context, list, side, 1)
    takeOff(context, key, list, side, 1)
    if (effects.isWanted) effects.replaceWith(side === 'left' ? 'LPOP' : 'RPOP', args.copy(i))
    return
  }
  if (context.deniesBlocking) reply.nullArray()
  else context.block({ type: LIST, firstKey: 1, keyCount: last - 1, deadline })
}

interface MultiplePop {
  readonly firstKey: number
  readonly keyCount: number
  readonly side: Side
  readonly count: number
}

/** `numkeys key [key ...] LEFT|RIGHT [COUNT count]`, from an index on. */
function readMultiplePop(args: Arguments, index: number): MultiplePop {
  const keyCount = args.integer(index, BAD_KEY_COUNT)
  if (keyCount < 1) throw BAD_KEY_COUNT
  const firstKey = index + 1
  const sideAt = firstKey + keyCount
  if (sideAt >= args.count) throw SYNTAX_ERROR
  const side = readSide(args, sideAt)
  if (args.count === sideAt + 1) return { firstKey, keyCount, side, count: 1 }
  if (!args.is(sideAt + 1, 'COUNT') || args.count === sideAt + 2) throw SYNTAX_ERROR
  const count = args.integer(sideAt + 2, BAD_COUNT)
  if (count < 1) throw BAD_COUNT
  if (args.count > sideAt + 3) throw SYNTAX_ERROR
  return { firstKey, keyCount, side, count }
}

function popFromFirst(context: Context): void {
  if (!popMultiple(context, readMultiplePop(context.args, 1))) context.reply.nullArray()
}

function popFromFirstOrWait(context: Context): void {
  const { args, reply } = context
  const wanted = readMultiplePop(args, 2)
  const deadline = readDeadline(args, 1, context.now)
  if (popMultiple(context, wanted)) return
  const { firstKey, keyCount } = wanted
  if (context.deniesBlocking) reply.nullArray()
  else context.block({ type: LIST, firstKey, keyCount, deadline })
}

/** False if none of the lists exists. */
function popMultiple(context: Context, { firstKey, keyCount, side, count }: MultiplePop): boolean {
  const { args, effects, reply } = context
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    const key = context.key(i)
    const list: ListValue | undefined = findListForWrite(context, key)
    if (list === undefined) continue
    const taken = Math.min(count, list.count)
    reply.array(2)
    reply.bulk(args.slice(i))
    reply.array(taken)
    replyFrom(context, list, side, taken)
    takeOff(context, key, list, side, taken)
    if (effects.isWanted) effects.replaceWith(side === 'left' ? 'LPOP' : 'RPOP', args.copy(i), `${taken}`)
    return true
  }
  return false
}
