// How commands on deadlines of fields name the fields, the deadline and the conditions.

import { parseInt64 } from '../base/integers.ts'
import { NOT_AN_INTEGER, ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'

/** Redis: the latest deadline of a field, in the year 4199. */
const MAX_FIELD_DEADLINE = 2 ** 46 - 1

const NO_FIELDS = new ReplyError('ERR Mandatory argument FIELDS is missing or not at the right position')
const NO_MATCH = new ReplyError('ERR The `numfields` parameter must match the number of arguments')
const NEGATIVE_DEADLINE = new ReplyError('ERR invalid expire time, must be >= 0')

export const BAD_COUNT_TO_READ = new ReplyError('ERR Number of fields must be a positive integer')
export const BAD_COUNT_TO_EXPIRE = new ReplyError('ERR Parameter `numFields` should be greater than 0')

/** Checks `FIELDS numfields field ...` from an index to the end; returns the index of the first field. */
export function readFields(args: Arguments, index: number, badCount: ReplyError): number {
  if (index >= args.count || !args.is(index, 'FIELDS')) throw NO_FIELDS
  // Conditions may have left no room for it.
  const count = index + 1 < args.count ? countAt(args, index + 1) : 0
  if (count < 1) throw badCount
  if (count !== args.count - index - 2) throw NO_MATCH
  return index + 2
}

/** A count of fields; 0 if it is none. */
export function countAt(args: Arguments, index: number): number {
  const count = parseInt64(args.bytes, args.starts[index]!, args.lengths[index]!)
  return count === undefined ? 0 : Number(count)
}

/**
 * An argument as a deadline of fields, in milliseconds since the epoch: counted from `base` in `unit`s, both of them
 * milliseconds.
 */
export function readFieldDeadline(args: Arguments, index: number, base: number, unit: number): number {
  const amount = args.integer(index, NOT_AN_INTEGER)
  if (amount < 0) throw NEGATIVE_DEADLINE
  const deadline = amount * unit + base
  if (deadline > MAX_FIELD_DEADLINE) throw invalidDeadline(args)
  return deadline
}

function invalidDeadline(args: Arguments): ReplyError {
  return new ReplyError(`ERR invalid expire time in '${args.word(0)}' command`)
}

// Conditions of HEXPIRE and its likes.
const NX = 1
const XX = 2
const GT = 3
const LT = 4

/** The condition at an index, 0 if there is none. */
export function readCondition(args: Arguments, index: number): number {
  if (args.is(index, 'NX')) return NX
  if (args.is(index, 'XX')) return XX
  if (args.is(index, 'GT')) return GT
  return args.is(index, 'LT') ? LT : 0
}

/** Whether a field may get a deadline in stead of `current`, which is NO_DEADLINE, later than any, if it has none. */
export function allows(condition: number, current: number, deadline: number): boolean {
  switch (condition) {
    case NX:
      return current === Number.POSITIVE_INFINITY
    case XX:
      return current !== Number.POSITIVE_INFINITY
    case GT:
      return deadline > current
    case LT:
      return deadline < current
    default:
      return true
  }
}
