// One numbered database: keys with typed values, and their deadlines. The one funnel that every change goes through
// (`changed`, `remove`), and the only place where an expired key is found to be gone.
// Knows no command and no client; who wants to hear of changes is in keyspace.observers.

import type { Ref } from '../memory/arena.ts'
import type { Cell } from '../memory/cell.ts'
import { NO_DEADLINE } from '../memory/entries.ts'
import type { Key } from '../memory/key.ts'
import { Slice } from '../memory/slice.ts'
import type { Table } from '../memory/table.ts'
import type { TypeEnvironment } from '../types/environment.ts'
import { STRING } from '../types/value-type.ts'
import type { KeyEvent, RemovalCommand } from './events.ts'
import type { Keyspace } from './keyspace.ts'
import { disposalOf, earliestElementDeadline, hasTable, kindOf } from './kinds.ts'

/**
 * A key's entry: opaque to whoever gets one, and valid until the key itself is written or removed (to be on the safe
 * side: until the next write to the database).
 */
export type Entry = Ref
export const ABSENT: Entry = 0

/** How often a random key may turn out to be due before another way is taken. */
const RANDOM_TRIES = 100
const SCAN_BATCH = 64
const TWO_32 = 2 ** 32
/** What a segment spends on an entry: a reference and a tag. */
const SLOT_BYTES = 6

export class Database {
  /** Its number; SWAPDB swaps tables, not databases. */
  readonly index: number
  table: Table
  readonly #keyspace: Keyspace
  readonly #value = new Slice()
  readonly #keyBytes = new Slice()

  constructor(index: number, keyspace: Keyspace, table: Table) {
    this.index = index
    this.#keyspace = keyspace
    this.table = table
  }

  /** What values need of the server. */
  get types(): TypeEnvironment {
    return this.#keyspace.types
  }

  /** Number of keys, those that are due but not yet removed included. */
  get size(): number {
    return this.table.count
  }

  /** Looks a key up for a reading command: counts a hit or a miss and notes the access. */
  find(key: Key): Entry {
    const entry = this.look(key)
    if (entry !== ABSENT) this.#keyspace.access.touch(this.table.entries, entry)
    return entry
  }

  /** Looks a key up for a command that asks about it and not for its value: counts, but notes no access. */
  look(key: Key): Entry {
    const keyspace = this.#keyspace
    const entry = this.table.find(key)
    if (entry === ABSENT || (this.table.entries.hasDeadline(entry) && this.#isGone(key, entry))) {
      keyspace.stats.misses++
      keyspace.observers.notifier?.keyMissed(this, key)
      return ABSENT
    }
    keyspace.stats.hits++
    return entry
  }

  /** Looks a key up for a command that is going to change it: notes the access. */
  findForWrite(key: Key): Entry {
    const entry = this.peek(key)
    if (entry !== ABSENT) this.#keyspace.access.touch(this.table.entries, entry)
    return entry
  }

  /** Looks a key up without a trace. */
  peek(key: Key): Entry {
    const entry = this.table.find(key)
    if (entry !== ABSENT && this.table.entries.hasDeadline(entry) && this.#isGone(key, entry)) return ABSENT
    return entry
  }

  /** Looks a key up without a trace, and finds it even if it is due. */
  findAnyway(key: Key): Entry {
    return this.table.find(key)
  }

  /**
   * A random entry that is not due, each as likely as any other; ABSENT if there is none. Removes those that it finds
   * due, but not without end: after so many, the first one from a random place on has to do.
   */
  random(): Entry {
    const { random, mayExpire } = this.#keyspace
    for (let tries = 0; tries < RANDOM_TRIES; tries++) {
      const entry = this.table.random(random)
      if (entry === ABSENT || !this.isDue(entry)) return entry
      if (mayExpire) this.expireEntry(entry)
    }
    const start = random.uint32()
    const found = this.#firstLive(start, TWO_32)
    return found === ABSENT ? this.#firstLive(0, start) : found
  }

  #firstLive(from: number, to: number): Entry {
    let found = ABSENT
    let position = from
    do {
      position = this.table.scan(position, SCAN_BATCH, (entry) => {
        if (found === ABSENT && !this.isDue(entry)) found = entry
      })
    } while (found === ABSENT && position !== 0 && position < to)
    return found
  }

  /** The table that a key's value keeps its elements in, for a look; undefined if there is none. */
  membersOf(key: Key): Table | undefined {
    const { entries } = this.table
    const entry = this.table.find(key)
    if (entry === ABSENT || !hasTable(entries, entry)) return undefined
    const { members, membersCell } = this.#keyspace
    const { bytes, start, words } = this.hold(membersCell, key, entry)
    return members.attach(entries, bytes, start, words)
  }

  /** Whether the entry is past its deadline, though perhaps still there. */
  isDue(entry: Entry): boolean {
    const { now, ignoresDeadlines } = this.#keyspace
    return this.table.entries.deadlineOf(entry) <= now && !ignoresDeadlines
  }

  // ---- reading entries

  typeOf(entry: Entry): number {
    return this.table.entries.typeOf(entry)
  }

  encodingOf(entry: Entry): number {
    return this.table.entries.encodingOf(entry)
  }

  /** Milliseconds since the epoch, NO_DEADLINE if there is none. */
  deadlineOf(entry: Entry): number {
    return this.table.entries.deadlineOf(entry)
  }

  /** What the access clock (keyspace.access) has noted in the entry. */
  accessOf(entry: Entry): number {
    return this.table.entries.accessOf(entry)
  }

  /** Bytes of the table itself, without what stands in it. O(segments). */
  get tableBytes(): number {
    return this.table.directoryBytes + this.table.slotCount * SLOT_BYTES
  }

  /** Bytes that the key takes with all that belongs to it; of a large collection from so many samples, 0 for all. */
  memoryOf(entry: Entry, samples = 0): number {
    const { entries } = this.table
    const kind = kindOf(entries.typeOf(entry), entries.encodingOf(entry))
    return entries.footprint(entry) + SLOT_BYTES + (kind.footprint?.(entries, entry, samples) ?? 0)
  }

  /** Holds the value of an entry, for reading or changing; `key` is the entry's and must last as long as the cell. */
  hold(cell: Cell, key: Key, entry: Entry): Cell {
    return cell.open(this.table, key, entry)
  }

  /** The bytes of the value. The slice is reused by the next call. */
  value(entry: Entry): Slice {
    return this.table.entries.value(entry, this.#value)
  }

  /** The bytes of the key. The slice is reused by the next call. */
  keyOf(entry: Entry): Slice {
    return this.table.entries.key(entry, this.#keyBytes)
  }

  // ---- changing entries: each of these ends in `changed` or `remove`, called by the command

  /**
   * Stores a value of `length` bytes under a key, replacing what `entry` says is there (ABSENT: nothing).
   * Returns the place of the bytes, which hold anything: the caller fills them at once.
   */
  put(key: Key, entry: Entry, type: number, encoding: number, length: number, deadline = NO_DEADLINE): Slice {
    const table = this.table
    if (entry === ABSENT)
      return table.entries.value(this.#add(key, type, encoding, length, deadline), this.#value)
    this.#dispose(entry)
    const { access } = this.#keyspace
    // Redis: under LFU a key that is overwritten stays as popular as it was.
    const clock = access.isFrequency ? table.entries.accessOf(entry) : access.initial
    const placed = table.replace(key, entry, type, encoding, clock, length, deadline)
    return table.entries.value(placed, this.#value)
  }

  /** Stores a value under a key that must be absent, as `put` does, and holds it. */
  putCell(cell: Cell, key: Key, type: number, encoding: number, length: number): Cell {
    return cell.open(this.table, key, this.#add(key, type, encoding, length, NO_DEADLINE))
  }

  #add(key: Key, type: number, encoding: number, length: number, deadline: number): Entry {
    const placed = this.table.add(key, type, encoding, this.#keyspace.access.initial, length, deadline)
    this.#keyspace.observers.notifier?.keyAdded(this, key)
    return placed
  }

  /** Gives a value another length and makes it changeable in place; new bytes are zero. */
  resize(key: Key, entry: Entry, length: number, encoding: number): Slice {
    const entries = this.table.entries
    const placed = this.table.resize(key, entry, length)
    entries.setEncoding(placed, encoding)
    return entries.value(placed, this.#value)
  }

  setAccess(entry: Entry, access: number): void {
    this.table.entries.setAccess(entry, access)
  }

  /** Whether the bytes of `value(entry)` may be overwritten as they lie: no snapshot sees them, and this is their encoding. */
  mayOverwrite(entry: Entry, encoding: number): boolean {
    const { entries } = this.table
    return entries.encodingOf(entry) === encoding && !entries.isShared(entry)
  }

  setDeadline(key: Key, entry: Entry, deadline: number): void {
    this.table.setDeadline(key, entry, deadline)
  }

  /** Number of values whose elements have deadlines. */
  get innerDeadlineCount(): number {
    return this.table.due.inner!.count
  }

  /** Notes what has become of the deadlines of a value's elements. `had`: whether there were any before the change. */
  noteElementDeadlines(key: Key, had: boolean, earliest: number): void {
    const has = earliest !== NO_DEADLINE
    if (has !== had) this.#countInner(has ? 1 : -1)
    this.table.noteInnerDeadline(key, earliest)
  }

  #countInner(change: number): void {
    this.table.due.inner!.count += change
  }

  /** Says that a key has changed: the end of every write. `changes` is what `rdb_changes_since_last_save` counts. */
  changed(key: Key, event: KeyEvent, changes = 1): void {
    const keyspace = this.#keyspace
    const observers = keyspace.observers
    keyspace.dirty += changes
    if (observers.watch !== undefined) observers.watch.keyChanged(this, key, event)
    if (observers.tracking !== undefined) observers.tracking.keyChanged(this, key, event)
    if (observers.notifier !== undefined) observers.notifier.keyChanged(this, key, event)
    if (observers.waiters !== undefined) observers.waiters.keyChanged(this, key, event)
  }

  /** Says that a key has changed where Redis has no event for it: only who watches or caches the key is told. */
  changedQuietly(key: Key, changes = 1): void {
    const keyspace = this.#keyspace
    const { watch, tracking, waiters } = keyspace.observers
    keyspace.dirty += changes
    if (watch !== undefined) watch.keyChanged(this, key, 'new')
    if (tracking !== undefined) tracking.keyChanged(this, key, 'new')
    if (waiters !== undefined) waiters.keyChanged(this, key, 'new')
  }

  /**
   * Says that something beside a key's elements has changed, as a stream's groups, which Redis shows neither to who
   * watches the key nor to who caches it. There may be no event for it.
   */
  changedAside(key: Key, event: KeyEvent | undefined, changes = 1): void {
    const keyspace = this.#keyspace
    const { notifier, waiters } = keyspace.observers
    keyspace.dirty += changes
    if (notifier !== undefined && event !== undefined) notifier.keyChanged(this, key, event)
    if (waiters !== undefined) waiters.keyChanged(this, key, event ?? 'new')
  }

  /** Removes a key and says so. */
  remove(key: Key, entry: Entry, event: KeyEvent = 'del'): void {
    this.detach(key, entry)
    this.changed(key, event)
  }

  /** Takes a key out without an event of its own, as a part of a larger change that says so (RENAME, MOVE). */
  detach(key: Key, entry: Entry): void {
    this.#dispose(entry)
    this.table.remove(key, entry)
  }

  /** Frees what the value keeps outside its entry, which is about to go. */
  #dispose(entry: Entry): void {
    const { entries } = this.table
    if (entries.typeOf(entry) === STRING) return
    if (earliestElementDeadline(entries, entry) !== NO_DEADLINE) this.#countInner(-1)
    const disposal = disposalOf(entries, entry)
    if (disposal !== undefined) this.#keyspace.disposals.add(disposal)
  }

  /** Puts a value under another key, which must be absent, as a part of a larger change. Everything else stays. */
  rekey(key: Key, entry: Entry, newKey: Key): void {
    const moved = this.table.rename(key, entry, newKey)
    this.table.noteInnerDeadline(newKey, earliestElementDeadline(this.table.entries, moved))
    this.#keyspace.observers.notifier?.keyAdded(this, newKey)
  }

  /** Removes a key whose time has come: `expired`, for the key's own sake and not for a command's. */
  expire(key: Key, entry: Entry): void {
    const { stats, removalCommand } = this.#keyspace
    stats.expired++
    this.#vanish(key, entry, 'expired', removalCommand)
  }

  /** Removes a key to make room. */
  evict(key: Key, entry: Entry): void {
    const { stats, evictionCommand } = this.#keyspace
    stats.evicted++
    this.#vanish(key, entry, 'evicted', evictionCommand)
  }

  #vanish(key: Key, entry: Entry, event: KeyEvent, command: RemovalCommand): void {
    const keyspace = this.#keyspace
    this.detach(key, entry)
    const { dirty } = keyspace
    this.changed(key, event)
    // Redis: a key that goes by itself does not count as a change since the last save, but is propagated as a deletion.
    keyspace.dirty = dirty
    keyspace.observers.removals?.keyRemoved(this, key, command)
  }

  /** Like `expire`, for an entry that was found without its key. */
  expireEntry(entry: Entry): void {
    this.expire(this.#keyspace.keyApart(this.keyOf(entry)), entry)
  }

  #isGone(key: Key, entry: Entry): boolean {
    const keyspace = this.#keyspace
    if (this.table.entries.deadlineOf(entry) > keyspace.now || keyspace.ignoresDeadlines) return false
    if (keyspace.mayExpire) this.expire(key, entry)
    return true
  }
}
