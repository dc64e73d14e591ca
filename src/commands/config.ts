// CONFIG: reading and changing settings. What the options mean is config/'s business; the file that REWRITE writes and
// the counters that RESETSTAT resets are handed in.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import type { Config } from '../config/config.ts'
import { rewriteConfigText } from '../config/rewrite.ts'

/** The configuration file that the server was started with. Bytes as latin1. */
export interface ConfigFile {
  /** '' if it has gone. Throws an Error whose message is the reason, in the words of the system. */
  read(): string
  /** Replaces the file, wholly or not at all. Throws likewise. */
  replace(text: string): void
}

export interface ConfigWorld {
  readonly config: Config
  /** undefined: there was none. */
  readonly file: ConfigFile | undefined
  isLoading(): boolean
  resetStatistics(): void
  /** The users as lines of the file. If absent, its own stay. */
  userLines?(): readonly string[]
}

const NO_FILE = new ReplyError('ERR The server is running without a config file')

export function configCommands(world: ConfigWorld): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'CONFIG',
        arity: -2,
        flags: [],
        syntax: '',
        summary: 'Holds the commands about the configuration.',
        since: '2.0.0',
        complexity: 'Depends on subcommand.',
        subcommands: withHelp({ of: 'CONFIG', since: '5.0.0' }, [
          ...optionCommands(world),
          ...otherCommands(world),
        ]),
      },
    ],
  }
}

const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'] } as const
const ALL_NODES = { tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'] } as const

function optionCommands(world: ConfigWorld): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      name: 'GET',
      arity: -3,
      syntax: 'parameter [parameter ...]',
      summary: 'Returns the options whose names match, and their values.',
      since: '2.0.0',
      complexity: 'O(N*M) where N is the number of options and M the number of patterns',
      history: [['7.0.0', 'Several patterns at once.']],
      run: (context) => get(context, world),
    },
    {
      ...ADMIN,
      ...ALL_NODES,
      name: 'SET',
      arity: -4,
      syntax: 'parameter value [parameter value ...]',
      summary: 'Changes options while the server runs.',
      since: '2.0.0',
      complexity: 'O(N) where N is the number of options that are set',
      history: [['7.0.0', 'Several options at once.']],
      run: (context) => set(context, world),
    },
  ]
}

function otherCommands(world: ConfigWorld): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      ...ALL_NODES,
      name: 'RESETSTAT',
      arity: 2,
      syntax: '',
      summary: 'Lets the counters of the server start anew.',
      since: '2.0.0',
      complexity: 'O(N) where N is the number of commands',
      run: ({ reply }) => {
        world.resetStatistics()
        reply.ok()
      },
    },
    {
      ...ADMIN,
      ...ALL_NODES,
      name: 'REWRITE',
      arity: 2,
      syntax: '',
      summary: 'Writes the settings that are in force to the configuration file.',
      since: '2.8.0',
      complexity: 'O(N) where N is the number of options and lines of the file',
      run: (context) => rewrite(context, world),
    },
  ]
}

function get({ args, reply }: Context, { config }: ConfigWorld): void {
  const patterns: string[] = []
  for (let i = 2; i < args.count; i++) patterns.push(args.string(i))
  const pairs = config.get(patterns)
  reply.map(pairs.length)
  for (const [name, value] of pairs) {
    reply.text(name)
    reply.text(value)
  }
}

function set({ args, client, reply }: Context, { config, isLoading }: ConfigWorld): void {
  const pairs: [string, string][] = []
  // Before anything can fail: a password is not for the logs even if it was not set.
  for (let i = 2; i + 1 < args.count; i += 2) {
    if (config.isSensitive(args.string(i))) args.redact(i + 1, i + 2)
  }
  if (args.count % 2 !== 0) throw SYNTAX_ERROR
  for (let i = 2; i < args.count; i += 2) pairs.push([args.string(i), args.string(i + 1)])
  config.set(pairs, { isLocal: client.isLocal, isLoading: isLoading() })
  reply.ok()
}

function rewrite({ reply }: Context, world: ConfigWorld): void {
  const { config, file } = world
  const users = world.userLines?.()
  if (file === undefined) throw NO_FILE
  try {
    file.replace(rewriteConfigText(config, file.read(), users && { users }))
  } catch (error) {
    // The world's fault, not the client's: but only the client can do anything about it.
    throw new ReplyError(`ERR Rewriting config file: ${(error as Error).message}`)
  }
  reply.ok()
}
