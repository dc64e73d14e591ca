// XGROUP: making, moving and removing consumer groups and their consumers.

import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import { keyAt } from '../command/key-specs.ts'
import type { Key } from '../memory/key.ts'
import type { Stream } from '../types/stream.ts'
import { UNKNOWN } from '../types/stream-groups.ts'
import type { StreamId } from '../types/stream-id.ts'
import { isSign, readId, readRangeStart } from './stream-arguments.ts'
import { changeStream, createStream, openGroup, WHOLE } from './stream-store.ts'

const ID_NOTES = {
  MKSTREAM: { name: 'mkstream' },
  'ENTRIESREAD entries-read': { name: 'entriesread' },
} as const

const subcommands: readonly CommandDefinition[] = [
  {
    name: 'CREATE',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(2, 'RW', 'insert')],
    syntax: 'key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]',
    notes: ID_NOTES,
    summary: 'Makes a consumer group that goes on after an id; `$`: after the last.',
    since: '5.0.0',
    complexity: 'O(1)',
    categories: ['stream'],
    history: [['7.0.0', 'Added `ENTRIESREAD`.']],
    run: create,
  },
  {
    name: 'SETID',
    arity: -5,
    flags: ['write'],
    keys: [keyAt(2, 'RW', 'update')],
    syntax: 'key group <id | $> [ENTRIESREAD entries-read]',
    notes: ID_NOTES,
    summary: 'Lets a consumer group go on after another id.',
    since: '5.0.0',
    complexity: 'O(1)',
    categories: ['stream'],
    history: [['7.0.0', 'Added `ENTRIESREAD`.']],
    run: setId,
  },
  {
    name: 'DESTROY',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(2, 'RW', 'delete')],
    syntax: 'key group',
    summary: 'Removes a consumer group with all its consumers and what is pending with them.',
    since: '5.0.0',
    complexity:
      'O(1), as memory is given back later; O(N) in Redis, where N is the number of pending entries.',
    categories: ['stream'],
    run: destroy,
  },
  {
    name: 'CREATECONSUMER',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(2, 'RW', 'insert')],
    syntax: 'key group consumer',
    summary: 'Makes a consumer, if there is none of this name.',
    since: '6.2.0',
    complexity: 'O(1)',
    categories: ['stream'],
    run: createConsumer,
  },
  {
    name: 'DELCONSUMER',
    arity: 5,
    flags: ['write'],
    keys: [keyAt(2, 'RW', 'delete')],
    syntax: 'key group consumer',
    summary:
      'Removes a consumer and says how many entries were pending with it: these are lost to the group.',
    since: '5.0.0',
    complexity: 'O(N) where N is the number of entries pending with the consumer.',
    categories: ['stream'],
    run: removeConsumer,
  },
]

export const groupCommands: readonly CommandDefinition[] = [
  {
    name: 'XGROUP',
    arity: -2,
    flags: [],
    syntax: '',
    summary: 'Holds commands on consumer groups.',
    since: '5.0.0',
    complexity: 'Depends on the subcommand.',
    subcommands: withHelp({ of: 'XGROUP', since: '5.0.0', categories: ['stream'] }, subcommands),
  },
]

const NO_KEY = new ReplyError(
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
)
const EXISTS = new ReplyError('BUSYGROUP Consumer Group name already exists')
const BAD_READ = new ReplyError('ERR value for ENTRIESREAD must be positive or -1')
const DOLLAR = 0x24
const MINUS = 0x2d
const PLUS = 0x2b
const LAST_NAME = 128

interface GroupOptions {
  makesStream: boolean
  read: bigint
}

/** What stands behind the id; MKSTREAM only where a group is made. */
function readOptions({ args }: Context, mayMakeStream: boolean): GroupOptions {
  const options: GroupOptions = { makesStream: false, read: UNKNOWN }
  for (let i = 5; i < args.count; i++) {
    if (mayMakeStream && args.is(i, 'MKSTREAM')) options.makesStream = true
    else if (args.is(i, 'ENTRIESREAD') && i + 1 < args.count) {
      options.read = args.int64(++i)
      if (options.read < UNKNOWN) throw BAD_READ
    } else {
      const name = args.shown(1, LAST_NAME)
      throw new ReplyError(
        `ERR unknown subcommand or wrong number of arguments for '${name}'. Try XGROUP HELP.`,
      )
    }
  }
  return options
}

/** The id after which a group is to go on. */
function readPosition({ args, streams }: Context, stream: Stream | undefined): StreamId {
  const { id } = streams
  if (!isSign(args, 4, DOLLAR)) return readId(args, 4, id)
  return stream === undefined ? id.set(0, 0, 0, 0) : id.copyFrom(stream.lastId)
}

function create(context: Context): void {
  const { args, db, reply, streams } = context
  const options = readOptions(context, true)
  const key = context.key(2)
  const found = changeStream(context, key)
  if (found === undefined && !options.makesStream) throw NO_KEY
  const id = readPosition(context, found)
  if (found === undefined) createStream(context, key)
  else if (openGroup(context, 3)) throw EXISTS
  streams.groups.add(args.slice(3), id, options.read)
  // Redis: making the stream is no change of its own, and whoever watches the key is told of neither.
  db.changedAside(key, 'xgroup-create')
  reply.ok()
}

/** Opens the stream and the group; both must be there. */
function openForChange(context: Context, key: Key): Stream {
  const { args } = context
  const stream = changeStream(context, key)
  if (stream === undefined) throw NO_KEY
  if (openGroup(context, 3)) return stream
  throw new ReplyError(
    `NOGROUP No such consumer group '${args.shown(3, WHOLE)}' for key name '${args.shown(2, WHOLE)}'`,
  )
}

function setId(context: Context): void {
  const { db, reply, streams } = context
  const { read } = readOptions(context, false)
  const key = context.key(2)
  const stream = openForChange(context, key)
  // Redis: here, and not where a group is made, `-` and `+` stand for the smallest and the largest id.
  const { args } = context
  const isSet = isSign(args, 4, MINUS) || isSign(args, 4, PLUS)
  const id = isSet ? readRangeStart(args, 4, streams.id) : readPosition(context, stream)
  streams.groups.setPosition(id, read)
  db.changedAside(key, 'xgroup-setid')
  reply.ok()
}

function destroy(context: Context): void {
  const { db, keyspace, reply, streams } = context
  const key = context.key(2)
  if (changeStream(context, key) === undefined) throw NO_KEY
  if (!openGroup(context, 3)) {
    reply.integer(0)
    return
  }
  keyspace.disposals.add(streams.groups.remove())
  db.changedAside(key, 'xgroup-destroy')
  reply.integer(1)
}

function createConsumer(context: Context): void {
  const { args, db, now, reply, streams } = context
  const key = context.key(2)
  openForChange(context, key)
  const { groups } = streams
  if (groups.consumers.find(args.slice(4))) {
    reply.integer(0)
    return
  }
  groups.addConsumer(args.slice(4), now)
  db.changedAside(key, 'xgroup-createconsumer')
  reply.integer(1)
}

function removeConsumer(context: Context): void {
  const { args, db, keyspace, reply, streams } = context
  const key = context.key(2)
  openForChange(context, key)
  const { groups } = streams
  if (!groups.consumers.find(args.slice(4))) {
    reply.integer(0)
    return
  }
  const pending = groups.consumers.owned.count
  keyspace.disposals.add(groups.removeConsumer())
  db.changedAside(key, 'xgroup-delconsumer')
  reply.integer(pending)
}
