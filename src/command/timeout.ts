// How long a command is willing to wait, as clients write it, read as the time at which it gives up.

import { parseDouble } from '../base/doubles.ts'
import { parseLongDouble } from '../base/long-double.ts'
import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from './arguments.ts'

const NOT_A_FLOAT = new ReplyError('ERR timeout is not a float or out of range')
const NOT_AN_INTEGER = new ReplyError('ERR timeout is not an integer or out of range')
const NEGATIVE = new ReplyError('ERR timeout is negative')
const OUT_OF_RANGE = new ReplyError('ERR timeout is out of range')

/** Redis counts time in signed 64-bit milliseconds. */
const TIME_LIMIT = 2 ** 63
/** A product this near to a whole number is that number: 2.007 seconds are 2007 milliseconds, not 2007.0000000000002. */
const ROUNDING = 1e-14

/** A time-out in seconds, with fractions, as milliseconds since the epoch; 0: never. */
export function readDeadline(args: Arguments, index: number, now: number): number {
  return deadlineAfter(milliseconds(args, index), now)
}

/** A time-out in whole milliseconds, likewise. */
export function readDeadlineMs(args: Arguments, index: number, now: number): number {
  return deadlineAfter(args.integer(index, NOT_AN_INTEGER), now)
}

function deadlineAfter(timeoutMs: number, now: number): number {
  if (timeoutMs < 0) throw NEGATIVE
  if (timeoutMs === 0) return 0
  if (timeoutMs + now >= TIME_LIMIT) throw OUT_OF_RANGE
  return timeoutMs + now
}

/** Fractions of a millisecond are rounded up. */
function milliseconds(args: Arguments, index: number): number {
  const seconds = parseDouble(args.bytes, args.starts[index]!, args.lengths[index]!) ?? extreme(args, index)
  const product = seconds * 1000
  if (product >= TIME_LIMIT) throw OUT_OF_RANGE
  const nearest = Math.round(product)
  return Math.abs(product - nearest) <= Math.abs(product) * ROUNDING ? nearest : Math.ceil(product)
}

/** Redis reads long doubles, which go further than doubles do. */
function extreme(args: Arguments, index: number): number {
  const value = parseLongDouble(args.string(index))
  if (value === undefined) throw NOT_A_FLOAT
  const text = value.toHumanString()
  if (text === '0') return Number.MIN_VALUE
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
