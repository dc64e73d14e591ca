// A look at what is stored that leaves no trace: built-in commands that read, run beside dispatch, with nobody listening.

import { ReplyError } from '../base/reply-error.ts'
import { Context } from '../command/context.ts'
import type { Registry } from '../command/registry.ts'
import { NOBODY, Session } from '../command/session.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { ReplyWriter } from '../resp/writer.ts'
import { argumentBytes, CommandError, replyValue, utf8Of } from './command-error.ts'
import type { Argument, DatabaseView, ReplyValue } from './public.ts'

export class Inspection {
  readonly #keyspace: Keyspace
  readonly #registry: Registry
  readonly #context: Context
  /** Lets `keyspace.now` follow the clock, unless a command runs. */
  readonly #syncClock: () => void

  constructor(keyspace: Keyspace, registry: Registry, syncClock: () => void) {
    this.#keyspace = keyspace
    this.#registry = registry
    this.#syncClock = syncClock
    const reply = new ReplyWriter()
    reply.protocol = 3
    this.#context = new Context(keyspace, reply, new Session(0, NOBODY, 0))
    this.#context.deniesBlocking = true
  }

  db(index: number): DatabaseView {
    const count = this.#keyspace.databases.length
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`There is no database ${index}: there are ${count}`)
    }
    return new View(this, index)
  }

  read(database: number, command: string, args: readonly Argument[]): ReplyValue {
    return replyValue(this.readBytes(database, command, args))
  }

  /** The reply's bytes, as RESP3. */
  readBytes(database: number, name: string, args: readonly Argument[]): Buffer {
    const context = this.#context
    const { reply } = context
    const request = [name, ...args].map(argumentBytes)
    context.args.load(request)
    const container = this.#registry.byName(name)
    const command = container?.subcommands?.get(String(args[0]).toLowerCase()) ?? container
    if (command?.run === undefined) throw new Error(`'${name}' has been renamed`)
    context.db = this.#keyspace.databases[database]!
    reply.length = 0
    this.#syncClock()
    try {
      this.#withoutTrace(() => command.run!(context))
    } catch (error) {
      throw error instanceof ReplyError ? new CommandError(utf8Of(error.message)) : error
    } finally {
      context.forget()
    }
    return Buffer.from(reply.bytes.subarray(0, reply.length))
  }

  /** What is due is hidden but not removed, and nobody counts or hears. */
  #withoutTrace(read: () => void): void {
    const keyspace = this.#keyspace
    const { access, observers, stats, mayExpire } = keyspace
    const { isPaused } = access
    const { hits, misses } = stats
    const { notifier } = observers
    access.isPaused = true
    observers.notifier = undefined
    keyspace.mayExpire = false
    try {
      read()
    } finally {
      access.isPaused = isPaused
      observers.notifier = notifier
      keyspace.mayExpire = mayExpire
      stats.hits = hits
      stats.misses = misses
    }
  }
}

type Key = string | Uint8Array

class View implements DatabaseView {
  readonly #inspection: Inspection
  readonly #index: number

  constructor(inspection: Inspection, index: number) {
    this.#inspection = inspection
    this.#index = index
  }

  #read(command: string, ...args: Argument[]): ReplyValue {
    return this.#inspection.read(this.#index, command, args)
  }

  get size(): number {
    return this.keys().length
  }

  get(key: Key): string | null {
    return this.#read('GET', key) as string | null
  }

  getBytes(key: Key): Uint8Array | null {
    const bytes = this.#inspection.readBytes(this.#index, 'GET', [key])
    if (bytes[0] !== DOLLAR) return null
    const head = bytes.indexOf('\r\n') + 2
    return new Uint8Array(bytes.subarray(head, bytes.length - 2))
  }

  exists(key: Key): boolean {
    return this.#read('EXISTS', key) === 1
  }

  type(key: Key): ReturnType<DatabaseView['type']> {
    return this.#read('TYPE', key) as ReturnType<DatabaseView['type']>
  }

  encoding(key: Key): string | null {
    return this.exists(key) ? (this.#read('OBJECT', 'ENCODING', key) as string) : null
  }

  ttl(key: Key): number {
    return this.#read('TTL', key) as number
  }

  pttl(key: Key): number {
    return this.#read('PTTL', key) as number
  }

  keys(pattern = '*'): string[] {
    return (this.#read('KEYS', pattern) as string[]).sort()
  }

  hget(key: Key, field: Key): string | null {
    return this.#read('HGET', key, field) as string | null
  }

  hgetall(key: Key): Record<string, string> {
    return this.#read('HGETALL', key) as Record<string, string>
  }

  llen(key: Key): number {
    return this.#read('LLEN', key) as number
  }

  lrange(key: Key, start = 0, stop = -1): string[] {
    return this.#read('LRANGE', key, start, stop) as string[]
  }

  smembers(key: Key): Set<string> {
    return this.#read('SMEMBERS', key) as Set<string>
  }

  sismember(key: Key, member: Key): boolean {
    return this.#read('SISMEMBER', key, member) === 1
  }

  scard(key: Key): number {
    return this.#read('SCARD', key) as number
  }

  zrange(key: Key, start = 0, stop = -1): { member: string; score: number }[] {
    const pairs = this.#read('ZRANGE', key, start, stop, 'WITHSCORES') as [string, number][]
    return pairs.map(([member, score]) => ({ member, score }))
  }

  zscore(key: Key, member: Key): number | null {
    return this.#read('ZSCORE', key, member) as number | null
  }

  zcard(key: Key): number {
    return this.#read('ZCARD', key) as number
  }

  xrange(key: Key, start = '-', end = '+'): { id: string; fields: [string, string][] }[] {
    const entries = this.#read('XRANGE', key, start, end) as [string, string[]][]
    return entries.map(([id, flat]) => ({ id, fields: inPairs(flat) }))
  }

  xlen(key: Key): number {
    return this.#read('XLEN', key) as number
  }
}

const DOLLAR = 36

function inPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!])
  return pairs
}
