// CLIENT KILL, in its old form (an address) and its new one (conditions).

import type { Authentication } from '../acl/authentication.ts'
import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import type { Session } from '../command/session.ts'
import { type ClientDirectory, ClientFilter, readKind } from './client-filter.ts'

const NO_SUCH_CLIENT = new ReplyError('ERR No such client')
const ID_NOT_POSITIVE = new ReplyError('ERR client-id should be greater than 0')
const AGE_NOT_INTEGER = new ReplyError('ERR maxage is not an integer or out of range')
const AGE_NOT_POSITIVE = new ReplyError('ERR maxage should be greater than 0')

const CONDITIONS =
  '[ID client-id] | [TYPE <normal | master | slave | replica | pubsub>] | [USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] | [MAXAGE maxage]'

export function killCommand(clients: ClientDirectory, authentication: Authentication): CommandDefinition {
  return {
    name: 'KILL',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    syntax: `<ip:port | <${CONDITIONS} [${CONDITIONS} ...]>>`,
    notes: {
      [`ip:port | <${CONDITIONS}>`]: 'filter',
      [CONDITIONS]: 'new-format',
      // The old form; the addresses after ADDR and LADDR come later.
      'ip:port': [{ deprecatedSince: '2.8.12' }, {}],
      'ID client-id': { since: '2.8.12' },
      'TYPE <normal | master | slave | replica | pubsub>': { since: '2.8.12' },
      master: { since: '3.2.0' },
      replica: { since: '5.0.0' },
      'LADDR ip:port': { since: '6.2.0' },
      'MAXAGE maxage': { since: '7.4.0' },
    },
    summary: 'Ends client connections.',
    since: '2.4.0',
    complexity: 'O(N) where N is the number of connections',
    categories: ['connection'],
    history: [
      ['2.8.12', 'Takes conditions: ID, TYPE, ADDR, SKIPME.'],
      ['3.2.0', 'Knows the type `master`.'],
      ['5.0.0', 'Knows `replica`, another word for the type `slave`.'],
      ['6.2.0', 'Takes the condition LADDR.'],
      ['7.4.0', 'Takes the condition MAXAGE.'],
    ],
    run: (context) =>
      context.args.count === 3
        ? killAddress(context, clients)
        : killMatching(context, clients, authentication),
  }
}

/** The old form: the one client from this address, the caller perhaps, or an error. */
function killAddress({ args, client, reply }: Context, clients: ClientDirectory): void {
  const address = args.string(2)
  for (const candidate of clients.all()) {
    if (candidate.peer.address !== address) continue
    kill(candidate, client)
    reply.ok()
    return
  }
  throw NO_SUCH_CLIENT
}

function killMatching(context: Context, clients: ClientDirectory, authentication: Authentication): void {
  const { client, now, reply } = context
  const { filter, sparesCaller } = readConditions(context, authentication)
  let killed = 0
  // A copy: killing takes clients out of the directory.
  for (const candidate of [...clients.all()]) {
    if (!filter.matches(candidate, now) || (sparesCaller && candidate === client)) continue
    kill(candidate, client)
    killed++
  }
  reply.integer(killed)
}

/** The caller still gets the reply to this command. */
function kill(victim: Session, caller: Session): void {
  victim.peer.close(victim === caller)
}

interface Conditions {
  filter: ClientFilter
  sparesCaller: boolean
}

function readConditions({ args }: Context, authentication: Authentication): Conditions {
  const conditions: Conditions = { filter: new ClientFilter(), sparesCaller: true }
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count) throw SYNTAX_ERROR
    readCondition(args, i, conditions, authentication)
  }
  return conditions
}

function readCondition(
  args: Context['args'],
  index: number,
  conditions: Conditions,
  authentication: Authentication,
): void {
  const { filter } = conditions
  const value = index + 1
  switch (args.word(index)) {
    case 'id':
      filter.id = positive(args.integer(value, ID_NOT_POSITIVE), ID_NOT_POSITIVE)
      break
    case 'type':
      filter.kind = readKind(args, value)
      break
    case 'user':
      filter.user = args.string(value)
      if (!authentication.hasUser(filter.user)) throw new ReplyError(`ERR No such user '${filter.user}'`)
      break
    case 'addr':
      filter.address = args.string(value)
      break
    case 'laddr':
      filter.localAddress = args.string(value)
      break
    case 'maxage':
      filter.minAge = positive(args.integer(value, AGE_NOT_INTEGER), AGE_NOT_POSITIVE)
      break
    case 'skipme':
      if (!args.is(value, 'YES') && !args.is(value, 'NO')) throw SYNTAX_ERROR
      conditions.sparesCaller = args.is(value, 'YES')
      break
    default:
      throw SYNTAX_ERROR
  }
}

function positive(value: number, error: ReplyError): number {
  if (value < 1) throw error
  return value
}
