// A sorted set that a command makes of others (ZUNION, ZRANGESTORE): it grows in the memory where it may stay, belongs to
// no key yet, and is large until it is known how small it is.

import { BlockQueue } from '../memory/block-queue.ts'
import type { Cell } from '../memory/cell.ts'
import type { Entries } from '../memory/entries.ts'
import { writeEmpty } from '../memory/listpack.ts'
import type { Slice } from '../memory/slice.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import type { TypeEnvironment } from './environment.ts'
import { INDEXED_BYTES, IndexedSortedSet } from './indexed-sorted-set.ts'
import { PackedSortedSet } from './packed-sorted-set.ts'
import { MAX_LISTPACK_BYTES, PAIR_OVERHEAD_BYTES } from './sorted-set.ts'

export class SortedSetResult {
  readonly #environment: TypeEnvironment
  readonly #set: IndexedSortedSet
  readonly #packed = new PackedSortedSet()
  /** Members that are not in the order yet, as their scores may still change. */
  readonly #unordered = new BlockQueue()
  #longest = 0
  #memberBytes = 0

  constructor(environment: TypeEnvironment) {
    this.#environment = environment
    this.#set = new IndexedSortedSet(environment.seed)
  }

  /** Becomes empty, in this memory. What it was before must have been stored or disposed of. */
  begin(entries: Entries): this {
    this.#set.create(entries)
    this.#longest = 0
    this.#memberBytes = 0
    return this
  }

  get count(): number {
    return this.#set.count
  }

  // ---- gathering

  /** Whether the member is there; then `score` is its, and `setScore` is about it, else `add`. */
  find(member: Slice): boolean {
    return this.#set.locate(member)
  }

  /** The score of the member that was found or is visited. */
  get score(): number {
    return this.#set.score
  }

  setScore(score: number): void {
    this.#set.setUnordered(score)
  }

  /** Adds the member that `find` has just not found. */
  add({ length }: Slice, score: number): void {
    this.#unordered.push(this.#set.addUnordered(score))
    if (length > this.#longest) this.#longest = length
    this.#memberBytes += length
  }

  /** Adds a member that is surely new. */
  addNew(member: Slice, score: number): void {
    this.#set.aim(member)
    this.add(member, score)
  }

  /** When all members have their scores: puts them in order. */
  settle(): void {
    const unordered = this.#unordered
    while (!unordered.isEmpty()) this.#set.order(unordered.shift())
  }

  // ---- when settled

  get member(): Slice {
    return this.#set.member
  }

  seek(rank: number): boolean {
    return this.#set.seek(rank)
  }

  next(): boolean {
    return this.#set.next()
  }

  /** Whether the limits let it be small. */
  get isSmall(): boolean {
    const { sortedSetListpackEntries, sortedSetListpackValue } = this.#environment.limits
    return (
      this.count <= sortedSetListpackEntries &&
      this.#longest <= sortedSetListpackValue &&
      this.#memberBytes < MAX_LISTPACK_BYTES
    )
  }

  /** Becomes the value of a cell of INDEXED_BYTES. */
  storeLarge(cell: Cell): void {
    this.#set.save(cell.bytes, cell.start)
  }

  /** Is copied into a cell of EMPTY_SORTED_SET_BYTES, as a listpack; `disposal` has to follow. */
  storeSmall(cell: Cell): void {
    writeEmpty(cell.bytes, cell.start)
    const packed = this.#packed.open(cell)
    packed.reserve(this.#memberBytes + this.count * PAIR_OVERHEAD_BYTES)
    for (let more = this.seek(0); more; more = this.next()) packed.append(this.member, this.score)
    packed.settle()
  }

  /** All its memory, for freeing. */
  disposal(): Disposal {
    return this.#set.disposal()
  }
}

export { INDEXED_BYTES }
