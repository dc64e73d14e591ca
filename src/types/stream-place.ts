// Where the nodes of a stream lie: in a block, or beyond MAX_BLOCK_BYTES in a large value. What tells is the number of
// bytes that a node has room for, which stands beside its place. Knows nothing of what is in nodes.

import { PAGE_SHIFT, UNIT_MASK } from '../memory/arena.ts'
import type { Entries } from '../memory/entries.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import { blockBytes, MAX_BLOCK_BYTES } from '../memory/size-classes.ts'
import { copyBytes, Slice } from '../memory/slice.ts'

const from = new Slice()
const to = new Slice()

/** The room that a node gets if it asks for so many bytes. */
export function roomFor(bytes: number): number {
  return bytes <= MAX_BLOCK_BYTES ? blockBytes(bytes) : bytes
}

export function createNode(entries: Entries, room: number): number {
  return room <= MAX_BLOCK_BYTES ? entries.arena.alloc(room) : entries.large.create(room)
}

export function freeNode(entries: Entries, place: number, room: number): void {
  if (room <= MAX_BLOCK_BYTES) entries.arena.free(place, room)
  else entries.large.free(place)
}

/** Whether a frozen reader may be looking at a node. */
export function isNodeShared(entries: Entries, place: number, room: number): boolean {
  return room <= MAX_BLOCK_BYTES ? entries.arena.isShared(place) : entries.large.isShared(place)
}

/** Points the slice at all the room of a node. */
export function nodeAt(reader: EntryReader, place: number, room: number, slice: Slice): Slice {
  if (room > MAX_BLOCK_BYTES) return reader.large.view(place, slice)
  return slice.set(reader.bytes[place >>> PAGE_SHIFT]!, (place & UNIT_MASK) << 3, room)
}

/** Gives a node another room, or a place of its own; keeps so many bytes. Returns its place then. */
export function moveNode(
  entries: Entries,
  place: number,
  room: number,
  newRoom: number,
  kept: number,
): number {
  if (room > MAX_BLOCK_BYTES && newRoom > MAX_BLOCK_BYTES && !entries.large.isShared(place)) {
    entries.large.resize(place, newRoom)
    return place
  }
  const moved = createNode(entries, newRoom)
  nodeAt(entries, place, room, from)
  nodeAt(entries, moved, newRoom, to)
  copyBytes(from.bytes, from.start, to.bytes, to.start, kept)
  freeNode(entries, place, room)
  return moved
}

/** A copy of a node in other memory. Returns its place there. */
export function copyNode(reader: EntryReader, place: number, room: number, entries: Entries): number {
  const copy = createNode(entries, room)
  nodeAt(reader, place, room, from)
  nodeAt(entries, copy, room, to)
  copyBytes(from.bytes, from.start, to.bytes, to.start, room)
  return copy
}
