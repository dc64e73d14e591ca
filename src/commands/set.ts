// Commands on the members of one set, or two: adding, removing, asking, moving, listing. What is left to chance is in
// set-choice.ts, what combines whole sets in set-algebra.ts.

import { ABSENT, type Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { keyAt, oneKey } from '../command/key-specs.ts'
import type { Key } from '../memory/key.ts'
import type { Member } from '../types/member.ts'
import { bytesFor, type SetValue } from '../types/set.ts'
import { SET } from '../types/value-type.ts'
import { matches, parseCursor, parseScanOptions } from './scan-options.ts'
import { setAlgebraCommands } from './set-algebra.ts'
import { setChoiceCommands } from './set-choice.ts'
import { changeSet, checkIsSet, createSet, readSet, removeIfEmpty } from './set-store.ts'

export const setCommands: CommandFamily = {
  group: 'set',
  commands: [
    {
      name: 'SADD',
      arity: -3,
      flags: ['write', 'denyoom', 'fast'],
      keys: oneKey('RW', 'insert'),
      syntax: 'key member [member ...]',
      summary: 'Adds members to a set and says how many were new. Creates the key if it does not exist.',
      since: '1.0.0',
      complexity: 'O(1) for each member added, so O(N) for N of them.',
      categories: ['set'],
      history: [['2.4.0', 'Takes several members.']],
      run: sadd,
    },
    {
      name: 'SREM',
      arity: -3,
      flags: ['write', 'fast'],
      keys: oneKey('RW', 'delete'),
      syntax: 'key member [member ...]',
      summary: 'Removes members from a set and says how many were there. A key without members goes.',
      since: '1.0.0',
      complexity: 'O(N) where N is the number of members to be removed.',
      categories: ['set'],
      history: [['2.4.0', 'Takes several members.']],
      run: srem,
    },
    {
      name: 'SISMEMBER',
      arity: 3,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO'),
      syntax: 'key member',
      summary: 'Tells whether something is a member of a set.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['set'],
      run: sismember,
    },
    {
      name: 'SMISMEMBER',
      arity: -3,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO', 'access'),
      syntax: 'key member [member ...]',
      summary: 'Tells of several things whether they are members of a set.',
      since: '6.2.0',
      complexity: 'O(N) where N is the number of things asked about.',
      categories: ['set'],
      run: smismember,
    },
    {
      name: 'SCARD',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: oneKey('RO'),
      syntax: 'key',
      summary: 'Returns the number of members of a set.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['set'],
      run: scard,
    },
    {
      name: 'SMEMBERS',
      arity: 2,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key',
      summary: 'Returns all members of a set.',
      since: '1.0.0',
      complexity: 'O(N) where N is the number of members.',
      categories: ['set'],
      tips: ['nondeterministic_output_order'],
      run: smembers,
    },
    {
      name: 'SMOVE',
      arity: 4,
      flags: ['write', 'fast'],
      keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
      syntax: 'source destination member',
      summary: 'Moves a member from one set to another, which is created if it does not exist.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['set'],
      run: smove,
    },
    {
      name: 'SSCAN',
      arity: -3,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key cursor [MATCH pattern] [COUNT count]',
      summary: 'Goes through the members of a set in steps.',
      since: '2.8.0',
      complexity: 'O(1) for each call, O(N) for going through all, where N is the number of members.',
      categories: ['set'],
      tips: ['nondeterministic_output'],
      run: sscan,
    },
    ...setChoiceCommands,
    ...setAlgebraCommands,
  ],
}

/** An argument as a member. It is reused by the next call. */
function memberAt({ args, sets }: Context, index: number): Member {
  return sets.member.point(args.bytes, args.starts[index]!, args.lengths[index]!)
}

function sadd(context: Context): void {
  const { args, db, reply } = context
  const key = context.key(1)
  let set = changeSet(context, key)
  if (set === undefined) set = createSet(context, key, args.count - 2, memberAt(context, 2))
  else set.expect(args.count - 2)
  let added = 0
  for (let i = 2; i < args.count; i++) if (set.add(memberAt(context, i))) added++
  if (added > 0) db.changed(key, 'sadd', added)
  reply.integer(added)
}

function srem(context: Context): void {
  const { args, db, reply } = context
  const key = context.key(1)
  const set = changeSet(context, key)
  let removed = 0
  if (set !== undefined) {
    for (let i = 2; i < args.count && set.count > 0; i++) {
      if (set.remove(memberAt(context, i))) removed++
    }
  }
  if (removed > 0) {
    db.changed(key, 'srem', removed)
    removeIfEmpty(context, key)
  }
  reply.integer(removed)
}

function sismember(context: Context): void {
  const set = readSet(context, 1)
  context.reply.integer(set?.has(memberAt(context, 2)) ? 1 : 0)
}

function smismember(context: Context): void {
  const { args, reply } = context
  const set = readSet(context, 1)
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) reply.integer(set?.has(memberAt(context, i)) ? 1 : 0)
}

function scard(context: Context): void {
  context.reply.integer(readSet(context, 1)?.count ?? 0)
}

function smembers(context: Context): void {
  const { reply } = context
  const set = readSet(context, 1)
  reply.set(set?.count ?? 0)
  if (set === undefined) return
  set.rewind()
  while (set.next()) reply.bulk(set.member)
}

function smove(context: Context): void {
  const { db, otherCell, reply, sets } = context
  const key = context.key(1)
  const otherKey = context.otherKey(2)
  const entry = db.findForWrite(key)
  const target = db.findForWrite(otherKey)
  // Redis: an absent source is told before a destination of another type is found out.
  if (entry === ABSENT) {
    reply.integer(0)
    return
  }
  checkIsSet(context, entry)
  checkIsSet(context, target)
  const set = sets.value.open(db.hold(context.cell, key, entry))
  const member = memberAt(context, 3)
  if (key.equals(otherKey) || !set.has(member)) {
    reply.integer(set.has(member) ? 1 : 0)
    return
  }
  set.remove(member)
  db.changed(key, 'srem')
  removeIfEmpty(context, key)
  const other =
    target === ABSENT
      ? createOther(context, otherKey, member)
      : sets.other.open(db.hold(otherCell, otherKey, target))
  if (other.add(member)) db.changed(otherKey, 'sadd')
  reply.integer(1)
}

/** An empty set beside the first. */
function createOther({ db, otherCell, sets }: Context, key: Key, member: Member): SetValue {
  const encoding = sets.other.encodingFor(1, member)
  return sets.other.create(db.putCell(otherCell, key, SET, encoding, bytesFor(encoding, member)))
}

function sscan(context: Context): void {
  const { args, cell, db, reply, sets } = context
  const cursor = parseCursor(args.view(2))
  const key = context.key(1)
  const entry = checkIsSet(context, db.find(key))
  if (entry === ABSENT) {
    // Redis: of a key that is absent the options are not looked at.
    reply.array(2)
    reply.text('0')
    reply.array(0)
    return
  }
  const options = parseScanOptions(args, 3, undefined)
  const set = sets.value.open(db.hold(cell, key, entry))
  reply.array(2)
  reply.bulkInteger(set.scan(cursor, options.count))
  const array = reply.openArray()
  let count = 0
  while (set.nextFound()) {
    if (!matches(options.pattern, set.member)) continue
    reply.bulk(set.member)
    count++
  }
  reply.closeArray(array, count)
}
