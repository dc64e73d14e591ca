// Facts about Redis 7.4's commands (test/command/facts/), and our definitions in the same notation.

import { readFileSync } from 'node:fs'
import type { Command } from '../../src/command/command.ts'
import type { KeySpec } from '../../src/command/definition.ts'
import { KEY_FLAGS } from '../../src/command/found-keys.ts'
import { type Argument, readSyntax } from '../../src/command/syntax.ts'

export interface CommandFacts {
  name: string
  group: string
  since: string
  arity: number
  flags?: string
  categories?: string
  tips?: string
  keys?: string[]
  arguments?: string
  deprecated?: string
  internal?: true
}

/** All commands and subcommands of Redis 7.4, by name in capitals: `CONFIG GET`. */
export const REDIS_COMMANDS: ReadonlyMap<string, CommandFacts> = new Map(
  readFileSync(new URL('../command/facts/commands.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CommandFacts)
    .map((facts) => [facts.name, facts]),
)

/** A command's name as the facts have it. */
export function factName(command: Command): string {
  return command.fullName.toUpperCase().replace('|', ' ')
}

/** What a definition of ours claims, to be compared with the facts. */
export function factsOf(command: Command): CommandFacts {
  const { definition } = command
  const { keys = [], notes, categories = [], tips = [] } = definition
  const facts: CommandFacts = {
    name: factName(command),
    group: command.group,
    since: definition.since,
    arity: definition.arity,
  }
  const flags = [...definition.flags].sort()
  if (flags.length > 0) facts.flags = flags.join(' ')
  if (categories.length > 0) facts.categories = [...categories].sort().join(' ')
  if (tips.length > 0) facts.tips = tips.join(' ')
  if (keys.length > 0) facts.keys = keys.map(showKeySpec)
  const all = readSyntax(definition.syntax, keys, notes)
  if (all.length > 0) facts.arguments = all.map(showArgument).join(' ')
  if (definition.deprecated !== undefined) facts.deprecated = definition.deprecated.since
  if (definition.isInternal === true) facts.internal = true
  return facts
}

function showKeySpec({ flags, begin, find }: KeySpec): string {
  const shownFlags = KEY_FLAGS.filter((flag) => flags.includes(flag)).join('+')
  return `${shownFlags} ${showBegin(begin)} ${showFind(find)}`
}

function showBegin(begin: KeySpec['begin']): string {
  if (begin === 'unknown') return '?'
  return 'index' in begin ? String(begin.index) : `${begin.keyword}@${begin.startFrom}`
}

function showFind(find: KeySpec['find']): string {
  if (find === 'unknown') return '?'
  if ('last' in find) return `range ${find.last} ${find.step} ${find.limit}`
  return `count ${find.countAt} ${find.first} ${find.step}`
}

/** An argument in the notation of the facts. */
export function showArgument(argument: Argument): string {
  const { name, type, displayText, token, keySpecIndex, since, deprecatedSince } = argument
  const isGroup = argument.arguments.length > 0
  let text = `${name}:${type}`
  if (isGroup) text += `(${argument.arguments.map(showArgument).join(' ')})`
  else if (displayText !== name) text += `'${displayText}'`
  if (token !== undefined) text += `=${token}`
  if (keySpecIndex !== undefined) text += `#${keySpecIndex}`
  if (since !== undefined) text += `>${since}`
  if (deprecatedSince !== undefined) text += `<${deprecatedSince}`
  if (argument.isMultiple) text += argument.repeatsToken ? '++' : '+'
  return argument.isOptional ? `${text}?` : text
}
