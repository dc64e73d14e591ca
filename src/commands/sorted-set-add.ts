// ZADD with its options, and ZINCRBY.

import { parseDouble } from '../base/doubles.ts'
import { NOT_A_FLOAT, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { SortedSetValue } from '../types/sorted-set.ts'
import { changeSortedSet, createSortedSet } from './sorted-set-store.ts'

export const sortedSetAddCommands: readonly CommandDefinition[] = [
  {
    name: 'ZADD',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: 'key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]',
    notes: {
      'NX | XX': { since: '3.0.2' },
      'GT | LT': { since: '6.2.0' },
      CH: { since: '3.0.2' },
      INCR: { since: '3.0.2' },
      score: { type: 'double' },
    },
    summary: 'Adds members with scores to a sorted set, or changes the scores of those that are there.',
    since: '1.2.0',
    complexity: 'O(log(N)) for each member, where N is the number of members.',
    categories: ['sortedset'],
    history: [
      ['2.4.0', 'Several members may be given.'],
      ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'],
      ['6.2.0', 'Added the `GT` and `LT` options.'],
    ],
    run: zadd,
  },
  {
    name: 'ZINCRBY',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: 'key increment member',
    summary: 'Adds to the score of a member of a sorted set. A member that is not there counts as 0.',
    since: '1.2.0',
    complexity: 'O(log(N)) where N is the number of members.',
    categories: ['sortedset'],
    run: zincrby,
  },
]

const NX_AND_XX = new ReplyError('ERR XX and NX options at the same time are not compatible')
const GT_LT_NX = new ReplyError('ERR GT, LT, and/or NX options at the same time are not compatible')
const ONE_PAIR = new ReplyError('ERR INCR option supports a single increment-element pair')
const NOT_A_NUMBER = new ReplyError('ERR resulting score is not a number (NaN)')

const NX = 1
const XX = 2
const GT = 4
const LT = 8
const CH = 16
const INCR = 32

/** The first letter, A: signs, digits and points are lower. */
const LETTERS = 0x41

/** The option that an argument is; 0 if it is none. */
function optionAt(args: Arguments, index: number): number {
  // Nearly always a number comes, which this tells from a word.
  if (args.bytes[args.starts[index]!]! < LETTERS) return 0
  if (args.is(index, 'NX')) return NX
  if (args.is(index, 'XX')) return XX
  if (args.is(index, 'GT')) return GT
  if (args.is(index, 'LT')) return LT
  if (args.is(index, 'CH')) return CH
  return args.is(index, 'INCR') ? INCR : 0
}

function zadd(context: Context): void {
  const { args } = context
  let options = 0
  let first = 2
  for (; first < args.count; first++) {
    const option = optionAt(args, first)
    if (option === 0) break
    options |= option
  }
  const words = args.count - first
  if (words === 0 || words % 2 !== 0) throw SYNTAX_ERROR
  if ((options & NX) !== 0 && (options & XX) !== 0) throw NX_AND_XX
  const exclusive = Number((options & NX) !== 0) + Number((options & GT) !== 0) + Number((options & LT) !== 0)
  if (exclusive > 1) throw GT_LT_NX
  if ((options & INCR) !== 0 && words > 2) throw ONE_PAIR
  addPairs(context, options, first)
}

function addPairs(context: Context, options: number, first: number): void {
  const { args, db, reply, sortedSets } = context
  const pairs = (args.count - first) / 2
  const scores = sortedSets.scoresFor(pairs)
  for (let pair = 0; pair < pairs; pair++) scores[pair] = scoreAt(args, first + 2 * pair)
  if ((options & INCR) !== 0) {
    increase(context, options, scores[0]!, first + 1)
    return
  }
  const key = context.key(1)
  let set = changeSortedSet(context, key)
  if (set === undefined) {
    if ((options & XX) !== 0) {
      reply.integer(0)
      return
    }
    set = createSortedSet(context, key)
    // Redis: of the members only the first is looked at here.
    set.expect(pairs, args.lengths[first + 1]!)
  } else set.expect(pairs, 0)
  const before = set.count
  const rescored =
    pairs === 1 ? put(set, args, first + 1, scores[0]!, options) : putAll(set, args, first, scores, options)
  const added = set.count - before
  if (added + rescored > 0) db.changed(key, 'zadd', added + rescored)
  reply.integer((options & CH) !== 0 ? added + rescored : added)
}

/** Adds several members; returns how many scores have changed. */
function putAll(
  set: SortedSetValue,
  args: Arguments,
  first: number,
  scores: Float64Array,
  options: number,
): number {
  let bytes = 0
  for (let i = first + 1; i < args.count; i += 2) bytes += args.lengths[i]!
  set.reserve((args.count - first) / 2, bytes)
  let rescored = 0
  for (let i = first + 1, pair = 0; i < args.count; i += 2, pair++) {
    rescored += put(set, args, i, scores[pair]!, options)
  }
  set.settle()
  return rescored
}

/** Adds a member, or changes its score, as far as the options let it; 1 if it was there and has another score now. */
function put(set: SortedSetValue, args: Arguments, index: number, score: number, options: number): number {
  const member = args.slice(index)
  if (!set.find(member)) {
    if ((options & XX) === 0) set.add(member, score)
    return 0
  }
  if ((options & NX) !== 0) return 0
  const old = set.score
  if (score === old || isHeldBack(old, score, options)) return 0
  set.setScore(member, score)
  return 1
}

function isHeldBack(old: number, score: number, options: number): boolean {
  return ((options & GT) !== 0 && score <= old) || ((options & LT) !== 0 && score >= old)
}

function zincrby(context: Context): void {
  increase(context, 0, scoreAt(context.args, 2), 3)
}

/** Adds to the score of a member and replies with the sum; with null if the options prevent it. */
function increase(context: Context, options: number, increment: number, index: number): void {
  const { args, db, reply } = context
  const key = context.key(1)
  const member = args.slice(index)
  const set = changeSortedSet(context, key)
  if (set === undefined || !set.find(member)) {
    if ((options & XX) !== 0) {
      reply.null()
      return
    }
    addNew(context, set, index, increment)
    db.changed(key, 'zincr')
    reply.double(increment)
    return
  }
  const old = set.score
  const sum = old + increment
  if ((options & NX) !== 0) {
    reply.null()
    return
  }
  if (Number.isNaN(sum)) throw NOT_A_NUMBER
  if (isHeldBack(old, sum, options)) {
    reply.null()
    return
  }
  if (sum !== old) {
    set.setScore(member, sum)
    db.changed(key, 'zincr')
  }
  reply.double(sum)
}

/** Adds a member to a set that has just not found it, or to one that is still to be made. */
function addNew(context: Context, found: SortedSetValue | undefined, index: number, score: number): void {
  const { args } = context
  const member = args.slice(index)
  let set = found
  if (set === undefined) {
    set = createSortedSet(context, context.key(1))
    set.expect(1, member.length)
    set.find(member)
  }
  set.add(member, score)
}

function scoreAt(args: Arguments, index: number): number {
  const score = parseDouble(args.bytes, args.starts[index]!, args.lengths[index]!)
  if (score === undefined) throw NOT_A_FLOAT
  return score
}
