// What SCAN and its relatives for one key (SSCAN, HSCAN, ZSCAN) have in common: cursors, options and the choice by
// pattern. Knows nothing of what is gone through.

import { globMatch } from '../base/glob.ts'
import { INVALID_CURSOR, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Slice } from '../memory/slice.ts'
import { TYPE_NAMES } from '../types/value-type.ts'

export interface ScanOptions {
  count: number
  /** undefined: everything matches. */
  pattern: Uint8Array | undefined
  /** A type's number, or one that nothing has; undefined: any. */
  type: number | undefined
  withoutValues: boolean
}

/** The option that one of the commands takes beside MATCH and COUNT. */
export type ScanExtra = 'TYPE' | 'NOVALUES' | undefined

const NOT_OF_HSCAN = new ReplyError('ERR NOVALUES option can only be used in HSCAN')
const DEFAULT_COUNT = 10
const STAR = 0x2a
/** Redis: an unknown type is not an error; nothing is of it. */
const UNKNOWN_TYPE = -1
/** Beyond any type's name. */
const LONGEST_TYPE = 16

/** The options that begin at an index. */
export function parseScanOptions(args: Arguments, from: number, extra: ScanExtra): ScanOptions {
  const options: ScanOptions = {
    count: DEFAULT_COUNT,
    pattern: undefined,
    type: undefined,
    withoutValues: false,
  }
  for (let i = from; i < args.count; i++) {
    const hasArgument = i + 1 < args.count
    if (hasArgument && args.is(i, 'COUNT')) {
      options.count = args.integer(++i)
      if (options.count < 1) throw SYNTAX_ERROR
    } else if (hasArgument && args.is(i, 'MATCH')) options.pattern = patternAt(args, ++i)
    else if (hasArgument && extra === 'TYPE' && args.is(i, 'TYPE')) options.type = typeAt(args, ++i)
    else if (args.is(i, 'NOVALUES')) {
      if (extra !== 'NOVALUES') throw NOT_OF_HSCAN
      options.withoutValues = true
    } else throw SYNTAX_ERROR
  }
  return options
}

function typeAt(args: Arguments, index: number): number {
  const name = args.shown(index, LONGEST_TYPE)
  return name === '' ? UNKNOWN_TYPE : (TYPE_NAMES as readonly string[]).indexOf(name.toLowerCase())
}

/** A pattern; undefined if it is '*', which everything matches, the empty text too. */
export function patternAt(args: Arguments, index: number): Uint8Array | undefined {
  const pattern = args.view(index)
  return pattern.length === 1 && pattern[0] === STAR ? undefined : pattern
}

export function matches(pattern: Uint8Array | undefined, text: Slice): boolean {
  if (pattern === undefined) return true
  return globMatch(pattern, 0, pattern.length, text.bytes, text.start, text.length, false)
}

const MAX_UINT64 = 2n ** 64n - 1n
const CANONICAL_NEGATIVE = /^-[1-9]\d*$/
/** What C's strtoull takes. */
const NUMBER = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/

/**
 * The position that a cursor means, 32 bits.
 *
 * Redis: a cursor is what C's strtoull takes, so white space before it, a sign and leading zeros are fine, and a minus
 * counts from 2^64 down; except that a plain negative number of 64 bits is refused.
 */
export function parseCursor(bytes: Uint8Array): number {
  const end = bytes.indexOf(0)
  const text = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1')
  const parts = NUMBER.exec(text)
  if (parts === null) throw INVALID_CURSOR
  const magnitude = BigInt(parts[2]!)
  if (magnitude > MAX_UINT64) throw INVALID_CURSOR
  if (parts[1] !== '-') return Number(BigInt.asUintN(32, magnitude))
  if (magnitude <= 2n ** 63n && CANONICAL_NEGATIVE.test(text)) throw INVALID_CURSOR
  return Number(BigInt.asUintN(32, -magnitude))
}
