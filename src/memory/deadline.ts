// A moment as two 32-bit words: milliseconds since the epoch, low word first. Knows nothing of what ends then.

/** The deadline of what has none: later than every other. */
export const NO_DEADLINE = Number.POSITIVE_INFINITY

/**
 * The latest deadline that can be stored; later ones become this one. It is the largest double below 2^63: clients may
 * ask for every moment up to 2^63-1, and one beyond that would come back as a moment long past.
 */
export const MAX_DEADLINE = 2 ** 63 - 1024

const TWO_32 = 4294967296
// No double below 2^63 has these two words, as up there they are 1,024 apart: so they can mean "none".
const NONE_LOW = -1
const NONE_HIGH = 0x7fffffff

export function readDeadline(words: Int32Array, at: number): number {
  const low = words[at]!
  const high = words[at + 1]!
  if (high === NONE_HIGH && low === NONE_LOW) return NO_DEADLINE
  return high * TWO_32 + (low >>> 0)
}

/** Whole milliseconds, exact up to 2^53, or NO_DEADLINE. */
export function writeDeadline(words: Int32Array, at: number, deadline: number): void {
  if (deadline === NO_DEADLINE) {
    words[at] = NONE_LOW
    words[at + 1] = NONE_HIGH
    return
  }
  const stored = Math.min(deadline, MAX_DEADLINE)
  words[at] = stored | 0
  words[at + 1] = Math.floor(stored / TWO_32)
}
