// ZRANDMEMBER, which lets chance pick members of a sorted set, and ZSCAN, which goes through one bit by bit.

import { format17, formatDouble } from '../base/doubles.ts'
import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { SortedSetValue } from '../types/sorted-set.ts'
import { parseRandomCount, Repetition } from './random-count.ts'
import { matches, parseCursor, parseScanOptions } from './scan-options.ts'
import { memberHead, readSortedSet, replyMember } from './sorted-set-store.ts'

export const sortedSetChoiceCommands: readonly CommandDefinition[] = [
  {
    name: 'ZRANDMEMBER',
    arity: -2,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key [count [WITHSCORES]]',
    notes: { 'count [WITHSCORES]': 'options' },
    summary:
      'Returns one or more random members of a sorted set; with a negative count some perhaps several times.',
    since: '6.2.0',
    complexity: 'O(N) where N is the absolute value of the count.',
    categories: ['sortedset'],
    tips: ['nondeterministic_output'],
    run: zrandmember,
  },
  {
    name: 'ZSCAN',
    arity: -3,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key cursor [MATCH pattern] [COUNT count]',
    summary: 'Goes through the members of a sorted set and their scores in steps.',
    since: '2.8.0',
    complexity: 'O(1) for each call, O(N) for going through all, where N is the number of members.',
    categories: ['sortedset'],
    tips: ['nondeterministic_output'],
    run: zscan,
  },
]

const OUT_OF_RANGE = new ReplyError('ERR value is out of range')

function zrandmember(context: Context): void {
  const { args, reply } = context
  if (args.count === 2) {
    const set = readSortedSet(context, context.key(1))
    if (set === undefined) reply.null()
    else {
      set.seekRandom()
      reply.bulk(set.member)
    }
    return
  }
  const count = parseRandomCount(args, 2)
  context.noMore(4)
  const withScores = args.count === 4
  if (withScores && !args.is(3, 'WITHSCORES')) throw SYNTAX_ERROR
  // Redis: twice as many replies must still be counted in 64 bits.
  if (withScores && Math.abs(count) > 2 ** 62) throw OUT_OF_RANGE
  const set = readSortedSet(context, context.key(1))
  if (set === undefined || count === 0) reply.array(0)
  else if (count < 0) repeat(context, set, -count, withScores)
  else {
    memberHead(context, Math.min(count, set.count), withScores)
    set.sample(count, withScores ? replyWithScore : replyAlone, context)
  }
}

function repeat(context: Context, set: SortedSetValue, count: number, withScores: boolean): void {
  const repetition = new Repetition(context, count)
  memberHead(context, count, withScores)
  while (repetition.next()) {
    set.seekRandom()
    replyMember(context, set, withScores)
  }
}

function replyAlone(set: SortedSetValue, context: Context): void {
  replyMember(context, set, false)
}

function replyWithScore(set: SortedSetValue, context: Context): void {
  replyMember(context, set, true)
}

function zscan(context: Context): void {
  const { args, reply } = context
  const cursor = parseCursor(args.view(2))
  const set = readSortedSet(context, context.key(1))
  if (set === undefined) {
    // Redis: of a key that is absent the options are not looked at.
    reply.array(2)
    reply.text('0')
    reply.array(0)
    return
  }
  const options = parseScanOptions(args, 3, undefined)
  reply.array(2)
  reply.bulkInteger(set.scan(cursor, options.count))
  const array = reply.openArray()
  let count = 0
  while (set.nextFound()) {
    if (!matches(options.pattern, set.member)) continue
    reply.bulk(set.member)
    // Redis: the scores of large sets come with 17 digits here, and in RESP3 too they are strings.
    reply.text(set.isPacked ? formatDouble(set.score) : format17(set.score))
    count += 2
  }
  reply.closeArray(array, count)
}
