// Walks an ordered index, in either direction, from any rank. Needs the pages only, so that a reader in another thread can
// walk a frozen tree. Layout: ordered-node.ts.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { EntryReader } from './entry-reader.ts'
import { CAPACITY_SHIFT, COUNT_MASK, HEADER_WORDS } from './ordered-node.ts'

/** More levels than 2^32 items can need: inner nodes have at least 20 children. */
export const MAX_HEIGHT = 16

// A double as two words, in the machine's own order. Not state: written and read within one call.
const double = new Float64Array(1)
const doubleWords = new Int32Array(double.buffer)

/** Where a tree is: what its owner stores. */
export interface TreePlace {
  readonly root: Ref
  /** Levels; 1 is a lone leaf, 0 an empty tree. */
  readonly height: number
}

/** One position in a tree, for as long as the tree does not change. */
export class OrderedCursor {
  #pages: readonly Int32Array[] = []
  readonly #nodes = new Int32Array(MAX_HEIGHT)
  readonly #slots = new Int32Array(MAX_HEIGHT)
  #leafLevel = -1
  // The leaf: its words, where its items begin in them, how many there are and where we are.
  #words: Int32Array = doubleWords
  #scores = 0
  #members = 0
  #count = 0
  #slot = 0

  /** The entry of the member at the position; only if the last step said that there is one. */
  get member(): Ref {
    return this.#words[this.#members + this.#slot]!
  }

  /** The score at the position. */
  get score(): number {
    const at = this.#scores + 2 * this.#slot
    doubleWords[0] = this.#words[at]!
    doubleWords[1] = this.#words[at + 1]!
    return double[0]!
  }

  /** Goes to the item of a rank (0 is the lowest); false if there is none. */
  seek(reader: EntryReader, { root, height }: TreePlace, rank: number): boolean {
    if (root === NO_REF || rank < 0) return false
    this.#pages = reader.words
    let node = root
    let left = rank
    this.#leafLevel = height - 1
    for (let level = 0; level < height - 1; level++) {
      const words = this.#pages[node >>> PAGE_SHIFT]!
      const w = (node & UNIT_MASK) << 1
      const head = words[w]!
      const capacity = head >>> CAPACITY_SHIFT
      const totals = w + HEADER_WORDS + 4 * capacity
      const last = (head & COUNT_MASK) - 1
      let slot = 0
      while (slot < last && left >= words[totals + slot]!) left -= words[totals + slot++]!
      this.#nodes[level] = node
      this.#slots[level] = slot
      node = words[totals - capacity + slot]!
    }
    this.#enterLeaf(node)
    this.#slot = left
    return left < this.#count
  }

  /** Goes to the item that follows; false at the end. */
  next(): boolean {
    return ++this.#slot < this.#count || this.#nextLeaf()
  }

  /** Goes to the item before; false at the beginning. */
  previous(): boolean {
    return --this.#slot >= 0 || this.#previousLeaf()
  }

  #enterLeaf(leaf: Ref): void {
    const words = this.#pages[leaf >>> PAGE_SHIFT]!
    const w = (leaf & UNIT_MASK) << 1
    const head = words[w]!
    this.#words = words
    this.#scores = w + HEADER_WORDS
    this.#members = w + HEADER_WORDS + 2 * (head >>> CAPACITY_SHIFT)
    this.#count = head & COUNT_MASK
  }

  #nextLeaf(): boolean {
    let level = this.#leafLevel - 1
    while (level >= 0 && this.#slots[level] === this.#countAt(level) - 1) level--
    if (level < 0) return false
    let node = this.#child(level, this.#slots[level]! + 1)
    while (++level < this.#leafLevel) {
      this.#nodes[level] = node
      node = this.#child(level, 0)
    }
    this.#enterLeaf(node)
    this.#slot = 0
    return true
  }

  #previousLeaf(): boolean {
    let level = this.#leafLevel - 1
    while (level >= 0 && this.#slots[level] === 0) level--
    if (level < 0) return false
    let node = this.#child(level, this.#slots[level]! - 1)
    while (++level < this.#leafLevel) {
      this.#nodes[level] = node
      node = this.#child(level, this.#countAt(level) - 1)
    }
    this.#enterLeaf(node)
    this.#slot = this.#count - 1
    return true
  }

  #countAt(level: number): number {
    const node = this.#nodes[level]!
    return this.#pages[node >>> PAGE_SHIFT]![(node & UNIT_MASK) << 1]! & COUNT_MASK
  }

  /** Steps to a slot of the node at a level, and returns the child there. */
  #child(level: number, slot: number): Ref {
    const node = this.#nodes[level]!
    const words = this.#pages[node >>> PAGE_SHIFT]!
    const w = (node & UNIT_MASK) << 1
    this.#slots[level] = slot
    return words[w + HEADER_WORDS + 3 * (words[w]! >>> CAPACITY_SHIFT) + slot]!
  }
}
