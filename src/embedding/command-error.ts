// What a client would get as an error reply, for callers in the same process; and how they write arguments.

import { ReplyError } from '../base/reply-error.ts'
import { ReplyValues, type Value } from '../resp/reply-value.ts'
import type { Argument, ReplyValue } from './public.ts'

/** Its message is the error reply, with its code first: `WRONGTYPE Operation against a key …`. */
export class CommandError extends Error {
  override name = 'CommandError'
}

/** Errors inside of an array, as EXEC may reply them, stand as CommandErrors among its items; one alone is thrown. */
export function replyValue(bytes: Buffer): ReplyValue {
  const value: Value<CommandError> = new ReplyValues(bytes, (text) => new CommandError(text)).next()
  if (value instanceof CommandError) throw value
  return value as ReplyValue
}

/** Runs something of ours that may refuse, for a caller who expects Errors. */
export function withErrors<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    throw error instanceof ReplyError ? new CommandError(utf8Of(error.message)) : error
  }
}

export function utf8Of(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}

export function argumentBytes(argument: Argument): Uint8Array {
  if (typeof argument === 'object') return argument
  return Buffer.from(String(argument), 'utf8')
}
