// Names that clients give themselves: what Redis lets pass, so that the lines of CLIENT LIST can be split at blanks.

import { ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'

const BAD_NAME = new ReplyError('ERR Client names cannot contain spaces, newlines or special characters.')

export function readClientName(args: Arguments, index: number): string {
  const name = args.string(index)
  if (!isPrintable(name)) throw BAD_NAME
  return name
}

/** Whether it is of printable ASCII without blanks; an empty name passes. */
export function isPrintable(name: string): boolean {
  return /^[!-~]*$/.test(name)
}
