// The table of commands in the README, derived from the definitions and from what Redis 7.4 has.

import type { Command } from '../../src/command/command.ts'
import { factName, REDIS_COMMANDS } from './facts.ts'

const GROUPS: Readonly<Record<string, string>> = {
  string: 'Strings',
  bitmap: 'Bitmaps',
  generic: 'Keys',
  list: 'Lists',
  hash: 'Hashes',
  set: 'Sets',
  'sorted-set': 'Sorted sets',
  stream: 'Streams',
  hyperloglog: 'HyperLogLog',
  geo: 'Geo',
  pubsub: 'Publish and subscribe',
  transactions: 'Transactions',
  scripting: 'Scripts',
  connection: 'Connection',
  server: 'Server',
  cluster: 'Cluster',
}

/** Markdown: a row for each group, with what is there and what is not, and a line that counts. */
export function commandTable(commands: Iterable<Command>): string {
  const supported = new Set([...commands].map(factName))
  const rows = Object.entries(GROUPS).map(([group, title]) => {
    const names = [...REDIS_COMMANDS.values()]
      .filter((facts) => facts.group === group)
      .map(({ name }) => name)
    const there = names.filter((name) => supported.has(name))
    const missing = names.filter((name) => !supported.has(name))
    return `| ${title} | ${listed(there)} | ${listed(missing)} |`
  })
  const newer = [...supported].filter((name) => !REDIS_COMMANDS.has(name))
  const known = [...supported].filter((name) => REDIS_COMMANDS.has(name))
  return [
    `${known.length} of the ${REDIS_COMMANDS.size} commands and subcommands of Redis 7.4 are there; \`COMMAND DOCS\` tells what each does.`,
    ...(newer.length === 0 ? [] : [`Of later versions there are ${listed(newer)}.`]),
    '',
    '| | There | Not yet |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
}

/** Names in alphabetical order; subcommands in parentheses after their container. */
function listed(names: readonly string[]): string {
  const containers = new Map<string, string[]>()
  for (const name of [...names].sort()) {
    const [container, subcommand] = name.split(' ') as [string, string | undefined]
    const subcommands = containers.get(container) ?? []
    if (subcommand !== undefined) subcommands.push(subcommand)
    containers.set(container, subcommands)
  }
  const all = [...containers].map(([name, subs]) =>
    subs.length === 0 ? name : `${name} (${subs.join(' ')})`,
  )
  return all.join(' · ')
}
