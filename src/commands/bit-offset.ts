// Where a bit is, as commands are told: a number of bits from the start of the string.

import { parseSafeInteger } from '../base/integers.ts'
import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import { LONGEST_STRING } from './string-store.ts'

const HASH = 0x23
const BAD_OFFSET = new ReplyError('ERR bit offset is not an integer or out of range')

/** An argument as the offset of a bit, within the longest string there may be. */
export function bitOffset(context: Context, index: number): number {
  return inRange(context, context.args.integer(index, BAD_OFFSET))
}

/** Like bitOffset; `#3` is the offset of the fourth of many fields so many bits wide. */
export function fieldOffset(context: Context, index: number, width: number): number {
  const { bytes, starts, lengths } = context.args
  const start = starts[index]!
  const length = lengths[index]!
  if (length === 0 || bytes[start] !== HASH) return bitOffset(context, index)
  const field = parseSafeInteger(bytes, start + 1, length - 1)
  if (Number.isNaN(field)) throw BAD_OFFSET
  return inRange(context, field * width)
}

function inRange({ keyspace }: Context, offset: number): number {
  if (offset < 0 || Math.floor(offset / 8) >= Math.min(keyspace.maxStringBytes, LONGEST_STRING))
    throw BAD_OFFSET
  return offset
}
