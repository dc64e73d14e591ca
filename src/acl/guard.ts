// Stands at the gate: refuses what a client's user may not do, in Redis's words, and logs it. Only asked about clients
// whose user may not do everything.

import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { describeClient } from '../command/client-line.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import { IS_RESTRICTED } from '../command/session.ts'
import type { Authentication } from './authentication.ts'
import { type Denied, Permissions } from './permissions.ts'
import type { User } from './user.ts'

/** A log keeps so much of a name; a client may send one of 512 MB. */
const KEPT_BYTES = 65_536

const NO_KEY = new ReplyError('NOPERM No permissions to access a key')
const NO_CHANNEL = new ReplyError('NOPERM No permissions to access a channel')

const CHANGED =
  'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: '
const NO_LONGER: Readonly<Record<Denied, ReplyError>> = {
  command: new ReplyError(`${CHANGED}no permission to execute the command or subcommand`),
  key: new ReplyError(`${CHANGED}no permission to touch the specified keys`),
  channel: new ReplyError(`${CHANGED}no permission to access one of the channels used as arguments`),
}

export class Guard {
  readonly #authentication: Authentication
  readonly #permissions = new Permissions()

  constructor(authentication: Authentication) {
    this.#authentication = authentication
  }

  /** Why the client may not run the request; undefined: it may. */
  refusal(context: Context, command: Command): ReplyError | undefined {
    const user = this.#authentication.userOf(context.client)
    const denied = this.#permissions.deny(user, command, context.args)
    if (denied === undefined) return undefined
    context.client.lastCommand = command.fullName
    this.#note(context, command, denied)
    if (denied === 'command') {
      return new ReplyError(
        `NOPERM User ${user.name} has no permissions to run the '${command.fullName}' command`,
      )
    }
    return denied === 'key' ? NO_KEY : NO_CHANNEL
  }

  /** Likewise, of a request that was queued when the client still might have run it. */
  refusalOfQueued(context: Context, command: Command): ReplyError | undefined {
    const user = this.#authentication.userOf(context.client)
    const denied = this.#permissions.deny(user, command, context.args)
    if (denied === undefined) return undefined
    this.#note(context, command, denied)
    return NO_LONGER[denied]
  }

  /** Whether the client may read any key with the command that is running. */
  readsAllKeys({ client, args }: Context): boolean {
    if ((client.gates & IS_RESTRICTED) === 0) return true
    const command = this.#authentication.users.registry.find(args)
    const user = this.#authentication.userOf(client)
    return command !== undefined && this.#permissions.readsAllKeys(user, command, args)
  }

  /** What a user would be told; undefined: it might run the request. */
  dryRun(user: User, command: Command, args: Arguments): string | undefined {
    const denied = this.#permissions.deny(user, command, args)
    if (denied === undefined) return undefined
    if (denied === 'command') {
      return `User ${user.name} has no permissions to run the '${command.fullName}' command`
    }
    // Redis prints it as a C string.
    const object = args.shown(this.#permissions.deniedIndex, Number.POSITIVE_INFINITY)
    return `User ${user.name} has no permissions to access the '${object}' ${denied}`
  }

  #note({ args, client, now }: Context, command: Command, denied: Denied): void {
    this.#authentication.log.note(
      {
        reason: denied,
        context: client.isQueueing ? 'multi' : 'toplevel',
        object:
          denied === 'command' ? command.fullName : args.string(this.#permissions.deniedIndex, KEPT_BYTES),
        username: client.user,
        clientInfo: describeClient(client, now),
      },
      now,
    )
  }
}
