// What users of the library see, as types alone: the declarations of the npm package are made of this file, so it imports
// nothing but the settings' types, and needs none of Node's.

import type { Settings } from './settings.ts'

/** What a reply is in JavaScript. Strings are UTF-8; maps are objects. */
export type ReplyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | ReplyValue[]
  | Set<ReplyValue>
  | { [field: string]: ReplyValue }

/** What a key, a value or an argument may be given as. Strings are sent as UTF-8. */
export type Argument = string | Uint8Array | number | bigint

/**
 * The directives of redis.conf by their names, quoted where they have a dash; and what only an embedded server has. Data
 * are read at the start if one of `dir`, `dbfilename`, `save` and `appendonly` asks for files, and else no file is.
 */
export interface RespiteOptions extends Settings {
  /** Seed of all chance, so that SPOP, RANDOMKEY, the order of SCAN and evictions are the same in each run. */
  seed?: number
  /** The time to begin with, in milliseconds since the epoch: from then on it stands still until it is moved. */
  now?: number
  /** Commands of your own, beside the built-in ones. */
  commands?: readonly CommandDefinition[]
  /** See `RespiteServer.fault`. */
  fault?: FaultHook
  /** Takes the lines of the log, each with its line feed. Nothing is logged without it or a `logfile`. */
  log?: (line: string) => void
}

export interface RespiteServer {
  /** The TCP port that clients connect to; 0 if there is none. */
  readonly port: number
  /** Likewise for TLS. */
  readonly tlsPort: number
  /** Where clients connect to, as `net.connect` and most clients take it. */
  readonly address: { host: string; port: number } | { path: string }
  /** The same as a URL: `redis://127.0.0.1:49152`, `rediss://…` if only TLS is served, or `unix:///path`. */
  readonly url: string
  readonly clock: ServerClock
  /** Is asked about every command that a client sends, and may let it fail. Costs nothing while undefined. */
  fault: FaultHook | undefined
  /** A database, for a look at it that leaves no trace. Throws if there are not so many. */
  db(index: number): DatabaseView
  /**
   * Runs a command at once, in database 0 (or the one that SELECT has chosen), as a client of its own that never
   * waits: BLPOP on an empty list replies null. Throws a CommandError where a client would get an error.
   */
  call(command: string, ...args: Argument[]): ReplyValue
  /** Ends all connections and leaves nothing behind: no handle, no timer. What is to be kept is saved by `call('SAVE')`. */
  close(): Promise<void>
}

/** The server's clock. It runs with the system's, or stands still; whoever moves it forward lets deadlines come. */
export interface ServerClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Moves it forward: before this returns, what is due has expired, and whose time is up has been answered. */
  advance(milliseconds: number): void
  /** Sets it to a time, in milliseconds since the epoch. Going back is allowed, as with a system's clock. */
  set(time: number): void
  /** From here on it stands still until it is moved. */
  stop(): void
  /** Goes on running, from where it stands. */
  resume(): void
}

/** A look at a database that changes nothing: no expiry, no statistics, no access time, no notification. */
export interface DatabaseView {
  /** Live keys in it. */
  readonly size: number
  get(key: string | Uint8Array): string | null
  /** The bytes of a string. */
  getBytes(key: string | Uint8Array): Uint8Array | null
  exists(key: string | Uint8Array): boolean
  type(key: string | Uint8Array): 'none' | 'string' | 'list' | 'hash' | 'set' | 'zset' | 'stream'
  encoding(key: string | Uint8Array): string | null
  /** Seconds left, -1 without a deadline, -2 without the key. */
  ttl(key: string | Uint8Array): number
  /** The same in milliseconds. */
  pttl(key: string | Uint8Array): number
  /** Keys that match a pattern, in alphabetical order; all without one. */
  keys(pattern?: string): string[]
  hget(key: string | Uint8Array, field: string | Uint8Array): string | null
  /** Empty if there is no such key, as all that follow. */
  hgetall(key: string | Uint8Array): Record<string, string>
  llen(key: string | Uint8Array): number
  /** From one index to another, both included; the whole list without them. */
  lrange(key: string | Uint8Array, start?: number, stop?: number): string[]
  smembers(key: string | Uint8Array): Set<string>
  sismember(key: string | Uint8Array, member: string | Uint8Array): boolean
  scard(key: string | Uint8Array): number
  /** By rank from lowest to highest score; the whole set without limits. */
  zrange(key: string | Uint8Array, start?: number, stop?: number): { member: string; score: number }[]
  zscore(key: string | Uint8Array, member: string | Uint8Array): number | null
  zcard(key: string | Uint8Array): number
  /** Entries from one ID to another, both included; the whole stream without them. */
  xrange(key: string | Uint8Array, start?: string, end?: string): { id: string; fields: [string, string][] }[]
  xlen(key: string | Uint8Array): number
}

/** A client as commands and faults see it. */
export interface ClientFacts {
  readonly id: number
  /** As CLIENT SETNAME has set it, or ''. */
  readonly name: string
  readonly address: string
  readonly database: number
}

export interface FaultRequest {
  /** In lower case; of a subcommand with its container's: `config|get`. */
  readonly command: string
  /** All words of the request, its command's name first. */
  readonly args: readonly string[]
  readonly client: ClientFacts
}

/**
 * What is to go wrong: wait so many milliseconds of the server's clock and then run; reply with an error and don't run;
 * cut the connection, before the command has run (`drop: 'request'`) or after it, its reply lost (`drop: 'reply'`).
 */
export type Fault = { delay: number } | { error: string } | { drop: 'request' | 'reply' }

/** Decides about a request; undefined lets it pass. Commands that EXEC or a script runs are not asked about. */
export type FaultHook = (request: FaultRequest) => Fault | undefined

/** A command as one literal. Only name, arity and run are required. */
export interface CommandDefinition {
  /** In capitals. */
  readonly name: string
  /** Number of words with the name; negative: at least so many. */
  readonly arity: number
  /** As COMMAND INFO tells them: `write`, `readonly`, `denyoom`, `admin`, `fast`, `noscript`, … */
  readonly flags?: readonly string[]
  /** Where keys stand among the arguments: `{ flags: ['RW', 'update'], begin: { index: 1 }, find: { last: 0, step: 1, limit: 0 } }`. */
  readonly keys?: readonly KeySpec[]
  /** Arguments as documentation writes them: `key [EX seconds]`. */
  readonly syntax?: string
  readonly summary?: string
  readonly since?: string
  readonly complexity?: string
  /** Reads its arguments, runs other commands, replies exactly once. May throw a CommandError, which is the reply then. */
  readonly run: (context: CommandContext) => void
}

export interface KeySpec {
  readonly flags: readonly string[]
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly startFrom: number }
    | 'unknown'
  readonly find:
    | { readonly last: number; readonly step: number; readonly limit: number }
    | { readonly countAt: number; readonly first: number; readonly step: number }
    | 'unknown'
}

/** What a command of your own is given. Valid while it runs, and not after. */
export interface CommandContext {
  readonly args: CommandArguments
  readonly reply: CommandReply
  readonly client: ClientFacts
  /** The time of this command, in milliseconds since the epoch: it stands still meanwhile. */
  readonly now: number
  /**
   * Runs a command as a part of this one, in the client's database; nothing comes between them. Throws a CommandError
   * where it fails. A transaction's rules hold: nothing waits, and what needs a connection is refused.
   */
  call(command: string, ...args: Argument[]): ReplyValue
}

/** Index 0 is the command's own name. */
export interface CommandArguments {
  readonly count: number
  /** As UTF-8. */
  string(index: number): string
  bytes(index: number): Uint8Array
  /** Throws a CommandError if it is no whole number. */
  integer(index: number): number
  /** Whether it is this word, given in capitals, in any case. */
  is(index: number, word: string): boolean
}

export interface CommandReply {
  ok(): void
  integer(value: number): void
  double(value: number): void
  boolean(value: boolean): void
  null(): void
  /** A string as bytes, a text as UTF-8. */
  bulk(value: string | Uint8Array): void
  /** A status, one line: `simple('QUEUED')`. */
  simple(text: string): void
  error(message: string): void
  /** So many replies follow, or pairs of them. */
  array(count: number): void
  map(pairs: number): void
  set(count: number): void
  /** Any value, arrays, sets and objects with all that is in them. */
  value(value: ReplyValue): void
}
