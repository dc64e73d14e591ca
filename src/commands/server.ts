// TIME, LOLWUT and SHUTDOWN. How the server ends is handed in.

import type { Clock } from '../base/clock.ts'
import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { lolwut } from './lolwut.ts'

/** How SHUTDOWN was said. */
export interface ShutdownRequest {
  /** Whether the dataset is to be saved first; `default`: if the settings say so. */
  readonly saving: 'default' | 'save' | 'nosave'
  /** Without waiting for replicas. */
  readonly isHurried: boolean
  /** Even if something goes wrong, such as saving. */
  readonly isForced: boolean
}

/** The server's end. */
export interface Ending {
  /** Begins it; false if the server has to go on, for reasons that are in the log. */
  begin(request: ShutdownRequest): boolean
  /** Calls it off; false if there is none to call off. */
  abort(): boolean
}

const NO_SHUTDOWN = new ReplyError('ERR No shutdown in progress.')
const CANNOT_SHUT_DOWN = new ReplyError('ERR Errors trying to SHUTDOWN. Check logs.')

export function serverCommands(clock: Clock, ending: Ending): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'TIME',
        arity: 1,
        flags: ['loading', 'stale', 'fast'],
        syntax: '',
        summary: 'Tells the time: seconds since the Unix epoch, and microseconds of the second.',
        since: '2.6.0',
        complexity: 'O(1)',
        tips: ['nondeterministic_output'],
        run: (context) => time(context, clock),
      },
      {
        name: 'LOLWUT',
        arity: -1,
        flags: ['readonly', 'fast'],
        syntax: '[VERSION version]',
        summary: 'Draws something, and tells the version.',
        since: '5.0.0',
        // Redis documents none.
        complexity: '',
        run: lolwut,
      },
      shutdownCommand(ending),
    ],
  }
}

function shutdownCommand(ending: Ending): CommandDefinition {
  return {
    name: 'SHUTDOWN',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    syntax: '[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]',
    notes: { NOW: { since: '7.0.0' }, FORCE: { since: '7.0.0' }, ABORT: { since: '7.0.0' } },
    summary: 'Saves the dataset if that is asked for, and ends the server.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys if the dataset is saved, otherwise O(1).',
    history: [['7.0.0', 'The options NOW, FORCE and ABORT.']],
    run: (context) => shutdown(context, ending),
  }
}

function time({ reply }: Context, clock: Clock): void {
  const now = clock.nowMicroseconds()
  reply.array(2)
  reply.bulkInteger(Math.floor(now / 1_000_000))
  reply.bulkInteger(now % 1_000_000)
}

function shutdown({ args, client, reply }: Context, ending: Ending): void {
  let saving: ShutdownRequest['saving'] = 'default'
  let isHurried = false
  let isForced = false
  let isAborted = false
  for (let i = 1; i < args.count; i++) {
    if (args.is(i, 'NOSAVE') && saving !== 'save') saving = 'nosave'
    else if (args.is(i, 'SAVE') && saving !== 'nosave') saving = 'save'
    else if (args.is(i, 'NOW')) isHurried = true
    else if (args.is(i, 'FORCE')) isForced = true
    else if (args.is(i, 'ABORT')) isAborted = true
    else throw SYNTAX_ERROR
  }
  if (isAborted) {
    if (saving !== 'default' || isHurried || isForced) throw SYNTAX_ERROR
    if (!ending.abort()) throw NO_SHUTDOWN
    reply.ok()
    return
  }
  // Redis: there is no reply to a shutdown, the end of the connection says it.
  if (!ending.begin({ saving, isHurried, isForced })) throw CANNOT_SHUT_DOWN
  client.peer.close(true)
}
