// HELP of commands with subcommands, derived from their definitions: what to type, then indented what it does.

import type { AclCategory } from './acl-categories.ts'
import type { CommandDefinition } from './definition.ts'

/** Lines are broken so that they fit a terminal of 80 columns. */
const TEXT_WIDTH = 76
const INDENT = '    '

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
  const lines = helpLines(options, subcommands)
  const help: CommandDefinition = {
    name: 'HELP',
    arity: 2,
    flags: ['loading', 'stale'],
    syntax: '',
    summary: `Tells what the subcommands of ${options.of} do.`,
    since: options.since,
    complexity: 'O(1)',
    ...(options.categories && { categories: options.categories }),
    // Simple strings, as Redis sends them: redis-cli then prints lines instead of a numbered list.
    run: ({ reply }) => {
      reply.array(lines.length)
      for (const line of lines) reply.simple(line)
    },
  }
  return [...subcommands, help]
}

function helpLines(options: HelpOptions, subcommands: readonly CommandDefinition[]): string[] {
  const lines = [`${options.of} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`]
  if (options.alone !== undefined) lines.push('(no subcommand)', ...wrapped(options.alone))
  for (const { name, syntax, summary } of subcommands) {
    lines.push(syntax === '' ? name : `${name} ${syntax}`, ...wrapped(summary))
  }
  lines.push('HELP', ...wrapped('Print this help.'))
  return lines
}

/** Text as indented lines. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(INDENT + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(INDENT + line)
  return lines
}
