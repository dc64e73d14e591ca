// DUMP and RESTORE: a value as bytes that Redis understands, and back. What the bytes mean is rdb/'s business; behind them
// stand the format's version, two bytes, and a checksum, eight.

import { Crc64 } from '../base/crc64.ts'
import { parseInt64 } from '../base/integers.ts'
import { NOT_AN_INTEGER, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import type { Session } from '../command/session.ts'
import { MAX_DEADLINE, NO_DEADLINE } from '../memory/deadline.ts'
import type { Entries } from '../memory/entries.ts'
import type { Key } from '../memory/key.ts'
import { copyOf } from '../memory/slice.ts'
import { RestoredValues } from '../persistence/restored-values.ts'
import { NEWEST_VERSION } from '../rdb/format.ts'
import { RdbOutput } from '../rdb/output.ts'
import { ValueWriter, versionFor } from '../rdb/value-writer.ts'
import { type KeyMover, migrateDefinition } from './migrate.ts'

/** What DUMP has to know of the configuration. */
export interface DumpSettings {
  /** `rdbcompression`. */
  compresses(): boolean
  /** `sanitize-dump-payload`: whether what is in the client's payloads is to be looked through. It is anyway: this is counted. */
  sanitizes(client: Session): boolean
  /** Whether checksums of payloads are looked at: not in some tests. */
  checksSums(): boolean
  /** Hears, for the log, why a payload was refused. */
  onRefused(reason: string): void
}

const VERSION_BYTES = 2
const FOOTER_BYTES = VERSION_BYTES + 8

const BUSY_KEY = new ReplyError('BUSYKEY Target key name already exists.')
const BAD_TIME = new ReplyError('ERR Invalid TTL value, must be >= 0')
const BAD_IDLE_TIME = new ReplyError('ERR Invalid IDLETIME value, must be >= 0')
const BAD_FREQUENCY = new ReplyError('ERR Invalid FREQ value, must be >= 0 and <= 255')
const BAD_FOOTER = new ReplyError('ERR DUMP payload version or checksum are wrong')
const BAD_DATA = new ReplyError('ERR Bad data format')

export function dumpCommands(settings: DumpSettings, mover: KeyMover): CommandFamily {
  const output = new RdbOutput()
  return {
    group: 'generic',
    commands: [
      {
        name: 'DUMP',
        arity: 2,
        flags: ['readonly'],
        keys: oneKey('RO', 'access'),
        syntax: 'key',
        summary: 'Tells the value of a key as bytes from which RESTORE makes it again.',
        since: '2.6.0',
        complexity:
          'O(1) to find the key and O(N*M) to write its value, where N is the number of its parts and M their size.',
        categories: ['keyspace'],
        tips: ['nondeterministic_output'],
        run: (context) => {
          output.compresses = settings.compresses()
          dump(context, output)
        },
      },
      restoreDefinition(settings),
      migrateDefinition(mover, ({ db }, key) => {
        output.compresses = settings.compresses()
        writePayload(output, db.table.entries, db.findAnyway(key))
        const payload = copyOf(output.bytes, 0, output.length)
        output.clear()
        return payload
      }),
    ],
  }
}

function restoreDefinition(settings: DumpSettings): CommandDefinition {
  let values: RestoredValues | undefined
  return {
    name: 'RESTORE',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: oneKey('OW', 'update'),
    syntax: 'key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]',
    notes: {
      REPLACE: { since: '3.0.0' },
      ABSTTL: { since: '5.0.0' },
      seconds: { since: '5.0.0' },
      frequency: { since: '5.0.0' },
    },
    summary: 'Makes a key of what DUMP has told of one.',
    since: '2.6.0',
    complexity:
      'O(1) to make the key and O(N*M) to read its value, where N is the number of its parts and M their size; for sorted sets O(N*M*log(N)).',
    categories: ['keyspace', 'dangerous'],
    history: [
      ['3.0.0', 'The option REPLACE.'],
      ['5.0.0', 'The options ABSTTL, IDLETIME and FREQ.'],
    ],
    run: (context) => {
      values ??= new RestoredValues(context.keyspace)
      const { checkedBlocks } = values
      restore(context, values, settings)
      const { client, keyspace } = context
      if (settings.sanitizes(client)) keyspace.stats.sanitizations += values.checkedBlocks - checkedBlocks
    },
  }
}

/** What a cluster's node sends to one that imports the slot. */
export function restoreAskingCommands(settings: DumpSettings): CommandFamily {
  const definition: CommandDefinition = {
    ...restoreDefinition(settings),
    name: 'RESTORE-ASKING',
    flags: ['write', 'denyoom', 'asking'],
    summary: 'As RESTORE, for keys that another node of the cluster moves here.',
    since: '3.0.0',
    isInternal: true,
  }
  return { group: 'server', commands: [definition] }
}

// ---- DUMP

function dump(context: Context, output: RdbOutput): void {
  const { db, reply } = context
  const entry = db.find(context.key(1))
  if (entry === ABSENT) {
    reply.null()
    return
  }
  writePayload(output, db.table.entries, entry)
  reply.bulkBytes(output.bytes, 0, output.length)
  output.clear()
}

/** What DUMP tells of an entry. */
function writePayload(output: RdbOutput, entries: Entries, entry: Entry): void {
  const version = versionFor(entries, entry)
  const writer = new ValueWriter(output, version)
  output.clear()
  output.byte(writer.formOf(entries, entry))
  writer.write(entries, entry)
  output.byte(version)
  output.byte(0)
  const footer = new Uint8Array(FOOTER_BYTES - VERSION_BYTES)
  new Crc64().update(output.bytes, 0, output.length).writeTo(footer, 0)
  output.raw(footer, 0, footer.length)
}

// ---- RESTORE

interface RestoreOptions {
  replaces: boolean
  /** Whether the deadline is a moment. */
  isMoment: boolean
  /** Seconds; -1: not given. */
  idle: number
  frequency: number
}

function restore(context: Context, values: RestoredValues, settings: DumpSettings): void {
  const { args, db, reply } = context
  const options = parseOptions(context)
  const key = context.key(1)
  const old = db.peek(key)
  if (old !== ABSENT && !options.replaces) throw BUSY_KEY
  const time = parseTime(context)
  const { bytes, starts, lengths } = args
  const start = starts[3]!
  const length = lengths[3]!
  if (!hasFooter(bytes, start, length, settings.checksSums())) throw BAD_FOOTER
  if (!values.read(db, bytes, start, length - FOOTER_BYTES)) {
    settings.onRefused(values.refusal)
    throw BAD_DATA
  }
  const deadline = deadlineOf(context, time, options.isMoment)
  // Making the value may have moved nothing that is in the table, but the entry is looked up again to be on the safe side.
  const replaced = old === ABSENT ? ABSENT : db.findAnyway(key)
  if (deadline <= context.now && !context.keyspace.ignoresDeadlines) {
    values.abandon()
    removeReplaced(context, key, replaced)
  } else {
    if (replaced !== ABSENT) db.detach(key, replaced)
    values.place(key)
    setAccess(context, key, options)
    if (deadline !== NO_DEADLINE) {
      db.setDeadline(key, db.findAnyway(key), deadline)
      if (!options.isMoment) propagateMoment(context, deadline)
    }
    db.changed(key, 'restore')
  }
  reply.ok()
}

/** Redis: what is restored past its deadline is not there at all; what it would have replaced goes. */
function removeReplaced({ db, effects, keyspace }: Context, key: Key, replaced: Entry): void {
  if (replaced === ABSENT) {
    effects.none()
    return
  }
  if (effects.isWanted) effects.replaceWith(keyspace.serverRemovalCommand, key.copy())
  db.remove(key, replaced)
}

function propagateMoment({ args, effects }: Context, deadline: number): void {
  if (!effects.isWanted) return
  const words: (Uint8Array | string)[] = []
  for (let i = 0; i < args.count; i++) words.push(i === 2 ? String(deadline) : args.copy(i))
  effects.replaceWith(...words, 'ABSTTL')
}

function parseOptions({ args }: Context): RestoreOptions {
  const options = { replaces: false, isMoment: false, idle: -1, frequency: -1 }
  for (let i = 4; i < args.count; i++) {
    const hasMore = i + 1 < args.count
    if (args.is(i, 'REPLACE')) options.replaces = true
    else if (args.is(i, 'ABSTTL')) options.isMoment = true
    else if (args.is(i, 'IDLETIME') && hasMore && options.frequency < 0) {
      options.idle = args.integer(++i)
      if (options.idle < 0) throw BAD_IDLE_TIME
    } else if (args.is(i, 'FREQ') && hasMore && options.idle < 0) {
      options.frequency = args.integer(++i)
      if (options.frequency < 0 || options.frequency > 255) throw BAD_FREQUENCY
    } else throw SYNTAX_ERROR
  }
  return options
}

/** Milliseconds, or a moment; 0: no deadline. */
function parseTime({ args }: Context): bigint {
  const time = parseInt64(args.bytes, args.starts[2]!, args.lengths[2]!)
  if (time === undefined) throw NOT_AN_INTEGER
  if (time < 0n) throw BAD_TIME
  return time
}

function deadlineOf({ now }: Context, time: bigint, isMoment: boolean): number {
  if (time === 0n) return NO_DEADLINE
  // Redis: a sum beyond 2^63 is a moment long past.
  const moment = isMoment ? time : BigInt.asIntN(64, time + BigInt(now))
  return Math.min(Number(moment), MAX_DEADLINE)
}

function hasFooter(bytes: Uint8Array, start: number, length: number, checksSum: boolean): boolean {
  if (length < FOOTER_BYTES) return false
  const end = start + length
  const at = end - FOOTER_BYTES
  if ((bytes[at]! | (bytes[at + 1]! << 8)) > NEWEST_VERSION) return false
  const sumAt = at + VERSION_BYTES
  return !checksSum || new Crc64().update(bytes, start, sumAt).equals(bytes, sumAt)
}

/** Redis: what the policy doesn't ask for is not noted. */
function setAccess({ db, keyspace }: Context, key: Key, { idle, frequency }: RestoreOptions): void {
  const { access } = keyspace
  const entry = db.findAnyway(key)
  if (access.isFrequency && frequency >= 0) db.setAccess(entry, access.withFrequency(frequency))
  else if (!access.isFrequency && idle >= 0) db.setAccess(entry, access.withIdleSeconds(idle))
}
