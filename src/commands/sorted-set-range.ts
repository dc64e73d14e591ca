// What returns or stores the members between two bounds: ZRANGE, its older forms, and ZRANGESTORE.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { keyAt, oneKey } from '../command/key-specs.ts'
import type { SortedSetValue } from '../types/sorted-set.ts'
import { type Range, type RangeKind, readRange, type Span, spanOf } from './sorted-set-bounds.ts'
import { memberHead, readSortedSet, replyMember, storeResult } from './sorted-set-store.ts'

const COMPLEXITY = 'O(log(N)+M) where N is the number of members and M that of the returned ones.'

export const sortedSetRangeCommands: readonly CommandDefinition[] = [
  {
    name: 'ZRANGE',
    arity: -4,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]',
    notes: {
      start: { type: 'string' },
      stop: { type: 'string' },
      'BYSCORE | BYLEX': { since: '6.2.0' },
      REV: { since: '6.2.0' },
      'LIMIT offset count': { since: '6.2.0' },
    },
    summary: 'Returns the members of a sorted set between two ranks, scores or members, in order.',
    since: '1.2.0',
    complexity: COMPLEXITY,
    categories: ['sortedset'],
    history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
    run: (context) => replyRange(context, undefined, undefined),
  },
  {
    name: 'ZREVRANGE',
    arity: -4,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key start stop [WITHSCORES]',
    summary: 'Returns the members of a sorted set between two ranks, the highest first.',
    since: '1.2.0',
    complexity: COMPLEXITY,
    categories: ['sortedset'],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
    run: (context) => replyRange(context, 'rank', 'descending'),
  },
  {
    name: 'ZRANGEBYSCORE',
    arity: -4,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key min max [WITHSCORES] [LIMIT offset count]',
    notes: { WITHSCORES: { since: '2.0.0' } },
    summary: 'Returns the members of a sorted set between two scores.',
    since: '1.0.5',
    complexity: COMPLEXITY,
    categories: ['sortedset'],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
    history: [['2.0.0', 'Added the `WITHSCORES` option.']],
    run: (context) => replyRange(context, 'score', 'ascending'),
  },
  {
    name: 'ZREVRANGEBYSCORE',
    arity: -4,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key max min [WITHSCORES] [LIMIT offset count]',
    summary: 'Returns the members of a sorted set between two scores, the highest first.',
    since: '2.2.0',
    complexity: COMPLEXITY,
    categories: ['sortedset'],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
    history: [['2.1.6', '`min` and `max` can be exclusive.']],
    run: (context) => replyRange(context, 'score', 'descending'),
  },
  {
    name: 'ZRANGEBYLEX',
    arity: -4,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key min max [LIMIT offset count]',
    notes: { min: { type: 'string' }, max: { type: 'string' } },
    summary: 'Returns the members of a sorted set between two members, where all scores are the same.',
    since: '2.8.9',
    complexity: COMPLEXITY,
    categories: ['sortedset'],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYLEX` argument' },
    run: (context) => replyRange(context, 'lex', 'ascending'),
  },
  {
    name: 'ZREVRANGEBYLEX',
    arity: -4,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key max min [LIMIT offset count]',
    notes: { min: { type: 'string' }, max: { type: 'string' } },
    summary:
      'Returns the members of a sorted set between two members, the highest first, where all scores are the same.',
    since: '2.8.9',
    complexity: COMPLEXITY,
    categories: ['sortedset'],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
    run: (context) => replyRange(context, 'lex', 'descending'),
  },
  {
    name: 'ZRANGESTORE',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    syntax: 'dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]',
    notes: { min: { type: 'string' }, max: { type: 'string' } },
    summary: 'Stores the members of a sorted set between two ranks, scores or members under another key.',
    since: '6.2.0',
    complexity: 'O(log(N)+M) where N is the number of members and M that of the stored ones.',
    categories: ['sortedset'],
    run: zrangestore,
  },
]

const LIMIT_WITHOUT_ORDER = new ReplyError(
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
)
const SCORES_OF_LEX = new ReplyError('ERR syntax error, WITHSCORES not supported in combination with BYLEX')

/** Where the options begin of commands that reply with the members, and of the one that stores them. */
const TELLING = 4
const STORING = 5

type Order = 'ascending' | 'descending'

interface RangeRequest {
  kind: RangeKind | undefined
  order: Order | undefined
  withScores: boolean
  offset: number
  /** Negative: all. */
  limit: number
}

function replyRange(context: Context, kind: RangeKind | undefined, order: Order | undefined): void {
  const { reply } = context
  const request = { kind, order, withScores: false, offset: 0, limit: -1 }
  readOptions(context, request, TELLING)
  const range = rangeOf(context, request, 2)
  const set = readSortedSet(context, context.key(1))
  if (set === undefined) {
    reply.array(0)
    return
  }
  const { first, count } = limited(spanOf(set, range, orderOf(request)), request)
  memberHead(context, count, request.withScores)
  const isAscending = orderOf(request) === 'ascending'
  let more = count > 0 && set.seek(isAscending ? first : first + count - 1)
  for (let left = count; left > 0 && more; left--) {
    replyMember(context, set, request.withScores)
    if (left > 1) more = isAscending ? set.next() : set.previous()
  }
}

function zrangestore(context: Context): void {
  const { db, reply, sortedSets } = context
  const request = { kind: undefined, order: undefined, withScores: false, offset: 0, limit: -1 }
  readOptions(context, request, STORING)
  const range = rangeOf(context, request, 3)
  const set = readSortedSet(context, context.key(2))
  const result = sortedSets.result.begin(db.table.entries)
  if (set !== undefined) {
    const { first, count } = limited(spanOf(set, range, orderOf(request)), request)
    gather(set, first, count, result)
  }
  reply.integer(storeResult(context, context.key(1), 'zrangestore'))
}

function gather(
  set: SortedSetValue,
  first: number,
  count: number,
  result: Context['sortedSets']['result'],
): void {
  let more = count > 0 && set.seek(first)
  for (let left = count; left > 0 && more; left--) {
    const { member } = set
    result.addNew(member, set.score)
    more = set.next()
  }
  result.settle()
}

/** The options that begin at an index. ZRANGE and ZRANGESTORE, whose kind and order are open, take more of them. */
function readOptions({ args }: Context, request: RangeRequest, from: number): void {
  const { kind, order } = request
  let hasLimit = false
  for (let i = from; i < args.count; i++) {
    if (from === TELLING && args.is(i, 'WITHSCORES')) request.withScores = true
    else if (args.is(i, 'LIMIT') && i + 2 < args.count) {
      request.offset = args.integer(i + 1)
      request.limit = args.integer(i + 2)
      hasLimit = true
      i += 2
    } else if (order === undefined && request.order === undefined && args.is(i, 'REV')) {
      request.order = 'descending'
    } else if (kind === undefined && request.kind === undefined && args.is(i, 'BYSCORE')) {
      request.kind = 'score'
    } else if (kind === undefined && request.kind === undefined && args.is(i, 'BYLEX')) {
      request.kind = 'lex'
    } else throw SYNTAX_ERROR
  }
  request.kind ??= 'rank'
  // Redis: a limit of -1 is none, also where it would not be allowed.
  if (hasLimit && request.limit !== -1 && request.kind === 'rank') throw LIMIT_WITHOUT_ORDER
  if (request.withScores && request.kind === 'lex') throw SCORES_OF_LEX
}

function orderOf({ order }: RangeRequest): Order {
  return order ?? 'ascending'
}

/** The range whose bounds are the arguments at an index and the next: in descending order of scores the higher first. */
function rangeOf({ args }: Context, request: RangeRequest, index: number): Range {
  const kind = request.kind ?? 'rank'
  const isSwapped = kind !== 'rank' && orderOf(request) === 'descending'
  return isSwapped ? readRange(args, kind, index + 1, index) : readRange(args, kind, index, index + 1)
}

/** What LIMIT leaves of a span. */
function limited({ first, count }: Span, { kind, order, offset, limit }: RangeRequest): Span {
  if (kind === 'rank') return { first, count }
  // Redis: a negative offset is beyond the end.
  const rest = offset < 0 || offset >= count ? 0 : count - offset
  const taken = limit < 0 ? rest : Math.min(limit, rest)
  return { first: order === 'descending' ? first + rest - taken : first + offset, count: taken }
}
