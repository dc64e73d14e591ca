// COMMAND: what the server tells clients about its own commands. All of it derives from the definitions.

import { globMatch } from '../base/glob.ts'
import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { replyDocs } from '../command/describe-docs.ts'
import { replyInfo, replyNames } from '../command/describe-info.ts'
import { FoundKeys, keyFlagsOf } from '../command/found-keys.ts'
import { withHelp } from '../command/help.ts'
import type { Registry } from '../command/registry.ts'

const INVALID_COMMAND = new ReplyError('ERR Invalid command specified')
const NO_KEYS = new ReplyError('ERR The command has no key arguments')
const INVALID_COUNT = new ReplyError('ERR Invalid number of arguments specified for command')
const INVALID_ARGUMENTS = new ReplyError('ERR Invalid arguments specified for command')

/** What all of these have in common. */
const SHARED = { flags: ['loading', 'stale'], categories: ['connection'] } as const

/** COMMAND over the commands of a registry. */
export function commandCommands(registry: Registry): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'COMMAND',
        arity: -1,
        ...SHARED,
        syntax: '',
        summary: 'Returns what clients need to know about every command.',
        since: '2.8.13',
        complexity: 'O(N) where N is the number of commands',
        tips: ['nondeterministic_output_order'],
        run: (context) => info(context, registry),
        subcommands: withHelp(
          {
            of: 'COMMAND',
            since: '5.0.0',
            categories: SHARED.categories,
            alone: 'Returns what clients need to know about every command.',
          },
          [...listings(registry), ...keyFinders(registry)],
        ),
      },
    ],
  }
}

/** The subcommands that tell of commands. */
function listings(registry: Registry): CommandDefinition[] {
  return [
    {
      name: 'COUNT',
      arity: 2,
      ...SHARED,
      syntax: '',
      summary: 'Returns the number of commands.',
      since: '2.8.13',
      complexity: 'O(1)',
      run: ({ reply }) => reply.integer(registry.size),
    },
    {
      name: 'DOCS',
      arity: -2,
      ...SHARED,
      syntax: '[command-name [command-name ...]]',
      summary: 'Returns the documentation of some commands, or of all of them.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of commands to look up',
      tips: ['nondeterministic_output_order'],
      run: (context) => docs(context, registry),
    },
    {
      name: 'INFO',
      arity: -2,
      ...SHARED,
      syntax: '[command-name [command-name ...]]',
      summary: 'Returns what clients need to know about some commands, or about all of them.',
      since: '2.8.13',
      complexity: 'O(N) where N is the number of commands to look up',
      history: [['7.0.0', 'No command name at all is allowed, and stands for all commands.']],
      tips: ['nondeterministic_output_order'],
      run: (context) => info(context, registry),
    },
    {
      name: 'LIST',
      arity: -2,
      ...SHARED,
      syntax: '[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]',
      summary: 'Returns the names of all commands, or of those that a filter lets through.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of commands',
      tips: ['nondeterministic_output_order'],
      run: (context) => list(context, registry),
    },
  ]
}

/** The subcommands that tell of the keys in a request. */
function keyFinders(registry: Registry): CommandDefinition[] {
  return [
    {
      name: 'GETKEYS',
      arity: -3,
      ...SHARED,
      syntax: 'command [arg [arg ...]]',
      summary: 'Returns the keys in a request, which is not run.',
      since: '2.8.13',
      complexity: 'O(N) where N is the number of arguments of the request',
      run: (context) => getkeys(context, registry),
    },
    {
      name: 'GETKEYSANDFLAGS',
      arity: -3,
      ...SHARED,
      syntax: 'command [arg [arg ...]]',
      summary: 'Returns the keys in a request, which is not run, and what it would do with each.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of arguments of the request',
      run: (context) => getkeysandflags(context, registry),
    },
  ]
}

function info({ args, reply }: Context, registry: Registry): void {
  if (args.count <= 2) {
    reply.array(registry.size)
    for (const command of registry.all()) replyInfo(reply, command)
    return
  }
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    const command = registry.byName(args.string(i))
    if (command === undefined) reply.null()
    else replyInfo(reply, command)
  }
}

function docs({ args, reply }: Context, registry: Registry): void {
  const commands: Command[] = []
  if (args.count === 2) commands.push(...registry.all())
  for (let i = 2; i < args.count; i++) {
    const command = registry.byName(args.string(i))
    if (command !== undefined) commands.push(command)
  }
  reply.map(commands.length)
  for (const command of commands) replyDocs(reply, command)
}

function list({ args, reply }: Context, registry: Registry): void {
  const isListed = filterOf(args)
  const names: string[] = []
  for (const command of registry.everyCommand()) if (isListed(command)) names.push(command.fullName)
  reply.array(names.length)
  for (const name of names) reply.text(name)
}

/** The filter that stands in the arguments of LIST. */
function filterOf(args: Arguments): (command: Command) => boolean {
  if (args.count === 2) return () => true
  if (args.count !== 5 || !args.is(2, 'FILTERBY')) throw SYNTAX_ERROR
  const value = args.word(4)
  switch (args.word(3)) {
    case 'module':
      // Every command is the server's own.
      return () => false
    case 'aclcat':
      return (command) => command.categories.some((category) => category === value)
    case 'pattern':
      return matching(args.copy(4))
    default:
      throw SYNTAX_ERROR
  }
}

function matching(pattern: Uint8Array): (command: Command) => boolean {
  return ({ fullName }) => {
    const name = Buffer.from(fullName, 'latin1')
    return globMatch(pattern, 0, pattern.length, name, 0, name.length, true)
  }
}

function getkeys({ args, reply }: Context, registry: Registry): void {
  const request = innerRequest(args)
  const found = keysIn(request, registry)
  reply.array(found.count)
  for (let i = 0; i < found.count; i++) reply.bulk(request.slice(found.indexes[i]!))
}

function getkeysandflags({ args, reply }: Context, registry: Registry): void {
  const request = innerRequest(args)
  const found = keysIn(request, registry)
  reply.array(found.count)
  for (let i = 0; i < found.count; i++) {
    reply.array(2)
    reply.bulk(request.slice(found.indexes[i]!))
    replyNames(reply, keyFlagsOf(found.flags[i]!))
  }
}

/** The request that follows on `COMMAND GETKEYS`. */
function innerRequest(args: Arguments): Arguments {
  const request = new Arguments(args.count - 2)
  request.bytes = args.bytes
  for (let i = 2; i < args.count; i++) request.push(args.starts[i]!, args.lengths[i]!)
  return request
}

function keysIn(request: Arguments, registry: Registry): FoundKeys {
  const command = commandOf(request, registry)
  if (command === undefined) throw INVALID_COMMAND
  if (!command.keys.hasKeys) throw NO_KEYS
  const { arity, definition } = command
  if (arity > 0 ? request.count !== arity : request.count < -arity) throw INVALID_COUNT
  const found = new FoundKeys()
  command.keys.find(request, found)
  if (found.count === 0 && !definition.flags.includes('no_mandatory_keys')) throw INVALID_ARGUMENTS
  return found
}

/** The command or subcommand that a request names. */
function commandOf(request: Arguments, registry: Registry): Command | undefined {
  const command = registry.find(request)
  if (command?.subcommands === undefined || request.count === 1) return command
  return command.subcommands.get(request.word(1))
}
