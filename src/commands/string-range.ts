// Ranges as GETRANGE, BITCOUNT and BITPOS take them: both ends included, negative ones counted from the end.

import type { Arguments } from '../command/arguments.ts'

/**
 * Redis: a range whose ends are both counted from the end is empty if they are the wrong way round, before either is
 * moved to the first element; GETRANGE key -100 -101 has no byte, -100 -100 may have one.
 */
export function isBackwards(args: Arguments, start: number, end: number): boolean {
  const from = args.integer(start)
  const to = args.integer(end)
  if (from >= 0 || to >= 0 || from < to) return false
  // Beyond 2^53 different numbers may have come out the same.
  return from > to || (!Number.isSafeInteger(from) && args.int64(start) > args.int64(end))
}

/** An end of a range as an index: not before the first of `count`, but perhaps behind the last. */
export function fromStart(index: number, count: number): number {
  return index < 0 ? Math.max(0, count + index) : index
}
