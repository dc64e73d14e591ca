// HELP of commands with subcommands: its definition and its reply, which differ in their lines only.

import type { ReplyWriter } from '../resp/writer.ts'
import type { CommandDefinition } from './definition.ts'

/** The HELP subcommand of a container. Lines: each subcommand's syntax, then indented what it does. */
export function helpOf(
  container: string,
  since: string,
  categories: readonly string[],
  lines: readonly string[],
): CommandDefinition {
  const all = [
    `${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...lines,
    'HELP',
    '    Prints this help.',
  ]
  return {
    name: 'HELP',
    arity: 2,
    flags: ['loading', 'stale'],
    syntax: '',
    summary: `Returns helpful text about the subcommands of ${container}.`,
    since,
    complexity: 'O(1)',
    categories,
    run: ({ reply }) => {
      reply.array(all.length)
      for (const line of all) reply.simple(line)
    },
  }
}

/** What is typed, and lines that say what it does. */
export type HelpTopic = readonly [syntax: string, ...lines: string[]]

/** Replies with the help of a command; HELP itself is added at the end. */
export function replyHelp(reply: ReplyWriter, command: string, topics: readonly HelpTopic[]): void {
  const all: HelpTopic[] = [...topics, ['HELP', 'Show this text.']]
  const lines = [`${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`]
  for (const [syntax, ...text] of all) lines.push(syntax, ...text.map((line) => `    ${line}`))
  reply.array(lines.length)
  for (const line of lines) reply.simple(line)
}
