// Which clients CLIENT LIST and CLIENT KILL mean.

import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { ClientKind, Session } from '../command/session.ts'

/** The connections that there are. */
export interface ClientDirectory {
  /** In the order in which they came. */
  all(): Iterable<Session>
  get(id: number): Session | undefined
}

/** Conditions that a client has to meet; those that are undefined are met by all. */
export class ClientFilter {
  id: number | undefined = undefined
  kind: ClientKind | undefined = undefined
  user: string | undefined = undefined
  address: string | undefined = undefined
  localAddress: string | undefined = undefined
  /** Seconds that it is connected at least. */
  minAge: number | undefined = undefined

  matches(client: Session, now: number): boolean {
    return (
      (this.id === undefined || client.id === this.id) &&
      (this.kind === undefined || client.kind === this.kind) &&
      (this.user === undefined || client.user === this.user) &&
      (this.address === undefined || client.peer.address === this.address) &&
      (this.localAddress === undefined || client.peer.localAddress === this.localAddress) &&
      (this.minAge === undefined || Math.floor((now - client.createdAt) / 1000) >= this.minAge)
    )
  }
}

const KINDS: ReadonlyMap<string, ClientKind> = new Map([
  ['normal', 'normal'],
  ['master', 'master'],
  ['replica', 'replica'],
  ['slave', 'replica'],
  ['pubsub', 'pubsub'],
])

export function readKind(args: Arguments, index: number): ClientKind {
  const kind = KINDS.get(args.word(index))
  if (kind === undefined) throw new ReplyError(`ERR Unknown client type '${args.string(index)}'`)
  return kind
}
