// MONITOR. What shows commands is handed in.

import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Session } from '../command/session.ts'

const NOT_IN_TRANSACTIONS = new ReplyError("ERR MONITOR isn't allowed for DENY BLOCKING client")

export function monitorCommands(show: (client: Session) => void): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'MONITOR',
        arity: 1,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        syntax: '',
        summary: 'Shows every command that the server runs from now on.',
        since: '1.0.0',
        complexity: '',
        run: (context) => monitor(context, show),
      },
    ],
  }
}

function monitor({ client, deniesBlocking, reply }: Context, show: (client: Session) => void): void {
  if (deniesBlocking) throw NOT_IN_TRANSACTIONS
  // Redis: is not answered a second time.
  if (client.isMonitor) return
  show(client)
  reply.ok()
}
