// SAVE, BGSAVE and LASTSAVE. How the dataset is saved is handed in.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'

/** What saves the dataset. */
export interface BackgroundSaving {
  /** Whether it is being saved in the background. */
  readonly isSaving: boolean
  /** Whether nothing can begin in the background now. */
  readonly isBlocked: boolean
  /** The last time it was saved, in milliseconds since the epoch. */
  readonly savedAt: number
  /** Saves it while everybody waits; false if that failed. */
  saveAtOnce(): boolean
  /** Begins to save it as it is now. */
  start(): void
  /** Lets it begin as soon as it can. */
  schedule(): void
  /** Calls off what is being saved, or what is scheduled; false if there is none. */
  cancel(): boolean
  unschedule(): boolean
}

const ALREADY_SAVING = new ReplyError('ERR Background save already in progress')
const BLOCKED = new ReplyError(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
)
const NOTHING_TO_CANCEL = new ReplyError('ERR Background saving is currently not in progress or scheduled')
/** Redis has nothing more to say: the log does. */
const FAILED = new ReplyError('ERR')

export function persistenceCommands(saving: BackgroundSaving): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'SAVE',
        arity: 1,
        flags: ['no_async_loading', 'admin', 'noscript', 'no_multi'],
        syntax: '',
        summary: 'Saves the dataset to disk while everybody waits.',
        since: '1.0.0',
        complexity: 'O(N) where N is the number of keys of all databases.',
        run: (context) => save(context, saving),
      },
      bgsaveDefinition(saving),
      {
        name: 'LASTSAVE',
        arity: 1,
        flags: ['loading', 'stale', 'fast'],
        syntax: '',
        summary: 'Tells when the dataset was last saved to disk, in seconds since the Unix epoch.',
        since: '1.0.0',
        complexity: 'O(1)',
        categories: ['admin', 'dangerous'],
        tips: ['nondeterministic_output'],
        run: ({ reply }) => reply.integer(Math.floor(saving.savedAt / 1000)),
      },
    ],
  }
}

function bgsaveDefinition(saving: BackgroundSaving): CommandDefinition {
  return {
    name: 'BGSAVE',
    arity: -1,
    flags: ['no_async_loading', 'admin', 'noscript'],
    syntax: '[SCHEDULE]',
    notes: { SCHEDULE: { since: '3.2.2' } },
    summary: 'Saves the dataset as it is now to disk, in the background.',
    since: '1.0.0',
    complexity: 'O(1)',
    history: [['3.2.2', 'The option SCHEDULE.']],
    run: (context) => bgsave(context, saving),
  }
}

function save({ effects, reply }: Context, saving: BackgroundSaving): void {
  if (saving.isSaving) throw ALREADY_SAVING
  // The count of changes begins anew, but the dataset has not changed.
  effects.none()
  if (!saving.saveAtOnce()) throw FAILED
  reply.ok()
}

function bgsave(context: Context, saving: BackgroundSaving): void {
  const { args, reply } = context
  if (args.count > 2) throw SYNTAX_ERROR
  // Valkey 8.1's.
  if (args.count === 2 && args.is(1, 'CANCEL')) {
    cancel(context, saving)
    return
  }
  const mayWait = args.count === 2
  if (mayWait && !args.is(1, 'SCHEDULE')) throw SYNTAX_ERROR
  if (saving.isSaving) throw ALREADY_SAVING
  // Redis: in a transaction it begins when the transaction has ended.
  if (context.deniesBlocking || (saving.isBlocked && mayWait)) {
    saving.schedule()
    reply.simple('Background saving scheduled')
    return
  }
  if (saving.isBlocked) throw BLOCKED
  saving.start()
  reply.simple('Background saving started')
}

function cancel({ reply }: Context, saving: BackgroundSaving): void {
  if (saving.cancel()) reply.simple('Background saving cancelled')
  else if (saving.unschedule()) reply.simple('Scheduled background saving cancelled')
  else throw NOTHING_TO_CANCEL
}
