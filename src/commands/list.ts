// The list commands: the table of all of them, and those that work on one list. Taking elements off, waiting for some
// included, is list-pop.ts; moving them from list to list list-move.ts; searching list-position.ts.

import { NO_SUCH_KEY, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { createList, findList, findListForWrite, push, type Side } from './list-access.ts'
import { listMoveCommands } from './list-move.ts'
import { listPopCommands } from './list-pop.ts'
import { listPositionCommands } from './list-position.ts'
import { fromStart } from './string-range.ts'

const INDEX_OUT_OF_RANGE = new ReplyError('ERR index out of range')

/** What the four pushing commands have in common. */
const PUSH = {
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  keys: oneKey('RW', 'insert'),
  syntax: 'key element [element ...]',
  complexity: 'O(1) for each element added',
  categories: ['list'],
} as const satisfies Partial<CommandDefinition>

const pushCommands: readonly CommandDefinition[] = [
  {
    ...PUSH,
    name: 'LPUSH',
    summary:
      'Adds elements at the head of a list, one before the other. Creates the list if it does not exist.',
    since: '1.0.0',
    history: [['2.4.0', 'Takes more than one element.']],
    run: (context) => pushAll(context, 'left', 'create'),
  },
  {
    ...PUSH,
    name: 'RPUSH',
    summary: 'Adds elements at the tail of a list. Creates the list if it does not exist.',
    since: '1.0.0',
    history: [['2.4.0', 'Takes more than one element.']],
    run: (context) => pushAll(context, 'right', 'create'),
  },
  {
    ...PUSH,
    name: 'LPUSHX',
    summary: 'Adds elements at the head of a list, if it exists.',
    since: '2.2.0',
    history: [['4.0.0', 'Takes more than one element.']],
    run: (context) => pushAll(context, 'left', 'existing'),
  },
  {
    ...PUSH,
    name: 'RPUSHX',
    summary: 'Adds elements at the tail of a list, if it exists.',
    since: '2.2.0',
    history: [['4.0.0', 'Takes more than one element.']],
    run: (context) => pushAll(context, 'right', 'existing'),
  },
]

const readingCommands: readonly CommandDefinition[] = [
  {
    name: 'LLEN',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO'),
    syntax: 'key',
    summary: 'Returns how many elements a list has.',
    since: '1.0.0',
    complexity: 'O(1)',
    categories: ['list'],
    run: (context) => context.reply.integer(findList(context, context.key(1))?.count ?? 0),
  },
  {
    name: 'LINDEX',
    arity: 3,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key index',
    summary: 'Returns the element with an index; a negative one counts from the tail.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements between the index and the nearer end',
    categories: ['list'],
    run: index,
  },
  {
    name: 'LRANGE',
    arity: 4,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key start stop',
    summary: 'Returns the elements between two indexes, both included.',
    since: '1.0.0',
    complexity:
      'O(S+N) where S is the number of elements between start and the nearer end and N the number of elements returned',
    categories: ['list'],
    run: range,
  },
]

const changingCommands: readonly CommandDefinition[] = [
  {
    name: 'LSET',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: oneKey('RW', 'update'),
    syntax: 'key index element',
    summary: 'Puts another element at an index.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements between the index and the nearer end',
    categories: ['list'],
    run: set,
  },
  {
    name: 'LINSERT',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: oneKey('RW', 'insert'),
    syntax: 'key <BEFORE | AFTER> pivot element',
    notes: { 'BEFORE | AFTER': 'where' },
    summary: 'Adds an element before or after the first one that is equal to another.',
    since: '2.2.0',
    complexity: 'O(N) where N is the number of elements before the one that is searched',
    categories: ['list'],
    run: insert,
  },
  {
    name: 'LREM',
    arity: 4,
    flags: ['write'],
    keys: oneKey('RW', 'delete'),
    syntax: 'key count element',
    summary:
      'Removes elements that are equal to one: the first so many, the last if the number is negative, all if it is 0.',
    since: '1.0.0',
    complexity: 'O(N+M) where N is the length of the list and M the number of elements removed',
    categories: ['list'],
    run: remove,
  },
  {
    name: 'LTRIM',
    arity: 4,
    flags: ['write'],
    keys: oneKey('RW', 'delete'),
    syntax: 'key start stop',
    summary: 'Removes all elements but those between two indexes, both included.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements removed',
    categories: ['list'],
    run: trim,
  },
]

export const listCommands: CommandFamily = {
  group: 'list',
  commands: [
    ...pushCommands,
    ...readingCommands,
    ...changingCommands,
    ...listPopCommands,
    ...listPositionCommands,
    ...listMoveCommands,
  ],
}

function pushAll(context: Context, side: Side, onto: 'create' | 'existing'): void {
  const { args, db, element, reply } = context
  const key = context.key(1)
  let list = findListForWrite(context, key)
  if (list === undefined) {
    if (onto === 'existing') {
      reply.integer(0)
      return
    }
    list = createList(context, key)
  }
  const { bytes, starts, lengths, count } = args
  let total = 0
  for (let i = 2; i < count; i++) total += lengths[i]!
  list.expect(total, count - 2)
  for (let i = 2; i < count; i++) push(list, side, element.point(bytes, starts[i]!, lengths[i]!))
  reply.integer(list.count)
  db.changed(key, side === 'left' ? 'lpush' : 'rpush', count - 2)
}

/** Redis: whether the index is a number is looked at only if the list exists. */
function index(context: Context): void {
  const { args, reply } = context
  const list = findList(context, context.key(1))
  if (list === undefined) reply.null()
  else if (list.seek(args.integer(2))) reply.bulk(list.read(context.element))
  else reply.null()
}

function range(context: Context): void {
  const { args, reply } = context
  const start = args.integer(2)
  const stop = args.integer(3)
  const list = findList(context, context.key(1))
  const length = list?.count ?? 0
  const from = fromStart(start, length)
  const count = Math.min(stop < 0 ? length + stop : stop, length - 1) - from + 1
  if (list === undefined || !(count > 0)) {
    reply.array(0)
    return
  }
  reply.array(count)
  list.emit(from, count, reply)
}

/** Redis: likewise. */
function set(context: Context): void {
  const { args, db, element, reply } = context
  const key = context.key(1)
  const list = findListForWrite(context, key)
  if (list === undefined) throw NO_SUCH_KEY
  const at = args.integer(2)
  const { count } = list
  if (at >= count || at < -count) throw INDEX_OUT_OF_RANGE
  list.expect(args.lengths[3]!, 1)
  list.seek(at)
  list.replace(element.point(args.bytes, args.starts[3]!, args.lengths[3]!))
  list.shrink()
  reply.ok()
  db.changed(key, 'lset')
}

function insert(context: Context): void {
  const { args, db, element, reply } = context
  const isBefore = args.is(2, 'BEFORE')
  if (!isBefore && !args.is(2, 'AFTER')) throw SYNTAX_ERROR
  const key = context.key(1)
  const list = findListForWrite(context, key)
  if (list === undefined) {
    reply.integer(0)
    return
  }
  list.expect(args.lengths[4]!, 1)
  list.seek(0)
  if (!list.find(element.point(args.bytes, args.starts[3]!, args.lengths[3]!))) {
    reply.integer(-1)
    return
  }
  element.point(args.bytes, args.starts[4]!, args.lengths[4]!)
  if (isBefore) list.insertBefore(element)
  else list.insertAfter(element)
  reply.integer(list.count)
  db.changed(key, 'linsert')
}

function remove(context: Context): void {
  const { args, db, element, reply } = context
  const count = args.integer(2)
  const key = context.key(1)
  const list = findListForWrite(context, key)
  if (list === undefined) {
    reply.integer(0)
    return
  }
  element.point(args.bytes, args.starts[3]!, args.lengths[3]!)
  const most = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count)
  const removed = count < 0 ? list.removeLast(element, most) : list.removeFirst(element, most)
  reply.integer(removed)
  if (removed === 0) return
  const isEmpty = list.count === 0
  if (isEmpty) db.detach(key, list.cell.ref)
  else list.shrink()
  db.changed(key, 'lrem', removed)
  if (isEmpty) db.changed(key, 'del', 0)
}

function trim(context: Context): void {
  const { args, db, reply } = context
  const start = args.integer(2)
  const stop = args.integer(3)
  const key = context.key(1)
  const list = findListForWrite(context, key)
  reply.ok()
  if (list === undefined) return
  const { count } = list
  const from = Math.min(fromStart(start, count), count)
  const to = Math.min(stop < 0 ? count + stop : stop, count - 1) + 1
  if (from >= to) {
    db.detach(key, list.cell.ref)
    db.changed(key, 'ltrim', count)
    db.changed(key, 'del', 0)
    return
  }
  list.removeRange(to, count - to)
  list.removeRange(0, from)
  list.shrink()
  db.changed(key, 'ltrim', count - (to - from))
}
