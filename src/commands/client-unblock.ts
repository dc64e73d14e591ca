// CLIENT UNBLOCK: ends another client's wait.

import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import type { ClientDirectory } from './client-filter.ts'

const UNBLOCKED = new ReplyError('UNBLOCKED client unblocked via CLIENT UNBLOCK')
const BAD_REASON = new ReplyError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')

export function unblockCommand(clients: ClientDirectory): CommandDefinition {
  return {
    name: 'UNBLOCK',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    categories: ['connection'],
    syntax: 'client-id [TIMEOUT | ERROR]',
    summary: 'Ends the wait of a blocked client: as if its time were up, or with an error.',
    since: '5.0.0',
    complexity: 'O(log N) where N is the number of client connections',
    run: (context) => unblock(context, clients),
  }
}

function unblock({ args, blocked, reply }: Context, clients: ClientDirectory): void {
  if (args.count > 4) {
    throw new ReplyError(
      `ERR unknown subcommand or wrong number of arguments for '${args.string(1)}'. Try CLIENT HELP.`,
    )
  }
  const isError = args.count === 4 && args.is(3, 'ERROR')
  if (args.count === 4 && !isError && !args.is(3, 'TIMEOUT')) throw BAD_REASON
  const client = clients.get(args.integer(2))
  reply.integer(client !== undefined && blocked.release(client, isError ? UNBLOCKED : 'timeout') ? 1 : 0)
}
