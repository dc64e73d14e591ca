// HELP of commands with subcommands: its definition and its reply, which differ in their lines only.

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
