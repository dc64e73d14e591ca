// The segment: a small open-addressing hash table in one block, the table's building stone. This file is its layout and
// what needs no more than one segment; which segment serves which hash is table.ts's business.
//
//   word 0   depth (how many top bits of the hash its entries share) | slot bits << 8
//   word 1   count
//   word 2-3 earliest deadline in it, low and high word: a lower bound
//   refs     one word per slot
//   tags     one 16-bit half per slot: 0, or 0x8000 | home slot << 5 | the lowest 5 bits of the hash
//
// An entry's home slot is the bits of the hash that follow the depth, so slots are in the order of hashes: that makes
// scan cursors stateless. Collisions go to the next free slot (linear probing, wrapping inside the segment). As a tag
// holds the whole home slot, removing can shift followers back without reading any entry, and there are no tombstones.

import { type Arena, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { NO_DEADLINE, readDeadline, writeDeadline } from './deadline.ts'
import type { PageViews } from './entry-reader.ts'

export const MIN_SLOT_BITS = 4
export const MAX_SLOT_BITS = 10
/** Where the slots' refs begin, in words from the segment's start. */
export const HEADER_WORDS = 4
const EARLIEST_WORD = 2
const USED = 0x8000
const HOME_SHIFT = 5
const HOME_MASK = 0x3ff
const HASH_MASK = 0x1f

export function segmentBytes(slotBits: number): number {
  return HEADER_WORDS * 4 + 6 * (1 << slotBits)
}

/** How many entries a segment takes before it grows or splits: 27/32 of its slots. */
export function segmentLimit(slotBits: number): number {
  return (27 << slotBits) >>> 5
}

export function createSegment(arena: Arena, depth: number, slotBits: number): Ref {
  const segment = arena.alloc(segmentBytes(slotBits))
  const words = arena.words[segment >>> PAGE_SHIFT]!
  const w = (segment & UNIT_MASK) << 1
  words[w] = depth | (slotBits << 8)
  words[w + 1] = 0
  writeDeadline(words, w + EARLIEST_WORD, NO_DEADLINE)
  const tags = (w + HEADER_WORDS + (1 << slotBits)) << 1
  arena.halves[segment >>> PAGE_SHIFT]!.fill(0, tags, tags + (1 << slotBits))
  return segment
}

export function freeSegment(arena: Arena, segment: Ref): void {
  arena.free(segment, segmentBytes(slotBitsOf(arena, segment)))
}

/** A private copy, for changes while a reader holds the original. */
export function copySegment(arena: Arena, segment: Ref): Ref {
  const bytes = segmentBytes(slotBitsOf(arena, segment))
  const copy = arena.alloc(bytes)
  const from = (segment & UNIT_MASK) << 1
  const to = (copy & UNIT_MASK) << 1
  const source = arena.words[segment >>> PAGE_SHIFT]!
  arena.words[copy >>> PAGE_SHIFT]!.set(source.subarray(from, from + ((bytes + 3) >>> 2)), to)
  return copy
}

export function depthOf(arena: Arena, segment: Ref): number {
  return arena.words[segment >>> PAGE_SHIFT]![(segment & UNIT_MASK) << 1]! & 0xff
}

/** Depth and slot bits, as word 0 has them: the table keeps a copy, so that a search touches no header. */
export function shapeOf(arena: Arena, segment: Ref): number {
  return arena.words[segment >>> PAGE_SHIFT]![(segment & UNIT_MASK) << 1]!
}

export function slotBitsOf(arena: Arena, segment: Ref): number {
  return arena.words[segment >>> PAGE_SHIFT]![(segment & UNIT_MASK) << 1]! >>> 8
}

export function countOf(arena: Arena, segment: Ref): number {
  return arena.words[segment >>> PAGE_SHIFT]![((segment & UNIT_MASK) << 1) + 1]!
}

/** Lower bound of the deadlines in the segment; NO_DEADLINE if there are none. */
export function earliestOf(arena: Arena, segment: Ref): number {
  return readDeadline(arena.words[segment >>> PAGE_SHIFT]!, ((segment & UNIT_MASK) << 1) + EARLIEST_WORD)
}

/** Also while a frozen reader holds the segment: it does not look at this. */
export function setEarliest(arena: Arena, segment: Ref, deadline: number): void {
  writeDeadline(arena.words[segment >>> PAGE_SHIFT]!, ((segment & UNIT_MASK) << 1) + EARLIEST_WORD, deadline)
}

/** The slot where a hash belongs. */
export function homeSlot(hash: number, depth: number, slotBits: number): number {
  return (hash << depth) >>> (32 - slotBits)
}

/** What is in a slot; 0 if the slot is free. */
export function refAt(arena: Arena, segment: Ref, slot: number): Ref {
  const w = (segment & UNIT_MASK) << 1
  const page = segment >>> PAGE_SHIFT
  const slots = 1 << (arena.words[page]![w]! >>> 8)
  if (arena.halves[page]![((w + HEADER_WORDS + slots) << 1) + slot] === 0) return 0
  return arena.words[page]![w + HEADER_WORDS + slot]!
}

/** How many entries are read at once by those that visit all: a processor waits for some ten to twenty reads at a time. */
export const AHEAD = 16

/**
 * Reads the entries of AHEAD slots from one on, so that the waits for memory overlap. What it returns is to be kept
 * somewhere, or a compiler might leave the reading out.
 */
export function touchEntries(arena: Pick<PageViews, 'words' | 'halves'>, segment: Ref, from: number): number {
  const w = (segment & UNIT_MASK) << 1
  const page = segment >>> PAGE_SHIFT
  const words = arena.words[page]!
  const halves = arena.halves[page]!
  const slots = 1 << (words[w]! >>> 8)
  const tags = (w + HEADER_WORDS + slots) << 1
  const end = Math.min(from + AHEAD, slots)
  let seen = 0
  for (let slot = from; slot < end; slot++) {
    if (halves[tags + slot] === 0) continue
    const ref = words[w + HEADER_WORDS + slot]!
    seen ^= arena.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]!
  }
  return seen
}

export function setRefAt(arena: Arena, segment: Ref, slot: number, ref: Ref): void {
  arena.words[segment >>> PAGE_SHIFT]![((segment & UNIT_MASK) << 1) + HEADER_WORDS + slot] = ref
}

/** The home slot of what is in a slot, or -1 if the slot is free. */
export function homeAt(arena: Arena, segment: Ref, slot: number): number {
  const w = (segment & UNIT_MASK) << 1
  const page = segment >>> PAGE_SHIFT
  const slots = 1 << (arena.words[page]![w]! >>> 8)
  const tag = arena.halves[page]![((w + HEADER_WORDS + slots) << 1) + slot]!
  return tag === 0 ? -1 : (tag >>> HOME_SHIFT) & HOME_MASK
}

/**
 * The next slot, from `slot` on (-1: from the home slot), that may hold this hash; -1 if a free slot comes first.
 * The caller compares keys: one in 32 candidates with the same home slot is another key.
 */
export function nextCandidate(arena: Arena, segment: Ref, shape: number, hash: number, slot: number): number {
  const slotBits = shape >>> 8
  const mask = (1 << slotBits) - 1
  const home = (hash << (shape & 0xff)) >>> (32 - slotBits)
  const wanted = USED | (home << HOME_SHIFT) | (hash & HASH_MASK)
  const halves = arena.halves[segment >>> PAGE_SHIFT]!
  const tags = (((segment & UNIT_MASK) << 1) + HEADER_WORDS + mask + 1) << 1
  for (let i = slot < 0 ? home : slot & mask; ; i = (i + 1) & mask) {
    const tag = halves[tags + i]!
    if (tag === wanted) return i
    if (tag === 0) return -1
  }
}

/**
 * What a tag says of its entry's hash: the bits behind those that all of the segment share, as far as the first `bits`
 * of the hash go, and the last five. What is between them is zero.
 */
export function hashInTag(tag: number, bits: number): number {
  return (((tag >>> HOME_SHIFT) & HOME_MASK) << (32 - bits)) | (tag & HASH_MASK)
}

/** From this many first bits on a tag says the whole hash. */
export const WHOLE_HASH_BITS = 27

/** The slot of an entry that is in the segment. */
export function slotOf(arena: Arena, segment: Ref, hash: number, ref: Ref): number {
  const shape = shapeOf(arena, segment)
  let slot = nextCandidate(arena, segment, shape, hash, -1)
  while (slot >= 0 && refAt(arena, segment, slot) !== ref) {
    slot = nextCandidate(arena, segment, shape, hash, slot + 1)
  }
  if (slot < 0) throw new Error('the entry is not in the table')
  return slot
}

/** Puts an entry into its segment, which must have room. Returns the slot. */
export function place(arena: Arena, segment: Ref, hash: number, ref: Ref): number {
  const w = (segment & UNIT_MASK) << 1
  const page = segment >>> PAGE_SHIFT
  const words = arena.words[page]!
  const halves = arena.halves[page]!
  const head = words[w]!
  const slotBits = head >>> 8
  const mask = (1 << slotBits) - 1
  const home = (hash << (head & 0xff)) >>> (32 - slotBits)
  const tags = (w + HEADER_WORDS + mask + 1) << 1
  let i = home
  while (halves[tags + i] !== 0) i = (i + 1) & mask
  halves[tags + i] = USED | (home << HOME_SHIFT) | (hash & HASH_MASK)
  words[w + HEADER_WORDS + i] = ref
  words[w + 1]!++
  return i
}

/** Empties a slot and moves back the followers that had been pushed on by it. */
export function removeAt(arena: Arena, segment: Ref, slot: number): void {
  const w = (segment & UNIT_MASK) << 1
  const page = segment >>> PAGE_SHIFT
  const words = arena.words[page]!
  const halves = arena.halves[page]!
  const mask = (1 << (words[w]! >>> 8)) - 1
  const refs = w + HEADER_WORDS
  const tags = (refs + mask + 1) << 1
  let hole = slot
  for (let i = (slot + 1) & mask; ; i = (i + 1) & mask) {
    const tag = halves[tags + i]!
    if (tag === 0) break
    const home = (tag >>> HOME_SHIFT) & HOME_MASK
    // May move back only if its home is not behind the hole: distances are cyclic.
    if (((i - home) & mask) >= ((i - hole) & mask)) {
      halves[tags + hole] = tag
      words[refs + hole] = words[refs + i]!
      hole = i
    }
  }
  halves[tags + hole] = 0
  words[w + 1]!--
}
