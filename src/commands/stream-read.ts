// XREAD and XREADGROUP: the entries of several streams after an id each, new ones awaited if asked.
//
// XREADGROUP hands new entries to a consumer: they are then pending with it, until acknowledged. With an id instead of
// `>` it shows what is pending with the consumer already.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { type FoundKeys, keyFlagBits } from '../command/found-keys.ts'
import { readDeadlineMs } from '../command/timeout.ts'
import type { Stream } from '../types/stream.ts'
import type { StreamId } from '../types/stream-id.ts'
import { STREAM } from '../types/value-type.ts'
import { isSign, readId } from './stream-arguments.ts'
import { deliverNew, replyHistory } from './stream-delivery.ts'
import { enterConsumer, noGroup, openGroup, readStream, replyEntry } from './stream-store.ts'

const STREAMS_NOTES = {
  'STREAMS key [key ...] id [id ...]': 'streams',
} as const

export const streamReadCommands: readonly CommandDefinition[] = [
  {
    name: 'XREAD',
    arity: -4,
    flags: ['readonly', 'blocking'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { keyword: 'STREAMS', startFrom: 1 },
        find: { last: -1, step: 1, limit: 2 },
      },
    ],
    syntax: '[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]',
    notes: STREAMS_NOTES,
    summary: 'Returns the entries of several streams after an id each; waits for new ones if asked.',
    since: '5.0.0',
    complexity: 'O(N) where N is the number of entries returned.',
    categories: ['stream'],
    run: xread,
  },
  {
    name: 'XREADGROUP',
    arity: -7,
    flags: ['write', 'blocking'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { keyword: 'STREAMS', startFrom: 4 },
        find: { last: -1, step: 1, limit: 2 },
      },
    ],
    syntax:
      'GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]',
    notes: STREAMS_NOTES,
    summary: 'Hands entries that the group has not read yet to a consumer, or shows what is pending with it.',
    since: '5.0.0',
    complexity: 'O(N) where N is the number of entries returned.',
    categories: ['stream'],
    findKeys: findGroupKeys,
    run: xreadgroup,
  },
]

const NO_GROUP_ON_XREAD = new ReplyError(
  'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.',
)
const NO_NOACK_ON_XREAD = new ReplyError(
  'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.',
)
const GROUP_MISSING = new ReplyError('ERR Missing GROUP option for XREADGROUP')
const UNBALANCED_XREAD = new ReplyError(
  "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.",
)
const UNBALANCED_XREADGROUP = new ReplyError(
  "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.",
)
const LAST_IN_GROUP = new ReplyError(
  'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
)
const NEW_WITHOUT_GROUP = new ReplyError(
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
)
const PLUS_IN_GROUP = new ReplyError(
  'ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.',
)

const DOLLAR = 0x24
const PLUS = 0x2b
const GREATER = 0x3e
const DOES_NOT_WAIT = -1

interface ReadOptions {
  /** Entries of each stream; 0: all. */
  count: number
  /** When to stop waiting, 0: never; or DOES_NOT_WAIT. */
  deadline: number
  isAcknowledged: boolean
  /** The index of the group's name, the consumer behind it; 0: none. */
  group: number
  /** The index of the first key, and how many there are; their ids stand behind. */
  firstKey: number
  keyCount: number
}

function readOptions(context: Context, isGroup: boolean): ReadOptions {
  const { args, now } = context
  const options: ReadOptions = {
    count: 0,
    deadline: DOES_NOT_WAIT,
    isAcknowledged: false,
    group: 0,
    firstKey: 0,
    keyCount: 0,
  }
  for (let i = 1; i < args.count && options.firstKey === 0; i++) {
    const hasMore = i + 1 < args.count
    if (hasMore && args.is(i, 'BLOCK')) options.deadline = readDeadlineMs(args, ++i, now)
    else if (hasMore && args.is(i, 'COUNT')) options.count = Math.max(0, args.integer(++i))
    else if (hasMore && args.is(i, 'STREAMS')) {
      options.firstKey = i + 1
      if ((args.count - i) % 2 === 0) throw isGroup ? UNBALANCED_XREADGROUP : UNBALANCED_XREAD
      options.keyCount = (args.count - i - 1) / 2
    } else if (i + 2 < args.count && args.is(i, 'GROUP')) {
      if (!isGroup) throw NO_GROUP_ON_XREAD
      options.group = i + 1
      i += 2
    } else if (args.is(i, 'NOACK')) {
      if (!isGroup) throw NO_NOACK_ON_XREAD
      options.isAcknowledged = true
    } else throw SYNTAX_ERROR
  }
  if (options.firstKey === 0) throw SYNTAX_ERROR
  if (isGroup && options.group === 0) throw GROUP_MISSING
  return options
}

const READ = keyFlagBits(['RO', 'access'])

/** A group or a consumer may be called STREAMS. */
function findGroupKeys(args: Arguments, found: FoundKeys): void {
  for (let i = 1; i < args.count - 1; i++) {
    if (args.is(i, 'GROUP')) i += 2
    else if (args.is(i, 'BLOCK') || args.is(i, 'COUNT')) i++
    else if (args.is(i, 'STREAMS')) {
      const end = i + 1 + Math.floor((args.count - i - 1) / 2)
      for (let key = i + 1; key < end; key++) found.add(key, READ)
      return
    }
  }
}

// ---- XREAD

function xread(context: Context): void {
  const { args, reply } = context
  const options = readOptions(context, false)
  const { firstKey, keyCount } = options
  for (let i = 0; i < keyCount; i++) {
    // Redis: looks for each key twice, and counts that.
    readStream(context, firstKey + i)
    checkReadId(args, firstKey + keyCount + i, context.streams.id)
  }
  const start = reply.length
  const replies = new Replies(context)
  for (let i = 0; i < keyCount; i++) readAfter(context, options, i, replies)
  replies.end()
  if (replies.count > 0) return
  reply.length = start
  wait(context, options, () => withoutSigns(context, options))
}

function checkReadId(args: Arguments, index: number, id: StreamId): void {
  if (isSign(args, index, GREATER)) throw NEW_WITHOUT_GROUP
  if (!isSign(args, index, DOLLAR) && !isSign(args, index, PLUS)) readId(args, index, id)
}

/** Replies with the entries of one stream after its id, if there are any. */
function readAfter(context: Context, options: ReadOptions, number: number, replies: Replies): void {
  const { args, streams } = context
  const { count, firstKey, keyCount } = options
  const stream = readStream(context, firstKey + number)
  const index = firstKey + keyCount + number
  if (stream === undefined || isSign(args, index, DOLLAR)) return
  if (isSign(args, index, PLUS)) {
    const cursor = stream.lastEntry()
    if (cursor === undefined) return
    replies.begin(firstKey + number)
    replyEntry(context.reply, streams, cursor)
    replies.endKey(1)
    return
  }
  const after = readId(args, index, streams.firstId)
  if (after.isLargest || stream.lastId.compare(after) <= 0) return
  after.increment()
  const cursor = stream.range(after, streams.lastId.set(-1, -1, -1, -1))
  if (!cursor.next()) return
  replies.begin(firstKey + number)
  let entries = 0
  do {
    replyEntry(context.reply, streams, cursor)
    entries++
  } while (entries !== count && cursor.next())
  replies.endKey(entries)
}

/** The request with `$` and `+` replaced: what will be new is told from what is there now. */
function withoutSigns(context: Context, options: ReadOptions): Uint8Array[] | undefined {
  const { args } = context
  const { firstKey, keyCount } = options
  let request: Uint8Array[] | undefined
  for (let i = firstKey + keyCount; i < args.count; i++) {
    if (!isSign(args, i, DOLLAR) && !isSign(args, i, PLUS)) continue
    request ??= args.toArrays()
    const stream = readStream(context, i - keyCount)
    request[i] = Buffer.from(stream === undefined ? '0-0' : stream.lastId.toString())
  }
  return request
}

// ---- XREADGROUP

function xreadgroup(context: Context): void {
  const options = readOptions(context, true)
  const { db, effects, reply } = context
  const { firstKey, keyCount } = options
  for (let i = 0; i < keyCount; i++) checkGroupRead(context, options, i)
  // What is done to groups is repeated by other commands.
  effects.none()
  const start = reply.length
  const replies = new Replies(context)
  for (let i = 0; i < keyCount; i++) readForGroup(context, options, firstKey + i, replies)
  if (replies.count > 0) db.changedAside(context.key(firstKey), undefined, replies.count)
  replies.end()
  if (replies.count > 0) return
  reply.length = start
  wait(context, options, undefined)
}

function checkGroupRead(context: Context, options: ReadOptions, number: number): void {
  const { args, streams } = context
  const { firstKey, group, keyCount } = options
  if (readStream(context, firstKey + number) === undefined || !openGroup(context, group)) {
    const { message } = noGroup(context, firstKey + number, group)
    throw new ReplyError(`${message} in XREADGROUP with GROUP option`)
  }
  const index = firstKey + keyCount + number
  if (isSign(args, index, DOLLAR)) throw LAST_IN_GROUP
  if (isSign(args, index, PLUS)) throw PLUS_IN_GROUP
  if (!isSign(args, index, GREATER)) readId(args, index, streams.id)
}

function readForGroup(context: Context, options: ReadOptions, keyIndex: number, replies: Replies): void {
  const { args, streams } = context
  const { count, group, isAcknowledged, keyCount } = options
  const stream = readStream(context, keyIndex) as Stream
  openGroup(context, group)
  enterConsumer(context, context.key(keyIndex), group, group + 1)
  const index = keyIndex + keyCount
  if (!isSign(args, index, GREATER)) {
    replies.begin(keyIndex)
    replies.endKey(replyHistory(context, readId(args, index, streams.firstId), count))
    return
  }
  const { lastId } = streams.groups
  if (stream.lastId.compare(lastId) <= 0) return
  const after = streams.firstId.copyFrom(lastId).increment()
  const cursor = stream.range(after, streams.lastId.set(-1, -1, -1, -1))
  if (!cursor.next()) return
  replies.begin(keyIndex)
  replies.endKey(deliverNew(context, cursor, { count, isAcknowledged, keyIndex, group }))
}

// ---- waiting

function wait(
  context: Context,
  options: ReadOptions,
  request: (() => Uint8Array[] | undefined) | undefined,
): void {
  const { deadline, firstKey, keyCount } = options
  if (deadline === DOES_NOT_WAIT || context.deniesBlocking) {
    context.reply.nullArray()
    return
  }
  const instead = request?.()
  context.block({
    type: STREAM,
    firstKey,
    keyCount,
    deadline,
    wakesWithoutKey: options.group > 0,
    ...(instead && { request: instead }),
  })
}

// ---- replies

/** Entries by key: a map in RESP3, pairs in RESP2. */
class Replies {
  /** Keys that there was something of. */
  count = 0
  readonly #context: Context
  readonly #start: number
  #array = 0

  constructor(context: Context) {
    this.#context = context
    this.#start = context.reply.openArray()
  }

  begin(keyIndex: number): void {
    const { args, reply } = this.#context
    this.count++
    if (reply.protocol === 2) reply.array(2)
    reply.bulk(args.slice(keyIndex))
    this.#array = reply.openArray()
  }

  endKey(entries: number): void {
    this.#context.reply.closeArray(this.#array, entries)
  }

  end(): void {
    const { reply } = this.#context
    if (reply.protocol === 2) reply.closeArray(this.#start, this.count)
    else reply.closeMap(this.#start, this.count)
  }
}
