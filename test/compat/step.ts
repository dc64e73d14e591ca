// One step of a differential run: a command and how the two servers' replies to it are to be compared.
// Knows replies, no server.
import { format, type Reply } from '../support/reply.ts'

export type Compare =
  /** Equal in every byte and type. */
  | { how: 'exact' }
  /** Equal after sorting every array, set and map: KEYS. */
  | { how: 'unordered' }
  /** Integers may differ by this much, unless one of them is negative: TTL. */
  | { how: 'approx'; tolerance: number }
  /** Equal, if texts of numbers are taken for the numbers: ZSCORE, which 7.0 tells with 17 digits. */
  | { how: 'doubles' }
  /** The same type of reply; errors must still have the same text: MEMORY USAGE. */
  | { how: 'kind' }
  /** Equal after both were blurred: where a part depends on time. */
  | { how: 'blurred'; blur: (reply: Reply) => Reply }
  /** The cursor is args[cursorAt]: iterate to the end on both sides, compare what was seen as a set. */
  | { how: 'scan'; cursorAt: number; hasDoubles?: boolean }
  /** One server's choice must exist by the other's word: `ask` makes the question, the answer must be 1. */
  | { how: 'member'; ask: (element: string) => string[] }

export interface Step {
  args: string[]
  compare: Compare
}

export const EXACT: Compare = { how: 'exact' }
export const UNORDERED: Compare = { how: 'unordered' }
export const DOUBLES: Compare = { how: 'doubles' }
export const KIND: Compare = { how: 'kind' }

/** A step compared exactly unless said otherwise. */
export function step(args: string[], compare: Compare = EXACT): Step {
  return { args, compare }
}

export function approx(tolerance: number): Compare {
  return { how: 'approx', tolerance }
}

/** True for steps that need several round trips and so cannot be part of a pipelined batch. */
export function isInteractive({ compare }: Step): boolean {
  return compare.how === 'scan' || compare.how === 'member'
}

/** Whether two replies agree. Interactive modes are reduced to others before they come here. */
export function agree(ours: Reply, theirs: Reply, compare: Compare): boolean {
  if (ours.type !== theirs.type) return false
  switch (compare.how) {
    case 'kind':
      return ours.type !== 'error' || same(ours, theirs)
    case 'approx':
      return same(ours, theirs) || near(ours, theirs, compare.tolerance)
    case 'doubles':
      return same(withShortDoubles(ours), withShortDoubles(theirs))
    case 'blurred':
      return same(compare.blur(ours), compare.blur(theirs))
    case 'unordered':
      return same(sorted(ours), sorted(theirs))
    default:
      return same(ours, theirs)
  }
}

function near(ours: Reply, theirs: Reply, tolerance: number): boolean {
  if (ours.type !== 'integer' || theirs.type !== 'integer') return false
  // -1 and -2 are answers of another kind, not small times.
  if (ours.value < 0 || theirs.value < 0) return false
  return Math.abs(Number(ours.value) - Number(theirs.value)) <= tolerance
}

/** The shapes met most are compared directly; format() tells the rest apart. */
function same(ours: Reply, theirs: Reply): boolean {
  if ('text' in ours && 'text' in theirs && ours.type !== 'verbatim') return ours.text === theirs.text
  if (ours.type === 'integer' && theirs.type === 'integer') return ours.value === theirs.value
  return format(ours) === format(theirs)
}

function sorted(reply: Reply): Reply {
  switch (reply.type) {
    case 'array':
    case 'set':
    case 'push':
      return { type: reply.type, items: reply.items.map(sorted).sort(byFormat) }
    case 'map':
      return { type: 'map', entries: [...reply.entries].sort(([a], [b]) => byFormat(a, b)) }
    default:
      return reply
  }
}

const DOUBLE = /^-?\d+(\.\d+)?(e[+-]\d+)?$/

/** With texts of numbers as JavaScript writes them. */
export function withShortDoubles(reply: Reply): Reply {
  if (reply.type === 'array') return { type: 'array', items: reply.items.map(withShortDoubles) }
  const isNumber = (reply.type === 'bulk' || reply.type === 'double') && DOUBLE.test(reply.text)
  return isNumber ? { ...reply, text: String(Number(reply.text)) } : reply
}

function byFormat(a: Reply, b: Reply): number {
  const left = format(a)
  const right = format(b)
  return left < right ? -1 : left > right ? 1 : 0
}
