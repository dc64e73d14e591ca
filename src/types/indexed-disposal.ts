// Gives all that a large sorted set keeps outside its entry back, a slice at a time: the index, then the table with the
// members.

import type { Entries } from '../memory/entries.ts'
import { OrderedDisposal } from '../memory/ordered-disposal.ts'
import { savedTree } from '../memory/ordered-index.ts'
import { type Disposal, TableDisposal } from '../memory/table-disposal.ts'
import { TABLE_ROOT_BYTES } from '../memory/table-root.ts'

export class IndexedDisposal implements Disposal {
  readonly entries: Entries
  readonly #tree: OrderedDisposal
  readonly #table: TableDisposal

  /** The set that was saved at this place; its owner has forgotten it. */
  constructor(entries: Entries, bytes: Uint8Array, at: number) {
    this.entries = entries
    this.#tree = new OrderedDisposal(entries, savedTree(bytes, at + TABLE_ROOT_BYTES))
    this.#table = new TableDisposal(entries, bytes, at)
  }

  run(blocks: number): boolean {
    return this.#tree.run(blocks) && this.#table.run(blocks)
  }
}
