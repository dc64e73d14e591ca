// What is pending in a consumer group: acknowledging it, and listing it.

import { SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { deliveredAt, deliveryCount, ownerOf } from '../types/stream-pending.ts'
import { readId, readRangeEnd, readRangeStart } from './stream-arguments.ts'
import { changeStream, noGroup, openGroup, readStream, replyId } from './stream-store.ts'

export const pendingCommands: readonly CommandDefinition[] = [
  {
    name: 'XACK',
    arity: -4,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: 'key group id [id ...]',
    summary: 'Acknowledges entries: they are pending no more. Returns how many were.',
    since: '5.0.0',
    complexity: 'O(log N) for each id, where N is the number of pending entries.',
    categories: ['stream'],
    run: xack,
  },
  {
    name: 'XPENDING',
    arity: -3,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key group [[IDLE min-idle-time] start end count [consumer]]',
    notes: {
      'IDLE min-idle-time': { name: 'min-idle-time', type: 'integer', since: '6.2.0' },
      start: { type: 'string' },
      end: { type: 'string' },
    },
    summary: 'Sums up what is pending in a consumer group, or lists it.',
    since: '5.0.0',
    complexity: 'O(N) where N is the number of entries returned, or of consumers.',
    categories: ['stream'],
    tips: ['nondeterministic_output'],
    history: [['6.2.0', 'Added `IDLE` and ids that are no part of the range themselves.']],
    run: xpending,
  },
]

function xack(context: Context): void {
  const { args, db, reply, streams } = context
  const key = context.key(1)
  if (changeStream(context, key) === undefined || !openGroup(context, 2)) {
    reply.integer(0)
    return
  }
  if (args.count > 4) for (let i = 3; i < args.count; i++) readId(args, i, streams.id)
  let acknowledged = 0
  for (let i = 3; i < args.count; i++) {
    if (streams.groups.acknowledge(readId(args, i, streams.id))) acknowledged++
  }
  if (acknowledged > 0) db.changedAside(key, undefined, acknowledged)
  reply.integer(acknowledged)
}

interface ListOptions {
  idleMs: number
  count: number
  /** The index of the consumer's name; 0: all consumers. */
  consumer: number
}

function xpending(context: Context): void {
  const { args } = context
  if (args.count === 3) {
    openForReading(context)
    replySummary(context)
    return
  }
  const options = readListOptions(context)
  openForReading(context)
  replyList(context, options)
}

function openForReading(context: Context): void {
  if (readStream(context, 1) === undefined || !openGroup(context, 2)) throw noGroup(context, 1, 2)
}

/** The bounds of the list are then in `firstId` and `lastId`. */
function readListOptions({ args, streams }: Context): ListOptions {
  // Redis: what stands behind the consumer is passed over, if it isn't too much.
  if (args.count < 6 || args.count > 9) throw SYNTAX_ERROR
  let at = 3
  let idleMs = 0
  if (args.is(3, 'IDLE')) {
    idleMs = args.integer(4)
    if (args.count < 8) throw SYNTAX_ERROR
    at = 5
  }
  const count = Math.max(0, args.integer(at + 2))
  readRangeStart(args, at, streams.firstId)
  readRangeEnd(args, at + 1, streams.lastId)
  return { idleMs, count, consumer: args.count > at + 3 ? at + 3 : 0 }
}

function replySummary({ reply, streams }: Context): void {
  const { consumers, pending } = streams.groups
  reply.array(4)
  reply.integer(pending.count)
  if (!pending.first()) {
    reply.null()
    reply.null()
    reply.nullArray()
    return
  }
  replyId(reply, streams, pending.readId(streams.id))
  pending.last()
  replyId(reply, streams, pending.readId(streams.id))
  const array = reply.openArray()
  let count = 0
  for (const name of consumers.names()) {
    const length = consumers.pendingOf(name)
    if (length === 0) continue
    reply.array(2)
    reply.buffer(name)
    reply.bulkInteger(length)
    count++
  }
  reply.closeArray(array, count)
}

function replyList(context: Context, { idleMs, count, consumer }: ListOptions): void {
  const { args, now, reply, streams } = context
  const { consumers, pending } = streams.groups
  if (consumer > 0 && !consumers.find(args.slice(consumer))) {
    reply.array(0)
    return
  }
  // The consumer's own ids, or all: of each the rest stands with the group.
  const ids = consumer > 0 ? consumers.owned : pending
  const { id, firstId, lastId } = streams
  const array = reply.openArray()
  let listed = 0
  for (let more = ids.seek(firstId); more && listed < count; more = ids.next()) {
    if (ids.readId(id).compare(lastId) > 0) break
    if (ids !== pending) pending.find(id)
    const { words, payloadAt } = pending
    const idle = now - deliveredAt(words, payloadAt)
    if (idle < idleMs) continue
    reply.array(4)
    replyId(reply, streams, id)
    reply.bulk(consumers.nameOf(ownerOf(words, payloadAt)))
    reply.integer(Math.max(0, idle))
    reply.bigInteger(deliveryCount(words, payloadAt))
    listed++
  }
  reply.closeArray(array, listed)
}
