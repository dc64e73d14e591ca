// SLOWLOG: the commands that took long.

import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import type { SlowCommand, SlowLog } from '../monitoring/slow-log.ts'

const DEFAULT_COUNT = 10
const BAD_COUNT = new ReplyError('ERR count should be greater than or equal to -1')
// Redis: says it like this, where other subcommands have "wrong number of arguments for 'slowlog|get' command".
const TOO_MANY = new ReplyError(
  "ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.",
)

export function slowLogCommands(slowLog: SlowLog): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'SLOWLOG',
        arity: -2,
        flags: [],
        syntax: '',
        summary: 'Holds the commands about the slow log.',
        since: '2.2.12',
        complexity: 'Depends on subcommand.',
        subcommands: withHelp({ of: 'SLOWLOG', since: '6.2.0' }, [...logCommands(slowLog)]),
      },
    ],
  }
}

const ADMIN = { flags: ['admin', 'loading', 'stale'] } as const

function logCommands(slowLog: SlowLog): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      name: 'GET',
      arity: -2,
      syntax: '[count]',
      summary: 'Returns the newest entries of the slow log.',
      since: '2.2.12',
      complexity: 'O(N) where N is the number of entries returned',
      tips: ['request_policy:all_nodes', 'nondeterministic_output'],
      history: [['4.0.0', "The client's address and name."]],
      run: (context) => get(context, slowLog),
    },
    {
      ...ADMIN,
      name: 'LEN',
      arity: 2,
      syntax: '',
      summary: 'Returns the number of entries in the slow log.',
      since: '2.2.12',
      complexity: 'O(1)',
      tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
      run: ({ reply }) => reply.integer(slowLog.length),
    },
    {
      ...ADMIN,
      name: 'RESET',
      arity: 2,
      syntax: '',
      summary: 'Empties the slow log.',
      since: '2.2.12',
      complexity: 'O(N) where N is the number of entries in the slow log',
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      run: ({ reply }) => {
        slowLog.reset()
        reply.ok()
      },
    },
  ]
}

function get({ args, reply }: Context, slowLog: SlowLog): void {
  if (args.count > 3) throw TOO_MANY
  const asked = args.count === 3 ? args.integer(2, BAD_COUNT) : DEFAULT_COUNT
  if (asked < -1) throw BAD_COUNT
  const entries = slowLog.newest(asked === -1 ? slowLog.length : asked)
  reply.array(entries.length)
  for (const entry of entries) replyEntry(reply, entry)
}

function replyEntry(reply: Context['reply'], entry: SlowCommand): void {
  reply.array(6)
  reply.integer(entry.id)
  reply.integer(entry.time)
  reply.integer(entry.microseconds)
  reply.array(entry.args.length)
  for (const arg of entry.args) reply.text(arg)
  reply.text(entry.clientAddress)
  reply.text(entry.clientName)
}
