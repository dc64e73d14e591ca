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
  return {
    name: 'HELP',
    arity: 2,
    flags: ['loading', 'stale'],
    syntax: '',
    summary: `Returns helpful text about the subcommands of ${container}.`,
    since,
    complexity: 'O(1)',
    categories,
    run: ({ reply }) => replyHelp(reply, container, lines),
  }
}

/** The reply, for a command that has no definitions of its subcommands. */
export function replyHelp(reply: ReplyWriter, container: string, lines: readonly string[]): void {
  const all = [
    `${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...lines,
    'HELP',
    '    Prints this help.',
  ]
  reply.array(all.length)
  for (const line of all) reply.simple(line)
}
