// HGETDEL, HGETEX and HSETEX: getting or setting fields, and what becomes of them, in one command. From Redis 8.

import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import type { HashValue } from '../types/hash.ts'
import { DeadlineChange } from './deadline-change.ts'
import { BAD_COUNT_TO_READ, countAt, readFieldDeadline, readFields } from './hash-fields.ts'
import { findHashForWrite, hashChanged, setFields } from './hash-store.ts'

const DEADLINE = 'EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds'
const COMPLEXITY = 'O(N) where N is the number of fields named.'

export const hashExtendedCommands: readonly CommandDefinition[] = [
  {
    name: 'HGETDEL',
    arity: -5,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'access', 'delete'),
    syntax: 'key FIELDS numfields field [field ...]',
    summary: 'Returns the values of fields of a hash and removes the fields.',
    since: '8.0.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: hgetdel,
  },
  {
    name: 'HGETEX',
    arity: -5,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'access', 'update'),
    syntax: `key [${DEADLINE} | PERSIST] FIELDS numfields field [field ...]`,
    summary: 'Returns the values of fields of a hash, and sets their deadline or takes it away.',
    since: '8.0.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: hgetex,
  },
  {
    name: 'HSETEX',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: `key [FNX | FXX] [${DEADLINE} | KEEPTTL] FIELDS numfields field value [field value ...]`,
    summary: 'Sets fields of a hash and their deadline.',
    since: '8.0.0',
    complexity: COMPLEXITY,
    categories: ['hash'],
    run: hsetex,
  },
]

const BAD_COUNT = new ReplyError('ERR invalid number of fields')
const NO_DEADLINE_GIVEN = new ReplyError('ERR missing expire time')
const NO_FIELDS = new ReplyError('ERR missing FIELDS argument')
const ONE_CONDITION = new ReplyError('ERR Only one of FXX or FNX arguments can be specified')

function hgetdel(context: Context): void {
  const { args, effects, reply } = context
  const key = context.key(1)
  const hash = findHashForWrite(context, key)
  const first = readFields(args, 2, BAD_COUNT_TO_READ)
  const removed: Uint8Array[] = []
  reply.array(args.count - first)
  for (let i = first; i < args.count; i++) {
    if (!replyFound(context, hash, i)) continue
    removed.push(args.copy(i))
    hash!.remove()
  }
  if (removed.length === 0) return
  hashChanged(context, key, 'hdel', removed.length)
  if (effects.isWanted) effects.replaceWith('HDEL', args.copy(1), ...removed)
}

/** Replies with the value of the field at an index, or null; says whether there is one. */
function replyFound({ args, reply }: Context, hash: HashValue | undefined, index: number): boolean {
  const isFound = hash?.find(args.slice(index)) === true
  if (isFound) reply.bulk(hash!.value())
  else reply.null()
  return isFound
}

function hgetex(context: Context): void {
  const { args, reply } = context
  const options = new Options(context, 'PERSIST')
  const key = context.key(1)
  const hash = findHashForWrite(context, key)
  const change = new DeadlineChange(context)
  const persisted: Uint8Array[] = []
  reply.array(args.count - options.first)
  for (let i = options.first; i < args.count; i++) {
    if (!replyFound(context, hash, i)) continue
    if (options.hasDeadline) change.apply(hash!, options.deadline, i)
    else if (options.keeps && hash!.deadline !== NO_DEADLINE) {
      hash!.setDeadline(NO_DEADLINE)
      persisted.push(args.copy(i))
    }
  }
  change.end()
  if (persisted.length > 0) endPersisting(context, persisted)
}

function endPersisting(context: Context, names: Uint8Array[]): void {
  const { args, effects } = context
  hashChanged(context, context.key(1), 'hpersist', names.length)
  if (effects.isWanted) {
    effects.replaceWith('HPERSIST', args.copy(1), 'FIELDS', String(names.length), ...names)
  }
}

function hsetex(context: Context): void {
  const { args, effects, reply } = context
  const options = new Options(context, 'KEEPTTL')
  const key = context.key(1)
  if (options.condition !== '' && !meetsCondition(context, options)) {
    reply.integer(0)
    return
  }
  const pairs = (args.count - options.first) / 2
  setFields(context, key, options.first, options.keeps)
  hashChanged(context, key, 'hset', pairs)
  if (effects.isWanted && !options.keeps)
    effects.replaceWith('HSET', args.copy(1), ...copies(args, options.first))
  if (options.hasDeadline) setDeadlines(context, options)
  reply.integer(1)
}

/** Whether none of the fields is there, or all are. */
function meetsCondition(context: Context, { condition, first }: Options): boolean {
  const { args } = context
  const hash = findHashForWrite(context, context.key(1))
  const wanted = condition === 'FXX'
  for (let i = first; i < args.count; i += 2) {
    if ((hash?.find(args.slice(i)) === true) !== wanted) return false
  }
  return true
}

function setDeadlines(context: Context, { first, deadline }: Options): void {
  const { args, hash } = context
  const change = new DeadlineChange(context)
  // A field that is named twice may be gone the second time.
  for (let i = first; i < args.count; i += 2) if (hash.find(args.slice(i))) change.apply(hash, deadline, i)
  change.end()
}

function copies(args: Arguments, from: number): Uint8Array[] {
  const words: Uint8Array[] = []
  for (let i = from; i < args.count; i++) words.push(args.copy(i))
  return words
}

/** What stands before the fields, and where these begin. */
class Options {
  hasDeadline = false
  deadline = NO_DEADLINE
  /** PERSIST or KEEPTTL. */
  keeps = false
  condition: '' | 'FNX' | 'FXX' = ''
  first = 0
  readonly #context: Context
  readonly #keepWord: 'PERSIST' | 'KEEPTTL'

  /** `keepWord`: the command's alternative to a deadline. HSETEX has values and conditions too. */
  constructor(context: Context, keepWord: 'PERSIST' | 'KEEPTTL') {
    this.#context = context
    this.#keepWord = keepWord
    const { args } = context
    let at = 2
    while (at < args.count && !args.is(at, 'FIELDS')) at = this.#readOption(at)
    if (at === args.count) throw NO_FIELDS
    this.#readFields(at + 1)
  }

  /** Returns the index behind the option. */
  #readOption(at: number): number {
    const { args } = this.#context
    const isSetting = this.#keepWord === 'KEEPTTL'
    if (isSetting && (args.is(at, 'FNX') || args.is(at, 'FXX'))) {
      if (this.condition !== '') throw ONE_CONDITION
      this.condition = args.is(at, 'FNX') ? 'FNX' : 'FXX'
      return at + 1
    }
    if (args.is(at, this.#keepWord)) {
      this.#checkFirst()
      this.keeps = true
      return at + 1
    }
    const { now } = this.#context
    if (args.is(at, 'EX')) return this.#readDeadline(at + 1, now, 1000)
    if (args.is(at, 'PX')) return this.#readDeadline(at + 1, now, 1)
    if (args.is(at, 'EXAT')) return this.#readDeadline(at + 1, 0, 1000)
    if (args.is(at, 'PXAT')) return this.#readDeadline(at + 1, 0, 1)
    throw new ReplyError(`ERR unknown argument: ${args.shown(at, args.lengths[at]!)}`)
  }

  #readDeadline(at: number, base: number, unit: number): number {
    const { args } = this.#context
    this.#checkFirst()
    if (at >= args.count) throw NO_DEADLINE_GIVEN
    this.deadline = readFieldDeadline(args, at, base, unit)
    this.hasDeadline = true
    return at + 1
  }

  #checkFirst(): void {
    if (!this.hasDeadline && !this.keeps) return
    throw new ReplyError(`ERR Only one of EX, PX, EXAT, PXAT or ${this.#keepWord} arguments can be specified`)
  }

  #readFields(at: number): void {
    const { args } = this.#context
    const count = at < args.count ? countAt(args, at) : 0
    if (count < 1) throw BAD_COUNT
    const words = this.#keepWord === 'KEEPTTL' ? 2 * count : count
    if (words !== args.count - at - 1) {
      throw new ReplyError(`ERR wrong number of arguments for '${args.word(0)}' command`)
    }
    this.first = at + 1
  }
}
