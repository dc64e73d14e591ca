// A command ready to run: a definition, flattened so that dispatch tests booleans and searches nothing, and what is
// counted of its calls. All have the same shape.

import { type AclCategory, aclCategories } from './acl-categories.ts'
import type { CommandDefinition, CommandFlag, CommandGroup, Handler } from './definition.ts'
import { KeyFinder } from './find-keys.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import { legacyRange } from './legacy-range.ts'
import { memberIndex } from './member-index.ts'

export class Command {
  readonly definition: CommandDefinition
  readonly group: CommandGroup
  /** In lower case, with its container's: `config|get`. */
  readonly fullName: string
  /** In lower case, its own word. */
  readonly name: string
  readonly container: Command | undefined
  readonly arity: number
  readonly run: Handler | undefined
  readonly subcommands: Map<string, Command> | undefined
  readonly keys: KeyFinder
  readonly categories: readonly AclCategory[]

  readonly isWrite: boolean
  readonly isReadonly: boolean
  readonly isAdmin: boolean
  readonly deniesWhenFull: boolean
  readonly runsUnauthenticated: boolean
  readonly runsWhileLoading: boolean
  readonly runsWhileBusy: boolean
  readonly runsWhenStale: boolean
  readonly skipsSlowlog: boolean
  readonly skipsMonitor: boolean
  readonly mayReplicate: boolean
  /** Refused in the middle of MULTI. */
  readonly deniesTransactions: boolean
  /** Answers with messages, which CLIENT REPLY does not hold back. */
  readonly repliesByPush: boolean
  /** Run at once in the middle of MULTI. */
  readonly isNeverQueued: boolean
  /** May wait; then its time is counted when it has been served. */
  readonly mayBlock: boolean
  /** Its first argument is a key. */
  readonly startsWithKey: boolean
  /** The argument that is a member, or a field, of what is under that key; 0 if none is. */
  readonly memberIndex: number
  /** Flagged as fast: never slow by itself. */
  readonly isFast: boolean
  /**
   * Calls of up to so many words are always quick: runs of them are timed together. A look at the clock costs 60-100 ns,
   * a fifth of a GET in a pipeline.
   */
  readonly quickWords: number

  calls = 0
  microseconds = 0
  /** Refused before running. */
  rejected = 0
  /** Answered with an error. */
  failed = 0
  readonly histogram = new LatencyHistogram()
  /** Its number among all commands and subcommands of a registry, which gives it: users' permissions are bits. */
  id = 0

  constructor(definition: CommandDefinition, group: CommandGroup, container?: Command) {
    const has = (flag: CommandFlag) => definition.flags.includes(flag)
    this.definition = definition
    this.group = group
    this.container = container
    this.name = definition.name.toLowerCase()
    this.fullName = container === undefined ? this.name : `${container.name}|${this.name}`
    this.arity = definition.arity
    this.run = definition.run
    this.keys = new KeyFinder(definition)
    this.categories = aclCategories(definition.flags, definition.categories)
    this.isWrite = has('write')
    this.isReadonly = has('readonly')
    this.isAdmin = has('admin')
    this.deniesWhenFull = has('denyoom')
    this.runsUnauthenticated = has('no_auth')
    this.runsWhileLoading = has('loading')
    this.runsWhileBusy = has('allow_busy')
    this.runsWhenStale = has('stale')
    this.skipsSlowlog = has('skip_slowlog')
    this.skipsMonitor = has('skip_monitor')
    this.mayReplicate = has('may_replicate')
    this.deniesTransactions = has('no_multi')
    this.repliesByPush = definition.repliesByPush === true
    this.isNeverQueued = definition.isNeverQueued === true
    this.startsWithKey = legacyRange(definition.keys ?? []).first === 1
    this.memberIndex = memberIndex(definition.syntax)
    this.isFast = has('fast')
    this.mayBlock = has('blocking') || definition.waits === true
    this.quickWords = this.mayBlock ? 0 : this.#quickWords()
    this.subcommands =
      definition.subcommands &&
      new Map(
        definition.subcommands.map((sub) => [sub.name.toLowerCase(), new Command(sub, group, this)] as const),
      )
  }

  /**
   * Of commands on keys their complexity tells what is quick; of others even O(1) may be a walk through a log. Where it
   * says that one key, or no count, takes O(1), that is the shortest call there is.
   */
  #quickWords(): number {
    const { complexity } = this.definition
    if (this.isFast || (this.startsWithKey && complexity === 'O(1)')) return Number.POSITIVE_INFINITY
    return this.startsWithKey && /^O\(1\) (for one|without) /.test(complexity) ? Math.abs(this.arity) : 0
  }

  resetStatistics(): void {
    this.calls = 0
    this.microseconds = 0
    this.rejected = 0
    this.failed = 0
    this.histogram.reset()
    if (this.subcommands !== undefined) for (const sub of this.subcommands.values()) sub.resetStatistics()
  }
}
