// What COMMAND INFO says of a command: arity, flags, places of keys, categories, tips, subcommands.

import type { ReplyWriter } from '../resp/writer.ts'
import type { Command } from './command.ts'
import type { CommandFlag, KeySpec } from './definition.ts'
import { KEY_FLAGS } from './found-keys.ts'
import { hasMovableKeys, legacyRange } from './legacy-range.ts'

/** The flags that are shown, in Redis's order; the others are the server's own business. */
const SHOWN_FLAGS: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'allow_busy',
]

/** Replies with the ten facts of a command, in which its subcommands' are nested. */
export function replyInfo(reply: ReplyWriter, command: Command): void {
  const { definition } = command
  const keys = definition.keys ?? []
  const range = legacyRange(keys)
  reply.array(10)
  reply.text(command.fullName)
  reply.integer(command.arity)
  replyNames(reply, shownFlags(command))
  reply.integer(range.first)
  reply.integer(range.last)
  reply.integer(range.step)
  replyNames(
    reply,
    command.categories.map((category) => `@${category}`),
  )
  replyTips(reply, definition.tips ?? [])
  reply.set(keys.length)
  for (const spec of keys) replyKeySpec(reply, spec)
  replySubcommands(reply, command)
}

function replySubcommands(reply: ReplyWriter, { subcommands }: Command): void {
  // Redis: no subcommands are a set of none, but some are an array.
  if (subcommands === undefined) {
    reply.set(0)
    return
  }
  reply.array(subcommands.size)
  for (const subcommand of subcommands.values()) replyInfo(reply, subcommand)
}

function shownFlags(command: Command): string[] {
  const { flags, keys = [] } = command.definition
  const shown: string[] = SHOWN_FLAGS.filter((flag) => flags.includes(flag))
  if (hasMovableKeys(keys)) shown.push('movablekeys')
  return shown
}

/** A set of simple strings. */
export function replyNames(reply: ReplyWriter, names: readonly string[]): void {
  reply.set(names.length)
  for (const name of names) reply.simple(name)
}

function replyTips(reply: ReplyWriter, tips: readonly string[]): void {
  reply.set(tips.length)
  for (const tip of tips) reply.text(tip)
}

function replyKeySpec(reply: ReplyWriter, spec: KeySpec): void {
  reply.map(3)
  reply.text('flags')
  replyNames(
    reply,
    KEY_FLAGS.filter((flag) => spec.flags.includes(flag)),
  )
  reply.text('begin_search')
  replyBegin(reply, spec.begin)
  reply.text('find_keys')
  replyFind(reply, spec.find)
}

function replyBegin(reply: ReplyWriter, begin: KeySpec['begin']): void {
  if (begin === 'unknown') replyStep(reply, 'unknown', {})
  else if ('index' in begin) replyStep(reply, 'index', { index: begin.index })
  else replyStep(reply, 'keyword', { keyword: begin.keyword, startfrom: begin.startFrom })
}

function replyFind(reply: ReplyWriter, find: KeySpec['find']): void {
  if (find === 'unknown') replyStep(reply, 'unknown', {})
  else if ('last' in find) {
    replyStep(reply, 'range', { lastkey: find.last, keystep: find.step, limit: find.limit })
  } else {
    replyStep(reply, 'keynum', { keynumidx: find.countAt, firstkey: find.first, keystep: find.step })
  }
}

/** One of the two steps of a key spec: its kind, and the numbers of that kind. */
function replyStep(reply: ReplyWriter, kind: string, facts: Record<string, string | number>): void {
  reply.map(2)
  reply.text('type')
  reply.text(kind)
  reply.text('spec')
  const entries = Object.entries(facts)
  reply.map(entries.length)
  for (const [name, value] of entries) {
    reply.text(name)
    if (typeof value === 'number') reply.integer(value)
    else reply.text(value)
  }
}
