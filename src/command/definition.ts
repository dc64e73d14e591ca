// What a command is, as data: one literal says all there is to know, and everything else derives from it (dispatch,
// COMMAND INFO and DOCS, key extraction, access checks, the table in the README).

import type { AclCategory } from './acl-categories.ts'
import type { Arguments } from './arguments.ts'
import type { Context } from './context.ts'
import type { FoundKeys, KeyFlag } from './found-keys.ts'

/** Redis's command flags (https://redis.io/docs/latest/commands/command/, "Flags"). */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_async_loading'
  | 'no_multi'
  | 'no_mandatory_keys'
  | 'allow_busy'
  | 'protected'
  | 'touches_arbitrary_keys'

/** Where keys stand among the arguments (https://redis.io/docs/latest/develop/reference/key-specs/). */
export interface KeySpec {
  readonly flags: readonly KeyFlag[]
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly startFrom: number }
    | 'unknown'
  readonly find:
    | { readonly last: number; readonly step: number; readonly limit: number }
    | { readonly countAt: number; readonly first: number; readonly step: number }
    | 'unknown'
}

/** Which arguments are names of channels, that a user may have to do with or not. */
export interface ChannelSpec {
  /** Those after the command's name: the first alone, or all. */
  readonly which: 'first' | 'all'
  /** Patterns, which a user is allowed by the letter only. */
  readonly arePatterns?: true
}

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block'

/** What an argument is, where neither its notation nor vocabulary.ts tells. */
export interface ArgumentNote {
  readonly name?: string
  readonly type?: ArgumentType
  readonly keySpec?: number
  readonly since?: string
  readonly deprecatedSince?: string
}

/**
 * Notes by how the argument is written in the syntax, without its own brackets: `{ 'NX | XX': { since: '2.6.12' } }`.
 * A string is a name; of a list each occurrence takes the next.
 */
export type ArgumentNotes = Readonly<
  Record<string, string | ArgumentNote | readonly (string | ArgumentNote)[]>
>

export type CommandGroup =
  | 'generic'
  | 'string'
  | 'bitmap'
  | 'list'
  | 'hash'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'hyperloglog'
  | 'geo'
  | 'pubsub'
  | 'transactions'
  | 'scripting'
  | 'connection'
  | 'server'
  | 'cluster'

/** Synchronous and without state of its own: reads its arguments, changes, replies. Throws ReplyError. */
export type Handler = (context: Context) => void

export interface CommandDefinition {
  /** In capitals; of a subcommand its own word only. */
  readonly name: string
  /** Number of arguments with the name (and the subcommand); negative: at least so many. */
  readonly arity: number
  readonly flags: readonly CommandFlag[]
  readonly keys?: readonly KeySpec[]
  readonly channels?: ChannelSpec
  /** Arguments as documentation writes them; COMMAND DOCS' argument tree is read from it (syntax.ts). */
  readonly syntax: string
  /** What the syntax alone doesn't tell about its arguments. */
  readonly notes?: ArgumentNotes
  readonly summary: string
  readonly since: string
  readonly complexity: string
  /** ACL categories beyond those that follow from flags: as a rule the group's. */
  readonly categories?: readonly AclCategory[]
  readonly tips?: readonly string[]
  /** For servers to use among themselves, or for tests: COMMAND DOCS marks it `syscmd`. */
  readonly isInternal?: boolean
  /** Answers with messages, as subscribing does: sent even if CLIENT REPLY is off. */
  readonly repliesByPush?: boolean
  /** May let its client wait, though no flag says so. */
  readonly waits?: boolean
  /** Runs at once in the middle of MULTI too. */
  readonly isNeverQueued?: boolean
  readonly deprecated?: { readonly since: string; readonly replacedBy: string }
  readonly history?: readonly (readonly [string, string])[]
  /** Absent where only subcommands run. */
  readonly run?: Handler
  readonly subcommands?: readonly CommandDefinition[]
  /**
   * Finds the keys where the specs can't tell them, or what is done with them: it depends on options, or a keyword may
   * stand where it is none. Access rules rest on this: what it finds must be what the command touches.
   */
  readonly findKeys?: (args: Arguments, found: FoundKeys) => void
}

/** A family: commands of one group, in one file. */
export interface CommandFamily {
  readonly group: CommandGroup
  readonly commands: readonly CommandDefinition[]
}
