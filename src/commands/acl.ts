// ACL: users, what they may do, and what they were denied. All of that is acl/'s business; the file of users is handed
// in.

import { randomBytes } from 'node:crypto'
import type { Authentication } from '../acl/authentication.ts'
import type { DenialEntry } from '../acl/denial-log.ts'
import type { Guard } from '../acl/guard.ts'
import { commandsOf, hasBlanks } from '../acl/rules.ts'
import type { Selector } from '../acl/selector.ts'
import { DEFAULT_USER } from '../acl/user.ts'
import { ReplyError } from '../base/reply-error.ts'
import { ACL_CATEGORIES } from '../command/acl-categories.ts'
import { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import type { Registry } from '../command/registry.ts'
import type { ReplyWriter } from '../resp/writer.ts'

export interface AclWorld {
  readonly authentication: Authentication
  readonly guard: Guard
  /** Reads the file of users, or writes it. Throws a ReplyError, as where there is no such file. */
  load(): void
  save(): void
}

const BAD_NAME = new ReplyError("ERR Usernames can't contain spaces or null characters")
const DEFAULT_STAYS = new ReplyError(`ERR The '${DEFAULT_USER}' user cannot be removed`)
const BAD_BITS = new ReplyError(
  'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
)

const DEFAULT_BITS = 256
const MOST_BITS = 4096
const DEFAULT_ENTRIES = 10
/** Redis prints at most so much of a word that it does not know; of names all. */
const ECHOED_WORD = 128
const ECHOED = Number.POSITIVE_INFINITY

export function aclCommands(world: AclWorld): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'ACL',
        arity: -2,
        flags: [],
        syntax: '',
        summary: 'Holds the commands about users and what they may do.',
        since: '6.0.0',
        complexity: 'Depends on subcommand.',
        subcommands: withHelp({ of: 'ACL', since: '6.0.0' }, [
          ...ownCommands(world),
          ...showingCommands(world),
          ...changingCommands(world),
          ...fileCommands(world),
        ]),
      },
    ],
  }
}

const EVERYBODY = { flags: ['noscript', 'loading', 'stale'] } as const
const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'] } as const
const ALL_NODES = { tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'] } as const

function ownCommands(world: AclWorld): CommandDefinition[] {
  return [
    {
      ...EVERYBODY,
      name: 'CAT',
      arity: -2,
      syntax: '[category]',
      summary: 'Lists the categories of commands, or the commands of one.',
      since: '6.0.0',
      complexity: 'O(1) since the categories and commands are a fixed set.',
      run: (context) => cat(context, world),
    },
    {
      ...EVERYBODY,
      name: 'GENPASS',
      arity: -2,
      syntax: '[bits]',
      notes: { bits: { type: 'integer' } },
      summary: 'Makes up a password that nobody guesses.',
      since: '6.0.0',
      complexity: 'O(1)',
      run: genpass,
    },
    {
      ...EVERYBODY,
      name: 'WHOAMI',
      arity: 2,
      syntax: '',
      summary: 'Returns the name of the user that the connection is.',
      since: '6.0.0',
      complexity: 'O(1)',
      run: ({ client, reply }) => reply.text(client.user),
    },
  ]
}

function showingCommands(world: AclWorld): CommandDefinition[] {
  const { users } = world.authentication
  return [
    {
      ...ADMIN,
      name: 'USERS',
      arity: 2,
      syntax: '',
      summary: 'Lists the names of all users.',
      since: '6.0.0',
      complexity: 'O(N) where N is the number of users.',
      run: ({ reply }) =>
        replyTexts(
          reply,
          users.all().map(({ name }) => name),
        ),
    },
    {
      ...ADMIN,
      name: 'LIST',
      arity: 2,
      syntax: '',
      summary: 'Lists all users with their rules, as a file of users has them.',
      since: '6.0.0',
      complexity: 'O(N) where N is the number of users.',
      run: ({ reply }) =>
        replyTexts(
          reply,
          users.all().map((user) => `user ${user.name} ${user.describe()}`),
        ),
    },
    {
      ...ADMIN,
      name: 'GETUSER',
      arity: 3,
      syntax: 'username',
      summary: 'Returns what makes a user.',
      since: '6.0.0',
      complexity: 'O(N) where N is the number of passwords, commands and patterns of the user.',
      history: [
        ['6.2.0', 'Tells the patterns of channels.'],
        ['7.0.0', 'Tells selectors, and patterns of keys and channels as rules.'],
      ],
      run: (context) => getuser(context, world),
    },
    {
      ...ADMIN,
      name: 'DRYRUN',
      arity: -4,
      syntax: 'username command [arg [arg ...]]',
      summary: 'Tells whether a user might run a command, which is not run.',
      since: '7.0.0',
      complexity: 'O(1).',
      run: (context) => dryrun(context, world),
    },
    {
      ...ADMIN,
      name: 'LOG',
      arity: -2,
      syntax: '[count | RESET]',
      notes: { 'count | RESET': 'operation', count: { type: 'integer' } },
      summary: 'Lists what was denied lately, or forgets it.',
      since: '6.0.0',
      complexity: 'O(N) with N being the number of entries shown.',
      history: [['7.2.0', 'Numbers the entries and tells when they were made and changed.']],
      run: (context) => log(context, world),
    },
  ]
}

function changingCommands(world: AclWorld): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      ...ALL_NODES,
      name: 'SETUSER',
      arity: -3,
      syntax: 'username [rule [rule ...]]',
      summary: 'Changes a user by rules, or makes a new one.',
      since: '6.0.0',
      complexity: 'O(N) where N is the number of rules.',
      history: [
        ['6.2.0', 'Takes patterns of channels.'],
        ['7.0.0', 'Takes selectors and permissions of keys.'],
      ],
      run: (context) => setuser(context, world),
    },
    {
      ...ADMIN,
      ...ALL_NODES,
      name: 'DELUSER',
      arity: -3,
      syntax: 'username [username ...]',
      summary: 'Removes users, and ends the connections that were theirs.',
      since: '6.0.0',
      complexity: 'O(1) amortized time considering the typical user.',
      run: (context) => deluser(context, world),
    },
  ]
}

function fileCommands(world: AclWorld): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      name: 'LOAD',
      arity: 2,
      syntax: '',
      summary: 'Lets the users be those of the file of users.',
      since: '6.0.0',
      complexity: 'O(N) where N is the number of users.',
      run: ({ reply }) => {
        world.load()
        reply.ok()
      },
    },
    {
      ...ADMIN,
      ...ALL_NODES,
      name: 'SAVE',
      arity: 2,
      syntax: '',
      summary: 'Writes the users to the file of users.',
      since: '6.0.0',
      complexity: 'O(N) where N is the number of users.',
      run: ({ reply }) => {
        world.save()
        reply.ok()
      },
    },
  ]
}

function wrongCount({ args }: Context): ReplyError {
  return new ReplyError(
    `ERR unknown subcommand or wrong number of arguments for '${args.shown(1, ECHOED_WORD)}'. Try ACL HELP.`,
  )
}

function replyTexts(reply: ReplyWriter, texts: readonly string[]): void {
  reply.array(texts.length)
  for (const text of texts) reply.text(text)
}

function cat(context: Context, { authentication }: AclWorld): void {
  const { args, reply } = context
  if (args.count > 3) throw wrongCount(context)
  if (args.count === 2) {
    replyTexts(reply, ACL_CATEGORIES)
    return
  }
  const commands = commandsOf(args.word(2), authentication.users.registry)
  if (commands === undefined) throw new ReplyError(`ERR Unknown category '${args.shown(2, ECHOED_WORD)}'`)
  replyTexts(
    reply,
    commands.map(({ fullName }) => fullName),
  )
}

function genpass(context: Context): void {
  const { args, reply } = context
  if (args.count > 3) throw wrongCount(context)
  const bits = args.count === 3 ? args.integer(2) : DEFAULT_BITS
  if (bits <= 0 || bits > MOST_BITS) throw BAD_BITS
  // Four bits a digit; what is left over makes one more.
  const digits = Math.ceil(bits / 4)
  reply.text(
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
  )
}

function getuser({ args, reply }: Context, { authentication }: AclWorld): void {
  args.redact(2, 3)
  const user = authentication.users.find(args.string(2))
  if (user === undefined) {
    reply.null()
    return
  }
  reply.map(6)
  reply.text('flags')
  const flags = user.flags()
  reply.set(flags.length)
  for (const flag of flags) reply.text(flag)
  reply.text('passwords')
  replyTexts(reply, [...user.passwords.all()])
  replySelector(reply, user.root)
  reply.text('selectors')
  reply.array(user.others.length)
  for (const selector of user.others) {
    reply.map(3)
    replySelector(reply, selector)
  }
}

function replySelector(reply: ReplyWriter, selector: Selector): void {
  reply.text('commands')
  reply.text(selector.commands.describe())
  reply.text('keys')
  reply.text(selector.describeKeys())
  reply.text('channels')
  reply.text(selector.describeChannels())
}

function setuser({ args, reply }: Context, { authentication }: AclWorld): void {
  // Before anything can fail: who tries a password, even in vain, does not want it in a log.
  args.redact(2, args.count)
  const name = args.string(2)
  if (hasBlanks(name)) throw BAD_NAME
  const rules: string[] = []
  for (let i = 3; i < args.count; i++) rules.push(args.string(i))
  const error = authentication.users.change(name, rules)
  if (error === undefined) {
    reply.ok()
    return
  }
  const rule = upToZero(error.rule)
  if (error.kind === 'unmatched') {
    throw new ReplyError(`ERR Unmatched parenthesis in acl selector starting at '${rule}'.`)
  }
  throw new ReplyError(`ERR Error in ACL SETUSER modifier '${rule}': ${error.reason}`)
}

/** Redis prints C strings, which a zero byte ends. */
function upToZero(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function deluser({ args, reply }: Context, { authentication }: AclWorld): void {
  args.redact(2, args.count)
  const names: string[] = []
  for (let i = 2; i < args.count; i++) names.push(args.string(i))
  if (names.includes(DEFAULT_USER)) throw DEFAULT_STAYS
  reply.integer(names.filter((name) => authentication.users.remove(name)).length)
}

/** The command that arguments from an index on name; undefined: there is none. */
function commandAt(args: Arguments, index: number, registry: Registry): Command | undefined {
  const name = args.string(index)
  // Only a rule calls a subcommand `config|get`.
  const command = name.includes('|') ? undefined : registry.byName(name)
  if (command?.subcommands === undefined || args.count === index + 1) return command
  return command.subcommands.get(args.word(index + 1))
}

function dryrun({ args, reply }: Context, { authentication, guard }: AclWorld): void {
  const user = authentication.users.find(args.string(2))
  if (user === undefined) throw new ReplyError(`ERR User '${args.shown(2, ECHOED)}' not found`)
  const command = commandAt(args, 3, authentication.users.registry)
  if (command === undefined) throw new ReplyError(`ERR Command '${args.shown(3, ECHOED)}' not found`)
  const count = args.count - 3
  if (command.arity > 0 ? count !== command.arity : count < -command.arity) {
    throw new ReplyError(`ERR wrong number of arguments for '${command.fullName}' command`)
  }
  const request = new Arguments()
  request.load(args.toArrays().slice(3))
  const denied = guard.dryRun(user, command, request)
  if (denied === undefined) reply.ok()
  else reply.text(denied)
}

function log(context: Context, { authentication }: AclWorld): void {
  const { args, reply, now } = context
  if (args.count > 3) throw wrongCount(context)
  if (args.count === 3 && args.is(2, 'RESET')) {
    authentication.log.reset()
    reply.ok()
    return
  }
  const count = args.count === 3 ? args.integer(2) : DEFAULT_ENTRIES
  const entries = authentication.log.newest(count)
  reply.array(entries.length)
  for (const entry of entries) replyEntry(reply, entry, now)
}

function replyEntry(reply: ReplyWriter, entry: DenialEntry, now: number): void {
  reply.map(10)
  reply.text('count')
  reply.integer(entry.count)
  for (const [name, text] of [
    ['reason', entry.reason],
    ['context', entry.context],
    ['object', entry.object],
    ['username', entry.username],
  ] as const) {
    reply.text(name)
    reply.text(text)
  }
  reply.text('age-seconds')
  reply.double((now - entry.updatedAt) / 1000)
  reply.text('client-info')
  reply.text(entry.clientInfo)
  for (const [name, number] of [
    ['entry-id', entry.id],
    ['timestamp-created', entry.createdAt],
    ['timestamp-last-updated', entry.updatedAt],
  ] as const) {
    reply.text(name)
    reply.integer(number)
  }
}
