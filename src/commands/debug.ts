// DEBUG: commands for tests and for looking inside. Off unless `enable-debug-command` says otherwise. What it steers
// outside the data (time, log, timers) is behind DebugTargets. Replies of PROTOCOL are in debug-protocol.ts, texts about
// tables and values in debug-text.ts.

import { globMatch } from '../base/glob.ts'
import { parseMemory } from '../base/integers.ts'
import { NO_SUCH_KEY, NOT_POSITIVE, ReplyError } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { type HelpTopic, replyHelp } from '../command/help.ts'
import { digestOfKeyspace, digestOfValue } from '../keyspace/digest.ts'
import { kindOf } from '../keyspace/kinds.ts'
import type { Key } from '../memory/key.ts'
import { copyBytes } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import { EMBSTR_LIMIT } from '../types/string.ts'
import { STRING, STRING_EMBSTR, STRING_RAW } from '../types/value-type.ts'
import { protocol } from './debug-protocol.ts'
import { type Reloading, reload } from './debug-reload.ts'
import { describeObject, describeTable, describeTables } from './debug-text.ts'

/** What DEBUG steers or asks of the server. */
export interface DebugTargets {
  /** `enable-debug-command`: who may use DEBUG at all. */
  enabledFor(): string
  /** Stops the thread, as a slow command would. */
  sleep(milliseconds: number): void
  /** Writes every setting to the configuration file; throws an Error that has the reason. */
  rewriteConfig(): void
  /** Writes a line to the server's log. */
  log(text: string): void
  /** Loads the append-only file in place of the dataset; false if that failed. */
  loadLog(): boolean
  /** Lets each write to the append-only file wait so long. */
  setLogDelay(microseconds: number): void
  readonly expiry: { isEnabled: boolean }
  readonly reloading: Reloading
  /** Whether what timers do periodically is left undone. */
  isCronPaused: boolean
  /** Bytes from which on an element of a list gets a node of its own. */
  packedThreshold: number
}

/** Redis's default for QUICKLIST-PACKED-THRESHOLD. */
export const DEFAULT_PACKED_THRESHOLD = 2 ** 30

export function debugCommands(targets: DebugTargets): CommandFamily {
  const subcommands = subcommandsFor(targets)
  return {
    group: 'server',
    commands: [
      {
        name: 'DEBUG',
        arity: -2,
        flags: ['admin', 'noscript', 'loading', 'stale', 'protected'],
        syntax: '',
        summary: 'Holds commands for testing and for looking inside the server.',
        since: '1.0.0',
        complexity: 'Depends on the subcommand.',
        isInternal: true,
        run: (context) => run(context, targets, subcommands),
      },
    ],
  }
}

/** Redis prints at most so much of an unknown name. */
const LONGEST_NAME = 128

interface Subcommand {
  /** Number of words with DEBUG and the subcommand: the fewest and the most. */
  readonly words: readonly [number, number]
  readonly run: (context: Context) => void
}

const NOT_ALLOWED = new ReplyError(
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
)
const BAD_THRESHOLD = new ReplyError('ERR argument must be a memory value bigger than 1 and smaller than 4gb')
const NO_HASH_TABLE = new ReplyError(
  'ERR The value stored at the specified key is not represented using an hash table',
)
const NO_SUCH_DATABASE = new ReplyError('ERR Out of range database')

function run(context: Context, targets: DebugTargets, subcommands: ReadonlyMap<string, Subcommand>): void {
  const enabledFor = targets.enabledFor()
  if (enabledFor !== 'yes' && !(enabledFor === 'local' && context.client.isLocal)) throw NOT_ALLOWED
  const { args } = context
  const subcommand = subcommands.get(args.shown(1, LONGEST_NAME).toLowerCase())
  if (subcommand === undefined || args.count < subcommand.words[0] || args.count > subcommand.words[1]) {
    throw unknownSubcommand(context)
  }
  subcommand.run(context)
}

function unknownSubcommand({ args }: Context): ReplyError {
  const word = args.shown(1, LONGEST_NAME)
  return new ReplyError(`ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`)
}

function subcommandsFor(targets: DebugTargets): Map<string, Subcommand> {
  const exactly = (words: number, run: (context: Context) => void): Subcommand => ({
    words: [words, words],
    run,
  })
  return new Map([
    ['aof-flush-sleep', exactly(3, (context) => delayLog(context, targets))],
    ['help', exactly(2, ({ reply }) => replyHelp(reply, 'DEBUG', HELP))],
    ['config-rewrite-force-all', exactly(2, (context) => rewriteConfig(context, targets))],
    ['digest', exactly(2, ({ reply, keyspace }) => reply.simple(digestOfKeyspace(keyspace).hex))],
    ['digest-value', { words: [2, Number.POSITIVE_INFINITY], run: digestValue }],
    ['error', exactly(3, ({ reply, args }) => reply.error(args.string(2)))],
    ['htstats', { words: [3, 4], run: hashTableStatistics }],
    ['htstats-key', { words: [3, 4], run: hashTableStatisticsOfKey }],
    ['loadaof', exactly(2, (context) => loadLog(context, targets))],
    ['log', exactly(3, (context) => answered(context, () => targets.log(context.args.string(2))))],
    ['object', exactly(3, object)],
    [
      'pause-cron',
      exactly(3, (context) =>
        setSwitch(context, (on) => {
          targets.isCronPaused = on
        }),
      ),
    ],
    ['populate', { words: [3, 5], run: populate }],
    ['protocol', exactly(3, protocol)],
    ['quicklist-packed-threshold', exactly(3, (context) => setPackedThreshold(context, targets))],
    [
      'reload',
      { words: [2, Number.POSITIVE_INFINITY], run: (context) => reload(context, targets.reloading) },
    ],
    ['replybuffer', exactly(4, replyBuffer)],
    [
      'set-active-expire',
      exactly(3, (context) =>
        setSwitch(context, (on) => {
          targets.expiry.isEnabled = on
        }),
      ),
    ],
    [
      'set-skip-checksum-validation',
      exactly(3, (context) =>
        setSwitch(context, (on) => {
          targets.reloading.skipsChecksums = on
        }),
      ),
    ],
    ['sleep', exactly(3, (context) => answered(context, () => targets.sleep(sleepMilliseconds(context))))],
    ['stringmatch-len', exactly(4, matchStrings)],
  ])
}

const HELP: readonly HelpTopic[] = [
  ['AOF-FLUSH-SLEEP <microseconds>', 'Let each write to the append-only file wait so long.'],
  [
    'CONFIG-REWRITE-FORCE-ALL',
    'Rewrite the configuration file with all options, those with default values too.',
  ],
  ['DIGEST', 'Show a fingerprint of all data, in hexadecimal. Equal data have equal ones, in Redis too.'],
  ['DIGEST-VALUE [<key> ...]', "Show a fingerprint of each key's value."],
  ['ERROR <string>', 'Reply with the string as an error, for tests of clients.'],
  ['HTSTATS <dbid> [full]', 'Describe the hash table of a database.'],
  ['HTSTATS-KEY <key> [full]', "Describe the hash table that is a key's value."],
  ['LOADAOF', 'Load the append-only file in place of all data.'],
  ['LOG <message>', 'Write a message to the log.'],
  ['OBJECT <key>', 'Describe the value of a key.'],
  ['PAUSE-CRON <0|1>', 'Leave periodic work undone, or take it up again.'],
  [
    'POPULATE <count> [<prefix>] [<size>]',
    "Make <count> strings, named <prefix>:<number>; the prefix is 'key' by default. Keys that exist are left alone. Nothing of it goes to replicas or logs.",
  ],
  [
    'PROTOCOL <type>',
    'Reply with an example of a type: string, integer, double, bignum, null, array, set, map, attrib, push, verbatim, true or false.',
  ],
  [
    'QUICKLIST-PACKED-THRESHOLD <size>',
    'Let elements of lists of this size and above have nodes of their own; 0 for the default.',
  ],
  [
    'RELOAD [MERGE] [NOFLUSH] [NOSAVE]',
    'Save everything to the RDB file, remove all keys and load the file. NOSAVE: load it as it is. NOFLUSH: keep the keys that are there. MERGE: keys of the file may replace them.',
  ],
  [
    'REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|milliseconds>',
    'Accepted for the sake of tests: all clients share one reply buffer here.',
  ],
  ['REPLYBUFFER RESIZING <0|1>', 'Likewise.'],
  [
    'SET-ACTIVE-EXPIRE <0|1>',
    'Leave keys that are due alone until somebody asks for them, or remove them in time.',
  ],
  [
    'SET-SKIP-CHECKSUM-VALIDATION <0|1>',
    'Look at no checksums when files are loaded and values restored, or look at them again.',
  ],
  ['SLEEP <seconds>', 'Stop the server for so long; fractions are fine.'],
  ['STRINGMATCH-LEN <pattern> <string>', 'Tell whether a string matches a pattern, as KEYS sees it: 1 or 0.'],
]

function rewriteConfig({ reply }: Context, targets: DebugTargets): void {
  try {
    targets.rewriteConfig()
  } catch (error) {
    throw new ReplyError(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${(error as Error).message}`)
  }
  reply.ok()
}

function loadLog({ effects, reply }: Context, targets: DebugTargets): void {
  const isLoaded = targets.loadLog()
  // What was loaded is in the file already.
  effects.none()
  if (!isLoaded) throw new ReplyError('ERR Error trying to load the AOF files, check server logs.')
  reply.ok()
}

function delayLog({ args, reply }: Context, targets: DebugTargets): void {
  targets.setLogDelay(Math.max(0, args.integer(2)))
  reply.ok()
}

function answered(context: Context, act: () => void): void {
  act()
  context.reply.ok()
}

/** Redis: what is not a number counts as 0, like everything that C's atoi reads so. */
function setSwitch(context: Context, set: (on: boolean) => void): void {
  const value = Number.parseInt(context.args.string(2), 10)
  set(!Number.isNaN(value) && value !== 0)
  context.reply.ok()
}

/** Redis: what is not a number means no time at all. */
function sleepMilliseconds({ args }: Context): number {
  const seconds = Number.parseFloat(args.string(2))
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
}

function digestValue(context: Context): void {
  const { args, db, reply } = context
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) reply.simple(digestOfValue(db, context.key(i)).hex)
}

function object(context: Context): void {
  const { db, keyspace } = context
  const entry = db.findAnyway(context.key(2))
  if (entry === ABSENT) throw NO_SUCH_KEY
  context.reply.simple(describeObject(db, entry, keyspace.access))
}

function hashTableStatistics(context: Context): void {
  const { args, keyspace, reply } = context
  const db = keyspace.databases[args.integer(2)]
  if (db === undefined) throw NO_SUCH_DATABASE
  reply.verbatim('txt', describeTables(db.table, wantsAll(context)))
}

function hashTableStatisticsOfKey(context: Context): void {
  const { db, keyspace, reply } = context
  const entry = db.peek(context.key(2))
  if (entry === ABSENT) throw NO_SUCH_KEY
  const place = kindOf(db.typeOf(entry), db.encodingOf(entry)).table?.(db.table.entries, entry)
  if (place === undefined) throw NO_HASH_TABLE
  const table = Table.unattached(keyspace.types.seed).attach(place.entries, place.bytes, place.start)
  reply.verbatim('txt', describeTable(table, wantsAll(context)))
}

/** Redis: any other word says nothing. */
function wantsAll({ args }: Context): boolean {
  return args.count > 3 && args.is(3, 'FULL')
}

function matchStrings({ args, reply }: Context): void {
  const pattern = args.view(2)
  const text = args.view(3)
  const isMatch = globMatch(pattern, 0, pattern.length, text, 0, text.length, false)
  reply.integer(isMatch ? 1 : 0)
}

function setPackedThreshold(context: Context, targets: DebugTargets): void {
  const bytes = parseMemory(context.args.string(2))
  if (bytes === undefined || bytes >= 2 ** 32) throw BAD_THRESHOLD
  targets.packedThreshold = bytes === 0 ? DEFAULT_PACKED_THRESHOLD : bytes
  context.reply.ok()
}

/** There is one reply buffer for all clients, and it does not follow anybody's peak: nothing is left to set. */
function replyBuffer(context: Context): void {
  const { args } = context
  if (args.is(2, 'PEAK-RESET-TIME')) {
    if (!args.is(3, 'NEVER') && !args.is(3, 'RESET')) args.integer(3)
  } else if (!args.is(2, 'RESIZING')) throw unknownSubcommand(context)
  context.reply.ok()
}

/** Redis makes names and values in a buffer of this size, and cuts them off there. */
const NAME_LIMIT = 127

function populate(context: Context): void {
  const { args, db } = context
  const count = positive(context, 2)
  const prefix = args.count > 3 ? args.string(3) : 'key'
  const size = args.count > 4 ? positive(context, 4) : 0
  const bytes = Buffer.alloc(NAME_LIMIT)
  // The key of the context is free: POPULATE has no keys among its arguments.
  const key = context.key(1)
  for (let i = 0; i < count; i++) {
    const length = bytes.write(`${prefix}:${i}`.slice(0, NAME_LIMIT), 'latin1')
    key.point(bytes, 0, length)
    if (db.peek(key) === ABSENT) addString(context, key, Buffer.from(`value:${i}`), size)
  }
  context.reply.ok()
}

/** Adds a string of `size` bytes, cut off or filled up with zeros; 0: as long as it is. */
function addString({ db }: Context, key: Key, text: Uint8Array, size: number): void {
  const length = size === 0 ? text.length : size
  // Redis: such a string is never kept as an integer.
  const encoding = length <= EMBSTR_LIMIT ? STRING_EMBSTR : STRING_RAW
  const place = db.put(key, ABSENT, STRING, encoding, length)
  const kept = Math.min(length, text.length)
  copyBytes(text, 0, place.bytes, place.start, kept)
  place.bytes.fill(0, place.start + kept, place.start + length)
  db.changedQuietly(key, 0)
}

function positive({ args }: Context, index: number): number {
  const value = args.integer(index, NOT_POSITIVE)
  if (value < 0) throw NOT_POSITIVE
  return value
}
