// Commands of the embedder's: built-in ones as far as everybody else can tell. What they are given is a face of its own
// (public.ts), so that the server's insides can change behind it.

import { ReplyError } from '../base/reply-error.ts'
import { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily, CommandFlag, KeySpec as ServerKeySpec } from '../command/definition.ts'
import type { Registry } from '../command/registry.ts'
import type { Session } from '../command/session.ts'
import type { CommandRunner } from '../commands/transaction.ts'
import type { ReplyWriter } from '../resp/writer.ts'
import { argumentBytes, CommandError, replyValue, withErrors } from './command-error.ts'
import type { Inside } from './direct-client.ts'
import type {
  Argument,
  ClientFacts,
  CommandArguments,
  CommandContext,
  CommandDefinition,
  CommandReply,
  ReplyValue,
} from './public.ts'

const WRONG_ARITY = (name: string) => new CommandError(`ERR wrong number of arguments for '${name}' command`)

/** What runs commands inside of commands. */
export interface InnerRunner {
  readonly runner: CommandRunner
  readonly registry: Registry
  readonly inside: Inside
}

/** The embedder's commands as a family of ours. */
export function customCommands(definitions: readonly CommandDefinition[], inner: InnerRunner): CommandFamily {
  return {
    group: 'generic',
    commands: definitions.map((definition) => ({
      name: definition.name,
      arity: definition.arity,
      flags: (definition.flags ?? []) as readonly CommandFlag[],
      keys: (definition.keys ?? []) as readonly ServerKeySpec[],
      syntax: definition.syntax ?? '',
      summary: definition.summary ?? '',
      since: definition.since ?? '1.0.0',
      complexity: definition.complexity ?? 'O(N)',
      run: (context: Context) => runCustom(definition, context, inner),
    })),
  }
}

function runCustom(definition: CommandDefinition, context: Context, inner: InnerRunner): void {
  const { effects, args } = context
  const { inside, runner } = inner
  const wasInside = inside.isInside
  inside.isInside = true
  runner.enter()
  try {
    definition.run(new Face(context, inner, args))
  } catch (error) {
    throw refusalOf(error, definition.name)
  } finally {
    runner.leave()
    inside.isInside = wasInside
  }
  // Each command that it has run has said for itself what is to be repeated.
  effects.none()
}

/** A mistake in a command of the embedder's is told in the reply: it is where its author will look. */
function refusalOf(error: unknown, name: string): ReplyError {
  if (error instanceof CommandError) return new ReplyError(wireText(error.message))
  const reason = error instanceof Error ? error.message : String(error)
  return new ReplyError(wireText(`ERR '${name}' failed: ${reason}`))
}

/** An error reply is one line of bytes. */
function wireText(message: string): string {
  return Buffer.from(message.replace(/[\r\n]+/g, ' '), 'utf8').toString('latin1')
}

class Face implements CommandContext {
  readonly args: CommandArguments
  readonly reply: CommandReply
  readonly client: ClientFacts
  readonly now: number
  readonly #context: Context
  readonly #inner: InnerRunner

  constructor(context: Context, inner: InnerRunner, args: Arguments) {
    this.args = new ArgumentsFace(args)
    this.reply = new ReplyFace(context.reply)
    this.client = clientFacts(context.client)
    this.now = context.now
    this.#context = context
    this.#inner = inner
  }

  /** A field, so that it can be taken out of its object. */
  readonly call = (name: string, ...args: Argument[]): ReplyValue => {
    const { registry, runner } = this.#inner
    const request = new Arguments(args.length + 1)
    request.load([name, ...args].map(argumentBytes))
    const command = registry.find(request)
    const sub = command?.subcommands?.get(args.length > 0 ? request.word(1) : '')
    const found = sub ?? command
    if (found?.run === undefined) throw new CommandError(`ERR unknown command '${name}'`)
    const { arity } = found
    if (arity > 0 ? request.count !== arity : request.count < -arity) throw WRONG_ARITY(found.fullName)
    if (found.definition.flags.includes('noscript')) {
      throw new CommandError(`ERR '${found.fullName}' can't be run inside of a command`)
    }
    return this.#readBack(() => runner.runQueued(found, request))
  }

  /** Takes the reply out of what is being written for the client. */
  #readBack(run: () => void): ReplyValue {
    const { reply } = this.#context
    const { length, protocol } = reply
    reply.protocol = 3
    try {
      run()
      return replyValue(Buffer.from(reply.bytes.subarray(length, reply.length)))
    } finally {
      reply.length = length
      reply.protocol = protocol
    }
  }
}

/** What is told of a client. */
export function clientFacts(session: Session): ClientFacts {
  return {
    id: session.id,
    name: session.name,
    address: session.peer.address,
    database: session.database,
  }
}

class ArgumentsFace implements CommandArguments {
  readonly #args: Arguments

  constructor(args: Arguments) {
    this.#args = args
  }

  get count(): number {
    return this.#args.count
  }

  string(index: number): string {
    return Buffer.from(this.bytes(index)).toString('utf8')
  }

  bytes(index: number): Uint8Array {
    this.#check(index)
    return this.#args.copy(index)
  }

  integer(index: number): number {
    this.#check(index)
    return withErrors(() => this.#args.integer(index))
  }

  is(index: number, word: string): boolean {
    return index < this.count && this.#args.is(index, word)
  }

  #check(index: number): void {
    if (!(index >= 0 && index < this.count)) throw new RangeError(`there is no argument ${index}`)
  }
}

class ReplyFace implements CommandReply {
  readonly #reply: ReplyWriter

  constructor(reply: ReplyWriter) {
    this.#reply = reply
  }

  ok(): void {
    this.#reply.ok()
  }

  integer(value: number): void {
    this.#reply.integer(value)
  }

  double(value: number): void {
    this.#reply.double(value)
  }

  boolean(value: boolean): void {
    this.#reply.boolean(value)
  }

  null(): void {
    this.#reply.null()
  }

  bulk(value: string | Uint8Array): void {
    this.#reply.buffer(argumentBytes(value))
  }

  simple(text: string): void {
    this.#reply.simple(wireText(text))
  }

  error(message: string): void {
    this.#reply.error(wireText(message))
  }

  array(count: number): void {
    this.#reply.array(count)
  }

  map(pairs: number): void {
    this.#reply.map(pairs)
  }

  set(count: number): void {
    this.#reply.set(count)
  }

  value(value: ReplyValue): void {
    if (value === null) this.null()
    else if (typeof value === 'string') this.bulk(value)
    else if (typeof value === 'boolean') this.boolean(value)
    else if (typeof value === 'bigint') this.#reply.bigNumber(String(value))
    else if (typeof value === 'number') this.#number(value)
    else this.#several(value)
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) this.integer(value)
    else this.double(value)
  }

  #several(value: ReplyValue[] | Set<ReplyValue> | { [field: string]: ReplyValue }): void {
    if (Array.isArray(value)) {
      this.array(value.length)
      for (const item of value) this.value(item)
    } else if (value instanceof Set) {
      this.set(value.size)
      for (const item of value) this.value(item)
    } else {
      const entries = Object.entries(value)
      this.map(entries.length)
      for (const [field, item] of entries) {
        this.bulk(field)
        this.value(item)
      }
    }
  }
}
