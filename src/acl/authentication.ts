// Who a client is: the default user when it comes, another one when it has said so with the right password. Keeps in
// each session the bits that the gates look at. Sends nothing.

import { describeClient } from '../command/client-line.ts'
import type { Context } from '../command/context.ts'
import { Registry } from '../command/registry.ts'
import { IS_RESTRICTED, NEEDS_AUTHENTICATION, type Session } from '../command/session.ts'
import { DenialLog } from './denial-log.ts'
import type { User } from './user.ts'
import { Users } from './users.ts'

export { DEFAULT_USER } from './user.ts'

export class Authentication {
  readonly users: Users
  readonly log: DenialLog

  constructor(users = new Users(new Registry()), log = new DenialLog()) {
    this.users = users
    this.log = log
  }

  /** Whether clients come in without being asked for anything. */
  get isOpen(): boolean {
    return this.users.default.isOpen
  }

  /** The user that a client is. */
  userOf(client: Session): User {
    return (client.account as User | undefined) ?? this.users.default
  }

  hasUser(name: string): boolean {
    return this.users.find(name) !== undefined
  }

  /** A client is as one that has just come. */
  admit(client: Session): void {
    this.#become(client, this.users.default)
    client.isLoggedIn = this.isOpen
    this.refresh(client)
  }

  /** Lets the client of a command in as a user, if it may. What does not succeed is logged. */
  logIn(context: Context, name: string, password: Uint8Array): boolean {
    const { client } = context
    // Somebody's password is looked at in any case: the time does not tell which names there are.
    const user = this.users.find(name)
    const isRight = (user ?? this.users.default).accepts(password)
    if (user === undefined || !isRight) {
      this.#noteFailure(context, name)
      return false
    }
    this.#become(client, user)
    client.isLoggedIn = true
    this.refresh(client)
    return true
  }

  /** The client's user is no more: until its connection has ended, it is nobody. */
  logOut(client: Session): void {
    this.#become(client, this.users.default)
    client.isLoggedIn = false
    this.refresh(client)
  }

  /** To be called for clients whose user has changed, and if that is the default user, for all who have not logged in. */
  refresh(client: Session): void {
    const isAsked = !client.isLoggedIn && !this.isOpen
    const isRestricted = !this.userOf(client).isUnrestricted
    client.gates &= ~(NEEDS_AUTHENTICATION | IS_RESTRICTED)
    if (isAsked) client.gates |= NEEDS_AUTHENTICATION
    if (isRestricted) client.gates |= IS_RESTRICTED
  }

  #become(client: Session, user: User): void {
    client.account = user
    client.user = user.name
  }

  #noteFailure({ args, client, now }: Context, username: string): void {
    this.log.note(
      {
        reason: 'auth',
        context: client.isQueueing ? 'multi' : 'toplevel',
        // Redis: the command as it was written.
        object: args.string(0),
        username,
        clientInfo: describeClient(client, now),
      },
      now,
    )
  }
}
