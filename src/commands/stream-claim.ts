// XCLAIM and XAUTOCLAIM: a consumer takes over what is pending with another.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { Key } from '../memory/key.ts'
import type { StreamId } from '../types/stream-id.ts'
import { countDelivery, deliveredAt, setDelivered, setDeliveryCount } from '../types/stream-pending.ts'
import { readId, readRangeStart } from './stream-arguments.ts'
import { propagateClaim } from './stream-delivery.ts'
import {
  changeStream,
  enterConsumer,
  noGroup,
  openGroup,
  replyEntry,
  replyId,
  WHOLE,
} from './stream-store.ts'

export const claimCommands: readonly CommandDefinition[] = [
  {
    name: 'XCLAIM',
    arity: -6,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax:
      'key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]',
    notes: {
      'IDLE ms': 'ms',
      'TIME unix-time-milliseconds': 'unix-time-milliseconds',
      'RETRYCOUNT count': 'count',
      'LASTID lastid': 'lastid',
    },
    summary: 'Gives pending entries to a consumer, whoever has them.',
    since: '5.0.0',
    complexity: 'O(log N) for each id, where N is the number of pending entries.',
    categories: ['stream'],
    tips: ['nondeterministic_output'],
    run: xclaim,
  },
  {
    name: 'XAUTOCLAIM',
    arity: -6,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'delete'),
    syntax: 'key group consumer min-idle-time start [COUNT count] [JUSTID]',
    notes: { start: { type: 'string' }, 'COUNT count': 'count' },
    summary: 'Gives entries that have been pending for long to a consumer, some at a time.',
    since: '6.2.0',
    complexity: 'O(1) if the count is small.',
    categories: ['stream'],
    tips: ['nondeterministic_output'],
    history: [['7.0.0', 'Entries that are deleted are pending no more, and returned as ids apart.']],
    run: xautoclaim,
  },
]

const BAD_COUNT = new ReplyError('ERR COUNT must be > 0')
/** Redis: so that ten times as many, with room for an id each, can be counted in 64 bits. */
const MOST_COUNT = 2n ** 59n - 1n
/** Redis makes room for so many ids at once: 16 bytes each, of an address space of 128 TB. */
const MOST_ROOM = 2 ** 43
const HIGH_COUNT = new ReplyError(
  'ERR Insufficient memory, failed allocating transient memory, COUNT too high.',
)
const DEFAULT_COUNT = 100
/** How many pending entries are looked at for each that is to be claimed. */
const ATTEMPTS = 10
const TIME_LIMIT = 2n ** 63n

function badOption(name: string, command: string): ReplyError {
  return new ReplyError(`ERR Invalid ${name} argument for ${command}`)
}

const BAD_IDLE_OF_XCLAIM = badOption('min-idle-time', 'XCLAIM')
const BAD_IDLE_OF_XAUTOCLAIM = badOption('min-idle-time', 'XAUTOCLAIM')
const BAD_IDLE = badOption('IDLE option', 'XCLAIM')
const BAD_TIME = badOption('TIME option', 'XCLAIM')
const BAD_RETRYCOUNT = badOption('RETRYCOUNT option', 'XCLAIM')

/** How entries are claimed. */
interface Claim {
  /** Where the group's name is; the key is at 1, the consumer's name behind. */
  minIdleMs: number
  /** What is to count as the time of delivery. */
  deliveredMs: number
  /** How often it is to have been delivered; undefined: once more. */
  retries: bigint | undefined
  forces: boolean
  repliesIds: boolean
  /** The group is to go on after this id, if it is greater than the last. */
  lastIdAt: number
}

// ---- XCLAIM

function xclaim(context: Context): void {
  const { args, db, effects, now, reply, streams } = context
  const key = context.key(1)
  if (changeStream(context, key) === undefined || !openGroup(context, 2)) throw noGroup(context, 1, 2)
  const minIdleMs = Math.max(0, args.integer(4, BAD_IDLE_OF_XCLAIM))
  const firstOption = endOfIds(context)
  const claim = readClaim(context, firstOption, minIdleMs)
  const { groups } = streams
  effects.none()
  if (claim.lastIdAt > 0) advanceTo(context, key, readId(args, claim.lastIdAt, streams.lastId))
  enterConsumer(context, key, 2, 3)
  const array = reply.openArray()
  let claimed = 0
  let dropped = 0
  for (let i = 5; i < firstOption; i++) {
    const id = readId(args, i, streams.id)
    const isPending = groups.pending.find(id)
    if (streams.stream.find(id)) {
      if (!isPending && !claim.forces) continue
      if (!isPending) groups.force(id, now)
      else if (isTooFresh(context, claim.minIdleMs)) continue
      take(context, id, claim)
      claimed++
    } else if (isPending) {
      drop(context, id)
      dropped++
    }
  }
  reply.closeArray(array, claimed)
  if (claimed > 0) groups.noteActive(now)
  if (claimed + dropped > 0) db.changedAside(key, undefined, claimed + dropped)
}

/** The index behind the ids: at the first argument that is none. */
function endOfIds({ args, streams }: Context): number {
  const { bytes, starts, lengths } = args
  let i = 5
  while (i < args.count && streams.id.parse(bytes, starts[i]!, lengths[i]!, 0)) i++
  return i
}

function readClaim({ args, now, streams }: Context, firstOption: number, minIdleMs: number): Claim {
  const claim: Claim = {
    minIdleMs,
    deliveredMs: now,
    retries: undefined,
    forces: false,
    repliesIds: false,
    lastIdAt: 0,
  }
  for (let i = firstOption; i < args.count; i++) {
    const hasMore = i + 1 < args.count
    if (args.is(i, 'FORCE')) claim.forces = true
    else if (args.is(i, 'JUSTID')) claim.repliesIds = true
    else if (hasMore && args.is(i, 'IDLE'))
      claim.deliveredMs = atMostNow(BigInt(now) - args.int64(++i, BAD_IDLE), now)
    else if (hasMore && args.is(i, 'TIME')) claim.deliveredMs = atMostNow(args.int64(++i, BAD_TIME), now)
    else if (hasMore && args.is(i, 'RETRYCOUNT')) {
      const retries = args.int64(++i, BAD_RETRYCOUNT)
      // Redis: a negative number is as good as none.
      claim.retries = retries < 0n ? undefined : retries
    } else if (hasMore && args.is(i, 'LASTID')) {
      readId(args, ++i, streams.lastId)
      claim.lastIdAt = i
    } else throw new ReplyError(`ERR Unrecognized XCLAIM option '${args.shown(i, WHOLE)}'`)
  }
  return claim
}

/** Redis: a time before 1970 or in the future is now. */
function atMostNow(milliseconds: bigint, now: number): number {
  const wrapped = BigInt.asIntN(64, milliseconds % TIME_LIMIT)
  return wrapped < 0n || wrapped > BigInt(now) ? now : Number(wrapped)
}

function advanceTo({ args, db, effects, streams }: Context, key: Key, id: StreamId): void {
  const { groups } = streams
  if (id.compare(groups.lastId) <= 0) return
  groups.setLastId(id)
  db.changedAside(key, undefined)
  if (!effects.isWanted) return
  const read = groups.read.toString()
  effects.add('XGROUP', 'SETID', args.copy(1), args.copy(2), id.toString(), 'ENTRIESREAD', read)
}

// ---- XAUTOCLAIM

function xautoclaim(context: Context): void {
  const { args, db, effects, now, reply, streams } = context
  const minIdleMs = Math.max(0, args.integer(4, BAD_IDLE_OF_XAUTOCLAIM))
  readRangeStart(args, 5, streams.firstId)
  const { count, repliesIds } = readAutoclaimOptions(context)
  const key = context.key(1)
  if (changeStream(context, key) === undefined || !openGroup(context, 2)) throw noGroup(context, 1, 2)
  if (count > MOST_ROOM) throw HIGH_COUNT
  effects.none()
  enterConsumer(context, key, 2, 3)
  const claim: Claim = {
    minIdleMs,
    deliveredMs: now,
    retries: undefined,
    forces: false,
    repliesIds,
    lastIdAt: 0,
  }
  reply.array(3)
  // How far it has got is said first and known last.
  const start = reply.length
  const array = reply.openArray()
  const deleted: Uint8Array[] = []
  const claimed = claimFrom(context, claim, count, deleted)
  reply.closeArray(array, claimed)
  reply.array(deleted.length)
  for (const text of deleted) reply.buffer(text)
  insertCursor(context, start)
  if (claimed > 0) streams.groups.noteActive(now)
  if (claimed + deleted.length > 0) db.changedAside(key, undefined, claimed + deleted.length)
}

function readAutoclaimOptions({ args }: Context): { count: number; repliesIds: boolean } {
  let count = DEFAULT_COUNT
  let repliesIds = false
  for (let i = 6; i < args.count; i++) {
    if (i + 1 < args.count && args.is(i, 'COUNT')) {
      const given = args.int64(++i, BAD_COUNT)
      if (given < 1n || given > MOST_COUNT) throw BAD_COUNT
      count = Number(given)
    } else if (args.is(i, 'JUSTID')) repliesIds = true
    else throw SYNTAX_ERROR
  }
  return { count, repliesIds }
}

/** Claims from `firstId` on, which is then where to go on, 0-0 at the end. Returns how many entries were claimed. */
function claimFrom(context: Context, claim: Claim, count: number, deleted: Uint8Array[]): number {
  const { streams } = context
  const { firstId, id, stream } = streams
  const { pending } = streams.groups
  let claimed = 0
  let attempts = count * ATTEMPTS
  let more = pending.seek(firstId)
  while (more && attempts-- > 0 && claimed + deleted.length < count) {
    pending.readId(id)
    if (!stream.find(id)) {
      deleted.push(Buffer.from(id.toString(), 'latin1'))
      drop(context, id)
      more = pending.seek(id)
      continue
    }
    if (!isTooFresh(context, claim.minIdleMs)) {
      take(context, id, claim)
      claimed++
    }
    more = pending.next()
  }
  if (more) pending.readId(firstId)
  else firstId.set(0, 0, 0, 0)
  return claimed
}

/** Puts the cursor before what has been written since. */
function insertCursor({ reply, streams }: Context, at: number): void {
  const written = Buffer.from(reply.bytes.subarray(at, reply.length))
  reply.length = at
  replyId(reply, streams, streams.firstId)
  reply.raw(written)
}

// ---- both

/** Whether the current pending entry was delivered too short a time ago. */
function isTooFresh({ now, streams }: Context, minIdleMs: number): boolean {
  if (minIdleMs === 0) return false
  const { words, payloadAt } = streams.groups.pending
  return now - deliveredAt(words, payloadAt) < minIdleMs
}

/** Gives the current pending entry, which the stream has, to the current consumer, and replies with it. */
function take(context: Context, id: StreamId, claim: Claim): void {
  const { args, effects, reply, streams } = context
  const { groups, stream } = streams
  groups.claim(id)
  const { words, payloadAt } = groups.pending
  setDelivered(words, payloadAt, claim.deliveredMs)
  if (claim.retries !== undefined) setDeliveryCount(words, payloadAt, claim.retries)
  else if (!claim.repliesIds) countDelivery(words, payloadAt)
  if (claim.repliesIds) replyId(reply, streams, id)
  else {
    const cursor = stream.range(id, id)
    cursor.next()
    replyEntry(reply, streams, cursor)
  }
  if (effects.isWanted) propagateClaim(context, id, [args.copy(1), args.copy(2), args.copy(3)])
}

/** Takes an entry that was deleted from the stream off the pending ones. */
function drop({ args, effects, streams }: Context, id: StreamId): void {
  streams.groups.acknowledge(id)
  if (effects.isWanted) effects.add('XACK', args.copy(1), args.copy(2), id.toString())
}
