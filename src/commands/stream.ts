// Commands on the entries of a stream: adding, counting, listing, deleting, trimming. Reading with waiting is in
// stream-read.ts, consumer groups in stream-group.ts and its neighbours.

import { NO_SUCH_KEY, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { isTooLarge, type Stream, type Trimming } from '../types/stream.ts'
import { StreamId } from '../types/stream-id.ts'
import {
  type AddOptions,
  type IdChoice,
  isPlainId,
  readAddOptions,
  readChosenId,
  readId,
  readRangeEnd,
  readRangeStart,
  readTrimming,
} from './stream-arguments.ts'
import { claimCommands } from './stream-claim.ts'
import { groupCommands } from './stream-group.ts'
import { streamInfoCommands } from './stream-info.ts'
import { pendingCommands } from './stream-pending.ts'
import { streamReadCommands } from './stream-read.ts'
import { changeStream, createStream, readStream, replyEntry, replyId } from './stream-store.ts'

const TRIMMING_NOTES = { MINID: { since: '6.2.0' }, 'LIMIT count': { since: '6.2.0' } } as const

export const streamCommands: CommandFamily = {
  group: 'stream',
  commands: [
    {
      name: 'XADD',
      arity: -5,
      flags: ['write', 'denyoom', 'fast'],
      keys: oneKey('RW', 'update'),
      syntax:
        'key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]',
      notes: { NOMKSTREAM: { since: '6.2.0' }, ...TRIMMING_NOTES },
      summary:
        'Adds an entry at the end of a stream and returns its id. Creates the key if it does not exist.',
      since: '5.0.0',
      complexity: 'O(1); with trimming O(N) more, where N is the number of entries that go.',
      categories: ['stream'],
      tips: ['nondeterministic_output'],
      history: [
        ['6.2.0', 'Added `NOMKSTREAM`, `MINID` and `LIMIT`.'],
        ['7.0.0', 'The sequence number alone may be left to the server: `<ms>-*`.'],
      ],
      run: xadd,
    },
    {
      name: 'XLEN',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO'),
      syntax: 'key',
      summary: 'Counts the entries of a stream.',
      since: '5.0.0',
      complexity: 'O(1)',
      categories: ['stream'],
      run: xlen,
    },
    {
      name: 'XRANGE',
      arity: -4,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key start end [COUNT count]',
      notes: { start: { type: 'string' }, end: { type: 'string' } },
      summary: 'Returns the entries of a stream between two ids.',
      since: '5.0.0',
      complexity: 'O(N) where N is the number of entries returned.',
      categories: ['stream'],
      history: [['6.2.0', 'The ids themselves can be left out: `(`.']],
      run: (context) => range(context, 2, 3),
    },
    {
      name: 'XREVRANGE',
      arity: -4,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key end start [COUNT count]',
      notes: { start: { type: 'string' }, end: { type: 'string' } },
      summary: 'Returns the entries of a stream between two ids, the last first.',
      since: '5.0.0',
      complexity: 'O(N) where N is the number of entries returned.',
      categories: ['stream'],
      history: [['6.2.0', 'The ids themselves can be left out: `(`.']],
      run: (context) => range(context, 3, 2),
    },
    {
      name: 'XDEL',
      arity: -3,
      flags: ['write', 'fast'],
      keys: oneKey('RW', 'delete'),
      syntax: 'key id [id ...]',
      summary: 'Deletes entries of a stream and says how many were there.',
      since: '5.0.0',
      complexity: 'O(log N) for each entry, where N is the length of the stream.',
      categories: ['stream'],
      run: xdel,
    },
    {
      name: 'XTRIM',
      arity: -4,
      flags: ['write'],
      keys: oneKey('RW', 'delete'),
      syntax: 'key <<MAXLEN | MINID> [= | ~] threshold [LIMIT count]>',
      notes: TRIMMING_NOTES,
      summary: 'Deletes the oldest entries of a stream and says how many went.',
      since: '5.0.0',
      complexity: 'O(N) where N is the number of entries that go.',
      categories: ['stream'],
      tips: ['nondeterministic_output'],
      history: [['6.2.0', 'Added `MINID` and `LIMIT`.']],
      run: xtrim,
    },
    {
      name: 'XSETID',
      arity: -3,
      flags: ['write', 'denyoom', 'fast'],
      keys: oneKey('RW', 'update'),
      syntax: 'key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]',
      notes: {
        'ENTRIESADDED entries-added': { name: 'entries-added', since: '7.0.0' },
        'MAXDELETEDID max-deleted-id': { name: 'max-deleted-id', since: '7.0.0' },
      },
      summary: 'Sets what a stream remembers of its past: meant for servers among themselves.',
      since: '5.0.0',
      complexity: 'O(1)',
      categories: ['stream'],
      history: [['7.0.0', 'Added `ENTRIESADDED` and `MAXDELETEDID`.']],
      run: xsetid,
    },
    ...streamReadCommands,
    ...groupCommands,
    ...pendingCommands,
    ...claimCommands,
    ...streamInfoCommands,
  ],
}

const NO_FIELDS = new ReplyError("ERR wrong number of arguments for 'xadd' command")
const ZERO_ID = new ReplyError('ERR The ID specified in XADD must be greater than 0-0')
const SMALL_ID = new ReplyError(
  'ERR The ID specified in XADD is equal or smaller than the target stream top item',
)
const NO_IDS_LEFT = new ReplyError(
  'ERR The stream has exhausted the last possible ID, unable to add more items',
)
const TOO_LARGE = new ReplyError('ERR Elements are too large to be stored')
const SMALL_LAST_ID = new ReplyError(
  'ERR The ID specified in XSETID is smaller than the target stream top item',
)
const SMALL_FOR_DELETED = new ReplyError(
  'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
)
const SMALL_FOR_CURRENT_DELETED = new ReplyError(
  'ERR The ID specified in XSETID is smaller than current max_deleted_entry_id',
)
const FEW_ADDED = new ReplyError(
  'ERR The entries_added specified in XSETID is smaller than the target stream length',
)
const NEGATIVE_ADDED = new ReplyError('ERR entries_added must be positive')

// ---- adding

function xadd(context: Context): void {
  const { args, streams } = context
  // Most XADDs have no options: nothing is made for them then.
  if (!isPlainId(args, 2)) {
    const options = readAddOptions(context, streams.id)
    add(context, options.isIdChosen, options.firstField, options)
  } else add(context, readChosenId(args, 2, streams.id), 3, undefined)
}

function add(context: Context, choice: IdChoice, firstField: number, options: AddOptions | undefined): void {
  const { args, db, effects, reply, streams } = context
  const { id } = streams
  const fields = args.count - firstField
  if (fields < 2 || (fields & 1) === 1) throw NO_FIELDS
  if (choice === 'given' && id.isZero) throw ZERO_ID
  const key = context.key(1)
  const found = changeStream(context, key)
  if (found === undefined && options?.makesStream === false) {
    reply.null()
    return
  }
  if (found?.lastId.isLargest) throw NO_IDS_LEFT
  if (isTooLarge(args, firstField, fields / 2)) throw TOO_LARGE
  chooseId(context, choice, found)
  const stream = found ?? createStream(context, key)
  stream.append(id, args, firstField, fields / 2)
  // The id goes out first: what hears of the change may use the scratch.
  replyId(reply, streams, id)
  db.changed(key, 'xadd')
  const trimming = options?.trimming
  const trimmed = trimming === undefined ? 0 : stream.trim(trimming)
  if (trimmed > 0) db.changed(key, 'xtrim', 0)
  if (effects.isWanted && (choice !== 'given' || options !== undefined)) {
    propagateAdd(context, firstField, trimming, stream)
  }
}

/** Completes the id of a new entry; refuses one that is not greater than the last. */
function chooseId({ now, streams }: Context, choice: IdChoice, stream: Stream | undefined): void {
  const { id } = streams
  const lastId = stream === undefined ? streams.lastId.set(0, 0, 0, 0) : stream.lastId
  if (choice === 'given') {
    if (id.compare(lastId) <= 0) throw SMALL_ID
    return
  }
  if (choice === 'auto') {
    id.set(0, 0, 0, 0)
    id.setUpper(now)
    // Redis: time that has gone back, or stood still, doesn't lead to smaller ids.
    if (id.compare(lastId) <= 0) id.copyFrom(lastId).increment()
    return
  }
  if (id.upperHigh === lastId.upperHigh && id.upperLow === lastId.upperLow) {
    if ((lastId.lowerHigh & lastId.lowerLow) === -1) throw SMALL_ID
    id.copyFrom(lastId).increment()
  } else if (id.compare(lastId) < 0) throw SMALL_ID
}

/** What is repeated has the id, and says exactly how many entries are to stay: nodes may be different elsewhere. */
function propagateAdd(
  { args, effects, streams }: Context,
  firstField: number,
  trimming: Trimming | undefined,
  stream: Stream,
): void {
  const words: (string | Uint8Array)[] = ['XADD', args.copy(1)]
  if (trimming !== undefined) words.push(...exactTrimming(trimming, stream))
  words.push(streams.id.toString())
  for (let i = firstField; i < args.count; i++) words.push(args.copy(i))
  effects.replaceWith(...words)
}

function exactTrimming({ isApproximate, maxLength, minId }: Trimming, stream: Stream): string[] {
  if (isApproximate) return ['MAXLEN', '=', String(stream.length)]
  return maxLength === undefined ? ['MINID', '=', minId.toString()] : ['MAXLEN', '=', String(maxLength)]
}

// ---- listing

function xlen(context: Context): void {
  context.reply.integer(readStream(context, 1)?.length ?? 0)
}

/** The entries from the id at one argument to that at another; the first argument of the two is where it begins. */
function range(context: Context, startIndex: number, endIndex: number): void {
  const { args, reply, streams } = context
  const { firstId, lastId } = streams
  readRangeStart(args, startIndex, firstId)
  readRangeEnd(args, endIndex, lastId)
  let left = Number.POSITIVE_INFINITY
  for (let i = 4; i < args.count; i += 2) {
    if (!args.is(i, 'COUNT') || i + 1 === args.count) throw SYNTAX_ERROR
    left = args.integer(i + 1)
  }
  const stream = readStream(context, 1)
  if (stream === undefined) {
    reply.array(0)
    return
  }
  if (left <= 0) {
    reply.nullArray()
    return
  }
  const cursor = stream.range(firstId, lastId, startIndex > endIndex)
  const array = reply.openArray()
  let count = 0
  for (; count < left && cursor.next(); count++) replyEntry(reply, streams, cursor)
  reply.closeArray(array, count)
}

// ---- taking away

function xdel(context: Context): void {
  const { args, db, reply, streams } = context
  const key = context.key(1)
  const stream = changeStream(context, key)
  if (stream === undefined) {
    reply.integer(0)
    return
  }
  if (args.count > 3) for (let i = 2; i < args.count; i++) readId(args, i, streams.id)
  let deleted = 0
  for (let i = 2; i < args.count; i++) if (stream.delete(readId(args, i, streams.id))) deleted++
  if (deleted > 0) {
    stream.settle()
    db.changed(key, 'xdel', deleted)
  }
  reply.integer(deleted)
}

function xtrim(context: Context): void {
  const { args, db, effects, reply } = context
  const trimming = readTrimming(context)
  const key = context.key(1)
  const stream = changeStream(context, key)
  const trimmed = stream?.trim(trimming) ?? 0
  if (stream !== undefined && trimmed > 0) {
    db.changed(key, 'xtrim', trimmed)
    if (effects.isWanted && trimming.isApproximate) {
      effects.replaceWith('XTRIM', args.copy(1), ...exactTrimming(trimming, stream))
    }
  }
  reply.integer(trimmed)
}

// ---- what a stream remembers

function xsetid(context: Context): void {
  const { args, db, reply, streams } = context
  const lastId = readId(args, 2, streams.lastId)
  let added: bigint | undefined
  let deletedId: StreamId | undefined
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) throw SYNTAX_ERROR
    if (args.is(i, 'ENTRIESADDED')) {
      added = args.int64(i + 1)
      if (added < 0n) throw NEGATIVE_ADDED
    } else if (args.is(i, 'MAXDELETEDID')) {
      deletedId = readId(args, i + 1, new StreamId())
      if (lastId.compare(deletedId) < 0) throw SMALL_FOR_DELETED
    } else throw SYNTAX_ERROR
  }
  const key = context.key(1)
  const stream = changeStream(context, key)
  if (stream === undefined) throw NO_SUCH_KEY
  if (lastId.compare(stream.readDeletedId(streams.id)) < 0) throw SMALL_FOR_CURRENT_DELETED
  // An entry that was deleted last may have left a greater last id behind: that may be set back.
  const last = stream.lastEntry()
  if (last !== undefined && lastId.compare(last.id) < 0) throw SMALL_LAST_ID
  if (last !== undefined && added !== undefined && added < BigInt(stream.length)) throw FEW_ADDED
  stream.setFacts(lastId, added, deletedId?.isZero ? undefined : deletedId)
  db.changedAside(key, 'xsetid')
  reply.ok()
}
