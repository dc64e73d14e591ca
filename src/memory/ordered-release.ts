// Frees the nodes of an ordered index in slices, so that letting go of a million items stalls nobody. The members' entries
// are not the tree's: whoever made them frees them.

import type { Arena, Ref } from './arena.ts'
import { MAX_HEIGHT, type TreePlace } from './ordered-cursor.ts'
import { childAt, countOf, freeNode } from './ordered-node.ts'

export class OrderedRelease {
  readonly #arena: Arena
  /** The nodes down to where we are, and the slot of each that comes next. */
  readonly #nodes = new Int32Array(MAX_HEIGHT)
  readonly #slots = new Int32Array(MAX_HEIGHT)
  readonly #height: number
  #level = -1

  /** The tree must not be used any more. */
  constructor(arena: Arena, { root, height }: TreePlace) {
    this.#arena = arena
    this.#height = height
    if (height > 0) this.#enter(0, root)
  }

  /** Frees up to so many nodes; true when none is left. */
  step(nodes: number): boolean {
    const arena = this.#arena
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
      if (freed === nodes) return false
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
