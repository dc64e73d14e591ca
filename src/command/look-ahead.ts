// Looks at requests of a pipeline before they run, so that what they are going to search for is in the processor's caches by
// then: their keys; or, if all are about the key of the request that has just run, the members they ask it for.

import { MOST_UPCOMING } from '../memory/upcoming-keys.ts'
import { Peek } from '../resp/peek.ts'
import type { Arguments } from './arguments.ts'
import type { Command } from './command.ts'
import type { Context } from './context.ts'

export class LookAhead {
  readonly #peek = new Peek(MOST_UPCOMING)

  /** `command` is the one that has just run. Returns where the first request is that was not looked at. */
  run(context: Context, command: Command | undefined, bytes: Uint8Array, from: number, end: number): number {
    // What follows is most likely of the same kind: no keys now, none then.
    if (command?.startsWithKey !== true) return end
    const { args, upcoming } = context
    if (args.count < 2) return end
    const { memberIndex } = command
    const peek = this.#peek
    // The same key again, and of no member of it: there is nothing to look at, 30 ns a request less.
    if (memberIndex === 0) {
      peek.look(bytes, from, end, 0, 1)
      if (peek.count > 0 && isAgain(peek, bytes, args)) return end
    }
    const to = peek.look(bytes, from, end, memberIndex)
    if (peek.count === 0) return to
    if (isAgain(peek, bytes, args)) {
      if (memberIndex > 0) this.#touchMembers(context, bytes)
      return to
    }
    upcoming.clear()
    for (let i = 0; i < peek.count; i++) upcoming.add(bytes, peek.starts[i]!, peek.lengths[i]!)
    context.db.table.touch(upcoming)
    return to
  }

  #touchMembers(context: Context, bytes: Uint8Array): void {
    const table = context.db.membersOf(context.key(1))
    if (table === undefined) return
    const { count, otherStarts, otherLengths } = this.#peek
    const { upcomingMembers: upcoming } = context.keyspace
    upcoming.clear()
    for (let i = 0; i < count; i++) {
      if (otherLengths[i]! >= 0) upcoming.add(bytes, otherStarts[i]!, otherLengths[i]!)
    }
    table.touch(upcoming)
  }
}

/** Whether the requests that were found are all about the key of this one. */
function isAgain(peek: Peek, bytes: Uint8Array, args: Arguments): boolean {
  return peek.isAlways(bytes, args.bytes, args.starts[1]!, args.lengths[1]!)
}
