// Commands on keys whatever their values: removing, asking, renaming, copying, moving. Deadlines are key-expiry.ts's,
// listing scan.ts's; how a value gets from key to key is keyspace/transfer.ts's.

import { INVALID_DATABASE, NO_SUCH_KEY, ReplyError, SAME_OBJECT, SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { allKeys, keyAt, oneKey } from '../command/key-specs.ts'
import type { Database } from '../keyspace/database.ts'
import { copyEntry, moveEntry } from '../keyspace/transfer.ts'
import { MOST_UPCOMING } from '../memory/upcoming-keys.ts'
import { TYPE_NAMES } from '../types/value-type.ts'

export const keyCommands: CommandFamily = {
  group: 'generic',
  commands: [
    {
      name: 'DEL',
      arity: -2,
      flags: ['write'],
      keys: allKeys('RM', 'delete'),
      syntax: 'key [key ...]',
      summary: 'Removes keys and says how many there were.',
      since: '1.0.0',
      complexity:
        'O(N) where N is the number of keys, plus O(M) for each key that holds a collection of M elements.',
      categories: ['keyspace'],
      tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
      run: removeAll,
    },
    {
      name: 'UNLINK',
      arity: -2,
      flags: ['write', 'fast'],
      keys: allKeys('RM', 'delete'),
      syntax: 'key [key ...]',
      summary: 'Removes keys, leaving the work of freeing large values for later.',
      since: '4.0.0',
      complexity: 'O(1) for each key, whatever its size; freeing the memory of large values happens later.',
      categories: ['keyspace'],
      tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
      run: removeAll,
    },
    {
      name: 'EXISTS',
      arity: -2,
      flags: ['readonly', 'fast'],
      keys: allKeys('RO'),
      syntax: 'key [key ...]',
      summary: 'Counts how many of the keys exist; one that is named twice counts twice.',
      since: '1.0.0',
      complexity: 'O(N) where N is the number of keys.',
      categories: ['keyspace'],
      tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
      history: [['3.0.3', 'Takes several keys.']],
      run: exists,
    },
    {
      name: 'TYPE',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO'),
      syntax: 'key',
      summary: 'Tells the type of the value at a key.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['keyspace'],
      run: type,
    },
    {
      name: 'TOUCH',
      arity: -2,
      flags: ['readonly', 'fast'],
      keys: allKeys('RO'),
      syntax: 'key [key ...]',
      summary: 'Marks keys as just accessed and says how many there are.',
      since: '3.2.1',
      complexity: 'O(N) where N is the number of keys.',
      categories: ['keyspace'],
      tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
      run: touch,
    },
    {
      name: 'RENAME',
      arity: 3,
      flags: ['write'],
      keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'update')],
      syntax: 'key newkey',
      summary: 'Gives a key another name, replacing whatever had that name.',
      since: '1.0.0',
      complexity: 'O(1), plus the cost of removing what the new name held.',
      categories: ['keyspace'],
      history: [['3.2.0', 'A key may be renamed to its own name.']],
      run: rename,
    },
    {
      name: 'RENAMENX',
      arity: 3,
      flags: ['write', 'fast'],
      keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'insert')],
      syntax: 'key newkey',
      summary: 'Gives a key another name, if nothing has that name yet.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['keyspace'],
      history: [['3.2.0', 'A key may be renamed to its own name, which changes nothing.']],
      run: renamenx,
    },
    {
      name: 'COPY',
      arity: -3,
      flags: ['write', 'denyoom'],
      keys: [keyAt(1, 'RO', 'access'), keyAt(2, 'OW', 'update')],
      syntax: 'source destination [DB destination-db] [REPLACE]',
      summary: 'Copies the value of a key, with its deadline, to another key.',
      since: '6.2.0',
      complexity: 'O(N) where N is the size of the value: 1 for a short string, else its elements or bytes.',
      categories: ['keyspace'],
      run: copy,
    },
    {
      name: 'MOVE',
      arity: 3,
      flags: ['write', 'fast'],
      keys: oneKey('RW', 'access', 'update'),
      syntax: 'key db',
      summary: 'Moves a key to another database, if it is not there yet.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['keyspace'],
      run: move,
    },
  ],
}

const NOT_AN_INT32 = new ReplyError(
  'ERR value is out of range, value must between -2147483648 and 2147483647',
)
const MAX_INT32 = 0x7fffffff

function removeAll(context: Context): void {
  const { args, db } = context
  let removed = 0
  for (let i = 1; i < args.count; i++) {
    if (i % MOST_UPCOMING === 1) context.lookAhead(i, 1)
    const key = context.key(i)
    const entry = db.peek(key)
    if (entry === ABSENT) continue
    db.remove(key, entry)
    removed++
  }
  context.reply.integer(removed)
}

function exists(context: Context): void {
  let found = 0
  for (let i = 1; i < context.args.count; i++) {
    if (i % MOST_UPCOMING === 1) context.lookAhead(i, 1)
    if (context.db.look(context.key(i)) !== ABSENT) found++
  }
  context.reply.integer(found)
}

function type(context: Context): void {
  const { db } = context
  const entry = db.look(context.key(1))
  context.reply.simple(entry === ABSENT ? 'none' : TYPE_NAMES[db.typeOf(entry)]!)
}

function touch(context: Context): void {
  const { access } = context.keyspace
  // Redis: TOUCH marks keys even for a client that has asked for CLIENT NO-TOUCH.
  const { isPaused } = access
  access.isPaused = false
  let found = 0
  for (let i = 1; i < context.args.count; i++) {
    if (i % MOST_UPCOMING === 1) context.lookAhead(i, 1)
    if (context.db.find(context.key(i)) !== ABSENT) found++
  }
  access.isPaused = isPaused
  context.reply.integer(found)
}

function rename(context: Context): void {
  renameKey(context, 'replace')
  context.reply.ok()
}

function renamenx(context: Context): void {
  context.reply.integer(renameKey(context, 'keep') ? 1 : 0)
}

/** Whether the key has another name now. `existing`: what happens to a key that has the name already. */
function renameKey(context: Context, existing: 'replace' | 'keep'): boolean {
  const { db } = context
  const key = context.key(1)
  const newKey = context.otherKey(2)
  const entry = db.findForWrite(key)
  if (entry === ABSENT) throw NO_SUCH_KEY
  if (key.equals(newKey)) return false
  const target = db.findForWrite(newKey)
  if (target !== ABSENT) {
    if (existing === 'keep') return false
    db.detach(newKey, target)
  }
  moveEntry(db, key, entry, db, newKey)
  db.changed(key, 'rename_from')
  db.changed(newKey, 'rename_to', 0)
  return true
}

function copy(context: Context): void {
  const { args, db } = context
  let to = db
  let replaces = false
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'REPLACE')) replaces = true
    else if (args.is(i, 'DB') && i + 1 < args.count) to = databaseAt(context, ++i)
    else throw SYNTAX_ERROR
  }
  const key = context.key(1)
  const newKey = context.otherKey(2)
  if (to === db && key.equals(newKey)) throw SAME_OBJECT
  const entry = db.find(key)
  const target = entry === ABSENT ? ABSENT : to.findForWrite(newKey)
  const isPossible = entry !== ABSENT && (target === ABSENT || replaces)
  if (isPossible) {
    if (target !== ABSENT) to.detach(newKey, target)
    copyEntry(db, entry, to, newKey)
    to.changed(newKey, 'copy_to')
  }
  context.reply.integer(isPossible ? 1 : 0)
}

function move(context: Context): void {
  const { db } = context
  const to = databaseAt(context, 2)
  if (to === db) throw SAME_OBJECT
  const key = context.key(1)
  const entry = db.findForWrite(key)
  const isPossible = entry !== ABSENT && to.findForWrite(key) === ABSENT
  if (isPossible) {
    moveEntry(db, key, entry, to, key)
    db.changed(key, 'move_from')
    to.changed(key, 'move_to', 0)
  }
  context.reply.integer(isPossible ? 1 : 0)
}

function databaseAt(context: Context, index: number): Database {
  const number = context.args.integer(index)
  if (number > MAX_INT32 || number < -MAX_INT32 - 1) throw NOT_AN_INT32
  const database = context.keyspace.databases[number]
  if (database === undefined) throw INVALID_DATABASE
  return database
}
