// Looking through the fields of a hash: HSCAN bit by bit, HRANDFIELD by chance.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { FieldVisitor, HashValue } from '../types/hash.ts'
import { findHash, replyBoth, replyField } from './hash-store.ts'
import { parseRandomCount, Repetition } from './random-count.ts'
import { matches, parseCursor, parseScanOptions, type ScanOptions } from './scan-options.ts'

export const hashScanCommands: readonly CommandDefinition[] = [
  {
    name: 'HSCAN',
    arity: -3,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key cursor [MATCH pattern] [COUNT count] [NOVALUES]',
    summary: 'Goes through the fields of a hash in steps.',
    since: '2.8.0',
    complexity: 'O(1) for each call, O(N) for going through all, where N is the number of fields.',
    categories: ['hash'],
    tips: ['nondeterministic_output'],
    run: hscan,
  },
  {
    name: 'HRANDFIELD',
    arity: -2,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key [count [WITHVALUES]]',
    summary: 'Picks fields of a hash at random.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of fields picked, or of those there are if many are picked.',
    categories: ['hash'],
    tips: ['nondeterministic_output'],
    run: hrandfield,
  },
]

interface FieldScan {
  readonly context: Context
  readonly options: ScanOptions
  /** Bulk strings replied so far. */
  replied: number
}

function hscan(context: Context): void {
  const { args, reply } = context
  const cursor = parseCursor(args.view(2))
  // Redis: looks for the key before it reads the options, which nobody sees if there is none.
  const hash = findHash(context, context.key(1))
  if (hash === undefined) {
    reply.array(2)
    reply.text('0')
    reply.array(0)
    return
  }
  const options = parseScanOptions(args, 3, 'NOVALUES')
  const scan: FieldScan = { context, options, replied: 0 }
  reply.array(2)
  reply.bulkInteger(hash.scan(cursor, options.count))
  const array = reply.openArray()
  hash.eachScanned(scanField, scan)
  reply.closeArray(array, scan.replied)
}

function scanField(hash: HashValue, scan: FieldScan): void {
  const { pattern, withoutValues } = scan.options
  if (!matches(pattern, hash.field())) return
  if (withoutValues) replyField(hash, scan.context)
  else replyBoth(hash, scan.context)
  scan.replied += withoutValues ? 1 : 2
}

const OUT_OF_RANGE = new ReplyError('ERR value is out of range')
/** Redis: pairs are counted in 64 bits. */
const MOST_PAIRS = 2 ** 62

function hrandfield(context: Context): void {
  const { args } = context
  if (args.count === 2) {
    replyRandom(context)
    return
  }
  const count = parseRandomCount(args, 2)
  const hasValues = args.count > 3 && args.is(3, 'WITHVALUES')
  if (args.count > 4 || (args.count === 4 && !hasValues)) throw SYNTAX_ERROR
  if (hasValues && (count < -MOST_PAIRS || count > MOST_PAIRS)) throw OUT_OF_RANGE
  const hash = findHash(context, context.key(1))
  if (hash === undefined || count === 0) context.reply.array(0)
  else if (count < 0) replyRepeating(context, hash, -count, hasValues)
  else replyDifferent(context, hash, count, hasValues)
}

function replyRandom(context: Context): void {
  const hash = findHash(context, context.key(1))
  if (hash?.findRandom() === true) context.reply.bulk(hash.field())
  else context.reply.null()
}

/** Random fields that may come up several times. */
function replyRepeating(context: Context, hash: HashValue, count: number, hasValues: boolean): void {
  if (!hash.findRandom()) {
    context.reply.array(0)
    return
  }
  const repetition = new Repetition(context, count)
  replyHead(context, count, hasValues)
  const visit = visitorFor(context, hasValues)
  while (repetition.next()) {
    visit(hash, context)
    hash.findRandom()
  }
}

function replyDifferent(context: Context, hash: HashValue, count: number, hasValues: boolean): void {
  replyHead(context, Math.min(count, hash.countVisible()), hasValues)
  hash.sample(count, visitorFor(context, hasValues), context)
}

/** In RESP3 pairs are arrays of their own, in RESP2 they are not. */
function replyHead({ reply }: Context, count: number, hasValues: boolean): void {
  reply.array(hasValues && reply.protocol === 2 ? count * 2 : count)
}

function visitorFor({ reply }: Context, hasValues: boolean): FieldVisitor<Context> {
  if (!hasValues) return replyField
  return reply.protocol === 3 ? replyPair : replyBoth
}

function replyPair(hash: HashValue, context: Context): void {
  context.reply.array(2)
  replyBoth(hash, context)
}
