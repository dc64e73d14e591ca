// How the records of streams are laid out: which field is at which byte. They refer to each other's parts, so they stand
// together.

import { TABLE_ROOT_BYTES } from '../memory/table-root.ts'

const ID_BYTES = 16
const COUNTER_BYTES = 8
/** What a tree's root and count take. */
const TREE_BYTES = 8

/** A stream: the value's bytes. */
export const STREAM = {
  length: 0,
  lastId: 8,
  firstId: 24,
  /** The largest of all ids that were deleted one by one. */
  deletedId: 40,
  /** Entries that were ever added. */
  added: 56,
  /** A tree: nodes by the ids of their first entries. */
  nodes: 64,
  /** A table: groups by name; a place of 0: there never was one. */
  groups: 64 + TREE_BYTES,
} as const
export const STREAM_BYTES = STREAM.groups + TABLE_ROOT_BYTES

/** A group: the value of its name's entry in the stream's table. */
export const GROUP = {
  lastId: 0,
  /** Entries that it has read; -1: unknown. */
  read: ID_BYTES,
  /** A tree: pending entries, whoever has them. */
  pending: ID_BYTES + COUNTER_BYTES,
  /** A table: consumers by name. */
  consumers: ID_BYTES + COUNTER_BYTES + TREE_BYTES,
  /** A tree: the same consumers by serial number; the payload is the entry's place. */
  serials: ID_BYTES + COUNTER_BYTES + TREE_BYTES + TABLE_ROOT_BYTES,
} as const
export const GROUP_BYTES = GROUP.serials + TREE_BYTES

/** A consumer: the value of its name's entry in the group's table. */
export const CONSUMER = {
  serial: 0,
  seenMs: 4,
  activeMs: 12,
  /** A tree: the ids that are pending with it. */
  owned: 20,
} as const
export const CONSUMER_BYTES = CONSUMER.owned + TREE_BYTES

/** Words that the tree of nodes keeps of each: its place, and the bytes that it has room for. */
export const NODE_WORDS = 2
/** Words that stand beside the id of a pending entry: see stream-pending.ts. */
export const PENDING_WORDS = 5
export const SERIAL_WORDS = 1
