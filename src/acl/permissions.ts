// Whether a user may run a request: one of the user's selectors has to allow all of it. Allocates nothing. Knows no
// client.

import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import { FoundKeys } from '../command/found-keys.ts'
import type { Selector } from './selector.ts'
import type { User } from './user.ts'

/** How far a request has come in the best of all selectors, the farthest last. */
const REASONS = ['command', 'key', 'channel'] as const
const IS_ALLOWED = REASONS.length

export type Denied = (typeof REASONS)[number]

export class Permissions {
  /** Of the last request that was denied: the argument that is a key or a channel out of bounds. */
  deniedIndex = 0
  readonly #found = new FoundKeys()
  /** Where `#judge` found a key or a channel out of bounds. */
  #index = 0

  /** What the user may not; undefined: nothing of it. */
  deny(user: User, command: Command, args: Arguments): Denied | undefined {
    command.keys.find(args, this.#found)
    let best = this.#judge(user.root, command, args)
    let index = this.#index
    const { others } = user
    for (let i = 0; i < others.length && best !== IS_ALLOWED; i++) {
      const verdict = this.#judge(others[i]!, command, args)
      if (verdict < best || (verdict === best && this.#index <= index)) continue
      best = verdict
      index = this.#index
    }
    this.deniedIndex = index
    return REASONS[best]
  }

  /** Whether a selector that allows the request also allows to read any key. */
  readsAllKeys(user: User, command: Command, args: Arguments): boolean {
    command.keys.find(args, this.#found)
    return user.selectors.some(
      (selector) => selector.readsAllKeys && this.#judge(selector, command, args) === IS_ALLOWED,
    )
  }

  /** The place in REASONS of what a selector does not allow. */
  #judge(selector: Selector, command: Command, args: Arguments): number {
    this.#index = 0
    if (!selector.commands.allows(command, args)) return 0
    this.#index = selector.deniedKey(args, this.#found)
    if (this.#index > 0) return 1
    this.#index = selector.deniedChannel(command, args)
    return this.#index > 0 ? 2 : IS_ALLOWED
  }
}
