// What COMMAND DOCS says of a command: summary, history, arguments, subcommands.

import type { ReplyWriter } from '../resp/writer.ts'
import type { Command } from './command.ts'
import { replyNames } from './describe-info.ts'
import { type Argument, readSyntax } from './syntax.ts'

/** A field of a map: its name, and what writes its value. */
type Field = readonly [name: string, write: (reply: ReplyWriter) => void]

/** Replies with a command's name and a map of what there is to know about it. */
export function replyDocs(reply: ReplyWriter, command: Command): void {
  reply.text(command.fullName)
  replyFields(reply, [...commandFields(command), ...subcommandField(command)])
}

function commandFields(command: Command): Field[] {
  const { definition } = command
  const { deprecated, history = [], keys = [], notes, syntax } = definition
  const fields = [
    text('summary', definition.summary),
    text('since', definition.since),
    text('group', command.group),
  ]
  if (definition.complexity !== '') fields.push(text('complexity', definition.complexity))
  const docFlags = docFlagsOf(command)
  if (docFlags.length > 0) fields.push(['doc_flags', (reply) => replyNames(reply, docFlags)])
  if (deprecated !== undefined) {
    fields.push(text('deprecated_since', deprecated.since), text('replaced_by', deprecated.replacedBy))
  }
  if (history.length > 0) fields.push(['history', (reply) => replyHistory(reply, history)])
  const all = readSyntax(syntax, keys, notes)
  if (all.length > 0) fields.push(['arguments', (reply) => replyArguments(reply, all)])
  return fields
}

function docFlagsOf(command: Command): string[] {
  const { deprecated, isInternal } = command.definition
  const flags: string[] = []
  if (deprecated !== undefined) flags.push('deprecated')
  if (isInternal === true) flags.push('syscmd')
  return flags
}

function subcommandField({ subcommands }: Command): Field[] {
  if (subcommands === undefined) return []
  const write = (reply: ReplyWriter) => {
    reply.map(subcommands.size)
    for (const subcommand of subcommands.values()) replyDocs(reply, subcommand)
  }
  return [['subcommands', write]]
}

/** Versions, and what each changed. */
function replyHistory(reply: ReplyWriter, history: readonly (readonly [string, string])[]): void {
  reply.set(history.length)
  for (const [version, change] of history) {
    reply.array(2)
    reply.text(version)
    reply.text(change)
  }
}

function replyArguments(reply: ReplyWriter, all: readonly Argument[]): void {
  reply.array(all.length)
  for (const argument of all) replyFields(reply, argumentFields(argument))
}

function argumentFields(argument: Argument): Field[] {
  const { keySpecIndex, token, since, deprecatedSince } = argument
  const isGroup = argument.arguments.length > 0
  const flags = argumentFlags(argument)
  const fields = [text('name', argument.name), text('type', argument.type)]
  if (!isGroup) fields.push(text('display_text', argument.displayText))
  if (keySpecIndex !== undefined) fields.push(['key_spec_index', (reply) => reply.integer(keySpecIndex)])
  if (token !== undefined) fields.push(text('token', token))
  if (since !== undefined) fields.push(text('since', since))
  if (deprecatedSince !== undefined) fields.push(text('deprecated_since', deprecatedSince))
  if (flags.length > 0) fields.push(['flags', (reply) => replyNames(reply, flags)])
  if (isGroup) fields.push(['arguments', (reply) => replyArguments(reply, argument.arguments)])
  return fields
}

function argumentFlags(argument: Argument): string[] {
  const flags: string[] = []
  if (argument.isOptional) flags.push('optional')
  if (argument.isMultiple) flags.push('multiple')
  if (argument.repeatsToken) flags.push('multiple_token')
  return flags
}

function text(name: string, value: string): Field {
  return [name, (reply) => reply.text(value)]
}

function replyFields(reply: ReplyWriter, fields: readonly Field[]): void {
  reply.map(fields.length)
  for (const [name, write] of fields) {
    reply.text(name)
    write(reply)
  }
}
