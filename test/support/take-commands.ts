// Commands made for tests of blocked clients: TAKE takes one character of a string at a key, or waits until there is one.

import { ReplyError, WRONG_TYPE } from '../../src/base/reply-error.ts'
import type { Context } from '../../src/command/context.ts'
import type { CommandFamily } from '../../src/command/definition.ts'
import { readDeadline } from '../../src/command/timeout.ts'
import { ABSENT } from '../../src/keyspace/database.ts'
import { HASH, STRING } from '../../src/types/value-type.ts'

const NO_KEY = new ReplyError('NOKEY there is no such key')

/** TAKE key [key ...] timeout; TAKEHERE likewise, but an absent key is an error once it has waited. */
function take(context: Context, wakesWithoutKey = false): void {
  const { args, db, effects, reply } = context
  const deadline = readDeadline(args, args.count - 1, context.now)
  for (let i = 1; i < args.count - 1; i++) {
    const key = context.key(i)
    const entry = db.findForWrite(key)
    if (entry === ABSENT) continue
    if (db.typeOf(entry) !== STRING) throw WRONG_TYPE
    const text = Buffer.from(db.value(entry).view()).toString('latin1')
    if (text.length === 0) continue
    if (text.length > 1) {
      const place = db.put(key, entry, STRING, 0, text.length - 1)
      place.bytes.set(Buffer.from(text.slice(1)), place.start)
      db.changed(key, 'set')
    } else db.remove(key, entry)
    reply.text(`${args.string(i)}:${text[0]}`)
    effects.replaceWith('CHOP', args.copy(i))
    return
  }
  if (wakesWithoutKey && context.blocked.retried !== undefined) throw NO_KEY
  if (context.deniesBlocking) reply.nullArray()
  else context.block({ type: STRING, firstKey: 1, keyCount: args.count - 2, deadline, wakesWithoutKey })
}

/** HOLDER key: puts a value of another type there. */
function holder(context: Context): void {
  const key = context.key(1)
  context.db.put(key, context.db.findForWrite(key), HASH, 0, 0)
  context.db.changed(key, 'set')
  context.reply.ok()
}

/** TRANSFER from to timeout: takes a character and puts it elsewhere, or waits. */
function transfer(context: Context): void {
  const { args, db, reply } = context
  const deadline = readDeadline(args, 3, context.now)
  const from = context.key(1)
  const entry = db.findForWrite(from)
  if (entry === ABSENT) {
    context.block({ type: STRING, firstKey: 1, keyCount: 1, deadline })
    return
  }
  db.remove(from, entry)
  const to = context.otherKey(2)
  const place = db.put(to, db.findForWrite(to), STRING, 0, 1)
  place.bytes[place.start] = 0x74
  db.changed(to, 'set')
  reply.ok()
}

export const DOCS = { syntax: '', summary: '', since: '1.0.0', complexity: 'O(1)' }

export const takeCommands: CommandFamily = {
  group: 'string',
  commands: [
    { ...DOCS, name: 'TAKE', arity: -3, flags: ['write', 'blocking', 'fast'], run: (c) => take(c) },
    { ...DOCS, name: 'TAKEHERE', arity: -3, flags: ['write', 'blocking'], run: (c) => take(c, true) },
    { ...DOCS, name: 'TRANSFER', arity: 4, flags: ['write', 'blocking'], run: transfer },
    { ...DOCS, name: 'HOLDER', arity: 2, flags: ['write'], run: holder },
  ],
}
