// Where ranges of sorted sets begin and end: by rank, by score, or by member. Reads the bounds from arguments and finds the
// ranks between them.

import { parseLeniently } from '../base/doubles.ts'
import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { Slice } from '../memory/slice.ts'
import type { SortedSetValue } from '../types/sorted-set.ts'

const NOT_A_BOUND = new ReplyError('ERR min or max is not a float')
const NOT_A_LEX_BOUND = new ReplyError('ERR min or max not valid string range item')

const ROUND = 0x28
const SQUARE = 0x5b
const PLUS = 0x2b
const MINUS = 0x2d

export type RangeKind = 'rank' | 'score' | 'lex'

/** By rank: counted from 0, from the end if negative. By score: a number. By lex: the member, or one of the ends. */
export interface Bound {
  readonly number: number
  /** Of a member. */
  readonly bytes: Slice | undefined
  readonly isExclusive: boolean
}

export interface Range {
  readonly kind: RangeKind
  readonly min: Bound
  readonly max: Bound
}

/** Ranks in ascending order: the lowest, and how many. */
export interface Span {
  readonly first: number
  readonly count: number
}

const NOTHING: Span = { first: 0, count: 0 }
const LOWEST: Bound = { number: Number.NEGATIVE_INFINITY, bytes: undefined, isExclusive: false }
const HIGHEST: Bound = { number: Number.POSITIVE_INFINITY, bytes: undefined, isExclusive: false }

/** The range between two arguments. */
export function readRange(args: Arguments, kind: RangeKind, minIndex: number, maxIndex: number): Range {
  if (kind === 'rank') {
    return { kind, min: rankBound(args, minIndex), max: rankBound(args, maxIndex) }
  }
  if (kind === 'score') {
    return { kind, min: scoreBound(args, minIndex), max: scoreBound(args, maxIndex) }
  }
  return { kind, min: lexBound(args, minIndex), max: lexBound(args, maxIndex) }
}

function rankBound(args: Arguments, index: number): Bound {
  return { number: args.integer(index), bytes: undefined, isExclusive: false }
}

function scoreBound(args: Arguments, index: number): Bound {
  const start = args.starts[index]!
  const length = args.lengths[index]!
  const isExclusive = length > 0 && args.bytes[start] === ROUND
  const skipped = isExclusive ? 1 : 0
  const number = parseLeniently(args.bytes, start + skipped, length - skipped)
  if (number === undefined) throw NOT_A_BOUND
  return { number, bytes: undefined, isExclusive }
}

function lexBound(args: Arguments, index: number): Bound {
  const start = args.starts[index]!
  const length = args.lengths[index]!
  const first = length > 0 ? args.bytes[start] : 0
  if (first === ROUND || first === SQUARE) {
    const bytes = new Slice().set(args.bytes, start + 1, length - 1)
    return { number: 0, bytes, isExclusive: first === ROUND }
  }
  // Redis: as a C string, which ends at its first zero byte.
  if (length === 1 || (length > 1 && args.bytes[start + 1] === 0)) {
    if (first === MINUS) return LOWEST
    if (first === PLUS) return HIGHEST
  }
  throw NOT_A_LEX_BOUND
}

/** The ranks of a range; ranks in it count from the other end if the order is descending. */
export function spanOf(set: SortedSetValue, range: Range, order: 'ascending' | 'descending'): Span {
  if (range.kind === 'rank') return spanOfRanks(set.count, range, order)
  const { kind, min, max } = range
  const first = rankOf(set, kind, min, min.isExclusive ? 'after' : 'before')
  const end = rankOf(set, kind, max, max.isExclusive ? 'before' : 'after')
  return end > first ? { first, count: end - first } : NOTHING
}

function spanOfRanks(count: number, { min, max }: Range, order: 'ascending' | 'descending'): Span {
  const first = Math.max(0, min.number < 0 ? min.number + count : min.number)
  const last = Math.min(count - 1, max.number < 0 ? max.number + count : max.number)
  if (first > last) return NOTHING
  return { first: order === 'ascending' ? first : count - 1 - last, count: last - first + 1 }
}

/** How many members come before a bound. */
function rankOf(
  set: SortedSetValue,
  kind: RangeKind,
  { number, bytes }: Bound,
  side: 'before' | 'after',
): number {
  if (kind === 'score') return set.rankOfScore(number, side)
  if (bytes !== undefined) return set.rankOfMember(bytes, side)
  return number < 0 ? 0 : set.count
}
