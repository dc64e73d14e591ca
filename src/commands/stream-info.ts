// XINFO: what there is to know about streams, groups and consumers.

import { NO_SUCH_KEY, ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import { keyAt } from '../command/key-specs.ts'
import { Slice } from '../memory/slice.ts'
import type { Stream } from '../types/stream.ts'
import type { StreamCursor } from '../types/stream-cursor.ts'
import { streamNodeCount } from '../types/stream-footprint.ts'
import { UNKNOWN } from '../types/stream-groups.ts'
import { deliveredAt, deliveryCount, ownerOf } from '../types/stream-pending.ts'
import { openGroup, readStream, replyEntry, replyId, WHOLE } from './stream-store.ts'

const subcommands: readonly CommandDefinition[] = [
  {
    name: 'STREAM',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(2, 'RO', 'access')],
    syntax: 'key [FULL [COUNT count]]',
    notes: { FULL: { name: 'full' }, 'COUNT count': 'count' },
    summary: 'Tells about a stream; in full, its entries, groups, consumers and what is pending too.',
    since: '5.0.0',
    complexity: 'O(1); in full O(N) where N is the number of entries, consumers and pending entries told of.',
    categories: ['stream'],
    history: [
      ['6.0.0', 'Added `FULL`.'],
      [
        '7.0.0',
        'Added `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag`.',
      ],
      ['7.2.0', 'Added `active-time`; `seen-time` is that of any attempt.'],
    ],
    run: streamInfo,
  },
  {
    name: 'GROUPS',
    arity: 3,
    flags: ['readonly'],
    keys: [keyAt(2, 'RO', 'access')],
    syntax: 'key',
    summary: 'Tells about the consumer groups of a stream.',
    since: '5.0.0',
    complexity: 'O(N) where N is the number of groups.',
    categories: ['stream'],
    history: [['7.0.0', 'Added `entries-read` and `lag`.']],
    run: groupsInfo,
  },
  {
    name: 'CONSUMERS',
    arity: 4,
    flags: ['readonly'],
    keys: [keyAt(2, 'RO', 'access')],
    syntax: 'key group',
    summary: 'Tells about the consumers of a group.',
    since: '5.0.0',
    complexity: 'O(N) where N is the number of consumers.',
    categories: ['stream'],
    tips: ['nondeterministic_output'],
    history: [['7.2.0', 'Added `inactive`; `idle` is the time since any attempt.']],
    run: consumersInfo,
  },
]

export const streamInfoCommands: readonly CommandDefinition[] = [
  {
    name: 'XINFO',
    arity: -2,
    flags: [],
    syntax: '',
    summary: 'Holds commands that tell about streams.',
    since: '5.0.0',
    complexity: 'Depends on the subcommand.',
    subcommands: withHelp({ of: 'XINFO', since: '5.0.0', categories: ['stream'] }, subcommands),
  },
]

/** How much of each list is shown in full, unless told otherwise. */
const DEFAULT_COUNT = 10
const LAST_NAME = 128
const UNLIMITED = Number.POSITIVE_INFINITY

function openStream(context: Context): Stream {
  const stream = readStream(context, 2)
  if (stream === undefined) throw NO_SUCH_KEY
  return stream
}

function streamInfo(context: Context): void {
  const { args } = context
  const stream = openStream(context)
  const isFull = args.count > 3
  const hasCount = args.count === 6 && args.is(4, 'COUNT')
  if ((isFull && !args.is(3, 'FULL')) || (args.count > 4 && !hasCount)) {
    const name = args.shown(1, LAST_NAME)
    throw new ReplyError(`ERR unknown subcommand or wrong number of arguments for '${name}'. Try XINFO HELP.`)
  }
  let count = hasCount ? args.integer(5) : DEFAULT_COUNT
  if (count < 0) count = DEFAULT_COUNT
  if (isFull) replyInFull(context, stream, count === 0 ? UNLIMITED : count)
  else replyInShort(context, stream)
}

function replyInShort(context: Context, stream: Stream): void {
  const { reply, streams } = context
  reply.map(10)
  replyFacts(context, stream)
  reply.text('groups')
  reply.integer(streams.groups.count)
  reply.text('first-entry')
  replyEntryOrNone(context, stream.firstEntry())
  reply.text('last-entry')
  replyEntryOrNone(context, stream.lastEntry())
}

function replyEntryOrNone({ reply, streams }: Context, cursor: StreamCursor | undefined): void {
  if (cursor === undefined) reply.null()
  else replyEntry(reply, streams, cursor)
}

/** Seven pairs. */
function replyFacts({ reply, streams }: Context, stream: Stream): void {
  reply.text('length')
  reply.integer(stream.length)
  reply.text('radix-tree-keys')
  reply.integer(stream.nodes.count)
  // Our tree is of another kind; one without entries counts as a node, as in Redis.
  reply.text('radix-tree-nodes')
  reply.integer(Math.max(1, streamNodeCount(stream.nodes)))
  reply.text('last-generated-id')
  replyId(reply, streams, stream.lastId)
  reply.text('max-deleted-entry-id')
  replyId(reply, streams, stream.readDeletedId(streams.id))
  reply.text('entries-added')
  reply.bigInteger(stream.added)
  reply.text('recorded-first-entry-id')
  replyId(reply, streams, stream.readFirstId(streams.id))
}

// ---- in full

function replyInFull(context: Context, stream: Stream, most: number): void {
  const { reply, streams } = context
  reply.map(9)
  replyFacts(context, stream)
  reply.text('entries')
  const cursor = stream.all()
  const array = reply.openArray()
  let count = 0
  for (; count < most && cursor.next(); count++) replyEntry(reply, streams, cursor)
  reply.closeArray(array, count)
  reply.text('groups')
  const names = streams.groups.names()
  reply.array(names.length)
  for (const name of names) replyGroup(context, name, most)
}

function replyGroup(context: Context, name: Uint8Array, most: number): void {
  const { reply, streams } = context
  const { groups } = streams
  const { consumers, pending } = groups
  groups.find(new Slice().set(name, 0, name.length))
  reply.map(7)
  reply.text('name')
  reply.buffer(name)
  reply.text('last-delivered-id')
  replyId(reply, streams, groups.lastId)
  replyProgress(context)
  reply.text('pel-count')
  reply.integer(pending.count)
  reply.text('pending')
  reply.array(Math.min(pending.count, most))
  let left = most
  for (let more = pending.first(); more && left > 0; more = pending.next()) {
    left--
    reply.array(4)
    replyId(reply, streams, pending.readId(streams.id))
    reply.bulk(consumers.nameOf(ownerOf(pending.words, pending.payloadAt)))
    replyDelivery(context)
  }
  reply.text('consumers')
  const names = consumers.names()
  reply.array(names.length)
  for (const consumer of names) replyConsumer(context, consumer, most)
}

function replyConsumer(context: Context, name: Uint8Array, most: number): void {
  const { reply, streams } = context
  const { consumers, pending } = streams.groups
  const { owned } = consumers
  consumers.find(new Slice().set(name, 0, name.length))
  reply.map(5)
  reply.text('name')
  reply.buffer(name)
  reply.text('seen-time')
  reply.integer(consumers.seenMs)
  reply.text('active-time')
  reply.integer(consumers.activeMs)
  reply.text('pel-count')
  reply.integer(owned.count)
  reply.text('pending')
  reply.array(Math.min(owned.count, most))
  let left = most
  for (let more = owned.first(); more && left > 0; more = owned.next()) {
    left--
    pending.find(owned.readId(streams.id))
    reply.array(3)
    replyId(reply, streams, streams.id)
    replyDelivery(context)
  }
}

/** When the current pending entry was delivered, and how often. */
function replyDelivery({ reply, streams }: Context): void {
  const { words, payloadAt } = streams.groups.pending
  reply.integer(deliveredAt(words, payloadAt))
  reply.bigInteger(deliveryCount(words, payloadAt))
}

/** How much the current group has read, and what is left. */
function replyProgress({ reply, streams }: Context): void {
  const { read, lag } = streams.groups
  reply.text('entries-read')
  if (read === UNKNOWN) reply.null()
  else reply.bigInteger(read)
  reply.text('lag')
  if (lag === undefined) reply.null()
  else reply.bigInteger(lag)
}

// ---- groups and consumers

function groupsInfo(context: Context): void {
  const { reply, streams } = context
  openStream(context)
  const { groups } = streams
  const names = groups.names()
  reply.array(names.length)
  for (const name of names) {
    groups.find(new Slice().set(name, 0, name.length))
    reply.map(6)
    reply.text('name')
    reply.buffer(name)
    reply.text('consumers')
    reply.integer(groups.consumers.count)
    reply.text('pending')
    reply.integer(groups.pending.count)
    reply.text('last-delivered-id')
    replyId(reply, streams, groups.lastId)
    replyProgress(context)
  }
}

function consumersInfo(context: Context): void {
  const { args, now, reply, streams } = context
  openStream(context)
  if (!openGroup(context, 3)) {
    throw new ReplyError(
      `NOGROUP No such consumer group '${args.shown(3, WHOLE)}' for key name '${args.shown(2, WHOLE)}'`,
    )
  }
  const { consumers } = streams.groups
  const names = consumers.names()
  reply.array(names.length)
  for (const name of names) {
    consumers.find(new Slice().set(name, 0, name.length))
    reply.map(4)
    reply.text('name')
    reply.buffer(name)
    reply.text('pending')
    reply.integer(consumers.owned.count)
    reply.text('idle')
    reply.integer(Math.max(0, now - consumers.seenMs))
    reply.text('inactive')
    reply.integer(consumers.activeMs < 0 ? -1 : Math.max(0, now - consumers.activeMs))
  }
}
