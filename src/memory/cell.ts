// The value of one entry, held for reading and changing: bytes that can grow, shrink and move. Types are written against
// this and know neither the entry's key nor where the entry lies.

import { NO_REF, PAGE_SHIFT, type Ref } from './arena.ts'
import type { Entries } from './entries.ts'
import type { Key } from './key.ts'
import { Slice } from './slice.ts'
import type { Table } from './table.ts'
import { NO_WORDS } from './table-root.ts'

/**
 * As a slice, a cell is the value's bytes; they stay where they are until the next `resize` or `own`. A cell is reused:
 * it is valid until the entry is written by other means, and while the key's bytes last.
 */
export class Cell extends Slice {
  #table: Table | undefined = undefined
  #key: Key | undefined = undefined
  /** The entry: another one after `resize` or `own`. */
  ref: Ref = NO_REF

  /** Holds the value of the entry that `table.find(key)` said. */
  open(table: Table, key: Key, ref: Ref): this {
    this.#table = table
    this.#key = key
    this.ref = ref
    table.entries.value(ref, this)
    return this
  }

  /** Where all that belongs to the value lies. */
  get entries(): Entries {
    return this.#table!.entries
  }

  get encoding(): number {
    return this.entries.encodingOf(this.ref)
  }

  /** What the value lies in, as words, of which it begins at `start >>> 2`; NO_WORDS if it is too large for a block. */
  get words(): Int32Array {
    const { entries, ref } = this
    return entries.isExternal(ref) ? NO_WORDS : entries.words[ref >>> PAGE_SHIFT]!
  }

  /**
   * Gives the value another length, keeping the bytes that both lengths have (what is new is zero), and perhaps another
   * encoding. Afterwards the bytes may be changed where they lie.
   */
  resize(length: number, encoding = this.encoding): void {
    const table = this.#table!
    this.ref = table.resize(this.#key!, this.ref, length)
    table.entries.setEncoding(this.ref, encoding)
    table.entries.value(this.ref, this)
  }

  /** Before bytes are changed where they lie: a frozen reader may be looking at them, and then gets to keep them. */
  own(): void {
    if (this.entries.isShared(this.ref)) this.resize(this.length)
  }
}
