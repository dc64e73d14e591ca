// Commands on HyperLogLogs: adding elements, counting and merging. How a value is found and changed in the store is
// hyperloglog-value.ts.

import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { type FoundKeys, keyFlagBits } from '../command/found-keys.ts'
import { allKeys, keyAt, keysFrom, oneKey } from '../command/key-specs.ts'
import type { Slice } from '../memory/slice.ts'
import {
  cardinalityOf,
  ElementPlace,
  isDense,
  isStale,
  markStale,
  REGISTERS,
  writeCardinality,
} from '../types/hyperloglog.ts'
import { countValue, Union } from '../types/hyperloglog-registers.ts'
import { selfTest } from '../types/hyperloglog-self-test.ts'
import { CHANGED, CORRUPT, describeRuns } from '../types/hyperloglog-sparse.ts'
import { STRING_RAW } from '../types/value-type.ts'
import {
  CORRUPTED,
  checkIsHyperLogLog,
  type HyperLogLogSettings,
  OpenHyperLogLog,
} from './hyperloglog-value.ts'

export function hyperloglogCommands(settings: HyperLogLogSettings): CommandFamily {
  const open = new OpenHyperLogLog(settings)
  return {
    group: 'hyperloglog',
    commands: [
      {
        name: 'PFADD',
        arity: -2,
        flags: ['write', 'denyoom', 'fast'],
        keys: oneKey('RW', 'insert'),
        syntax: 'key [element [element ...]]',
        summary: 'Adds elements to a HyperLogLog. Creates the key if it does not exist.',
        since: '2.8.9',
        complexity: 'O(1) for each element, as the size is bounded.',
        categories: ['hyperloglog'],
        run: (context) => pfadd(context, open),
      },
      {
        name: 'PFCOUNT',
        arity: -2,
        flags: ['readonly', 'may_replicate'],
        keys: allKeys('RW', 'access'),
        syntax: 'key [key ...]',
        summary: 'Estimates how many different elements were added to HyperLogLogs.',
        since: '2.8.9',
        complexity:
          'O(1) for one key that has not changed since the last count; else O(N) for N keys, each of which takes long.',
        categories: ['hyperloglog'],
        run: (context) => pfcount(context, open),
      },
      {
        name: 'PFMERGE',
        arity: -2,
        flags: ['write', 'denyoom'],
        keys: [keyAt(1, 'RW', 'access', 'insert'), keysFrom(2, 1, 'RO', 'access')],
        findKeys: findMergedKeys,
        syntax: 'destkey [sourcekey [sourcekey ...]]',
        summary: 'Adds to a HyperLogLog all that was added to others. Creates the key if it does not exist.',
        since: '2.8.9',
        complexity: 'O(N) for N keys, each of which takes long.',
        categories: ['hyperloglog'],
        run: (context) => pfmerge(context, open),
      },
      {
        name: 'PFDEBUG',
        arity: 3,
        flags: ['write', 'denyoom', 'admin'],
        keys: [keyAt(2, 'RW', 'access')],
        syntax: 'subcommand key',
        summary: 'Shows how a HyperLogLog is encoded, and changes that, for tests.',
        since: '2.8.9',
        complexity: 'O(N) where N is the number of registers.',
        categories: ['hyperloglog'],
        isInternal: true,
        run: (context) => pfdebug(context, open),
      },
      {
        name: 'PFSELFTEST',
        arity: 1,
        flags: ['admin'],
        syntax: '',
        summary: 'Tests registers and estimates of HyperLogLogs, away from all data.',
        since: '2.8.9',
        complexity: 'Takes some tenths of a second.',
        categories: ['hyperloglog'],
        isInternal: true,
        run: pfselftest,
      },
    ],
  }
}

const NO_SUCH_KEY = new ReplyError('ERR The specified key does not exist')
const NOT_SPARSE = new ReplyError('ERR HLL encoding is not sparse')

const place = new ElementPlace()
const union = new Union()

function pfadd(context: Context, open: OpenHyperLogLog): void {
  const { args, db, reply } = context
  const key = context.key(1)
  const entry = db.findForWrite(key)
  checkIsHyperLogLog(context, entry)
  open.open(context, key, entry)
  let changes = entry === ABSENT ? 1 : 0
  let isCorrupt = false
  for (let i = 2; i < args.count && !isCorrupt; i++) {
    place.find(args.bytes, args.starts[i]!, args.lengths[i]!)
    const outcome = open.raise(place.register, place.rank)
    if (outcome === CHANGED) changes++
    else isCorrupt = outcome === CORRUPT
  }
  if (changes > 0) {
    markStale(open.value)
    db.changed(key, 'pfadd', changes)
  }
  // Redis: elements before the one that shows the damage have been added.
  if (isCorrupt) throw CORRUPTED
  reply.integer(changes > 0 ? 1 : 0)
}

function pfcount(context: Context, open: OpenHyperLogLog): void {
  if (context.args.count > 2) countUnion(context)
  else countOne(context, open)
}

function countOne(context: Context, open: OpenHyperLogLog): void {
  const { db, reply } = context
  const key = context.key(1)
  const entry = db.find(key)
  if (entry === ABSENT) {
    reply.integer(0)
    return
  }
  checkIsHyperLogLog(context, entry)
  let value = db.value(entry)
  // Redis: a raw string, even if its bytes stay as they are.
  if (isStale(value) || db.encodingOf(entry) !== STRING_RAW) value = open.open(context, key, entry)
  if (!isStale(value)) {
    replyCardinality(context, cardinalityOf(value))
    return
  }
  const cardinality = countValue(value)
  if (cardinality === undefined) throw CORRUPTED
  writeCardinality(value, cardinality)
  db.changedQuietly(key)
  replyCardinality(context, cardinality)
}

function countUnion(context: Context): void {
  const { args, db } = context
  union.clear()
  for (let i = 1; i < args.count; i++) {
    const entry = db.find(context.key(i))
    checkIsHyperLogLog(context, entry)
    if (entry !== ABSENT) addToUnion(db.value(entry))
  }
  replyCardinality(context, union.count())
}

function addToUnion(value: Slice): void {
  if (!union.add(value)) throw CORRUPTED
}

function replyCardinality({ reply }: Context, cardinality: number | bigint): void {
  if (typeof cardinality === 'number') reply.integer(cardinality)
  else reply.bigInteger(cardinality)
}

const MERGED = keyFlagBits(['RO', 'access'])
const MERGED_INTO = keyFlagBits(['RW', 'access', 'insert'])

/** Without sources, which the specs can't do without, there is still a destination: Redis lets anybody at it. */
function findMergedKeys(args: Arguments, found: FoundKeys): void {
  for (let i = 1; i < args.count; i++) found.add(i, i === 1 ? MERGED_INTO : MERGED)
}

function pfmerge(context: Context, open: OpenHyperLogLog): void {
  const { args, db, reply } = context
  union.clear()
  let hasDense = false
  for (let i = 1; i < args.count; i++) {
    const entry = db.find(context.key(i))
    checkIsHyperLogLog(context, entry)
    if (entry === ABSENT) continue
    const value = db.value(entry)
    hasDense ||= isDense(value)
    addToUnion(value)
  }
  const key = context.key(1)
  open.open(context, key, db.findForWrite(key))
  if (hasDense) open.fill(union)
  else raiseAll(open)
  markStale(open.value)
  db.changed(key, 'pfadd')
  reply.ok()
}

/** Raises the registers one by one, as the bytes of sparse ones tell how they came about. */
function raiseAll(open: OpenHyperLogLog): void {
  const { ranks } = union
  for (let register = 0; register < REGISTERS; register++) {
    const rank = ranks[register]!
    if (rank > 0) open.raise(register, rank)
  }
}

function pfdebug(context: Context, open: OpenHyperLogLog): void {
  const { args, db, reply } = context
  const key = context.key(2)
  const entry = db.find(key)
  if (entry === ABSENT) throw NO_SUCH_KEY
  checkIsHyperLogLog(context, entry)
  const value = open.open(context, key, entry)
  if (args.is(1, 'GETREG')) {
    makeDense(context, open)
    replyRegisters(context, open.value)
  } else if (args.is(1, 'DECODE')) {
    if (isDense(value)) throw NOT_SPARSE
    reply.text(describeRuns(value))
  } else if (args.is(1, 'ENCODING')) reply.simple(isDense(value) ? 'dense' : 'sparse')
  else if (args.is(1, 'TODENSE')) reply.integer(makeDense(context, open) ? 1 : 0)
  else throw new ReplyError(`ERR Unknown PFDEBUG subcommand '${args.shown(1, Number.POSITIVE_INFINITY)}'`)
}

/** Whether there was anything to do. */
function makeDense(context: Context, open: OpenHyperLogLog): boolean {
  if (isDense(open.value)) return false
  if (!open.makeDense()) throw CORRUPTED
  context.db.changedQuietly(context.key(2))
  return true
}

function replyRegisters({ reply }: Context, value: Slice): void {
  union.clear()
  addToUnion(value)
  reply.array(REGISTERS)
  for (let register = 0; register < REGISTERS; register++) reply.integer(union.ranks[register]!)
}

function pfselftest({ reply }: Context): void {
  const failure = selfTest()
  if (failure !== undefined) throw new ReplyError(`TESTFAILED ${failure}`)
  reply.ok()
}
