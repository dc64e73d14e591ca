// Looking through the keys of a database: KEYS at once, SCAN bit by bit, RANDOMKEY by chance. Keys that are due are
// never shown. SCAN's cursor is a place in the order of hashes: nothing is kept between calls, and growth does not
// matter to it (memory/table.ts).

import { globMatch } from '../base/glob.ts'
import { INVALID_CURSOR, SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Database } from '../keyspace/database.ts'
import type { Slice } from '../memory/slice.ts'
import { TYPE_NAMES } from '../types/value-type.ts'

export const scanCommands: CommandFamily = {
  group: 'generic',
  commands: [
    {
      name: 'KEYS',
      arity: 2,
      flags: ['readonly'],
      syntax: 'pattern',
      summary: 'Lists all keys that match a pattern.',
      since: '1.0.0',
      complexity: 'O(N) where N is the number of keys in the database, for patterns of limited length.',
      categories: ['keyspace', 'dangerous'],
      tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
      run: keys,
    },
    {
      name: 'SCAN',
      arity: -2,
      flags: ['readonly', 'touches_arbitrary_keys'],
      syntax: 'cursor [MATCH pattern] [COUNT count] [TYPE type]',
      notes: { 'TYPE type': { since: '6.0.0' } },
      summary: 'Goes through the keys of the database in steps.',
      since: '2.8.0',
      complexity:
        'O(1) for each call, O(N) for going through all, where N is the number of keys in the database.',
      categories: ['keyspace'],
      tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
      history: [['6.0.0', 'The option TYPE.']],
      run: scan,
    },
    {
      name: 'RANDOMKEY',
      arity: 1,
      flags: ['readonly', 'touches_arbitrary_keys'],
      syntax: '',
      summary: 'Picks one of the keys of the database at random.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['keyspace'],
      tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
      run: randomkey,
    },
  ],
}

const DEFAULT_COUNT = 10
const STAR = 0x2a

function keys(context: Context): void {
  const { db, reply } = context
  const pattern = patternAt(context, 1)
  let count = 0
  // One pass over the table: the head is written when the count is known.
  const array = reply.openArray()
  db.table.each((entry) => {
    // Redis: KEYS hides keys that are due, but does not remove them.
    if (db.isDue(entry)) return
    const key = db.keyOf(entry)
    if (!matches(pattern, key)) return
    reply.bulk(key)
    count++
  })
  reply.closeArray(array, count)
}

function randomkey(context: Context): void {
  const { db, reply } = context
  const entry = db.random()
  if (entry === ABSENT) reply.null()
  else reply.bulk(db.keyOf(entry))
}

interface ScanOptions {
  count: number
  pattern: Uint8Array | undefined
  /** A type's number, or UNKNOWN_TYPE; undefined: any. */
  type: number | undefined
}

/** Redis: an unknown type is not an error; nothing is of it. */
const UNKNOWN_TYPE = -1
/** Beyond any type's name. */
const LONGEST_TYPE = 16

function scan(context: Context): void {
  const { db, keyspace, reply } = context
  const cursor = parseCursor(context.args.view(1))
  const options = parseScanOptions(context)
  const found: Entry[] = []
  const due: Entry[] = []
  const next = db.table.scan(cursor, options.count, (entry) => {
    if (!matches(options.pattern, db.keyOf(entry))) return
    if (db.isDue(entry)) due.push(entry)
    else if (options.type === undefined || db.typeOf(entry) === options.type) found.push(entry)
  })
  reply.array(2)
  reply.bulkInteger(next)
  reply.array(found.length)
  for (const entry of found) reply.bulk(db.keyOf(entry))
  if (keyspace.mayExpire) removeDue(db, due)
}

function removeDue(db: Database, due: readonly Entry[]): void {
  for (const entry of due) db.expireEntry(entry)
}

function parseScanOptions(context: Context): ScanOptions {
  const { args } = context
  const options: ScanOptions = { count: DEFAULT_COUNT, pattern: undefined, type: undefined }
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count) throw SYNTAX_ERROR
    if (args.is(i, 'COUNT')) {
      options.count = args.integer(i + 1)
      if (options.count < 1) throw SYNTAX_ERROR
    } else if (args.is(i, 'MATCH')) options.pattern = patternAt(context, i + 1)
    else if (args.is(i, 'TYPE')) options.type = typeNumber(args.shown(i + 1, LONGEST_TYPE))
    else throw SYNTAX_ERROR
  }
  return options
}

function typeNumber(name: string): number {
  return name === '' ? UNKNOWN_TYPE : (TYPE_NAMES as readonly string[]).indexOf(name.toLowerCase())
}

/** A pattern; undefined if it is '*', which every key matches, the empty one too. */
function patternAt({ args }: Context, index: number): Uint8Array | undefined {
  const pattern = args.view(index)
  return pattern.length === 1 && pattern[0] === STAR ? undefined : pattern
}

function matches(pattern: Uint8Array | undefined, key: Slice): boolean {
  if (pattern === undefined) return true
  return globMatch(pattern, 0, pattern.length, key.bytes, key.start, key.length, false)
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
