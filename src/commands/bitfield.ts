// BITFIELD and BITFIELD_RO: integers of any width, anywhere in a string.

import { parseSafeInteger } from '../base/integers.ts'
import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { type FoundKeys, keyFlagBits } from '../command/found-keys.ts'
import { oneKey } from '../command/key-specs.ts'
import { Slice } from '../memory/slice.ts'
import { type FieldType, fitted, increased, type Overflow, readField, writeField } from '../types/bitfield.ts'
import { fieldOffset } from './bit-offset.ts'
import { extend, findString, findStringForWrite } from './string-store.ts'

export const bitfieldCommands: readonly CommandDefinition[] = [
  {
    name: 'BITFIELD',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: oneKey('RW', 'update', 'access', 'variable_flags'),
    syntax:
      'key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset value | INCRBY encoding offset increment> [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset value | INCRBY encoding offset increment> ...]]',
    notes: { value: { type: 'integer' } },
    summary: 'Reads, sets and increments integers of any width within a string, one after the other.',
    since: '3.2.0',
    complexity: 'O(1) for each of the operations.',
    categories: ['bitmap'],
    findKeys: findBitfieldKey,
    run: bitfield,
  },
  {
    name: 'BITFIELD_RO',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key [GET encoding offset [GET encoding offset ...]]',
    summary: 'Reads integers of any width within a string.',
    since: '6.0.0',
    complexity: 'O(1) for each of the operations.',
    categories: ['bitmap'],
    run: bitfieldReadOnly,
  },
]

const BAD_TYPE = new ReplyError(
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
)
const BAD_OVERFLOW = new ReplyError('ERR Invalid OVERFLOW type specified')
const ONLY_GET = new ReplyError('ERR BITFIELD_RO only supports the GET subcommand')

const SIGNED = 0x69
const UNSIGNED = 0x75
const MOST_WIDTH_DIGITS = 2

interface FieldOperation {
  readonly action: 'get' | 'set' | 'increase'
  readonly type: FieldType
  /** In bits. */
  readonly offset: number
  readonly operand: number | bigint
  readonly overflow: Overflow
}

function bitfield(context: Context): void {
  const operations = readOperations(context)
  if (operations.every(isGet)) replyFields(context, operations)
  else changeFields(context, operations)
}

function bitfieldReadOnly(context: Context): void {
  const operations = readOperations(context)
  if (!operations.every(isGet)) throw ONLY_GET
  replyFields(context, operations)
}

function isGet({ action }: FieldOperation): boolean {
  return action === 'get'
}

// ---- arguments

function readOperations(context: Context): FieldOperation[] {
  const { args } = context
  const operations: FieldOperation[] = []
  let overflow: Overflow = 'wrap'
  let i = 2
  while (i < args.count) {
    const left = args.count - i - 1
    if (args.is(i, 'OVERFLOW') && left >= 1) {
      overflow = readOverflow(context, i + 1)
      i += 2
      continue
    }
    const action = readAction(context, i, left)
    const type = readType(context, i + 1)
    const offset = fieldOffset(context, i + 2, type.width)
    const operand = action === 'get' ? 0 : readOperand(context, i + 3)
    operations.push({ action, type, offset, operand, overflow })
    i += action === 'get' ? 3 : 4
  }
  return operations
}

/** `left` is how many arguments follow. */
function readAction({ args }: Context, index: number, left: number): FieldOperation['action'] {
  if (args.is(index, 'GET') && left >= 2) return 'get'
  if (args.is(index, 'SET') && left >= 3) return 'set'
  if (args.is(index, 'INCRBY') && left >= 3) return 'increase'
  throw SYNTAX_ERROR
}

const ONLY_READS = keyFlagBits(['RO', 'access'])
const READS_AND_WRITES = keyFlagBits(['RW', 'access', 'update'])

/** The key is only read if all there is are GETs and OVERFLOWs. What makes no sense counts as a write. */
function findBitfieldKey(args: Arguments, found: FoundKeys): void {
  let i = 2
  while (i < args.count) {
    const left = args.count - i - 1
    if (args.is(i, 'GET') && left >= 2) i += 3
    else if (args.is(i, 'OVERFLOW') && left >= 1) i += 2
    else break
  }
  found.add(1, i < args.count ? READS_AND_WRITES : ONLY_READS)
}

function readOverflow({ args }: Context, index: number): Overflow {
  if (args.is(index, 'WRAP')) return 'wrap'
  if (args.is(index, 'SAT')) return 'saturate'
  if (args.is(index, 'FAIL')) return 'fail'
  throw BAD_OVERFLOW
}

function readType({ args }: Context, index: number): FieldType {
  const { bytes } = args
  const start = args.starts[index]!
  const isSigned = bytes[start] === SIGNED
  const most = Math.min(args.lengths[index]! - 1, MOST_WIDTH_DIGITS + 1)
  // Redis: a zero byte ends the width, whatever follows it.
  let digits = 0
  while (digits < most && bytes[start + 1 + digits] !== 0) digits++
  const width = parseSafeInteger(bytes, start + 1, digits)
  const isType = (isSigned || bytes[start] === UNSIGNED) && width >= 1 && width <= (isSigned ? 64 : 63)
  if (!isType) throw BAD_TYPE
  return { isSigned, width }
}

function readOperand({ args }: Context, index: number): number | bigint {
  const value = parseSafeInteger(args.bytes, args.starts[index]!, args.lengths[index]!)
  return Number.isNaN(value) ? args.int64(index) : value
}

// ---- running

function replyFields(context: Context, operations: readonly FieldOperation[]): void {
  const { db, reply } = context
  const entry = findString(context, context.key(1))
  const value = entry === ABSENT ? new Slice() : db.value(entry)
  reply.array(operations.length)
  for (const { offset, type } of operations) replyNumber(context, readField(value, offset, type))
}

function changeFields(context: Context, operations: readonly FieldOperation[]): void {
  const { db, reply } = context
  const key = context.key(1)
  const entry = findStringForWrite(context, key)
  const length = neededBytes(operations)
  const grows = entry === ABSENT || length > db.value(entry).length
  const value = extend(context, key, entry, length)
  reply.array(operations.length)
  let changes = 0
  for (const operation of operations) {
    const { offset, type } = operation
    const old = readField(value, offset, type)
    const wanted = outcome(operation, old)
    if (wanted === undefined) {
      reply.null()
      continue
    }
    if (operation.action !== 'get' && (grows || wanted !== old)) {
      writeField(value, offset, type, wanted)
      changes++
    }
    replyNumber(context, operation.action === 'set' ? old : wanted)
  }
  if (changes > 0) db.changed(key, 'setbit', changes)
  // A string grows even if then every operation fails. Redis tells nobody; but replicas have to grow it too.
  else if (grows) db.changedQuietly(key)
}

/** Bytes that a string must have for all operations that write. */
function neededBytes(operations: readonly FieldOperation[]): number {
  let bits = 0
  for (const { action, offset, type } of operations) {
    if (action !== 'get') bits = Math.max(bits, offset + type.width)
  }
  return Math.ceil(bits / 8)
}

/** What the field holds after the operation; undefined: it overflows, and nothing is done. */
function outcome(operation: FieldOperation, old: number | bigint): number | bigint | undefined {
  const { action, type, operand, overflow } = operation
  if (action === 'get') return old
  if (action === 'set') return fitted(type, BigInt(operand), overflow)
  return increased(type, old, operand, overflow)
}

function replyNumber({ reply }: Context, number: number | bigint): void {
  if (typeof number === 'number') reply.integer(number)
  else reply.bigInteger(number)
}
