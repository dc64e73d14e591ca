// LCS: what two strings have in common.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { Slice } from '../memory/slice.ts'
import { type CommonStretch, lcsBytes, lcsLength, lcsStretches } from '../types/lcs.ts'
import { STRING } from '../types/value-type.ts'

export const lcsCommand: CommandDefinition = {
  name: 'LCS',
  arity: -3,
  flags: ['readonly'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { last: 1, step: 1, limit: 0 } }],
  syntax: 'key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]',
  summary: 'Finds the longest subsequence that two strings have in common.',
  since: '7.0.0',
  complexity: 'O(N*M) where N and M are the lengths of the two strings.',
  categories: ['string'],
  run: lcs,
}

const NOT_STRINGS = new ReplyError('ERR The specified keys must contain string values')
const LENGTH_AND_INDEXES = new ReplyError('ERR If you want both the length and indexes, please just use IDX.')
const TOO_LONG = new ReplyError('ERR String too long for LCS')
const TOO_MUCH_MEMORY = new ReplyError(
  'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
)

/** Redis: a cell of the table of lengths takes four bytes. */
const CELL_BYTES = 4
const MAX_LENGTH = 2 ** 32 - 2

interface LcsOptions {
  readonly onlyLength: boolean
  readonly withIndexes: boolean
  readonly withLengths: boolean
  readonly minLength: number
}

function lcs(context: Context): void {
  const { keyspace, reply } = context
  // Redis: whether the keys hold strings is looked at before the options are.
  const a = operand(context, 1)
  const b = operand(context, 2)
  const options = readOptions(context)
  if (a.length >= MAX_LENGTH || b.length >= MAX_LENGTH) throw TOO_LONG
  // Our table is smaller than Redis's, yet what is refused is the same.
  if ((a.length + 1) * (b.length + 1) * CELL_BYTES > keyspace.maxStringBytes) throw TOO_MUCH_MEMORY
  if (options.onlyLength) reply.integer(lcsLength(a, b))
  else if (options.withIndexes) replyIndexes(context, lcsStretches(a, b), options)
  else reply.buffer(lcsBytes(a, lcsStretches(a, b)))
}

/** The string of a key in a slice of its own; an absent key has no bytes. */
function operand(context: Context, index: number): Slice {
  const { db } = context
  const entry = db.find(context.key(index))
  const operand = new Slice()
  if (entry === ABSENT) return operand
  if (db.typeOf(entry) !== STRING) throw NOT_STRINGS
  const { bytes, start, length } = db.value(entry)
  return operand.set(bytes, start, length)
}

function readOptions({ args }: Context): LcsOptions {
  let onlyLength = false
  let withIndexes = false
  let withLengths = false
  let minLength = 0
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'LEN')) onlyLength = true
    else if (args.is(i, 'IDX')) withIndexes = true
    else if (args.is(i, 'WITHMATCHLEN')) withLengths = true
    else if (args.is(i, 'MINMATCHLEN') && i + 1 < args.count) minLength = args.integer(++i)
    else throw SYNTAX_ERROR
  }
  if (onlyLength && withIndexes) throw LENGTH_AND_INDEXES
  return { onlyLength, withIndexes, withLengths, minLength }
}

function replyIndexes({ reply }: Context, stretches: readonly CommonStretch[], options: LcsOptions): void {
  const { minLength, withLengths } = options
  const shown = stretches.filter(({ length }) => length >= minLength)
  reply.map(2)
  reply.text('matches')
  reply.array(shown.length)
  for (const { a, b, length } of shown) {
    reply.array(withLengths ? 3 : 2)
    replyRange(reply, a, length)
    replyRange(reply, b, length)
    if (withLengths) reply.integer(length)
  }
  reply.text('len')
  // Redis: matches that are too short to be shown count all the same.
  reply.integer(stretches.reduce((total, { length }) => total + length, 0))
}

function replyRange(reply: Context['reply'], start: number, length: number): void {
  reply.array(2)
  reply.integer(start)
  reply.integer(start + length - 1)
}
