// What a command is, as data: one literal says all there is to know, and everything else derives from it (dispatch,
// COMMAND INFO and DOCS, key extraction, access checks, the table in the README).

import type { Context } from './context.ts'

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
  | 'movablekeys'
  | 'protected'
  | 'touches_arbitrary_keys'

export type KeyFlag =
  | 'RW'
  | 'RO'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags'

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
  /** Arguments as documentation writes them; COMMAND DOCS' argument tree is read from it (syntax.ts). */
  readonly syntax: string
  readonly summary: string
  readonly since: string
  readonly complexity: string
  /** ACL categories beyond those that follow from flags: as a rule the group's. */
  readonly categories?: readonly string[]
  readonly tips?: readonly string[]
  readonly deprecated?: { readonly since: string; readonly replacedBy: string }
  readonly history?: readonly (readonly [string, string])[]
  /** Absent where only subcommands run. */
  readonly run?: Handler
  readonly subcommands?: readonly CommandDefinition[]
  /** Key positions that the specs can't tell, as indexes of arguments. */
  readonly findKeys?: (context: Context) => number[]
}

/** A family: commands of one group, in one file. */
export interface CommandFamily {
  readonly group: CommandGroup
  readonly commands: readonly CommandDefinition[]
}
