// Commands on hashes: setting, getting and removing fields. Numbers in fields are hash-counter.ts's, chance and cursors
// hash-scan.ts's, deadlines of fields hash-expiry.ts's and hash-extended.ts's.

import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { FieldVisitor } from '../types/hash.ts'
import { hashCounterCommands } from './hash-counter.ts'
import { hashExpiryCommands } from './hash-expiry.ts'
import { hashExtendedCommands } from './hash-extended.ts'
import { hashScanCommands } from './hash-scan.ts'
import {
  findHash,
  findHashForWrite,
  hashChanged,
  replyBoth,
  replyField,
  replyValue,
  setFields,
} from './hash-store.ts'

const basicCommands: readonly CommandDefinition[] = [
  {
    name: 'HSET',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: 'key field value [field value ...]',
    summary: 'Sets fields of a hash, and tells how many of them are new.',
    since: '2.0.0',
    complexity: 'O(1) for each field.',
    categories: ['hash'],
    history: [['4.0.0', 'Several fields at once.']],
    run: hset,
  },
  {
    name: 'HMSET',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'update'),
    syntax: 'key field value [field value ...]',
    summary: 'Sets fields of a hash.',
    since: '2.0.0',
    complexity: 'O(1) for each field.',
    categories: ['hash'],
    deprecated: { since: '4.0.0', replacedBy: '`HSET` with several fields' },
    run: hmset,
  },
  {
    name: 'HSETNX',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey('RW', 'insert'),
    syntax: 'key field value',
    summary: 'Sets a field of a hash, but only if there is no such field.',
    since: '2.0.0',
    complexity: 'O(1)',
    categories: ['hash'],
    run: hsetnx,
  },
  {
    name: 'HGET',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key field',
    summary: 'Returns the value of a field of a hash.',
    since: '2.0.0',
    complexity: 'O(1)',
    categories: ['hash'],
    run: hget,
  },
  {
    name: 'HMGET',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO', 'access'),
    syntax: 'key field [field ...]',
    summary: 'Returns the values of several fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields asked for.',
    categories: ['hash'],
    run: hmget,
  },
  {
    name: 'HGETALL',
    arity: 2,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key',
    summary: 'Returns all fields of a hash with their values.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields.',
    categories: ['hash'],
    tips: ['nondeterministic_output_order'],
    run: hgetall,
  },
  {
    name: 'HKEYS',
    arity: 2,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key',
    summary: 'Returns the names of all fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields.',
    categories: ['hash'],
    tips: ['nondeterministic_output_order'],
    run: (context) => list(context, replyField),
  },
  {
    name: 'HVALS',
    arity: 2,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: 'key',
    summary: 'Returns the values of all fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields.',
    categories: ['hash'],
    tips: ['nondeterministic_output_order'],
    run: (context) => list(context, replyValue),
  },
  {
    name: 'HLEN',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO'),
    syntax: 'key',
    summary: 'Tells how many fields a hash has.',
    since: '2.0.0',
    complexity: 'O(1)',
    categories: ['hash'],
    run: hlen,
  },
  {
    name: 'HSTRLEN',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO'),
    syntax: 'key field',
    summary: 'Tells how many bytes the value of a field has.',
    since: '3.2.0',
    complexity: 'O(1)',
    categories: ['hash'],
    run: hstrlen,
  },
  {
    name: 'HEXISTS',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: oneKey('RO'),
    syntax: 'key field',
    summary: 'Tells whether a hash has a field.',
    since: '2.0.0',
    complexity: 'O(1)',
    categories: ['hash'],
    run: hexists,
  },
  {
    name: 'HDEL',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey('RW', 'delete'),
    syntax: 'key field [field ...]',
    summary: 'Removes fields of a hash, and the hash with its last field.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields to remove.',
    categories: ['hash'],
    history: [['2.4.0', 'Several fields at once.']],
    run: hdel,
  },
]

export const hashCommands: CommandFamily = {
  group: 'hash',
  commands: [
    ...basicCommands,
    ...hashCounterCommands,
    ...hashScanCommands,
    ...hashExpiryCommands,
    ...hashExtendedCommands,
  ],
}

function hset(context: Context): void {
  const added = setPairs(context, 'hset')
  context.reply.integer(added)
}

function hmset(context: Context): void {
  setPairs(context, 'hmset')
  context.reply.ok()
}

function setPairs(context: Context, command: string): number {
  const { args } = context
  if (args.count % 2 !== 0) throw new ReplyError(`ERR wrong number of arguments for '${command}' command`)
  const key = context.key(1)
  const added = setFields(context, key, 2, false)
  hashChanged(context, key, 'hset', (args.count - 2) / 2)
  return added
}

function hsetnx(context: Context): void {
  const { args, reply } = context
  const key = context.key(1)
  if (findHashForWrite(context, key)?.find(args.slice(2)) === true) {
    reply.integer(0)
    return
  }
  setFields(context, key, 2, false)
  hashChanged(context, key, 'hset', 1)
  reply.integer(1)
}

function hget(context: Context): void {
  const { args, reply } = context
  const hash = findHash(context, context.key(1))
  if (hash?.find(args.slice(2)) === true) reply.bulk(hash.value())
  else reply.null()
}

function hmget(context: Context): void {
  const { args, reply } = context
  const hash = findHash(context, context.key(1))
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    if (hash?.find(args.slice(i)) === true) reply.bulk(hash.value())
    else reply.null()
  }
}

function hgetall(context: Context): void {
  const hash = findHash(context, context.key(1))
  if (hash === undefined) {
    context.reply.map(0)
    return
  }
  context.reply.map(hash.countVisible())
  hash.each(replyBoth, context)
}

function list(context: Context, visit: FieldVisitor<Context>): void {
  const hash = findHash(context, context.key(1))
  if (hash === undefined) {
    context.reply.array(0)
    return
  }
  context.reply.array(hash.countVisible())
  hash.each(visit, context)
}

function hlen(context: Context): void {
  // Redis: fields that are due and could not be removed yet still count.
  context.reply.integer(findHash(context, context.key(1))?.count ?? 0)
}

function hstrlen(context: Context): void {
  const { args, reply } = context
  const hash = findHash(context, context.key(1))
  reply.integer(hash?.find(args.slice(2)) === true ? hash.value().length : 0)
}

function hexists(context: Context): void {
  const { args, reply } = context
  const hash = findHash(context, context.key(1))
  reply.integer(hash?.find(args.slice(2)) === true ? 1 : 0)
}

function hdel(context: Context): void {
  const { args, reply } = context
  const key = context.key(1)
  const hash = findHashForWrite(context, key)
  let removed = 0
  if (hash !== undefined) {
    for (let i = 2; i < args.count && hash.count > 0; i++) {
      if (!hash.find(args.slice(i))) continue
      hash.remove()
      removed++
    }
    if (removed > 0) hashChanged(context, key, 'hdel', removed)
  }
  reply.integer(removed)
}
