// The hash table: entries by key, at any size, without ever rehashing. Extendible hashing (Fagin, Nievergelt, Pippenger,
// Strong 1979): a directory, indexed by the top bits of the hash, points at segments; a full segment splits alone, so no
// growth ever stalls. Knows entries and segments; what a value is, and when to expire one, is decided above.
//
//   directory (depth 2)      00 ─┐         01 ─┐        10 ─┐  11 ─┐
//   segments         [depth 2: 00…]  [depth 2: 01…]   [depth 1: 1………]
//
// Invariants: only segments of depth 0 have fewer than 1,024 slots · count is the sum of the segments' counts.
// While the arena is frozen, a segment is copied before its first change, and shared entries are replaced, not changed.
//
// One object can serve many tables that lie in values (a hash's fields, a set's members): `attach` points it at one whose
// state is a few words somewhere in the pages, `save` writes them back. A table's memory is the arena's alone.

import { type Arena, NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { MAX_DEADLINE, NO_DEADLINE } from './deadline.ts'
import { Directory } from './directory.ts'
import { DueList, earliestOfAll } from './due.ts'
import { Entries, type MemoryImage } from './entries.ts'
import type { EntryBatch } from './entry-batch.ts'
import { type HashSeed, Key } from './key.ts'
import {
  copySegment,
  countOf,
  createSegment,
  depthOf,
  earliestOf,
  freeSegment,
  HEADER_WORDS,
  MAX_SLOT_BITS,
  MIN_SLOT_BITS,
  nextCandidate,
  place,
  refAt,
  removeAt,
  segmentLimit,
  setEarliest,
  setRefAt,
  shapeOf,
  slotBitsOf,
  slotOf,
} from './segment.ts'
import { Slice } from './slice.ts'
import type { TableCursor } from './table-cursor.ts'
import { isEnoughToAdd, isKeyIn } from './table-join.ts'
import { presize } from './table-presize.ts'
import { type Chance, randomEntry } from './table-random.ts'
import { emptyRoot, NO_WORDS, readRoot, writeRoot } from './table-root.ts'
import type { TableSample } from './table-sample.ts'
import { scanFrom } from './table-scan.ts'
import { slotsOf, type TableStatistics, tableStatistics } from './table-statistics.ts'
import { type TableImage, TableView } from './table-view.ts'
import type { UpcomingKeys } from './upcoming-keys.ts'

const MAX_SLOTS = 1 << MAX_SLOT_BITS
/** Two neighbours merge when together they fill at most this many slots: well below a split's half. */
const MERGE_COUNT = (MAX_SLOTS * 3) >>> 3
const TWO_32 = 4294967296

/** The memory of a table that is attached to nothing yet. Nobody allocates from it. */
const NOWHERE = new Entries()

export class Table {
  entries: Entries
  #arena: Arena
  readonly #directory: Directory
  #count = 0
  #deadlines = 0
  /** No deadline in the table is earlier than this. */
  #earliest = NO_DEADLINE
  #expirePosition = 0
  /** While many entries of a segment are removed: merging it on the way would hash what goes next anyway. */
  #shrinksLater = false
  // Where `find` found its last entry: saves the second search of a read-change pair.
  #foundSlot = -1
  /** Scratch, for keys of entries that are in the table already. */
  readonly #rehashed: Key
  readonly #slice = new Slice()
  readonly due = new DueList()
  readonly #root = emptyRoot()

  constructor(seed: HashSeed, entries: Entries = new Entries()) {
    this.entries = entries
    this.#arena = entries.arena
    this.#directory = new Directory(entries)
    this.#rehashed = new Key(seed)
    if (entries !== NOWHERE) this.create(entries)
  }

  /** An object that is no table yet, for `create` and `attach`. */
  static unattached(seed: HashSeed): Table {
    return new Table(seed, NOWHERE)
  }

  /** Becomes a new, empty table in this memory; what it was before goes on existing where it has been saved. */
  create(entries: Entries): this {
    this.entries = entries
    this.#arena = entries.arena
    const first = createSegment(this.#arena, 0, MIN_SLOT_BITS)
    this.#directory.create(entries, first, shapeOf(this.#arena, first))
    this.#count = 0
    this.#deadlines = 0
    this.#earliest = NO_DEADLINE
    this.#expirePosition = 0
    this.#foundSlot = -1
    return this
  }

  /** Becomes the table that was saved at this place. `words`: the same bytes as words, if `at` is at one. */
  attach(entries: Entries, bytes: Uint8Array, at: number, words = NO_WORDS): this {
    const root = readRoot(bytes, at, words, this.#root)
    this.entries = entries
    this.#arena = entries.arena
    this.#directory.attach(entries, root.place, root.depth, root.deepest)
    this.#count = root.count
    this.#deadlines = root.deadlines
    this.#earliest = root.earliest
    this.#expirePosition = root.position
    this.#foundSlot = -1
    return this
  }

  /** Writes TABLE_ROOT_BYTES from which `attach` finds the table again: after every change. */
  save(bytes: Uint8Array, at: number, words = NO_WORDS): void {
    const root = this.#root
    const { place, depth, deepest } = this.#directory
    root.place = place
    root.depth = depth
    root.deepest = deepest
    root.count = this.#count
    root.deadlines = this.#deadlines
    root.earliest = this.#earliest
    root.position = this.#expirePosition
    writeRoot(bytes, at, words, root)
  }

  get count(): number {
    return this.#count
  }

  /** Entries that have a deadline. */
  get deadlineCount(): number {
    return this.#deadlines
  }

  /** No entry is due before this; a lower bound. */
  get earliestDeadline(): number {
    return this.#earliest
  }

  /** Slots of all segments: what INFO-like reports call the size of the table. O(segments). */
  get slotCount(): number {
    return slotsOf(this.#arena, this.#directory)
  }

  /** So many entries are going to be added. Only an empty table makes use of it. */
  expect(count: number): void {
    if (this.#count === 0) presize(this.#arena, this.#directory, count)
  }

  /** The entry with this key, or NO_REF. */
  find(key: Key): Ref {
    const arena = this.#arena
    const hash = key.hash
    const directory = this.#directory
    const index = hash >>> directory.shift
    const segment = directory.words[directory.at + index]!
    const shape = directory.halves[directory.halvesAt + index]!
    let slot = nextCandidate(arena, segment, shape, hash, -1)
    while (slot >= 0) {
      const ref = arena.words[segment >>> PAGE_SHIFT]![((segment & UNIT_MASK) << 1) + HEADER_WORDS + slot]!
      if (this.entries.isKey(ref, key)) {
        this.#foundSlot = slot
        return ref
      }
      slot = nextCandidate(arena, segment, shape, hash, slot + 1)
    }
    return NO_REF
  }

  /** Whether it has the key of the entry where the walk over another table of the same memory is. */
  hasSame(walk: TableCursor): boolean {
    return isKeyIn(this.entries, this.#directory, this, walk)
  }

  /** Brings what `find` will look at into the processor's caches. */
  touch(keys: UpcomingKeys): void {
    keys.touch(this.#arena, this.#directory)
  }

  /** Adds an entry for a key that is not in the table; the caller fills the value's bytes. */
  add(
    key: Key,
    type: number,
    encoding: number,
    access: number,
    valueLength: number,
    deadline = NO_DEADLINE,
  ): Ref {
    const ref = this.entries.create(key, type, encoding, access, valueLength, deadline)
    this.#insert(key.hash, ref, deadline)
    return ref
  }

  /** Adds entries that were made apart. False: it has the key of `batch.ref` already, and neither that nor what follows was added. */
  adopt(batch: EntryBatch): boolean {
    batch.touch(this.#arena, this.#directory)
    for (; batch.hasNext; batch.next++) {
      if (batch.isTwin(this.#arena, this.#directory, this.entries)) return false
      this.#insert(batch.hash, batch.ref, batch.deadline)
    }
    batch.clear()
    return true
  }

  /** Adds the key of the entry where the walk over another table of the same memory is; it must not be in this one. */
  addSame(walk: TableCursor): void {
    const { hash, hashBits, ref } = walk
    const isEnough = isEnoughToAdd(this.#arena, this.#directory, hash, hashBits)
    this.#insert(isEnough ? hash : this.hashOf(ref), this.entries.copyKey(ref, this.#rehashed), NO_DEADLINE)
  }

  #insert(hash: number, ref: Ref, deadline: number): void {
    const arena = this.#arena
    let segment = this.#writable(hash)
    while (countOf(arena, segment) >= segmentLimit(slotBitsOf(arena, segment))) {
      this.#grow(hash)
      segment = this.#segmentOf(hash)
    }
    place(arena, segment, hash, ref)
    this.#count++
    if (deadline !== NO_DEADLINE) {
      this.#deadlines++
      this.#noteDeadline(segment, deadline)
    }
  }

  /**
   * Replaces an entry's type, encoding, value length and deadline. The value's bytes are then the caller's to fill.
   * `ref` is what `find(key)` said; returns the entry's new place.
   */
  replace(
    key: Key,
    ref: Ref,
    type: number,
    encoding: number,
    access: number,
    valueLength: number,
    deadline = NO_DEADLINE,
  ): Ref {
    const entries = this.entries
    const hadDeadline = entries.hasDeadline(ref)
    const hasDeadline = deadline !== NO_DEADLINE
    if (hadDeadline === hasDeadline && entries.resizeInPlace(ref, valueLength)) {
      entries.setHead(ref, type, encoding, access)
      if (hasDeadline) this.#overwriteDeadline(key, ref, deadline)
      return ref
    }
    const moved = entries.create(key, type, encoding, access, valueLength, deadline)
    this.#swap(key, ref, moved)
    this.#countDeadline(key, hadDeadline, deadline)
    entries.free(ref)
    return moved
  }

  /**
   * Gives the value another length, keeping its bytes (what is new is zero), so that it may be changed in place: also
   * for the same length, as a frozen reader may be looking. Returns the entry's new place.
   */
  resize(key: Key, ref: Ref, valueLength: number): Ref {
    const entries = this.entries
    const oldLength = entries.valueLength(ref)
    if (entries.resizeInPlace(ref, valueLength)) {
      if (valueLength > oldLength && !entries.isExternal(ref)) {
        const value = entries.value(ref, this.#slice)
        value.bytes.fill(0, value.start + oldLength, value.start + valueLength)
      }
      return ref
    }
    return this.#move(key, ref, valueLength, entries.deadlineOf(ref))
  }

  /** Sets, changes or (NO_DEADLINE) takes away the deadline. Returns the entry's new place. */
  setDeadline(key: Key, ref: Ref, deadline: number): Ref {
    const entries = this.entries
    const hadDeadline = entries.hasDeadline(ref)
    if (!hadDeadline && deadline === NO_DEADLINE) return ref
    if (hadDeadline && deadline !== NO_DEADLINE && !entries.isShared(ref)) {
      this.#overwriteDeadline(key, ref, deadline)
      return ref
    }
    const moved = entries.move(key, ref, deadline)
    this.#swap(key, ref, moved)
    this.#countDeadline(key, hadDeadline, deadline)
    entries.freeMoved(ref, moved)
    return moved
  }

  /** Takes the entry out and frees it. `ref` is what `find(key)` said. */
  remove(key: Key, ref: Ref): void {
    const segment = this.#takeOut(key, ref)
    this.entries.free(ref)
    this.#shrink(key.hash, segment)
  }

  #takeOut(key: Key, ref: Ref): Ref {
    if (this.entries.hasDeadline(ref)) this.#deadlines--
    const segment = this.#writable(key.hash)
    removeAt(this.#arena, segment, this.#slotOf(segment, key, ref))
    this.#count--
    return segment
  }

  /**
   * Puts an entry under another key, which must not be in the table: deadline, access and value stay, and a large
   * value is not copied. Returns the entry's new place.
   */
  rename(key: Key, ref: Ref, newKey: Key): Ref {
    const { entries } = this
    const moved = entries.move(newKey, ref, entries.deadlineOf(ref))
    const segment = this.#takeOut(key, ref)
    entries.freeMoved(ref, moved)
    this.#shrink(key.hash, segment)
    this.#insert(newKey.hash, moved, entries.deadlineOf(moved))
    return moved
  }

  /** A random entry, each as likely as any other, or NO_REF if the table is empty. */
  random(chance: Chance): Ref {
    return this.#count === 0 ? NO_REF : randomEntry(this.#arena, this.#directory, chance)
  }

  /** Takes candidates for eviction, up to `wanted`: if asked only of those that have a deadline. */
  sample(sample: TableSample, chance: Chance, wanted: number, isVolatile: boolean): void {
    sample.take(this, this.#directory, chance, { wanted, isVolatile })
  }

  /**
   * Visits entries in the order of their hashes, from the position `cursor` (0 at first) on, until at least `count`
   * were visited or ten times as many slots were looked at. Returns the position to go on from, 0 at the end.
   * What is there throughout is visited exactly once, whatever happens meanwhile. `visit` must not change the table.
   */
  scan(cursor: number, count: number, visit: (ref: Ref) => void): number {
    return scanFrom(this.#arena, this.#directory, this, cursor, count, visit)
  }

  /** Visits every entry. The table must not change meanwhile. */
  each(visit: (ref: Ref) => void): void {
    new TableView(this.#arena.words, this.#arena.halves, this.#directory.view()).each(visit)
  }

  /**
   * Calls `onDue` for each entry that is due in the next `segments` segments; it may remove that entry, and no other.
   * True when nothing in the table is due any more.
   */
  collectDue(now: number, segments: number, onDue: (ref: Ref) => void): boolean {
    if (this.#earliest > now) return true
    for (let n = 0; n < segments; n++) {
      if (this.#expirePosition >= TWO_32) {
        this.#expirePosition = 0
        this.#earliest = earliestOfAll(this.#arena, this.#directory)
        return this.#earliest > now
      }
      // By position and not by index: the removals may merge segments and halve the directory.
      const first = this.#expirePosition
      const segment = this.#segmentOf(first)
      this.#expirePosition = this.#directory.endOf(first)
      if (earliestOf(this.#arena, segment) <= now) this.#collectFrom(first, now, onDue)
    }
    return false
  }

  #collectFrom(first: number, now: number, onDue: (ref: Ref) => void): void {
    const { due } = this
    const segment = this.#segmentOf(first)
    const end = this.#directory.endOf(first)
    const before = this.#count
    due.fill(this.#arena, this.entries, segment, now)
    setEarliest(this.#arena, segment, due.earliestLater)
    this.#shrinksLater = true
    // Backwards: then a removal has nothing to move behind it but entries that stay, and what is yet to be removed is
    // mostly where it was seen.
    for (let i = due.count - 1; i >= 0; i--) {
      this.#foundSlot = due.slots[i]!
      onDue(due.refs[i]!)
    }
    this.#shrinksLater = false
    this.#shrinkAt(first)
    // Those that the caller let live must come up again.
    if (this.#count > before - due.count) this.#noteDeadlines(first, end, due.earliestDue)
  }

  /** Notes a deadline in all segments of a range of hashes: callbacks may have merged or copied them. */
  #noteDeadlines(first: number, end: number, deadline: number): void {
    for (let position = first; position < end; position = this.#directory.endOf(position)) {
      this.#noteDeadline(this.#segmentOf(position), deadline)
    }
  }

  /** The hash of an entry's key. */
  hashOf(ref: Ref): number {
    const key = this.entries.key(ref, this.#slice)
    return this.#rehashed.point(key.bytes, key.start, key.length).hash
  }

  /**
   * Freezes the table's memory, and with it all else that lives there, until `entries.thaw()`. The image shows this
   * moment for ever, in any thread, whatever is written; only access bits may be newer. Costs ms at 10M entries.
   */
  freeze(): TableImage {
    return this.#image(this.entries.freeze())
  }

  /** As `freeze`, but it shows the table only until the next change: for who reads at once. */
  image(): TableImage {
    return this.#image(this.entries.image())
  }

  #image(memory: MemoryImage): TableImage {
    return { memory, directory: this.#directory.view(), count: this.#count, deadlineCount: this.#deadlines }
  }

  /** Looks at every slot. */
  get statistics(): TableStatistics {
    return tableStatistics(this.#arena, this.#directory)
  }

  /** Bytes of the directory. */
  get directoryBytes(): number {
    return this.#directory.bytes
  }

  // ---- changing entries

  #move(key: Key, ref: Ref, valueLength: number, deadline: number): Ref {
    const entries = this.entries
    const moved = entries.create(
      key,
      entries.typeOf(ref),
      entries.encodingOf(ref),
      entries.accessOf(ref),
      valueLength,
      deadline,
    )
    entries.copyValue(ref, moved)
    this.#swap(key, ref, moved)
    entries.free(ref)
    return moved
  }

  #swap(key: Key, ref: Ref, moved: Ref): void {
    const segment = this.#writable(key.hash)
    setRefAt(this.#arena, segment, this.#slotOf(segment, key, ref), moved)
  }

  /** The slot of an entry that is in the segment. */
  #slotOf(segment: Ref, key: Key, ref: Ref): number {
    const found = this.#foundSlot
    const slots = 1 << slotBitsOf(this.#arena, segment)
    if (found >= 0 && found < slots && refAt(this.#arena, segment, found) === ref) return found
    return slotOf(this.#arena, segment, key.hash, ref)
  }

  #overwriteDeadline(key: Key, ref: Ref, deadline: number): void {
    this.entries.overwriteDeadline(ref, deadline)
    this.#noteDeadline(this.#segmentOf(key.hash), deadline)
  }

  #countDeadline(key: Key, hadDeadline: boolean, deadline: number): void {
    const hasDeadline = deadline !== NO_DEADLINE
    this.#deadlines += Number(hasDeadline) - Number(hadDeadline)
    if (hasDeadline) this.#noteDeadline(this.#segmentOf(key.hash), deadline)
  }

  /** Lets `collectDue` come across an entry at this time, on account of what is inside its value (`due.inner`). */
  noteInnerDeadline(key: Key, deadline: number): void {
    if (deadline !== NO_DEADLINE) this.#noteDeadline(this.#segmentOf(key.hash), deadline)
  }

  #noteDeadline(segment: Ref, deadline: number): void {
    if (deadline < earliestOf(this.#arena, segment)) setEarliest(this.#arena, segment, deadline)
    // What is stored may be earlier than what was asked for.
    if (deadline < this.#earliest) this.#earliest = Math.min(deadline, MAX_DEADLINE)
  }

  // ---- growing and shrinking

  /** The segment of a hash, copied if a frozen reader may be looking at it. */
  #writable(hash: number): Ref {
    const segment = this.#segmentOf(hash)
    if (!this.#arena.frozen || !this.#arena.isShared(segment)) return segment
    const copy = copySegment(this.#arena, segment)
    this.#point(hash, copy)
    freeSegment(this.#arena, segment)
    return copy
  }

  #segmentOf(hash: number): Ref {
    const directory = this.#directory
    return directory.words[directory.at + (hash >>> directory.shift)]!
  }

  #point(hash: number, segment: Ref): void {
    this.#directory.point(hash, segment, shapeOf(this.#arena, segment))
  }

  /** Makes room where this hash belongs. */
  #grow(hash: number): void {
    const arena = this.#arena
    const segment = this.#segmentOf(hash)
    const depth = depthOf(arena, segment)
    const slotBits = slotBitsOf(arena, segment)
    if (slotBits < MAX_SLOT_BITS) {
      this.#rebuild(hash, segment, slotBits + 1)
      return
    }
    if (depth === this.#directory.depth) this.#directory.double()
    const low = createSegment(arena, depth + 1, MAX_SLOT_BITS)
    const high = createSegment(arena, depth + 1, MAX_SLOT_BITS)
    this.#eachIn(segment, (ref, itsHash) => {
      place(arena, (itsHash << depth) >>> 31 === 1 ? high : low, itsHash, ref)
    })
    setEarliest(arena, low, earliestOf(arena, segment))
    setEarliest(arena, high, earliestOf(arena, segment))
    const bit = 0x80000000 >>> depth
    this.#point(hash & ~bit, low)
    this.#point(hash | bit, high)
    if (depth + 1 === this.#directory.depth) this.#directory.deepest += 2
    freeSegment(arena, segment)
  }

  /** Copies the entries of a segment into one with another number of slots. */
  #rebuild(hash: number, segment: Ref, slotBits: number): void {
    const arena = this.#arena
    const rebuilt = createSegment(arena, depthOf(arena, segment), slotBits)
    this.#eachIn(segment, (ref, itsHash) => place(arena, rebuilt, itsHash, ref))
    setEarliest(arena, rebuilt, earliestOf(arena, segment))
    this.#point(hash, rebuilt)
    freeSegment(arena, segment)
  }

  /** Shrinks what has this position as far as it goes. */
  #shrinkAt(position: number): void {
    let segment = NO_REF
    while (segment !== this.#segmentOf(position)) {
      segment = this.#segmentOf(position)
      this.#shrink(position | 0, segment)
    }
  }

  #shrink(hash: number, segment: Ref): void {
    if (this.#shrinksLater) return
    const arena = this.#arena
    const slotBits = slotBitsOf(arena, segment)
    const count = countOf(arena, segment)
    if (count > MERGE_COUNT) return
    const depth = depthOf(arena, segment)
    if (depth > 0) this.#merge(hash, segment, depth, count)
    else if (slotBits > MIN_SLOT_BITS && count < 1 << (slotBits - 3)) {
      this.#rebuild(hash, segment, slotBits - 1)
    }
  }

  /** Joins a segment with its sibling, if together they are nearly empty. */
  #merge(hash: number, segment: Ref, depth: number, count: number): void {
    const arena = this.#arena
    const bit = 0x80000000 >>> (depth - 1)
    const sibling = this.#segmentOf(hash ^ bit)
    if (depthOf(arena, sibling) !== depth || count + countOf(arena, sibling) > MERGE_COUNT) return
    const merged = createSegment(arena, depth - 1, MAX_SLOT_BITS)
    for (const part of [segment, sibling]) {
      this.#eachIn(part, (ref, itsHash) => place(arena, merged, itsHash, ref))
    }
    setEarliest(arena, merged, Math.min(earliestOf(arena, segment), earliestOf(arena, sibling)))
    this.#point(hash, merged)
    freeSegment(arena, segment)
    freeSegment(arena, sibling)
    if (depth === this.#directory.depth) {
      this.#directory.deepest -= 2
      this.#directory.shrink()
    }
  }

  #eachIn(segment: Ref, visit: (ref: Ref, hash: number) => void): void {
    const slots = 1 << slotBitsOf(this.#arena, segment)
    for (let slot = 0; slot < slots; slot++) {
      const ref = refAt(this.#arena, segment, slot)
      if (ref !== NO_REF) visit(ref, this.hashOf(ref))
    }
  }
}
