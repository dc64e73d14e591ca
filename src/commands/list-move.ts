// Moving an element from one end of a list to one end of another, or of the same; and waiting for there to be one.

import { WRONG_TYPE } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { keyAt } from '../command/key-specs.ts'
import { readDeadline } from '../command/timeout.ts'
import type { Element } from '../memory/element.ts'
import { copyBytes } from '../memory/slice.ts'
import { EMPTY_LIST_BYTES, type ListValue } from '../types/list.ts'
import { LIST, LIST_LISTPACK } from '../types/value-type.ts'
import { findListForWrite, push, readSide, type Side, takeOff } from './list-access.ts'

const MOVE = {
  flags: ['write', 'denyoom'],
  keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
  complexity: 'O(1)',
  categories: ['list'],
} as const satisfies Partial<CommandDefinition>

const SIDES = '<LEFT | RIGHT> <LEFT | RIGHT>'
const SIDE_NAMES = { 'LEFT | RIGHT': ['wherefrom', 'whereto'] } as const

export const listMoveCommands: readonly CommandDefinition[] = [
  {
    ...MOVE,
    name: 'LMOVE',
    arity: 5,
    syntax: `source destination ${SIDES}`,
    notes: SIDE_NAMES,
    summary: 'Moves an element from one end of a list to one end of another, and returns it.',
    since: '6.2.0',
    run: (context) => {
      const from = readSide(context.args, 3)
      if (!move(context, from, readSide(context.args, 4))) context.reply.null()
    },
  },
  {
    ...MOVE,
    name: 'RPOPLPUSH',
    arity: 3,
    syntax: 'source destination',
    summary: 'Moves the tail of a list to the head of another, and returns it.',
    since: '1.2.0',
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with `RIGHT` and `LEFT`' },
    run: (context) => {
      if (!move(context, 'right', 'left')) context.reply.null()
    },
  },
  {
    ...MOVE,
    name: 'BLMOVE',
    arity: 6,
    flags: ['write', 'denyoom', 'blocking'],
    syntax: `source destination ${SIDES} timeout`,
    notes: { ...SIDE_NAMES, timeout: { type: 'double' } },
    summary: 'Moves an element from one end of a list to one end of another, or waits until there is one.',
    since: '6.2.0',
    run: moveOrWait,
  },
  {
    ...MOVE,
    name: 'BRPOPLPUSH',
    arity: 4,
    flags: ['write', 'denyoom', 'blocking'],
    syntax: 'source destination timeout',
    notes: { timeout: { type: 'double' } },
    summary: 'Moves the tail of a list to the head of another, or waits until there is one.',
    since: '2.2.0',
    deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with `RIGHT` and `LEFT`' },
    history: [['6.0.0', 'The time-out may have a fraction.']],
    run: popPushOrWait,
  },
]

function moveOrWait(context: Context): void {
  const { args, effects } = context
  const from = readSide(args, 3)
  const to = readSide(args, 4)
  const deadline = readDeadline(args, 5, context.now)
  if (!move(context, from, to)) wait(context, deadline)
  else if (effects.isWanted) {
    effects.replaceWith('LMOVE', args.copy(1), args.copy(2), args.copy(3), args.copy(4))
  }
}

function popPushOrWait(context: Context): void {
  const { args, effects } = context
  const deadline = readDeadline(args, 3, context.now)
  if (!move(context, 'right', 'left')) wait(context, deadline)
  else if (effects.isWanted) effects.replaceWith('RPOPLPUSH', args.copy(1), args.copy(2))
}

/** Redis: what may not wait gets another null here than what has waited in vain. */
function wait(context: Context, deadline: number): void {
  if (context.deniesBlocking) context.reply.null()
  else context.block({ type: LIST, firstKey: 1, keyCount: 1, deadline })
}

/** False if there is no list to take from. */
function move(context: Context, from: Side, to: Side): boolean {
  const { db, element, reply } = context
  const key = context.key(1)
  const list = findListForWrite(context, key)
  if (list === undefined) return false
  const otherKey = context.otherKey(2)
  const otherEntry = db.findForWrite(otherKey)
  if (otherEntry !== ABSENT && db.typeOf(otherEntry) !== LIST) throw WRONG_TYPE
  list.seek(from === 'left' ? 0 : -1)
  takeAside(list.read(element))
  reply.bulk(element)
  const event = to === 'left' ? 'lpush' : 'rpush'
  if (otherKey.equals(key)) {
    rotate(list, element, from, to)
    // Redis: a move counts as one change.
    db.changed(key, event, 0)
    db.changed(key, from === 'left' ? 'lpop' : 'rpop')
    return true
  }
  const other = openOther(context, otherEntry)
  other.expect(element.length, 1)
  push(other, to, element)
  db.changed(otherKey, event, 0)
  takeOff(context, key, list, from, 1)
  return true
}

function openOther(context: Context, entry: number): ListValue {
  const { db, otherCell, otherList } = context
  const key = context.otherKey(2)
  if (entry !== ABSENT) return otherList.open(db.hold(otherCell, key, entry))
  return otherList.create(db.putCell(otherCell, key, LIST, LIST_LISTPACK, EMPTY_LIST_BYTES))
}

function rotate(list: ListValue, element: Element, from: Side, to: Side): void {
  list.removeRange(from === 'left' ? 0 : list.count - 1, 1)
  list.expect(element.length, 1)
  push(list, to, element)
  list.shrink()
}

const aside = new Uint8Array(4096)

/** Points an element at a copy of its bytes: where it is now, a list is about to change. */
function takeAside(element: Element): void {
  const { bytes, start, length } = element
  const room = length <= aside.length ? aside : new Uint8Array(length)
  copyBytes(bytes, start, room, 0, length)
  element.point(room, 0, length)
}
