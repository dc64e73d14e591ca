// BGREWRITEAOF and WAITAOF. The append-only file itself is handed in.

import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Session } from '../command/session.ts'
import { readDeadlineMs } from '../command/timeout.ts'
import type { ReplyWriter } from '../resp/writer.ts'

/** What rewrites the append-only file. */
export interface BackgroundRewriting {
  /** Whether it is being rewritten. */
  readonly isRunning: boolean
  /** Whether nothing can begin in the background now. */
  readonly isBlocked: boolean
  /** Begins to rewrite; false if it can't. */
  start(): boolean
  /** Lets it begin as soon as it can. */
  schedule(): void
}

/** Who waits for the disk. */
export interface SyncWaits {
  /** Whether there is an append-only file. */
  readonly isEnabled: boolean
  /** Whether everything that the client has changed is on the disk. */
  isSynced(client: Session): boolean
  /** Lets the client's request, which is about to wait, run again when it is. */
  add(client: Session): void
}

const ALREADY = new ReplyError('ERR Background append only file rewriting already in progress')
const FAILED = new ReplyError(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
)
export const NO_LOG = new ReplyError(
  'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
)
const BAD_LOCAL = new ReplyError('ERR value is out of range, value must between 0 and 1')
const NOT_POSITIVE = new ReplyError('ERR value is out of range, must be positive')

export function appendOnlyCommands(rewriting: BackgroundRewriting, waits: SyncWaits): CommandFamily[] {
  return [
    {
      group: 'server',
      commands: [
        {
          name: 'BGREWRITEAOF',
          arity: 1,
          flags: ['no_async_loading', 'admin', 'noscript'],
          syntax: '',
          summary: 'Rewrites the append-only file in the background, so that it is as short as can be.',
          since: '1.0.0',
          complexity: 'O(1)',
          run: (context) => rewrite(context, rewriting),
        },
      ],
    },
    {
      group: 'generic',
      commands: [
        {
          name: 'WAITAOF',
          arity: 4,
          flags: ['blocking'],
          syntax: 'numlocal numreplicas timeout',
          notes: { timeout: { type: 'integer' } },
          categories: ['connection'],
          summary:
            'Waits until what this client has changed is on the disk, of this server and of so many replicas.',
          since: '7.2.0',
          complexity: 'O(1)',
          tips: ['request_policy:all_shards', 'response_policy:agg_min'],
          run: (context) => waitForDisk(context, waits),
        },
      ],
    },
  ]
}

function rewrite(context: Context, rewriting: BackgroundRewriting): void {
  const { reply } = context
  if (rewriting.isRunning) throw ALREADY
  // Redis: in a transaction it begins when the transaction has ended.
  if (rewriting.isBlocked || context.deniesBlocking) {
    rewriting.schedule()
    reply.simple('Background append only file rewriting scheduled')
  } else if (rewriting.start()) reply.simple('Background append only file rewriting started')
  else throw FAILED
}

function waitForDisk(context: Context, waits: SyncWaits): void {
  const { args, client, reply, now } = context
  const local = args.integer(1)
  if (local < 0 || local > 1) throw BAD_LOCAL
  const replicas = args.integer(2)
  if (replicas < 0) throw NOT_POSITIVE
  const deadline = readDeadlineMs(args, 3, now)
  if (local > 0 && !waits.isEnabled) throw NO_LOG
  const isServed = replicas === 0 && (local === 0 || waits.isSynced(client))
  if (isServed || context.deniesBlocking) {
    acknowledge(reply, waits, client)
    return
  }
  waits.add(client)
  const onTimeout = (to: ReplyWriter) => acknowledge(to, waits, client)
  // It waits for no key, so for a value of no type.
  context.block({ type: 0, firstKey: 0, keyCount: 0, deadline, onTimeout })
}

/** How many have it on their disk: this server, and replicas, of which there are none. */
function acknowledge(reply: ReplyWriter, waits: SyncWaits, client: Session): void {
  reply.array(2)
  reply.integer(waits.isEnabled && waits.isSynced(client) ? 1 : 0)
  reply.integer(0)
}
