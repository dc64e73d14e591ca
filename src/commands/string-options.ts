// The options of SET and GETEX, in any order, and the deadlines they set. A result is one number, so that a SET with
// options allocates no more than one without:
//
//   bits 0-7   which options there are
//   the rest   index of the deadline's argument, 0 if there is none

import { parseInt64, parseSafeInteger } from '../base/integers.ts'
import { NOT_AN_INTEGER, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import { MAX_DEADLINE } from '../memory/entries.ts'

export const NX = 1
export const XX = 2
export const GET = 4
export const KEEPTTL = 8
export const PERSIST = 16
/** The unit of a deadline's argument is seconds; else milliseconds. */
const SECONDS = 32
/** A deadline's argument is a moment; else a time from now. */
const ABSOLUTE = 64
const DEADLINE = 128
const INDEX = 256

// What the deadline's options are by name.
export const EX = DEADLINE | SECONDS
export const PX = DEADLINE
const EXAT = EX | ABSOLUTE
const PXAT = PX | ABSOLUTE

/** All that say what becomes of the deadline: no two of them go together. */
const LIFETIME = DEADLINE | SECONDS | ABSOLUTE | KEEPTTL | PERSIST

const MAX_INT64 = 2n ** 63n - 1n

/** Reads SET's options from an index on. Redis: to repeat one is no error, and of several deadlines the last holds. */
export function readSetOptions(args: Arguments, from: number): number {
  let options = 0
  for (let i = from; i < args.count; i++) {
    if (args.is(i, 'NX')) options = withOption(options, NX, XX)
    else if (args.is(i, 'XX')) options = withOption(options, XX, NX)
    else if (args.is(i, 'GET')) options = withOption(options, GET, 0)
    else if (args.is(i, 'KEEPTTL')) options = withOption(options, KEEPTTL, DEADLINE)
    else options = withDeadline(args, i++, options)
  }
  return options
}

/** Reads GETEX's options from an index on. */
export function readGetexOptions(args: Arguments, from: number): number {
  let options = 0
  for (let i = from; i < args.count; i++) {
    if (args.is(i, 'PERSIST')) options = withOption(options, PERSIST, DEADLINE)
    else options = withDeadline(args, i++, options)
  }
  return options
}

function withOption(options: number, option: number, excluded: number): number {
  if ((options & excluded) !== 0) throw SYNTAX_ERROR
  return (options & option) !== 0 ? options : options + option
}

function withDeadline(args: Arguments, index: number, options: number): number {
  const kind = deadlineKind(args, index)
  const lifetime = options & LIFETIME
  if (kind === 0 || index + 1 >= args.count || (lifetime !== 0 && lifetime !== kind)) throw SYNTAX_ERROR
  return (options & (INDEX - 1)) + kind - lifetime + (index + 1) * INDEX
}

function deadlineKind(args: Arguments, index: number): number {
  if (args.is(index, 'EX')) return EX
  if (args.is(index, 'PX')) return PX
  if (args.is(index, 'EXAT')) return EXAT
  return args.is(index, 'PXAT') ? PXAT : 0
}

/** Whether the options set a deadline. */
export function hasDeadline(options: number): boolean {
  return (options & DEADLINE) !== 0
}

/** The deadline that the options set, in milliseconds since the epoch. `command` is for the error. */
export function deadlineIn(context: Context, options: number, command: string): number {
  return readDeadline(context, Math.floor(options / INDEX), options, command)
}

/** An argument as a deadline in milliseconds since the epoch; `kind` is EX, PX or what options contain. */
export function readDeadline({ args, now }: Context, index: number, kind: number, command: string): number {
  const start = args.starts[index]!
  const length = args.lengths[index]!
  const base = (kind & ABSOLUTE) !== 0 ? 0 : now
  const unit = (kind & SECONDS) !== 0 ? 1000 : 1
  const amount = parseSafeInteger(args.bytes, start, length)
  // A safe integer overflows 64 bits neither as seconds nor with the time added.
  if (amount > 0) return amount * unit + base
  if (amount <= 0) throw invalidExpireTime(command)
  const exact = parseInt64(args.bytes, start, length)
  if (exact === undefined) throw NOT_AN_INTEGER
  const deadline = exact * BigInt(unit) + BigInt(base)
  if (exact <= 0n || deadline > MAX_INT64) throw invalidExpireTime(command)
  return Math.min(Number(deadline), MAX_DEADLINE)
}

function invalidExpireTime(command: string): ReplyError {
  return new ReplyError(`ERR invalid expire time in '${command}' command`)
}

/** A deadline as text that reads back as the same deadline. */
export function deadlineText(deadline: number): string {
  // Digits that a double does not have would come out as zeros, and round up beyond 64 bits.
  return Number.isSafeInteger(deadline) ? String(deadline) : String(BigInt(deadline))
}
