// What a reader of the RDB format has to say of a value. Whoever makes values of it implements this. Elements, slices and
// ids are valid during the call.
//
// A method that says false has found what can't be: the same member twice, or what refers to nothing.

import type { Element } from '../memory/element.ts'
import type { Listpack } from '../memory/listpack.ts'
import type { Slice } from '../memory/slice.ts'
import type { StreamId } from '../types/stream-id.ts'

/** What is known of a stream beside its entries. Where it is undefined, the format was older. */
export interface StreamState {
  readonly length: number
  readonly lastId: StreamId
  readonly deletedId: StreamId
  readonly added: bigint | undefined
}

export type PackedType = 'list' | 'set' | 'sorted set' | 'hash' | 'hash with deadlines'

export interface ValueFacts {
  string(value: Element): void

  /**
   * A whole value in a listpack that was found to be sound, and has elements. False: it can't be taken as it is, and is
   * said anew, element by element.
   */
  packed(type: PackedType, list: Listpack): boolean

  list(): void
  push(element: Element): void
  /** Many elements of a list that was begun. False: as with `packed`. */
  pushPacked(list: Listpack): boolean

  /** A set that so many members follow of, or a whole one that is an intset. */
  set(count: number): void
  member(member: Element): boolean
  intset(block: Slice, count: number): void

  sortedSet(count: number): void
  scored(member: Element, score: number): boolean

  hash(count: number): void
  /** NO_DEADLINE if it has none. */
  field(name: Element, value: Element, deadline: number): boolean

  stream(): void
  /** A node that was found to be sound. Its id, and those of its entries, are greater than all before. */
  node(id: StreamId, block: Slice): void
  /** After all nodes. False: it has another number of entries. */
  streamState(state: StreamState): boolean
  /** `read` is undefined where the format was older. */
  group(name: Element, lastId: StreamId, read: bigint | undefined): boolean
  pending(id: StreamId, deliveredMs: number, deliveries: bigint): boolean
  /** Of the last group. */
  consumer(name: Element, seenMs: number, activeMs: number): boolean
  /** Of the last consumer. */
  owned(id: StreamId): boolean
  /** No more of the group will follow: whether all that is pending has an owner. */
  groupEnd(): boolean

  /** No more will follow. */
  end(): void
}
