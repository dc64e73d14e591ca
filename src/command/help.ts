// HELP of commands with subcommands: what to type, then indented what it does. Derived from the definitions of the
// subcommands, where there are any.

import type { ReplyWriter } from '../resp/writer.ts'
import type { AclCategory } from './acl-categories.ts'
import type { CommandDefinition } from './definition.ts'

/** Lines are broken so that they fit a terminal. */
const COLUMNS = 80
const INDENT = '    '

/** What is typed, and what it does. */
export type HelpTopic = readonly [syntax: string, text: string]

export interface HelpOptions {
  /** The container's name, in capitals. */
  readonly of: string
  readonly since: string
  readonly categories?: readonly AclCategory[]
  /** What the container does by itself, if anything. */
  readonly alone?: string
}

/** Subcommands and, last, the HELP that tells of them. */
export function withHelp(
  options: HelpOptions,
  subcommands: readonly CommandDefinition[],
): CommandDefinition[] {
  const topics = topicsOf(options, subcommands)
  const help: CommandDefinition = {
    name: 'HELP',
    arity: 2,
    flags: ['loading', 'stale'],
    syntax: '',
    summary: `Tells what the subcommands of ${options.of} do.`,
    since: options.since,
    complexity: 'O(1)',
    ...(options.categories && { categories: options.categories }),
    run: ({ reply }) => replyHelp(reply, options.of, topics),
  }
  return [...subcommands, help]
}

/** Replies with the help of a command; HELP itself is added at the end. */
export function replyHelp(reply: ReplyWriter, command: string, topics: readonly HelpTopic[]): void {
  const lines = [`${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`]
  for (const [syntax, text] of [...topics, ['HELP', 'Print this help.'] as const]) {
    // What doesn't fit goes on below the first argument.
    lines.push(...wrapped(syntax, '', ' '.repeat(syntax.indexOf(' ') + 1)))
    lines.push(...wrapped(text, INDENT, INDENT))
  }
  // Simple strings, as Redis sends them: redis-cli then prints lines instead of a numbered list.
  reply.array(lines.length)
  for (const line of lines) reply.simple(line)
}

function topicsOf(options: HelpOptions, subcommands: readonly CommandDefinition[]): HelpTopic[] {
  const topics: HelpTopic[] = []
  if (options.alone !== undefined) topics.push(['(no subcommand)', options.alone])
  for (const { name, syntax, summary } of subcommands) topics.push([`${name} ${syntax}`.trim(), summary])
  return topics
}

/** Text as lines, broken at blanks. */
function wrapped(text: string, firstIndent: string, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  let start = firstIndent
  for (const word of text.split(' ')) {
    if (line !== '' && start.length + line.length + 1 + word.length > COLUMNS) {
      lines.push(start + line)
      start = indent
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(start + line)
  return lines
}
