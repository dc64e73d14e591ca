// One node of a stream: neighbouring entries in a listpack, laid out as Redis lays them out in memory and in its files.
// Works at a place in a buffer and knows neither who owns it nor which nodes there are.
//
//   master   count  deleted  fields  field ... field  0
//   entry    flags  ms  seq  value ... value  length                    the fields are the master's
//            flags  ms  seq  fields  field value ... field value  length
//
// A node's id is that of its first entry; `ms` and `seq` of all entries are told as differences from it. `length` is the
// number of elements before it, for walking backwards. Entries are not taken out of a node, but marked as deleted.

import { Element, int64 } from '../memory/element.ts'
import { EMPTY_BYTES, HEADER_BYTES, Listpack, mostElementBytes, writeEmpty } from '../memory/listpack.ts'
import { StreamId } from './stream-id.ts'

const DELETED = 1
const SAME_FIELDS = 2
/** Flags and the two differences. */
const ENTRY_HEAD = 3
const TWO_32 = 4294967296
/** High words of numbers below 2^52. */
const SAFE_HIGH = 0x100000
/** What an integer that a node needs for itself takes at most. */
const INTEGER_BYTES = 10

/** What the counts of a node may grow by at most. */
export const COUNTS_ROOM = 2 * INTEGER_BYTES

/** Where the fields and values of a new entry lie, alternating. */
export interface Pieces {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly lengths: Int32Array
}

export class StreamNode extends Listpack {
  readonly id = new StreamId()
  /** Entries that are there, and those that are deleted. */
  entryCount = 0
  deletedCount = 0
  /** The fields of the master, and where they are. */
  fieldCount = 0
  #fieldsAt = 0

  // The current entry.
  /** Where it is. */
  at = 0
  readonly entryId = new StreamId()
  isDeleted = false
  #hasSameFields = false
  pairCount = 0
  /** Where reading has got to in it, and how many of its elements are still to come, its length included. */
  #place = 0
  #left = 0
  /** Where the master's next field is, if the entry has its fields. */
  #fieldPlace = 0
  readonly #element = new Element()

  /** Looks at the node in a buffer; `id` is set by the caller. */
  override open(bytes: Uint8Array, start: number): this {
    super.open(bytes, start)
    this.entryCount = this.integerAt(HEADER_BYTES)
    let at = this.after(HEADER_BYTES)
    this.deletedCount = this.integerAt(at)
    at = this.after(at)
    this.fieldCount = this.integerAt(at)
    this.#fieldsAt = this.after(at)
    return this
  }

  /** Where the first entry is. */
  get entriesAt(): number {
    return this.#fieldsAt + this.spanOf(this.#fieldsAt, this.fieldCount + 1)
  }

  // ---- walking: each says whether there is such an entry, deleted or not, which is then the current one

  firstEntry(): boolean {
    return this.#enter(this.entriesAt)
  }

  nextEntry(): boolean {
    return this.#enter(this.#left === 0 ? this.#place : this.#place + this.spanOf(this.#place, this.#left))
  }

  /**
   * The first entry from an id on, or an earlier one where numbers are too large to tell. Half a node is passed over in
   * 0.5 us, a quarter of what visiting each entry takes.
   */
  skipTo(id: StreamId): boolean {
    const upper = distance(id.upperHigh, id.upperLow, this.id.upperHigh, this.id.upperLow)
    const lower = distance(id.lowerHigh, id.lowerLow, this.id.lowerHigh, this.id.lowerLow)
    // Differences are signed: less than these they stand for halves beyond 2^63, which are not less.
    const least = -this.id.lower
    const { end, fieldCount } = this
    let at = this.entriesAt
    while (at !== end) {
      const upperAt = this.after(at)
      const entryUpper = this.integerAt(upperAt)
      const lowerAt = this.after(upperAt)
      const entryLower = this.integerAt(lowerAt)
      const isLess =
        (entryUpper < upper && entryUpper >= 0) ||
        (entryUpper === upper && entryLower < lower && entryLower >= least)
      // Of numbers that are none all comparisons are false: such an entry is visited.
      if (!isLess) break
      let place = this.after(lowerAt)
      let left = fieldCount + 1
      if ((this.integerAt(at) & SAME_FIELDS) === 0) {
        left = 2 * this.integerAt(place) + 1
        place = this.after(place)
      }
      at = place + this.spanOf(place, left)
    }
    return this.#enter(at)
  }

  lastEntry(): boolean {
    return this.#enterBefore(this.end)
  }

  previousEntry(): boolean {
    return this.#enterBefore(this.at)
  }

  #enterBefore(end: number): boolean {
    if (end === this.entriesAt) return false
    let at = this.previous(end)
    for (let left = this.integerAt(at); left > 0; left--) at = this.previous(at)
    return this.#enter(at)
  }

  #enter(at: number): boolean {
    if (at === this.end) return false
    const flags = this.integerAt(at)
    this.at = at
    this.isDeleted = (flags & DELETED) !== 0
    this.#hasSameFields = (flags & SAME_FIELDS) !== 0
    let place = this.after(at)
    this.#readUpper(place)
    place = this.after(place)
    this.#readLower(place)
    place = this.after(place)
    if (this.#hasSameFields) {
      this.pairCount = this.fieldCount
      this.#left = this.pairCount + 1
      this.#fieldPlace = this.#fieldsAt
    } else {
      this.pairCount = this.integerAt(place)
      this.#left = 2 * this.pairCount + 1
      place = this.after(place)
    }
    this.#place = place
    return true
  }

  #readUpper(at: number): void {
    const { id, entryId } = this
    const difference = this.integerAt(at)
    const sum = (id.upperLow >>> 0) + difference
    // Mostly the sum stays within the low word.
    if (sum >= 0 && sum < TWO_32) {
      entryId.upperHigh = id.upperHigh
      entryId.upperLow = sum | 0
      return
    }
    const total = BigInt.asUintN(64, id.milliseconds + this.#int64At(at))
    entryId.upperHigh = Number(BigInt.asIntN(32, total >> 32n))
    entryId.upperLow = Number(BigInt.asIntN(32, total))
  }

  #readLower(at: number): void {
    const { id, entryId } = this
    const difference = this.integerAt(at)
    const sum = (id.lowerLow >>> 0) + difference
    if (sum >= 0 && sum < TWO_32) {
      entryId.lowerHigh = id.lowerHigh
      entryId.lowerLow = sum | 0
      return
    }
    const total = BigInt.asUintN(64, id.sequence + this.#int64At(at))
    entryId.lowerHigh = Number(BigInt.asIntN(32, total >> 32n))
    entryId.lowerLow = Number(BigInt.asIntN(32, total))
  }

  /** The integer of an element, of any size. */
  #int64At(at: number): bigint {
    this.read(at, this.#element)
    return int64(this.#element.low, this.#element.high)
  }

  /** Reads the next field and its value of the current entry: to be called `pairCount` times at most. */
  readPair(field: Element, value: Element): void {
    if (this.#hasSameFields) {
      this.read(this.#fieldPlace, field)
      this.#fieldPlace = this.after(this.#fieldPlace)
      this.#left--
    } else {
      this.read(this.#place, field)
      this.#place = this.after(this.#place)
      this.#left -= 2
    }
    this.read(this.#place, value)
    this.#place = this.after(this.#place)
  }

  /** Goes to the entry with this id, if it is there and not deleted. */
  findEntry(id: StreamId): boolean {
    for (let more = this.skipTo(id); more; more = this.nextEntry()) {
      const order = this.entryId.compare(id)
      if (order >= 0) return order === 0 && !this.isDeleted
    }
    return false
  }

  // ---- changing: the memory must be private and have the room

  /** Bytes that new elements take at most, with what a node or an entry needs besides. */
  static entryRoom({ lengths }: Pieces, { first, count }: Pairs): number {
    let bytes = (ENTRY_HEAD + 2) * INTEGER_BYTES + COUNTS_ROOM
    for (let i = first; i < first + 2 * count; i++) bytes += mostElementBytes(lengths[i]!)
    return bytes
  }

  /** Likewise, of the master: it has the fields again. */
  static masterRoom({ lengths }: Pieces, { first, count }: Pairs): number {
    let bytes = EMPTY_BYTES + 2 * INTEGER_BYTES
    for (let i = first; i < first + 2 * count; i += 2) bytes += mostElementBytes(lengths[i]!)
    return bytes
  }

  /** Writes a node without entries, for ones with these fields. */
  create(bytes: Uint8Array, start: number, pieces: Pieces, pairs: Pairs): void {
    const element = this.#element
    writeEmpty(bytes, start)
    super.open(bytes, start)
    let at = this.putInteger(HEADER_BYTES, 0)
    at = this.putInteger(at, 0)
    at = this.putInteger(at, pairs.count)
    for (let i = pairs.first; i < pairs.first + 2 * pairs.count; i += 2) {
      at = this.put(at, element.point(pieces.bytes, pieces.starts[i]!, pieces.lengths[i]!))
    }
    this.extend(this.putInteger(at, 0), pairs.count + 4)
    this.open(bytes, start)
  }

  /** Adds an entry behind the others. */
  appendEntry(id: StreamId, pieces: Pieces, pairs: Pairs): void {
    const element = this.#element
    const { bytes, starts, lengths } = pieces
    const isSame = this.#hasFields(pieces, pairs)
    let at = this.putInteger(this.end, isSame ? SAME_FIELDS : 0)
    at = this.#putDifference(at, id.upperHigh, id.upperLow, this.id.upperHigh, this.id.upperLow)
    at = this.#putDifference(at, id.lowerHigh, id.lowerLow, this.id.lowerHigh, this.id.lowerLow)
    if (!isSame) at = this.putInteger(at, pairs.count)
    const end = pairs.first + 2 * pairs.count
    for (let i = isSame ? pairs.first + 1 : pairs.first; i < end; i += isSame ? 2 : 1) {
      at = this.put(at, element.point(bytes, starts[i]!, lengths[i]!))
    }
    const length = ENTRY_HEAD + (isSame ? pairs.count : 2 * pairs.count + 1)
    this.extend(this.putInteger(at, length), length + 1)
    this.entryCount++
    this.replaceInteger(HEADER_BYTES, this.entryCount)
  }

  /** Whether the fields are the master's, in the same order. */
  #hasFields({ bytes, starts, lengths }: Pieces, { first, count }: Pairs): boolean {
    const element = this.#element
    if (count !== this.fieldCount) return false
    let at = this.#fieldsAt
    for (let i = first; i < first + 2 * count; i += 2) {
      if (!this.equals(at, element.point(bytes, starts[i]!, lengths[i]!))) return false
      at = this.after(at)
    }
    return true
  }

  #putDifference(at: number, high: number, low: number, fromHigh: number, fromLow: number): number {
    const borrow = low >>> 0 < fromLow >>> 0 ? 1 : 0
    return this.putInt64(at, (low - fromLow) | 0, (high - fromHigh - borrow) | 0)
  }

  /** Marks the current entry as deleted. The counts may move what is behind them: places are not valid any more. */
  markDeleted(): void {
    this.replaceInteger(this.at, (this.#hasSameFields ? SAME_FIELDS : 0) | DELETED)
    this.isDeleted = true
    this.entryCount--
    this.deletedCount++
  }

  /** After entries were marked: writes how many there are. */
  saveCounts(): void {
    this.replaceInteger(HEADER_BYTES, this.entryCount)
    this.replaceInteger(this.after(HEADER_BYTES), this.deletedCount)
  }
}

/** How far a half of an id is from another; NaN if that can't be told exactly. */
function distance(high: number, low: number, fromHigh: number, fromLow: number): number {
  if (high >>> 0 >= SAFE_HIGH || fromHigh >>> 0 >= SAFE_HIGH) return Number.NaN
  return ((high >>> 0) - (fromHigh >>> 0)) * TWO_32 + ((low >>> 0) - (fromLow >>> 0))
}

/** Which pieces are the fields and values: the first of them, and how many pairs. */
export interface Pairs {
  first: number
  count: number
}
