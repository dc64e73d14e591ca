// Takes the facts of a value that nobody wants, such as that of a key whose time is over.

import type { ValueFacts } from '../rdb/facts.ts'

export const PASSED_OVER: ValueFacts = {
  string: () => {},
  packed: () => true,
  list: () => {},
  push: () => {},
  pushPacked: () => true,
  set: () => {},
  member: () => true,
  intset: () => {},
  sortedSet: () => {},
  scored: () => true,
  hash: () => {},
  field: () => true,
  stream: () => {},
  node: () => {},
  streamState: () => true,
  group: () => true,
  pending: () => true,
  consumer: () => true,
  owned: () => true,
  groupEnd: () => true,
  end: () => {},
}
