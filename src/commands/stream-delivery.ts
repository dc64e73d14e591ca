// What a consumer gets to see: new entries, which are pending with it from then on, and those that are so already.

import type { Context } from '../command/context.ts'
import type { StreamCursor } from '../types/stream-cursor.ts'
import type { StreamId } from '../types/stream-id.ts'
import { countDelivery, deliveredAt, deliveryCount, setDelivered } from '../types/stream-pending.ts'
import { replyEntry, replyId } from './stream-store.ts'

export interface Delivery {
  /** How many entries at most; 0: all. */
  readonly count: number
  /** Whether they count as acknowledged at once. */
  readonly isAcknowledged: boolean
  readonly keyIndex: number
  /** Where the group's name is; the consumer's is behind it. */
  readonly group: number
}

/** Replies with entries from the cursor's current one on, and gives them to the current consumer. Returns how many. */
export function deliverNew(context: Context, cursor: StreamCursor, delivery: Delivery): number {
  const { effects, now, reply, streams } = context
  const { groups } = streams
  let entries = 0
  do {
    const { id } = cursor
    replyEntry(reply, streams, cursor)
    entries++
    if (id.compare(groups.lastId) > 0) groups.advance(id)
    if (delivery.isAcknowledged) continue
    groups.deliver(id, now)
    if (effects.isWanted) propagateDelivery(context, id, delivery)
  } while (entries !== delivery.count && cursor.next())
  if (!delivery.isAcknowledged) groups.noteActive(now)
  if (effects.isWanted) propagatePosition(context, delivery)
  return entries
}

function propagateDelivery(context: Context, id: StreamId, { keyIndex, group }: Delivery): void {
  const { args } = context
  propagateClaim(context, id, [args.copy(keyIndex), args.copy(group), args.copy(group + 1)])
}

/** Claims don't tell how many entries the group has read. */
function propagatePosition(context: Context, { keyIndex, group }: Delivery): void {
  const { args, effects, streams } = context
  const { lastId, read } = streams.groups
  effects.add(
    'XGROUP',
    'SETID',
    args.copy(keyIndex),
    args.copy(group),
    lastId.toString(),
    'ENTRIESREAD',
    read.toString(),
  )
}

/**
 * Repeats what has become of the pending entry that is the tree's current one: whose it is, since when, how often it
 * was delivered. `names`: the key, the group, the consumer.
 */
export function propagateClaim(
  { effects, streams }: Context,
  id: StreamId,
  names: readonly (Uint8Array | string)[],
): void {
  const { groups } = streams
  const { words, payloadAt } = groups.pending
  effects.add(
    'XCLAIM',
    ...names,
    '0',
    id.toString(),
    'TIME',
    String(deliveredAt(words, payloadAt)),
    'RETRYCOUNT',
    deliveryCount(words, payloadAt).toString(),
    'FORCE',
    'JUSTID',
    'LASTID',
    groups.lastId.toString(),
  )
}

/**
 * Replies with what is pending with the current consumer after an id, and counts it as delivered again: not what has
 * been deleted meanwhile. Returns how many entries that were.
 */
export function replyHistory(context: Context, after: StreamId, count: number): number {
  const { now, reply, streams } = context
  const { groups, id, stream } = streams
  const { owned } = groups.consumers
  if (after.isLargest) return 0
  let entries = 0
  for (let more = owned.seek(after.increment()); more; more = owned.next()) {
    owned.readId(id)
    const cursor = stream.range(id, id)
    if (cursor.next()) {
      replyEntry(reply, streams, cursor)
      noteRedelivery(context, id, now)
    } else {
      reply.array(2)
      replyId(reply, streams, id)
      reply.nullArray()
    }
    entries++
    if (entries === count) break
  }
  return entries
}

/** Redis: not propagated, and no change that anybody is told of. */
function noteRedelivery({ streams }: Context, id: StreamId, now: number): void {
  const { groups } = streams
  const { pending } = groups
  if (!pending.find(id)) return
  groups.ownPending()
  setDelivered(pending.words, pending.payloadAt, now)
  countDelivery(pending.words, pending.payloadAt)
}
