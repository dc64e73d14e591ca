// MIGRATE: keys that move to another server. Their values are told as DUMP tells them, the client waits while another
// subsystem brings them over (nobody else does), and what has arrived is removed here.
//
// A move is atomic for whoever looks: meanwhile the keys are here, readable and writable, and they are removed in the same
// step in which it is seen that the other server has just what is here. What was changed in the meantime is sent again;
// what was removed in the meantime, is removed there.

import { parseInt64 } from '../base/integers.ts'
import { NOT_AN_INTEGER, ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { type FoundKeys, keyFlagBits } from '../command/found-keys.ts'
import { keyAt } from '../command/key-specs.ts'
import type { Session } from '../command/session.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import type { Key } from '../memory/key.ts'

/** A key on its way. */
export interface MovedKey {
  readonly name: Uint8Array
  /** As DUMP tells it; undefined: it is to be removed there. */
  readonly payload: Uint8Array | undefined
  /** Milliseconds that it has left; 0: no deadline. */
  readonly timeToLive: number
}

/** Where keys go, and how. */
export interface Destination {
  readonly host: string
  readonly port: string
  readonly database: bigint
  readonly timeoutMs: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly replaces: boolean
}

export interface MoveOutcome {
  readonly keys: readonly MovedKey[]
  /** What the other server said against each; undefined: it has it. */
  readonly refusals: readonly (string | undefined)[]
  /** What kept all from being moved. */
  readonly failure: string | undefined
}

/** What brings keys to other servers. One move of each client at a time. */
export interface KeyMover {
  /** Begins, and wakes the client, who waits, when it is over. */
  begin(client: Session, destination: Destination, keys: readonly MovedKey[]): void
  /** How the client's move has ended; undefined: it has none. Once. */
  takeOutcome(client: Session): MoveOutcome | undefined
}

/** What is changed faster than it can be moved stays. */
const MOST_ROUNDS = 5
const DEFAULT_TIMEOUT = 1000
const FIRST_OPTION = 6
const FLAGS = keyFlagBits(['RW', 'access', 'delete'])

const KEYS_AND_KEY = new ReplyError(
  'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
)
const OUT_OF_TIME = new ReplyError('IOERR error or timeout writing to target instance')

/** `tell`: writes a key's value as DUMP does, into bytes of its own. */
export function migrateDefinition(
  mover: KeyMover,
  tell: (context: Context, key: Key) => Uint8Array,
): CommandDefinition {
  const move = new Move(mover, tell)
  return {
    name: 'MIGRATE',
    arity: -6,
    flags: ['write'],
    waits: true,
    keys: [
      keyAt(3, 'RW', 'access', 'delete'),
      {
        flags: ['RW', 'access', 'delete', 'incomplete'],
        begin: { keyword: 'KEYS', startFrom: -2 },
        find: { last: -1, step: 1, limit: 0 },
      },
    ],
    syntax:
      'host port <key | ""> destination-db timeout [COPY] [REPLACE] [AUTH password | AUTH2 username password] [KEYS key [key ...]]',
    notes: {
      'key | ""': 'key-selector',
      port: { type: 'integer' },
      timeout: { type: 'integer' },
      COPY: { since: '3.0.0' },
      REPLACE: { since: '3.0.0' },
      'AUTH password | AUTH2 username password': 'authentication',
      'AUTH password': { since: '4.0.7' },
      'AUTH2 username password': { since: '6.0.0' },
      'KEYS key': { since: '3.0.6', keySpec: 1 },
    },
    summary: 'Moves keys to another server.',
    since: '2.6.0',
    complexity:
      'As DUMP and DEL here and RESTORE there, and O(N) for the way, N being the bytes of the values.',
    categories: ['keyspace', 'dangerous'],
    tips: ['nondeterministic_output'],
    history: [
      ['3.0.0', 'The options COPY and REPLACE.'],
      ['3.0.6', 'The option KEYS.'],
      ['4.0.7', 'The option AUTH.'],
      ['6.0.0', 'The option AUTH2.'],
    ],
    run: (context) => move.run(context),
    findKeys,
  }
}

interface Request extends Destination {
  readonly copies: boolean
  readonly firstKey: number
  readonly keyCount: number
}

class Move {
  readonly #mover: KeyMover
  readonly #tell: (context: Context, key: Key) => Uint8Array
  /** How often each client's move has been sent. */
  readonly #rounds = new WeakMap<Session, number>()

  constructor(mover: KeyMover, tell: (context: Context, key: Key) => Uint8Array) {
    this.#mover = mover
    this.#tell = tell
  }

  run(context: Context): void {
    const { client } = context
    const request = parse(context.args)
    const outcome = this.#mover.takeOutcome(client)
    // That of a request that did not get to run again is nobody's.
    if (outcome !== undefined && context.blocked.retried?.session === client) {
      this.#finish(context, request, outcome)
      return
    }
    context.effects.none()
    const keys: MovedKey[] = []
    for (let i = 0; i < request.keyCount; i++) {
      const key = context.key(request.firstKey + i)
      const moved = this.#packed(context, key)
      if (moved !== undefined) keys.push(moved)
    }
    if (keys.length === 0) {
      context.reply.simple('NOKEY')
      return
    }
    // In a transaction, or a script, nobody can wait: as if its time were up.
    if (context.deniesBlocking) throw OUT_OF_TIME
    this.#send(context, request, keys, 1)
  }

  #send(context: Context, request: Destination, keys: readonly MovedKey[], round: number): void {
    const { client } = context
    this.#rounds.set(client, round)
    context.block({
      type: 0,
      firstKey: 0,
      keyCount: 0,
      deadline: 0,
      onTimeout: (reply) => reply.error(OUT_OF_TIME.message),
    })
    this.#mover.begin(client, request, keys)
  }

  /** undefined: the key isn't there. */
  #packed(context: Context, key: Key): MovedKey | undefined {
    const { db, now } = context
    const entry = db.find(key)
    if (entry === ABSENT) return undefined
    const deadline = db.deadlineOf(entry)
    const timeToLive = deadline === NO_DEADLINE ? 0 : Math.max(1, deadline - now)
    return { name: key.copy(), payload: this.#tell(context, key), timeToLive }
  }

  #finish(context: Context, request: Request, { keys, refusals, failure }: MoveOutcome): void {
    const { client, effects, reply, keyspace } = context
    const removed: Uint8Array[] = []
    const again: MovedKey[] = []
    let refusal: string | undefined
    for (let i = 0; i < keys.length; i++) {
      const moved = keys[i]!
      const said = refusals[i]
      refusal ??= said
      // Without an answer: who knows whether it is there.
      if (request.copies || said !== undefined || i >= refusals.length) continue
      const change = this.#settle(context, moved)
      if (change === 'removed') removed.push(moved.name)
      else if (change !== undefined) again.push(change)
    }
    if (removed.length > 0) effects.replaceWith(keyspace.serverRemovalCommand, ...removed)
    else effects.none()
    const round = this.#rounds.get(client) ?? 1
    if (failure === undefined && refusal === undefined && again.length > 0) {
      if (round === MOST_ROUNDS) throw OUT_OF_TIME
      this.#send(context, { ...request, replaces: true }, again, round + 1)
      return
    }
    if (refusal !== undefined) throw new ReplyError(`ERR Target instance replied with error: ${refusal}`)
    if (failure !== undefined) throw new ReplyError(failure)
    reply.ok()
  }

  /** A key that has arrived goes, if it is what has arrived; else it says what is to be sent. */
  #settle(context: Context, moved: MovedKey): MovedKey | 'removed' | undefined {
    const { db } = context
    const name = Buffer.from(moved.name)
    const key = context.key(0).point(name, 0, name.length)
    const now = this.#packed(context, key)
    if (now === undefined) {
      return moved.payload === undefined ? undefined : { ...moved, payload: undefined }
    }
    const isSame = moved.payload !== undefined && Buffer.compare(now.payload!, moved.payload) === 0
    // A deadline that came or went; one that is only nearer is the same.
    if (!isSame || (now.timeToLive === 0) !== (moved.timeToLive === 0)) return now
    if (now.timeToLive > moved.timeToLive) return now
    db.remove(key, db.findAnyway(key))
    return 'removed'
  }
}

/** Before anything can fail: what makes no sense may bring a password that does. */
function redactPasswords(args: Arguments): void {
  for (let i = FIRST_OPTION; i < args.count && !args.is(i, 'KEYS'); i++) {
    const values = args.is(i, 'AUTH') ? 1 : args.is(i, 'AUTH2') ? 2 : 0
    args.redact(i + 1, Math.min(i + 1 + values, args.count))
    i += values
  }
}

function parse(args: Arguments): Request {
  redactPasswords(args)
  let copies = false
  let replaces = false
  let user: string | undefined
  let password: string | undefined
  let firstKey = 3
  let keyCount = 1
  for (let i = FIRST_OPTION; i < args.count; i++) {
    const more = args.count - 1 - i
    if (args.is(i, 'COPY')) copies = true
    else if (args.is(i, 'REPLACE')) replaces = true
    else if (args.is(i, 'AUTH') && more >= 1) {
      password = args.string(i + 1)
      i++
    } else if (args.is(i, 'AUTH2') && more >= 2) {
      user = args.string(i + 1)
      password = args.string(i + 2)
      i += 2
    } else if (args.is(i, 'KEYS')) {
      if (args.lengths[3] !== 0) throw KEYS_AND_KEY
      firstKey = i + 1
      keyCount = more
      break
    } else throw SYNTAX_ERROR
  }
  const database = integer(args, 4)
  const timeout = Number(integer(args, 5))
  return {
    host: args.string(1),
    port: args.string(2),
    database,
    timeoutMs: timeout <= 0 ? DEFAULT_TIMEOUT : timeout,
    user,
    password,
    replaces,
    copies,
    firstKey,
    keyCount,
  }
}

function integer(args: Arguments, index: number): bigint {
  const value = parseInt64(args.bytes, args.starts[index]!, args.lengths[index]!)
  if (value === undefined) throw NOT_AN_INTEGER
  return value
}

/** Behind KEYS all arguments are keys, unless the word is an option's value. */
function findKeys(args: Arguments, found: FoundKeys): void {
  for (let i = FIRST_OPTION; i < args.count; i++) {
    if (args.is(i, 'KEYS') && args.lengths[3] === 0) {
      for (let at = i + 1; at < args.count; at++) found.add(at, FLAGS)
      return
    }
    if (args.is(i, 'AUTH')) i++
    else if (args.is(i, 'AUTH2')) i += 2
  }
  found.add(3, FLAGS)
}
