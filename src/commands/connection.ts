// Commands on the connection itself: greeting, authentication, protocol, database. CLIENT is in client.ts.

import { type Authentication, DEFAULT_USER } from '../acl/authentication.ts'
import { INVALID_DATABASE, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import { REDIS_VERSION } from '../base/version.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { HAS_SUBSCRIPTIONS, type Session } from '../command/session.ts'
import { readClientName } from './client-names.ts'

/** What HELLO tells of the server. */
export interface ServerFacts {
  readonly mode: 'standalone' | 'cluster' | 'sentinel'
  readonly role: 'master' | 'replica'
}

const WRONG_PING = new ReplyError("ERR wrong number of arguments for 'ping' command")
const WRONG_PASSWORD = new ReplyError('WRONGPASS invalid username-password pair or user is disabled.')
const NO_PASSWORD_SET = new ReplyError(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
)
const NO_PROTOCOL = new ReplyError('NOPROTO unsupported protocol version')
const PROTOCOL_NOT_INTEGER = new ReplyError('ERR Protocol version is not an integer or out of range')
const HELLO_NEEDS_AUTH = new ReplyError(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
)

/** `onReset` ends what else the client is in the middle of: a transaction, subscriptions. */
export function connectionCommands(
  authentication: Authentication,
  facts: ServerFacts,
  onReset: (client: Session) => void = () => {},
): CommandFamily {
  return {
    group: 'connection',
    commands: [
      {
        name: 'PING',
        arity: -1,
        flags: ['fast'],
        syntax: '[message]',
        summary: "Answers PONG, or the message: a sign of the server's life.",
        since: '1.0.0',
        complexity: 'O(1)',
        categories: ['connection'],
        tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
        run: ping,
      },
      {
        name: 'ECHO',
        arity: 2,
        flags: ['loading', 'stale', 'fast'],
        syntax: 'message',
        summary: 'Answers the message.',
        since: '1.0.0',
        complexity: 'O(1)',
        categories: ['connection'],
        run: ({ args, reply }) => reply.bulk(args.slice(1)),
      },
      {
        name: 'QUIT',
        arity: -1,
        flags: ['allow_busy', 'noscript', 'loading', 'stale', 'fast', 'no_auth'],
        isNeverQueued: true,
        syntax: '',
        summary: 'Ends the connection, after the replies that are due.',
        since: '1.0.0',
        complexity: 'O(1)',
        categories: ['connection'],
        deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
        run: quit,
      },
      {
        name: 'RESET',
        arity: 1,
        flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
        isNeverQueued: true,
        syntax: '',
        summary: 'Makes the connection as it was when it was new.',
        since: '6.2.0',
        complexity: 'O(1)',
        categories: ['connection'],
        run: (context) => {
          onReset(context.client)
          reset(context, authentication)
        },
      },
      {
        name: 'HELLO',
        arity: -1,
        flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
        syntax: '[protover [AUTH username password] [SETNAME clientname]]',
        summary: 'Chooses the protocol, and tells about the server.',
        since: '6.0.0',
        complexity: 'O(1)',
        categories: ['connection'],
        history: [['6.2.0', 'The protocol version may be left out: then nothing is switched.']],
        run: (context) => hello(context, authentication, facts),
      },
      {
        name: 'AUTH',
        arity: -2,
        flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
        syntax: '[username] password',
        notes: { username: { since: '6.0.0' } },
        summary: 'Tells the server who the client is.',
        since: '1.0.0',
        complexity: 'O(N) where N is the number of passwords of the user',
        categories: ['connection'],
        history: [['6.0.0', 'A user name may be given, for access control lists.']],
        run: (context) => auth(context, authentication),
      },
      {
        name: 'SELECT',
        arity: 2,
        flags: ['loading', 'stale', 'fast'],
        syntax: 'index',
        summary: 'Chooses the database of the connection.',
        since: '1.0.0',
        complexity: 'O(1)',
        categories: ['connection'],
        run: select,
      },
    ],
  }
}

function ping({ args, reply, client }: Context): void {
  if (args.count > 2) throw WRONG_PING
  // A RESP2 client with subscriptions gets everything in the form of messages.
  if ((client.gates & HAS_SUBSCRIPTIONS) !== 0 && reply.protocol === 2) {
    reply.array(2)
    reply.text('pong')
    if (args.count === 2) reply.bulk(args.slice(1))
    else reply.text('')
  } else if (args.count === 2) reply.bulk(args.slice(1))
  else reply.simple('PONG')
}

function quit({ client, reply }: Context): void {
  reply.ok()
  client.peer.close(true)
}

function auth(context: Context, authentication: Authentication): void {
  const { args, reply } = context
  args.redact(1, args.count)
  if (args.count > 3) throw SYNTAX_ERROR
  if (args.count === 2 && authentication.users.default.needsNoPassword) throw NO_PASSWORD_SET
  const user = args.count === 3 ? args.string(1) : DEFAULT_USER
  if (!authentication.logIn(context, user, args.view(args.count - 1))) throw WRONG_PASSWORD
  reply.ok()
}

interface Greeting {
  protocol: 2 | 3
  userAt: number
  name: string | undefined
}

function hello(context: Context, authentication: Authentication, facts: ServerFacts): void {
  const { client, args } = context
  const greeting = readGreeting(context)
  const { userAt } = greeting
  if (userAt > 0 && !authentication.logIn(context, args.string(userAt), args.view(userAt + 1))) {
    throw WRONG_PASSWORD
  }
  if (!client.isLoggedIn) throw HELLO_NEEDS_AUTH
  if (greeting.name !== undefined) client.name = greeting.name
  client.protocol = greeting.protocol
  context.reply.protocol = greeting.protocol
  tellAbout(context, facts)
}

function readGreeting({ args, client }: Context): Greeting {
  const greeting: Greeting = { protocol: client.protocol, userAt: 0, name: undefined }
  redactPasswords(args)
  if (args.count > 1) {
    const version = args.integer(1, PROTOCOL_NOT_INTEGER)
    if (version !== 2 && version !== 3) throw NO_PROTOCOL
    greeting.protocol = version
  }
  for (let i = 2; i < args.count; i++) {
    const more = args.count - 1 - i
    if (args.is(i, 'AUTH') && more >= 2) {
      greeting.userAt = i + 1
      i += 2
    } else if (args.is(i, 'SETNAME') && more >= 1) {
      greeting.name = readClientName(args, ++i)
    } else throw new ReplyError(`ERR Syntax error in HELLO option '${args.string(i)}'`)
  }
  return greeting
}

/** Before anything can fail: even a greeting that makes no sense may bring a password that does. */
function redactPasswords(args: Context['args']): void {
  for (let i = 2; i < args.count; i++) if (args.is(i, 'AUTH')) args.redact(i + 1, Math.min(i + 3, args.count))
}

function tellAbout({ reply, client }: Context, facts: ServerFacts): void {
  reply.map(7)
  reply.text('server')
  reply.text('redis')
  reply.text('version')
  reply.text(REDIS_VERSION)
  reply.text('proto')
  reply.integer(client.protocol)
  reply.text('id')
  reply.integer(client.id)
  reply.text('mode')
  reply.text(facts.mode)
  reply.text('role')
  reply.text(facts.role)
  reply.text('modules')
  reply.array(0)
}

function reset(context: Context, authentication: Authentication): void {
  const { client, reply, keyspace } = context
  client.database = 0
  context.db = keyspace.databases[0]!
  client.protocol = 2
  reply.protocol = 2
  client.name = ''
  client.isReadonly = false
  client.isEvictable = true
  client.touchesKeys = true
  keyspace.access.isPaused = false
  // CLIENT REPLY SKIP still takes the reply to this command.
  if (client.replyMode !== 'skip') client.replyMode = 'on'
  authentication.admit(client)
  // The library's name stays: the library behind the connection is the same.
  reply.simple('RESET')
}

function select(context: Context): void {
  const { args, keyspace, client, reply } = context
  const db = keyspace.databases[args.int32(1)]
  if (db === undefined) throw INVALID_DATABASE
  context.db = db
  client.database = db.index
  reply.ok()
}
