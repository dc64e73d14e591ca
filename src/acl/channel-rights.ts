// Whether those who listen may go on when their user has changed. Knows no client.

import type { Selector } from './selector.ts'
import type { User } from './user.ts'

/** Whether whoever might listen before still may: then nobody's subscriptions have to be looked at. */
export function keepsSubscriptions(before: readonly Selector[], after: readonly Selector[]): boolean {
  if (after.some((selector) => selector.allowsAllChannels)) return true
  return before.every(
    ({ allowsAllChannels, channels }) =>
      !allowsAllChannels &&
      [...channels.texts()].every((text) => after.some((selector) => selector.channels.has(text))),
  )
}

/** Whether the user may be subscribed to a channel, or to a pattern: to that only by the letter. */
export function mayKeep(user: User, name: Uint8Array, kind: 'channel' | 'pattern'): boolean {
  return user.selectors.some(
    ({ allowsAllChannels, channels }) =>
      allowsAllChannels ||
      (kind === 'pattern'
        ? channels.hasBytes(name, 0, name.length)
        : channels.match(name, 0, name.length, 0)),
  )
}
