// CLIENT: what a client can say of itself, and see and do of others. The connections and the pause are handed in.

import type { Authentication } from '../acl/authentication.ts'
import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import { describeClient } from '../command/client-line.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import type { Session } from '../command/session.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { type ClientDirectory, readKind } from './client-filter.ts'
import { killCommand } from './client-kill.ts'
import { isPrintable, readClientName } from './client-names.ts'
import { trackingCommands } from './client-tracking.ts'
import { unblockCommand } from './client-unblock.ts'

export type { ClientDirectory } from './client-filter.ts'

/** CLIENT PAUSE: the state that it changes. */
export interface ClientPause {
  /** Holds clients until a time, in milliseconds since the epoch: those that write, or all. */
  begin(until: number, holdsAll: boolean): void
  end(): void
}

const BAD_ID = new ReplyError('ERR Invalid client ID')
const BAD_TIMEOUT = new ReplyError('ERR timeout is not an integer or out of range')
const NEGATIVE_TIMEOUT = new ReplyError('ERR timeout is negative')
const BAD_PAUSE_MODE = new ReplyError('ERR CLIENT PAUSE mode must be WRITE or ALL')

export function clientCommands(
  clients: ClientDirectory,
  pause: ClientPause,
  authentication: Authentication,
  tracking: Tracking,
): CommandFamily {
  const subcommands = withHelp({ of: 'CLIENT', since: '5.0.0', categories: ['connection'] }, [
    ...ownCommands(),
    ...listCommands(clients),
    killCommand(clients, authentication),
    unblockCommand(clients),
    ...pauseCommands(pause),
    ...trackingCommands(tracking),
  ])
  return {
    group: 'connection',
    commands: [
      {
        name: 'CLIENT',
        arity: -2,
        flags: [],
        syntax: '',
        summary: 'Holds the commands about client connections.',
        since: '2.4.0',
        complexity: 'Depends on subcommand.',
        subcommands,
      },
    ],
  }
}

/** What all subcommands have in common. */
const COMMON = { flags: ['noscript', 'loading', 'stale'], categories: ['connection'] } as const
const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'], categories: ['connection'] } as const
const ALL_NODES = { tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'] } as const

/** What a client says and asks about itself. */
function ownCommands(): CommandDefinition[] {
  return [
    {
      ...COMMON,
      name: 'ID',
      arity: 2,
      syntax: '',
      summary: "Returns the connection's unique number.",
      since: '5.0.0',
      complexity: 'O(1)',
      run: ({ reply, client }) => reply.integer(client.id),
    },
    {
      ...COMMON,
      name: 'GETNAME',
      arity: 2,
      syntax: '',
      summary: "Returns the connection's name.",
      since: '2.6.9',
      complexity: 'O(1)',
      run: ({ reply, client }) => (client.name === '' ? reply.null() : reply.text(client.name)),
    },
    {
      ...COMMON,
      ...ALL_NODES,
      name: 'SETNAME',
      arity: 3,
      syntax: 'connection-name',
      summary: 'Names the connection.',
      since: '2.6.9',
      complexity: 'O(1)',
      run: setName,
    },
    {
      ...COMMON,
      ...ALL_NODES,
      name: 'SETINFO',
      arity: 4,
      syntax: '<lib-name libname | lib-ver libver>',
      summary: 'Tells which client library, and which version of it, is behind the connection.',
      since: '7.2.0',
      complexity: 'O(1)',
      run: setInfo,
    },
    {
      ...COMMON,
      name: 'INFO',
      arity: 2,
      tips: ['nondeterministic_output'],
      syntax: '',
      summary: 'Returns what there is to know about the connection.',
      since: '6.2.0',
      complexity: 'O(1)',
      run: ({ reply, client, now }) => reply.verbatim('txt', `${describeClient(client, now)}\n`),
    },
    {
      ...COMMON,
      name: 'REPLY',
      arity: 3,
      syntax: '<ON | OFF | SKIP>',
      summary: 'Chooses whether the server replies to commands of this connection.',
      since: '3.2.0',
      complexity: 'O(1)',
      run: replyMode,
    },
    {
      ...ADMIN,
      name: 'NO-EVICT',
      arity: 3,
      syntax: '<ON | OFF>',
      summary: 'Chooses whether the connection may be ended when clients take too much memory.',
      since: '7.0.0',
      complexity: 'O(1)',
      run: noEvict,
    },
    {
      ...COMMON,
      name: 'NO-TOUCH',
      arity: 3,
      syntax: '<ON | OFF>',
      summary: "Chooses whether commands of this connection count as accesses to keys, for eviction's sake.",
      since: '7.2.0',
      complexity: 'O(1)',
      run: noTouch,
    },
  ]
}

function listCommands(clients: ClientDirectory): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      name: 'LIST',
      arity: -2,
      tips: ['nondeterministic_output'],
      syntax: '[TYPE <normal | master | replica | pubsub>] [ID client-id [client-id ...]]',
      notes: {
        'TYPE <normal | master | replica | pubsub>': { since: '5.0.0' },
        'ID client-id': { since: '6.2.0' },
      },
      summary: 'Lists client connections.',
      since: '2.4.0',
      complexity: 'O(N) where N is the number of connections',
      history: [
        ['2.8.12', 'Shows the unique number of each connection.'],
        ['5.0.0', 'Can be limited to a type of clients with TYPE.'],
        ['6.0.0', 'Shows the user.'],
        ['6.2.0', 'Shows argv-mem, tot-mem, laddr and redir; can be limited to certain connections with ID.'],
        ['7.0.0', 'Shows resp, multi-mem, rbs and rbp.'],
        ['7.0.3', 'Shows ssub.'],
        ['7.2.0', 'Shows lib-name and lib-ver.'],
        ['7.4.0', 'Shows watch.'],
      ],
      run: (context) => list(context, clients),
    },
  ]
}

function pauseCommands(pause: ClientPause): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      name: 'PAUSE',
      arity: -3,
      syntax: 'timeout [WRITE | ALL]',
      notes: { timeout: { type: 'integer' }, 'WRITE | ALL': { since: '6.2.0' } },
      summary: 'Lets the commands of all clients wait for some time, or only those that write.',
      since: '3.0.0',
      complexity: 'O(1)',
      history: [
        [
          '6.2.0',
          'Keys do not expire meanwhile. WRITE lets reading commands through, ALL is what was done before.',
        ],
      ],
      run: (context) => pauseClients(context, pause),
    },
    {
      ...ADMIN,
      name: 'UNPAUSE',
      arity: 2,
      syntax: '',
      summary: 'Ends a pause: commands that wait go on.',
      since: '6.2.0',
      complexity: 'O(N) where N is the number of connections that wait',
      run: ({ reply }) => {
        pause.end()
        reply.ok()
      },
    },
  ]
}

function setName({ args, client, reply }: Context): void {
  client.name = readClientName(args, 2)
  reply.ok()
}

function setInfo({ args, client, reply }: Context): void {
  const attribute = args.word(2)
  if (attribute !== 'lib-name' && attribute !== 'lib-ver') {
    throw new ReplyError(`ERR Unrecognized option '${args.string(2)}'`)
  }
  const value = args.string(3)
  if (!isPrintable(value)) {
    throw new ReplyError(`ERR ${attribute} cannot contain spaces, newlines or special characters.`)
  }
  if (attribute === 'lib-name') client.libraryName = value
  else client.libraryVersion = value
  reply.ok()
}

function replyMode({ args, client, reply }: Context): void {
  if (args.is(2, 'ON')) {
    client.replyMode = 'on'
    reply.ok()
  } else if (args.is(2, 'OFF')) client.replyMode = 'off'
  else if (args.is(2, 'SKIP')) {
    if (client.replyMode !== 'off') client.replyMode = 'skip-next'
  } else throw SYNTAX_ERROR
}

function noEvict({ args, client, reply }: Context): void {
  client.isEvictable = !isOn(args)
  reply.ok()
}

function noTouch({ args, client, reply, keyspace }: Context): void {
  client.touchesKeys = !isOn(args)
  // Dispatch looks at the client once per batch; what follows in this one needs telling.
  keyspace.access.isPaused = !client.touchesKeys
  reply.ok()
}

function isOn(args: Context['args']): boolean {
  if (args.is(2, 'ON')) return true
  if (args.is(2, 'OFF')) return false
  throw SYNTAX_ERROR
}

function list({ args, reply, now }: Context, clients: ClientDirectory): void {
  let text = ''
  for (const client of listed(args, clients)) text += `${describeClient(client, now)}\n`
  reply.verbatim('txt', text)
}

function listed(args: Context['args'], clients: ClientDirectory): Iterable<Session> {
  if (args.count === 2) return clients.all()
  if (args.count === 4 && args.is(2, 'TYPE')) {
    const kind = readKind(args, 3)
    return [...clients.all()].filter((client) => client.kind === kind)
  }
  if (args.count > 3 && args.is(2, 'ID')) {
    const found: Session[] = []
    for (let i = 3; i < args.count; i++) {
      const client = clients.get(args.integer(i, BAD_ID))
      if (client !== undefined) found.push(client)
    }
    return found
  }
  throw SYNTAX_ERROR
}

function pauseClients({ args, now, reply }: Context, pause: ClientPause): void {
  const holdsAll = args.count === 3 || args.is(3, 'ALL')
  if (args.count > 4)
    throw new ReplyError(
      `ERR unknown subcommand or wrong number of arguments for '${args.string(1)}'. Try CLIENT HELP.`,
    )
  if (!holdsAll && !args.is(3, 'WRITE')) throw BAD_PAUSE_MODE
  const milliseconds = args.integer(2, BAD_TIMEOUT)
  if (milliseconds < 0) throw NEGATIVE_TIMEOUT
  pause.begin(now + milliseconds, holdsAll)
  reply.ok()
}
