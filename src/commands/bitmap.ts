// Commands on strings as arrays of bits; integers among the bits are in bitfield.ts.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { keyAt, keysFrom, oneKey } from '../command/key-specs.ts'
import { copyBytes, Slice } from '../memory/slice.ts'
import { type BitOperation, combineBits, countBits, findBit, getBit, setBit } from '../types/bitmap.ts'
import { STRING, STRING_RAW } from '../types/value-type.ts'
import { bitOffset } from './bit-offset.ts'
import { bitfieldCommands } from './bitfield.ts'
import { fromStart, isBackwards } from './string-range.ts'
import { extend, findString, findStringForWrite } from './string-store.ts'

export const bitmapCommands: CommandFamily = {
  group: 'bitmap',
  commands: [
    {
      name: 'SETBIT',
      arity: 4,
      flags: ['write', 'denyoom'],
      keys: oneKey('RW', 'access', 'update'),
      syntax: 'key offset value',
      notes: { value: { type: 'integer' } },
      summary: 'Sets one bit of a string and returns what it was. Creates the key if it does not exist.',
      since: '2.2.0',
      complexity: 'O(1), plus the cost of making the string longer.',
      categories: ['bitmap'],
      run: setbit,
    },
    {
      name: 'GETBIT',
      arity: 3,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key offset',
      summary: 'Returns one bit of a string.',
      since: '2.2.0',
      complexity: 'O(1)',
      categories: ['bitmap'],
      run: getbit,
    },
    {
      name: 'BITCOUNT',
      arity: -2,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key [start end [BYTE | BIT]]',
      notes: { 'BYTE | BIT': { since: '7.0.0' } },
      summary: 'Counts the ones among the bits of a string, or of a range of it.',
      since: '2.6.0',
      complexity: 'O(N) where N is the length of the range.',
      categories: ['bitmap'],
      history: [['7.0.0', 'Added the `BYTE` and `BIT` options.']],
      run: bitcount,
    },
    {
      name: 'BITPOS',
      arity: -3,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key bit [start [end [BYTE | BIT]]]',
      notes: { 'BYTE | BIT': { since: '7.0.0' } },
      summary: 'Finds the first one or zero among the bits of a string, or of a range of it.',
      since: '2.8.7',
      complexity: 'O(N) where N is the length of the range.',
      categories: ['bitmap'],
      history: [['7.0.0', 'Added the `BYTE` and `BIT` options.']],
      run: bitpos,
    },
    {
      name: 'BITOP',
      arity: -4,
      flags: ['write', 'denyoom'],
      keys: [keyAt(2, 'OW', 'update'), keysFrom(3, 1, 'RO', 'access')],
      syntax: '<AND | OR | XOR | NOT> destkey key [key ...]',
      summary: 'Combines strings bit by bit and stores the result.',
      since: '2.6.0',
      complexity: 'O(N) where N is the length of the longest string.',
      categories: ['bitmap'],
      run: bitop,
    },
    ...bitfieldCommands,
  ],
}

const BAD_BIT = new ReplyError('ERR bit is not an integer or out of range')
const BAD_BIT_ARGUMENT = new ReplyError('ERR The bit argument must be 1 or 0.')
const NOT_OF_ONE = new ReplyError('ERR BITOP NOT must be called with a single source key.')

function setbit(context: Context): void {
  const { args, db, reply } = context
  const offset = bitOffset(context, 2)
  const bit = args.integer(3, BAD_BIT)
  if (bit !== 0 && bit !== 1) throw BAD_BIT
  const key = context.key(1)
  const entry = findStringForWrite(context, key)
  const length = Math.floor(offset / 8) + 1
  const grows = entry === ABSENT || length > db.value(entry).length
  const old = grows ? 0 : getBit(db.value(entry), offset)
  // Redis: a bit that is set to what it is changes nothing, apart from the encoding of a string.
  if (grows || old !== bit || db.encodingOf(entry) !== STRING_RAW) {
    setBit(extend(context, key, entry, length), offset, bit)
    if (grows || old !== bit) db.changed(key, 'setbit')
  }
  reply.integer(old)
}

function getbit(context: Context): void {
  const { db, reply } = context
  const offset = bitOffset(context, 2)
  const entry = findString(context, context.key(1))
  reply.integer(entry === ABSENT ? 0 : getBit(db.value(entry), offset))
}

function bitcount(context: Context): void {
  const { args, db, reply } = context
  if (args.count === 3 || args.count > 5) throw SYNTAX_ERROR
  const isRange = args.count > 3
  const isEmpty = isRange && isBackwards(args, 2, 3)
  const unit = args.count === 5 ? bitsOfUnit(context, 4) : 8
  const entry = findString(context, context.key(1))
  if (entry === ABSENT || isEmpty) {
    reply.integer(0)
    return
  }
  const value = db.value(entry)
  const units = value.length * (8 / unit)
  const first = isRange ? fromStart(args.integer(2), units) : 0
  const last = isRange ? Math.min(fromStart(args.integer(3), units), units - 1) : units - 1
  reply.integer(countBits(value, first * unit, last * unit + unit - 1))
}

function bitpos(context: Context): void {
  const { args, db, reply } = context
  const bit = args.integer(2)
  if (bit !== 0 && bit !== 1) throw BAD_BIT_ARGUMENT
  if (args.count > 6) throw SYNTAX_ERROR
  const start = args.count > 3 ? args.integer(3) : 0
  const unit = args.count > 5 ? bitsOfUnit(context, 5) : 8
  const end = args.count > 4 ? args.integer(4) : -1
  const entry = findString(context, context.key(1))
  // Redis: an absent key is zeros without end.
  if (entry === ABSENT) {
    reply.integer(bit === 1 ? -1 : 0)
    return
  }
  const value = db.value(entry)
  const units = value.length * (8 / unit)
  const first = fromStart(start, units)
  const last = Math.min(fromStart(end, units), units - 1)
  const found = findBit(value, bit, first * unit, last * unit + unit - 1)
  // Redis: without an end, a string has zeros behind it; but not if the start lies there.
  const isBehind = found < 0 && bit === 0 && args.count < 5 && first <= last
  reply.integer(isBehind ? value.length * 8 : found)
}

/** BYTE or BIT, in bits. */
function bitsOfUnit({ args }: Context, index: number): number {
  if (args.is(index, 'BIT')) return 1
  if (args.is(index, 'BYTE')) return 8
  throw SYNTAX_ERROR
}

function bitop(context: Context): void {
  const { args, db, reply } = context
  const operation = bitOperation(context)
  if (operation === 'not' && args.count > 4) throw NOT_OF_ONE
  // Combined before anything is stored: the destination may be among the sources.
  const result = combineBits(operation, sources(context))
  const key = context.key(2)
  const entry = db.findForWrite(key)
  if (result.length > 0) {
    const place = db.put(key, entry, STRING, STRING_RAW, result.length)
    copyBytes(result, 0, place.bytes, place.start, result.length)
    db.changed(key, 'set')
  } else if (entry !== ABSENT) db.remove(key, entry)
  reply.integer(result.length)
}

function bitOperation({ args }: Context): BitOperation {
  if (args.is(1, 'AND')) return 'and'
  if (args.is(1, 'OR')) return 'or'
  if (args.is(1, 'XOR')) return 'xor'
  if (args.is(1, 'NOT')) return 'not'
  throw SYNTAX_ERROR
}

/** The source strings, each in a slice of its own; an absent key has no bytes. */
function sources(context: Context): Slice[] {
  const { args, db } = context
  const slices: Slice[] = []
  for (let i = 3; i < args.count; i++) {
    const entry = findString(context, context.key(i))
    const slice = new Slice()
    if (entry !== ABSENT) {
      const { bytes, start, length } = db.value(entry)
      slice.set(bytes, start, length)
    }
    slices.push(slice)
  }
  return slices
}
