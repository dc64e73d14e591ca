// What all commands on streams have in common: finding a stream or a group, and how entries are replied and repeated.

import { ReplyError, WRONG_TYPE } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { Key } from '../memory/key.ts'
import type { ReplyWriter } from '../resp/writer.ts'
import type { Stream } from '../types/stream.ts'
import type { StreamCursor } from '../types/stream-cursor.ts'
import type { StreamId } from '../types/stream-id.ts'
import { STREAM_BYTES } from '../types/stream-layout.ts'
import type { StreamWorkspace } from '../types/stream-workspace.ts'
import { STREAM, STREAM_LISTPACKS } from '../types/value-type.ts'

/** As much of a name as there is: error texts show names up to a zero byte. */
export const WHOLE = Number.POSITIVE_INFINITY

/** Refuses an entry that is there but holds no stream. */
export function checkIsStream({ db }: Context, entry: Entry): Entry {
  if (entry !== ABSENT && db.typeOf(entry) !== STREAM) throw WRONG_TYPE
  return entry
}

/** Opens the stream of a key for reading; undefined if there is none. */
export function readStream(context: Context, index: number): Stream | undefined {
  const { cell, db, streams } = context
  const key = context.key(index)
  const entry = checkIsStream(context, db.find(key))
  return entry === ABSENT ? undefined : streams.stream.open(db.hold(cell, key, entry))
}

/** Opens the stream of a key that is going to be changed, likewise. */
export function changeStream(context: Context, key: Key): Stream | undefined {
  const { cell, db, streams } = context
  const entry = checkIsStream(context, db.findForWrite(key))
  return entry === ABSENT ? undefined : streams.stream.open(db.hold(cell, key, entry))
}

/** A stream without entries under a key that is absent. */
export function createStream({ cell, db, streams }: Context, key: Key): Stream {
  return streams.stream.create(db.putCell(cell, key, STREAM, STREAM_LISTPACKS, STREAM_BYTES))
}

/** Opens the group that an argument names, of the open stream; false if there is none. */
export function openGroup({ args, streams }: Context, index: number): boolean {
  return streams.groups.find(args.slice(index))
}

export function noGroup(context: Context, keyIndex: number, groupIndex: number): ReplyError {
  const { args } = context
  const key = args.shown(keyIndex, WHOLE)
  return new ReplyError(`NOGROUP No such key '${key}' or consumer group '${args.shown(groupIndex, WHOLE)}'`)
}

/**
 * Lets the consumer that an argument names be the current one, makes it if need be, and notes that it was here.
 */
export function enterConsumer(context: Context, key: Key, groupIndex: number, index: number): void {
  const { args, db, effects, now, streams } = context
  const { groups } = streams
  if (groups.consumers.find(args.slice(index))) {
    groups.noteSeen(now)
    return
  }
  groups.addConsumer(args.slice(index), now)
  db.changedAside(key, 'xgroup-createconsumer')
  if (!effects.isWanted) return
  effects.add('XGROUP', 'CREATECONSUMER', key.copy(), args.copy(groupIndex), args.copy(index))
}

// ---- replies

export function replyId(reply: ReplyWriter, streams: StreamWorkspace, id: StreamId): void {
  reply.bulkBytes(streams.text, 0, streams.write(id))
}

/** An entry: its id, and its fields and values alternating. */
export function replyEntry(reply: ReplyWriter, streams: StreamWorkspace, { id, node }: StreamCursor): void {
  const { field, value } = streams
  reply.array(2)
  replyId(reply, streams, id)
  const { pairCount } = node
  reply.array(2 * pairCount)
  for (let i = 0; i < pairCount; i++) {
    node.readPair(field, value)
    reply.bulk(field)
    reply.bulk(value)
  }
}
