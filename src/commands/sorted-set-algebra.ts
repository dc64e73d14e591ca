// Commands that combine whole sorted sets, and sets, whose members all have the score 1: ZUNION, ZINTER, ZDIFF, what
// stores their results, and ZINTERCARD.

import { parseDouble } from '../base/doubles.ts'
import { ReplyError, SYNTAX_ERROR, WRONG_TYPE } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { countedKeys, keyAt } from '../command/key-specs.ts'
import {
  type Aggregate,
  countCommon,
  type Input,
  intersect,
  subtract,
  unite,
} from '../types/sorted-set-algebra.ts'
import type { ScoredSource } from '../types/sources.ts'
import { SET, SORTED_SET } from '../types/value-type.ts'
import { dropResult, memberHead, replyMember, storeResult } from './sorted-set-store.ts'

const OF_UNION = 'O(N)+O(M*log(M)) where N is the number of members of all sets and M that of the result.'
const OF_INTERSECTION =
  'O(N*K)+O(M*log(M)) at worst, where N is the number of members of the smallest set, K the number of sets and M that of the members of the result.'
const OF_DIFFERENCE =
  'O(N*K)+O(M*log(M)) at worst, where N is the number of members of the first set, K the number of sets and M that of the members of the result.'
const COMBINING = 'numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]'

export const sortedSetAlgebraCommands: readonly CommandDefinition[] = [
  {
    name: 'ZUNION',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO', 'access')],
    syntax: `${COMBINING} [WITHSCORES]`,
    summary: 'Returns the members that any of the sorted sets has, with the sums of their scores if wanted.',
    since: '6.2.0',
    complexity: OF_UNION,
    categories: ['sortedset'],
    run: (context) => tell(context, 'union'),
  },
  {
    name: 'ZUNIONSTORE',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), countedKeys(2, 'RO', 'access')],
    syntax: `destination ${COMBINING}`,
    summary: 'Stores the members that any of the sorted sets has, with the sums of their scores.',
    since: '2.0.0',
    complexity: OF_UNION,
    categories: ['sortedset'],
    run: (context) => store(context, 'union', 'zunionstore'),
  },
  {
    name: 'ZINTER',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO', 'access')],
    syntax: `${COMBINING} [WITHSCORES]`,
    summary: 'Returns the members that all of the sorted sets have, with the sums of their scores if wanted.',
    since: '6.2.0',
    complexity: OF_INTERSECTION,
    categories: ['sortedset'],
    run: (context) => tell(context, 'intersection'),
  },
  {
    name: 'ZINTERSTORE',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), countedKeys(2, 'RO', 'access')],
    syntax: `destination ${COMBINING}`,
    summary: 'Stores the members that all of the sorted sets have, with the sums of their scores.',
    since: '2.0.0',
    complexity: OF_INTERSECTION,
    categories: ['sortedset'],
    run: (context) => store(context, 'intersection', 'zinterstore'),
  },
  {
    name: 'ZINTERCARD',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO', 'access')],
    syntax: 'numkeys key [key ...] [LIMIT limit]',
    summary: 'Counts the members that all of the sorted sets have, up to a limit if there is one.',
    since: '7.0.0',
    complexity:
      'O(N*K) at worst, where N is the number of members of the smallest set and K the number of sets.',
    categories: ['sortedset'],
    run: zintercard,
  },
  {
    name: 'ZDIFF',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO', 'access')],
    syntax: 'numkeys key [key ...] [WITHSCORES]',
    summary: 'Returns the members of the first sorted set that none of the others has.',
    since: '6.2.0',
    complexity: OF_DIFFERENCE,
    categories: ['sortedset'],
    run: (context) => tell(context, 'difference'),
  },
  {
    name: 'ZDIFFSTORE',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), countedKeys(2, 'RO', 'access')],
    syntax: 'destination numkeys key [key ...]',
    summary: 'Stores the members of the first sorted set that none of the others has.',
    since: '6.2.0',
    complexity: OF_DIFFERENCE,
    categories: ['sortedset'],
    run: (context) => store(context, 'difference', 'zdiffstore'),
  },
]

/** Where the number of keys stands in commands that reply with the result, and in those that store it. */
const TELLING = 1
const STORING = 2

type Operation = 'union' | 'intersection' | 'difference'

const NOT_A_WEIGHT = new ReplyError('ERR weight value is not a float')
const NEGATIVE_LIMIT = new ReplyError("ERR LIMIT can't be negative")

interface Combination {
  readonly operation: Operation
  /** The sets of the keys, in their order; undefined where there is none. */
  readonly sources: (ScoredSource | undefined)[]
  readonly weights: number[]
  aggregate: Aggregate
  withScores: boolean
}

function tell(context: Context, operation: Operation): void {
  const { sortedSets } = context
  const combination = read(context, operation, TELLING)
  combine(context, combination)
  const { result } = sortedSets
  memberHead(context, result.count, combination.withScores)
  for (let more = result.seek(0); more; more = result.next()) {
    replyMember(context, result, combination.withScores)
  }
  dropResult(context)
}

function store(
  context: Context,
  operation: Operation,
  event: 'zunionstore' | 'zinterstore' | 'zdiffstore',
): void {
  const combination = read(context, operation, STORING)
  combine(context, combination)
  context.reply.integer(storeResult(context, context.key(1), event))
}

/** Computes the result, in `sortedSets.result`. */
function combine({ db, sortedSets }: Context, { operation, sources, weights, aggregate }: Combination): void {
  const result = sortedSets.result.begin(db.table.entries)
  const inputs = inputsOf(sources, weights)
  if (operation === 'union') unite(inputs, aggregate, result)
  else if (operation === 'intersection' && inputs.length === sources.length)
    intersect(inputs, aggregate, result)
  else if (operation === 'difference' && sources[0] !== undefined) subtract(inputs, result)
}

/** Those that are there. */
function inputsOf(sources: readonly (ScoredSource | undefined)[], weights: readonly number[]): Input[] {
  const inputs: Input[] = []
  for (const [index, source] of sources.entries()) {
    if (source !== undefined) inputs.push({ source, weight: weights[index] ?? 1 })
  }
  return inputs
}

function zintercard(context: Context): void {
  const { args, reply } = context
  const end = endOfKeys(context, 1)
  const sources = readSources(context, 2, end)
  let limit = 0
  for (let i = end; i < args.count; i += 2) {
    if (!args.is(i, 'LIMIT') || i + 1 === args.count) throw SYNTAX_ERROR
    limit = args.integer(i + 1, NEGATIVE_LIMIT)
    if (limit < 0) throw NEGATIVE_LIMIT
  }
  const inputs = inputsOf(sources, [])
  reply.integer(inputs.length === sources.length ? countCommon(inputs, limit) : 0)
}

/** Reads `numkeys key [key ...]`, which begins at an index, and the options that follow. */
function read(context: Context, operation: Operation, index: number): Combination {
  const { args } = context
  const end = endOfKeys(context, index)
  const combination: Combination = {
    operation,
    sources: readSources(context, index + 1, end),
    weights: [],
    aggregate: 'sum',
    withScores: false,
  }
  for (let i = end; i < args.count; i++) {
    const left = args.count - i - 1
    if (operation !== 'difference' && left >= end - index - 1 && args.is(i, 'WEIGHTS')) {
      combination.weights.length = 0
      for (let key = index + 1; key < end; key++) combination.weights.push(weightAt(args, ++i))
    } else if (operation !== 'difference' && left >= 1 && args.is(i, 'AGGREGATE')) {
      combination.aggregate = aggregateAt(args, ++i)
    } else if (index === TELLING && args.is(i, 'WITHSCORES')) combination.withScores = true
    else throw SYNTAX_ERROR
  }
  return combination
}

/** Behind the keys that are counted at an index. */
function endOfKeys({ args }: Context, index: number): number {
  const keys = args.integer(index)
  if (keys < 1) {
    throw new ReplyError(`ERR at least 1 input key is needed for '${args.word(0)}' command`)
  }
  const end = index + 1 + keys
  if (end > args.count) throw SYNTAX_ERROR
  return end
}

/** Opens the sets of the keys from one argument to another. */
function readSources(context: Context, from: number, to: number): (ScoredSource | undefined)[] {
  const { db, sortedSets } = context
  const sources: (ScoredSource | undefined)[] = []
  for (let i = from; i < to; i++) {
    const key = context.key(i)
    const entry = db.find(key)
    if (entry === ABSENT) {
      sources.push(undefined)
      continue
    }
    const type = db.typeOf(entry)
    if (type !== SORTED_SET && type !== SET) throw WRONG_TYPE
    const { cell, sortedSet, set } = sortedSets.input(i - from)
    // They are only read, so that the key, which the next one overwrites, is not needed.
    db.hold(cell, key, entry)
    sources.push(type === SORTED_SET ? sortedSet.open(cell) : set.open(cell))
  }
  return sources
}

function weightAt(args: Arguments, index: number): number {
  const weight = parseDouble(args.bytes, args.starts[index]!, args.lengths[index]!)
  if (weight === undefined) throw NOT_A_WEIGHT
  return weight
}

function aggregateAt(args: Arguments, index: number): Aggregate {
  if (args.is(index, 'SUM')) return 'sum'
  if (args.is(index, 'MIN')) return 'min'
  if (args.is(index, 'MAX')) return 'max'
  throw SYNTAX_ERROR
}
