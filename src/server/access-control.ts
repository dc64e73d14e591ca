// Access control put to work: follows the settings about users, reads and writes the file of users, and sees to it that
// clients feel what is done to their user. What users may do is acl/'s business.

import fs from 'node:fs'
import path from 'node:path'
import { Authentication } from '../acl/authentication.ts'
import { keepsSubscriptions, mayKeep } from '../acl/channel-rights.ts'
import { DenialLog } from '../acl/denial-log.ts'
import { Guard } from '../acl/guard.ts'
import { hasBlanks } from '../acl/rules.ts'
import type { Selector } from '../acl/selector.ts'
import { DEFAULT_USER, type User } from '../acl/user.ts'
import { writeUserFile } from '../acl/user-file.ts'
import { userLine } from '../acl/user-lines.ts'
import { Users } from '../acl/users.ts'
import { ReplyError } from '../base/reply-error.ts'
import { reasonOf } from '../base/system-error.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Registry } from '../command/registry.ts'
import { HAS_SUBSCRIPTIONS, type Session } from '../command/session.ts'
import { aclCommands } from '../commands/acl.ts'
import type { Config } from '../config/config.ts'
import type { Pubsub } from '../pubsub/pubsub.ts'
import type { Clients } from './clients.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Gates } from './gates.ts'
import type { Log } from './log.ts'
import { replaceText } from './replace-file.ts'

/** Users that can't be made: the server does not start. */
export class UsersError {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

const NO_FILE = new ReplyError(
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
)
const NOT_SAVED = new ReplyError(
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
)
const TWO_SOURCES =
  'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users directly in your redis.conf, but not both.'

/** Those whom changes of users concern. */
export interface Concerned {
  readonly gates: Gates
  readonly clients: Clients
  readonly messaging: { readonly pubsub: Pubsub }
  readonly dispatcher: Dispatcher
}

export class AccessControl {
  readonly users: Users
  readonly denials = new DenialLog()
  readonly authentication: Authentication
  readonly guard: Guard
  readonly #config: Config
  readonly #log: Log
  #concerned: Concerned | undefined = undefined

  constructor(registry: Registry, config: Config, log: Log) {
    this.users = new Users(registry)
    this.authentication = new Authentication(this.users, this.denials)
    this.guard = new Guard(this.authentication)
    this.#config = config
    this.#log = log
    this.users.onChanged = (user, before) => this.#changed(user, before)
    this.users.onRemoved = (user) => this.#removed(user)
  }

  family(): CommandFamily {
    return aclCommands({
      authentication: this.authentication,
      guard: this.guard,
      load: () => this.#load(),
      save: () => this.#save(),
    })
  }

  /** The parts that were made later. */
  connect(concerned: Concerned): void {
    this.#concerned = concerned
    concerned.gates.guard = this.guard
  }

  /** Follows the settings, and makes the users that they name; all commands must be there. Throws a UsersError. */
  start(): void {
    const config = this.#config
    config.watch('acl-pubsub-default', (value) => {
      this.users.newUsersHearAll = value === 'allchannels'
    })
    config.watch('acllog-max-len', (value) => {
      this.denials.maxLength = value
    })
    // Before the users are made: a line or a file that tells of the default user has the last word on its password.
    config.watch('requirepass', (value) => this.users.setDefaultPassword(value))
    this.#makeUsers()
  }

  /** The users as lines of redis.conf; none if they are in a file of their own. */
  configLines(): string[] {
    return this.#config.string('aclfile') === '' ? this.users.all().map(userLine) : []
  }

  #makeUsers(): void {
    const { users: lines } = this.#config
    const file = this.#config.string('aclfile')
    if (lines.length > 0 && file !== '') throw new UsersError(TWO_SOURCES)
    for (const line of lines) {
      const reason = this.#makeUser(line)
      if (reason === undefined) continue
      this.#log.warning(reason)
      throw new UsersError('Critical error while loading ACLs. Exiting.')
    }
    if (file === '') return
    const reason = this.#readFile()
    if (reason !== undefined) {
      throw new UsersError(`Aborting Redis startup because of ACL errors: ${reason}`)
    }
  }

  /** Returns what is wrong with a line of the configuration, if anything. */
  #makeUser([name = '', ...rules]: readonly string[]): string | undefined {
    if (hasBlanks(name)) return 'Spaces not allowed in ACL usernames'
    const error = this.users.change(name, name === DEFAULT_USER ? ['reset', ...rules] : rules)
    if (error === undefined) return undefined
    const reason = error.kind === 'rule' ? error.reason : 'Unmatched parenthesis in selector definition'
    return `Error loading ACL rule '${error.rule}' for the user named '${name}': ${reason}`
  }

  // ---- the file

  /** Returns what is wrong, if anything. */
  #readFile(): string | undefined {
    const name = this.#config.string('aclfile')
    let text: string
    try {
      text = fs.readFileSync(this.#path(), 'latin1')
    } catch (error) {
      return `Error loading ACLs, opening file '${name}': ${reasonOf(error)}`
    }
    return this.users.replaceAll(text, name)
  }

  #load(): void {
    if (this.#config.string('aclfile') === '') throw NO_FILE
    const reason = this.#readFile()
    if (reason !== undefined) throw new ReplyError(`ERR ${reason}`)
  }

  #save(): void {
    if (this.#config.string('aclfile') === '') throw NO_FILE
    try {
      replaceText(this.#path(), writeUserFile(this.users.all()))
    } catch (error) {
      this.#log.warning(`Saving the ACL file failed: ${reasonOf(error)}`)
      throw NOT_SAVED
    }
  }

  /** Relative to the directory that `dir` names. */
  #path(): string {
    return path.resolve(this.#config.string('dir'), this.#config.string('aclfile'))
  }

  // ---- clients

  #changed(user: User, before: readonly Selector[]): void {
    if (this.#concerned === undefined) return
    const { clients } = this.#concerned
    const isHeard = keepsSubscriptions(before, user.selectors)
    for (const client of [...clients.all()]) {
      if (this.authentication.userOf(client) === user) {
        this.authentication.refresh(client)
        if (!isHeard && this.#hearsTooMuch(client, user)) this.#kill(client)
      } else if (user === this.users.default) this.authentication.refresh(client)
    }
  }

  #hearsTooMuch(client: Session, user: User): boolean {
    if ((client.gates & HAS_SUBSCRIPTIONS) === 0) return false
    const { channels, patterns, shardChannels } = this.#concerned!.messaging.pubsub
    return (
      patterns.of(client).some(({ name }) => !mayKeep(user, name, 'pattern')) ||
      [...channels.of(client), ...shardChannels.of(client)].some(
        ({ name }) => !mayKeep(user, name, 'channel'),
      )
    )
  }

  #removed(user: User): void {
    if (this.#concerned === undefined) return
    for (const client of [...this.#concerned.clients.all()]) {
      if (this.authentication.userOf(client) === user) this.#kill(client)
    }
  }

  /** The caller still gets the reply to its command. */
  #kill(client: Session): void {
    this.authentication.logOut(client)
    client.peer.close(client === this.#concerned!.dispatcher.context.client)
  }
}
