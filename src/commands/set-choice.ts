// Commands that let chance pick members of a set: SPOP, which removes them, and SRANDMEMBER.

import { NOT_POSITIVE, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { SetValue } from '../types/set.ts'
import { parseRandomCount, Repetition } from './random-count.ts'
import { changeSet, readSet, removeEmptied } from './set-store.ts'

export const setChoiceCommands: readonly CommandDefinition[] = [
  {
    name: 'SPOP',
    arity: -2,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'access', 'delete'),
    syntax: 'key [count]',
    notes: { count: { since: '3.2.0' } },
    summary: 'Removes one or more random members from a set and returns them. A key without members goes.',
    since: '1.0.0',
    complexity: 'O(1) without a count, else O(N) where N is the count.',
    categories: ['set'],
    tips: ['nondeterministic_output'],
    history: [['3.2.0', 'The argument `count`.']],
    run: spop,
  },
  {
    name: 'SRANDMEMBER',
    arity: -2,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key [count]',
    notes: { count: { since: '2.6.0' } },
    summary: 'Returns one or more random members of a set; with a negative count some perhaps several times.',
    since: '1.0.0',
    complexity: 'O(1) without a count, else O(N) where N is the absolute value of the count.',
    categories: ['set'],
    tips: ['nondeterministic_output'],
    history: [['2.6.0', 'The argument `count`.']],
    run: srandmember,
  },
]

/** Members of one SREM that tells others of an SPOP. */
const BATCH = 1024

function spop(context: Context): void {
  const { args, db, reply } = context
  if (args.count > 3) throw SYNTAX_ERROR
  const isOne = args.count === 2
  const count = isOne ? 1 : args.integer(2, NOT_POSITIVE)
  if (count < 0) throw NOT_POSITIVE
  const key = context.key(1)
  const set = changeSet(context, key)
  if (set === undefined || count === 0) {
    if (isOne) reply.null()
    else reply.set(0)
    return
  }
  const popped = Math.min(count, set.count)
  // The last members go with the key: nothing has to be taken out of the set.
  const isAll = popped === set.count
  if (isOne) popOne(context, set, isAll)
  else if (isAll) popAll(context, set)
  else popSome(context, set, count)
  db.changed(key, 'spop', popped)
  if (isAll) removeEmptied(context, key)
}

function popOne({ args, effects, reply }: Context, set: SetValue, isAll: boolean): void {
  set.choose()
  reply.bulk(set.member)
  if (effects.isWanted) effects.replaceWith('SREM', args.copy(1), set.member.copy())
  if (!isAll) set.removeChosen()
}

function popSome({ args, effects, reply }: Context, set: SetValue, count: number): void {
  reply.set(count)
  let batch: Uint8Array[] = []
  for (let left = count; left > 0; left--) {
    set.choose()
    reply.bulk(set.member)
    if (effects.isWanted) {
      batch.push(set.member.copy())
      if (batch.length === BATCH || left === 1) {
        effects.add('SREM', args.copy(1), ...batch)
        batch = []
      }
    }
    set.removeChosen()
  }
}

function popAll({ args, effects, keyspace, reply }: Context, set: SetValue): void {
  reply.set(set.count)
  set.rewind()
  while (set.next()) reply.bulk(set.member)
  if (effects.isWanted) effects.replaceWith(keyspace.serverRemovalCommand, args.copy(1))
}

function srandmember(context: Context): void {
  const { args, reply, sets } = context
  if (args.count > 3) throw SYNTAX_ERROR
  const isOne = args.count === 2
  const count = isOne ? 1 : parseRandomCount(args, 2)
  const set = readSet(context, 1)
  if (set === undefined) {
    if (isOne) reply.null()
    else reply.array(0)
    return
  }
  if (isOne) {
    set.choose()
    reply.bulk(set.member)
  } else if (count < 0) repeat(context, set, -count)
  else {
    reply.array(Math.min(count, set.count))
    sets.choice.begin(set, count)
    while (sets.choice.next()) reply.bulk(set.member)
  }
}

function repeat(context: Context, set: SetValue, count: number): void {
  const { reply } = context
  const repetition = new Repetition(context, count)
  reply.array(count)
  while (repetition.next()) {
    set.choose()
    reply.bulk(set.member)
  }
}
