// Frees the nodes of an ordered index in slices, so that letting go of a million items stalls nobody. The members' entries
// are not the tree's: whoever made them frees them.

import type { Ref } from './arena.ts'
import type { Entries } from './entries.ts'
import { MAX_HEIGHT, type TreePlace } from './ordered-cursor.ts'
import { childAt, countOf, freeNode } from './ordered-node.ts'
import type { Disposal } from './table-disposal.ts'

export class OrderedDisposal implements Disposal {
  readonly entries: Entries
  /** The nodes down to where we are, and the slot of each that comes next. */
  readonly #nodes = new Int32Array(MAX_HEIGHT)
  readonly #slots = new Int32Array(MAX_HEIGHT)
  readonly #height: number
  #level = -1

  /** The tree's owner has forgotten it. */
  constructor(entries: Entries, { root, height }: TreePlace) {
    this.entries = entries
    this.#height = height
    if (height > 0) this.#enter(0, root)
  }

  run(blocks: number): boolean {
    const { arena } = this.entries
    for (let freed = 0; this.#level >= 0; ) {
      const level = this.#level
      const node = this.#nodes[level]!
      const slot = this.#slots[level]!
      const isLeaf = level === this.#height - 1
      if (!isLeaf && slot < countOf(arena, node)) {
        this.#slots[level] = slot + 1
        this.#enter(level + 1, childAt(arena, node, slot))
        continue
      }
      if (freed === blocks) return false
      freeNode(arena, node, isLeaf)
      freed++
      this.#level = level - 1
    }
    return true
  }

  #enter(level: number, node: Ref): void {
    this.#level = level
    this.#nodes[level] = node
    this.#slots[level] = 0
  }
}
