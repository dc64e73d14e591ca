// Reads a sorted set member by member, in order, through the pages alone: as it is, or, in a worker, as it was at a freeze.

import { NO_REF, type Ref } from '../memory/arena.ts'
import { Element } from '../memory/element.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import { Listpack, NONE } from '../memory/listpack.ts'
import { OrderedCursor } from '../memory/ordered-cursor.ts'
import { savedTree } from '../memory/ordered-index.ts'
import { Slice } from '../memory/slice.ts'
import { readRoot, TABLE_ROOT_BYTES } from '../memory/table-root.ts'
import { storedScore } from './score.ts'
import { SORTED_SET_LISTPACK } from './value-type.ts'

export class SortedSetReader {
  readonly #list = new Listpack()
  readonly #element = new Element()
  readonly #cursor = new OrderedCursor()
  readonly #slice = new Slice()
  #reader: EntryReader | undefined = undefined
  #isPacked = true
  #at = NONE
  count = 0

  /** Goes to the first member of the set that is an entry's value; false if there is none. */
  open(reader: EntryReader, entry: Ref): boolean {
    const value = reader.value(entry, this.#slice)
    this.#reader = reader
    this.#isPacked = reader.encodingOf(entry) === SORTED_SET_LISTPACK
    if (this.#isPacked) {
      this.count = this.#list.openAt(value).count / 2
      this.#at = this.#list.first
      return this.#at !== NONE
    }
    this.count = readRoot(value.bytes, value.start).count
    return this.#cursor.seek(reader, savedTree(value.bytes, value.start + TABLE_ROOT_BYTES), 0)
  }

  next(): boolean {
    if (!this.#isPacked) return this.#cursor.next()
    this.#at = this.#list.next(this.#list.after(this.#at))
    return this.#at !== NONE
  }

  /** The entry of the member, which makes it known without its bytes; NO_REF in a small set. */
  get entry(): Ref {
    return this.#isPacked ? NO_REF : this.#cursor.member
  }

  /** The bytes of the member; valid until the next call. */
  get member(): Slice {
    if (this.#isPacked) return this.#list.read(this.#at, this.#element)
    return this.#reader!.key(this.#cursor.member, this.#slice)
  }

  get score(): number {
    if (!this.#isPacked) return this.#cursor.score
    const place = this.#list.after(this.#at)
    const score = this.#list.integerAt(place)
    return Number.isNaN(score) ? storedScore(this.#list.read(place, this.#element)) : score
  }
}
