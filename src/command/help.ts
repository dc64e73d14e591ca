// The replies of `COMMAND HELP`: a head, then each subcommand with what it does. Redis sends them as simple strings.

import type { ReplyWriter } from '../resp/writer.ts'

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
