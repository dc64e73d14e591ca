// The usual places of keys, by name, for command definitions.

import type { KeySpec } from './definition.ts'
import type { KeyFlag } from './found-keys.ts'

/** One key, the first argument. */
export function oneKey(...flags: KeyFlag[]): KeySpec[] {
  return [keyAt(1, ...flags)]
}

/** One key at an index. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { last: 0, step: 1, limit: 0 } }
}

/** All arguments from an index on, every `step`-th; the last `last` (negative: from the end). */
export function keysFrom(index: number, step: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { last: -1, step, limit: 0 } }
}

/** All arguments but the last are keys. */
export function keysBeforeLast(...flags: KeyFlag[]): KeySpec[] {
  return [{ flags, begin: { index: 1 }, find: { last: -2, step: 1, limit: 0 } }]
}

/** All arguments are keys. */
export function allKeys(...flags: KeyFlag[]): KeySpec[] {
  return [keysFrom(1, 1, ...flags)]
}

/** `numkeys key [key ...]`, with numkeys at an index. */
export function countedKeys(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { countAt: 0, first: 1, step: 1 } }
}
