// OBJECT: what a key's value looks like inside and how it was used. MEMORY USAGE is in memory.ts.

import { ReplyError } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import { keyAt } from '../command/key-specs.ts'
import type { Database } from '../keyspace/database.ts'
import { encodingName, STRING, STRING_INT } from '../types/value-type.ts'

export const objectCommands: CommandFamily = {
  group: 'generic',
  commands: [
    {
      name: 'OBJECT',
      arity: -2,
      flags: [],
      syntax: '',
      summary: 'Holds the commands that look at how keys are stored.',
      since: '2.2.3',
      complexity: 'Depends on the subcommand.',
      subcommands: withHelp({ of: 'OBJECT', since: '6.2.0', categories: ['keyspace'] }, [
        {
          name: 'ENCODING',
          arity: 3,
          flags: ['readonly'],
          keys: [keyAt(2, 'RO')],
          syntax: 'key',
          summary: 'Tells how the value of a key is encoded.',
          since: '2.2.3',
          complexity: 'O(1)',
          categories: ['keyspace'],
          tips: ['nondeterministic_output'],
          run: encoding,
        },
        {
          name: 'FREQ',
          arity: 3,
          flags: ['readonly'],
          keys: [keyAt(2, 'RO')],
          syntax: 'key',
          summary: 'Tells the access counter of a key, which grows with the logarithm of its use.',
          since: '4.0.0',
          complexity: 'O(1)',
          categories: ['keyspace'],
          tips: ['nondeterministic_output'],
          run: frequency,
        },
        {
          name: 'IDLETIME',
          arity: 3,
          flags: ['readonly'],
          keys: [keyAt(2, 'RO')],
          syntax: 'key',
          summary: 'Tells for how many seconds nobody has accessed a key.',
          since: '2.2.3',
          complexity: 'O(1)',
          categories: ['keyspace'],
          tips: ['nondeterministic_output'],
          run: idletime,
        },
        {
          name: 'REFCOUNT',
          arity: 3,
          flags: ['readonly'],
          keys: [keyAt(2, 'RO')],
          syntax: 'key',
          summary: 'Tells how many references to the value of a key there are.',
          since: '2.2.3',
          complexity: 'O(1)',
          categories: ['keyspace'],
          tips: ['nondeterministic_output'],
          run: refcount,
        },
      ]),
    },
  ],
}

const WHILE_SWITCHING =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'
const NOT_LFU = new ReplyError(
  `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${WHILE_SWITCHING}`,
)
const IS_LFU = new ReplyError(
  `ERR An LFU maxmemory policy is selected, idle time not tracked. ${WHILE_SWITCHING}`,
)

/** Redis: small integers are one object for all keys, which counts as this many references. */
const SHARED_REFERENCES = 0x7fffffff
const SHARED_DIGITS = 4

/** ABSENT after replying so. Redis: counts a hit or a miss, but neither notes an access nor notifies of the miss. */
function inspect(context: Context): Entry {
  const entry = context.db.peek(context.key(2))
  if (entry === ABSENT) {
    context.keyspace.stats.misses++
    context.reply.null()
  } else context.keyspace.stats.hits++
  return entry
}

function encoding(context: Context): void {
  const { db } = context
  const entry = inspect(context)
  if (entry !== ABSENT) context.reply.text(encodingName(db.typeOf(entry), db.encodingOf(entry)))
}

function frequency(context: Context): void {
  const { access } = context.keyspace
  const entry = inspect(context)
  if (entry === ABSENT) return
  if (!access.isFrequency) throw NOT_LFU
  context.reply.integer(access.frequency(context.db.accessOf(entry)))
}

function idletime(context: Context): void {
  const { access } = context.keyspace
  const entry = inspect(context)
  if (entry === ABSENT) return
  if (access.isFrequency) throw IS_LFU
  context.reply.integer(access.idleSeconds(context.db.accessOf(entry)))
}

function refcount(context: Context): void {
  const entry = inspect(context)
  if (entry === ABSENT) return
  // Redis: integers are not shared where each key needs an access clock of its own.
  context.reply.integer(context.keyspace.sharesIntegers ? referencesOf(context.db, entry) : 1)
}

/** What Redis would count: one, except for the integers from 0 to 9999 that all keys share. */
export function referencesOf(db: Database, entry: Entry): number {
  if (db.typeOf(entry) !== STRING || db.encodingOf(entry) !== STRING_INT) return 1
  const { bytes, start, length } = db.value(entry)
  const isNegative = bytes[start] === 0x2d
  return length <= SHARED_DIGITS && !isNegative ? SHARED_REFERENCES : 1
}
