// LPOS: where in a list an element is.

import { NOT_AN_INTEGER, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { findList } from './list-access.ts'

const RANK_ZERO = new ReplyError(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
)
const RANK_OUT_OF_RANGE = new ReplyError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
)
const NEGATIVE_COUNT = new ReplyError("ERR COUNT can't be negative")
const NEGATIVE_LENGTH = new ReplyError("ERR MAXLEN can't be negative")
const SMALLEST = -(2n ** 63n)

export const listPositionCommands: readonly CommandDefinition[] = [
  {
    name: 'LPOS',
    arity: -3,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key element [RANK rank] [COUNT num-matches] [MAXLEN len]',
    summary: 'Returns the indexes at which a list has an element.',
    since: '6.0.6',
    complexity: 'O(N) where N is the number of elements that are looked at',
    categories: ['list'],
    run: positions,
  },
]

interface Search {
  /** The first match that counts, from the tail if negative. */
  rank: number
  /** Matches wanted, 0 for all; -1: one, and not as an array. */
  count: number
  /** Elements to look at. */
  limit: number
}

function readSearch(args: Arguments): Search {
  const search: Search = { rank: 1, count: -1, limit: Number.POSITIVE_INFINITY }
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) throw SYNTAX_ERROR
    if (args.is(i, 'RANK')) {
      search.rank = args.integer(i + 1, NOT_AN_INTEGER)
      if (search.rank === 0) throw RANK_ZERO
      if (search.rank < 0 && args.int64(i + 1) === SMALLEST) throw RANK_OUT_OF_RANGE
    } else if (args.is(i, 'COUNT')) {
      search.count = args.integer(i + 1, NEGATIVE_COUNT)
      if (search.count < 0) throw NEGATIVE_COUNT
    } else if (args.is(i, 'MAXLEN')) {
      search.limit = args.integer(i + 1, NEGATIVE_LENGTH)
      if (search.limit < 0) throw NEGATIVE_LENGTH
      if (search.limit === 0) search.limit = Number.POSITIVE_INFINITY
    } else throw SYNTAX_ERROR
  }
  return search
}

function positions(context: Context): void {
  const { args, element, reply } = context
  const search = readSearch(args)
  const list = findList(context, context.key(1))
  const isArray = search.count >= 0
  if (list === undefined) {
    if (isArray) reply.array(0)
    else reply.null()
    return
  }
  element.point(args.bytes, args.starts[2]!, args.lengths[2]!)
  const isBackward = search.rank < 0
  const head = isArray ? reply.openArray() : 0
  const wanted = isArray ? search.count || Number.POSITIVE_INFINITY : 1
  let found = 0
  let toSkip = Math.abs(search.rank) - 1
  let isThere = list.seek(isBackward ? -1 : 0)
  for (let passed = 0; isThere && passed < search.limit && found < wanted; passed++) {
    if (list.equals(element) && toSkip-- <= 0) {
      found++
      reply.integer(isBackward ? list.count - 1 - passed : passed)
    }
    isThere = isBackward ? list.previous() : list.next()
  }
  if (isArray) reply.closeArray(head, found)
  else if (found === 0) reply.null()
}
