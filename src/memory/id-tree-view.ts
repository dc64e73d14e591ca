// Reads trees of 128-bit ids: finding, and walking in order from wherever one is. Changing them is id-tree.ts. Needs the
// pages alone, as they are or as they were at a freeze. Knows nothing of what the ids or their payloads mean.
//
//   a B+ tree; every node is one block:
//   word 0   entries | capacity << 8 | places left free at the start << 16 | level << 24 (0: a leaf)
//   then     entries, ascending: an id of four words and, in a leaf, the payload; above, the child's ref
//
// Places at the start get free as first entries are removed: so a queue moves nothing.
//
// Invariants: no node is empty, and a tree without entries has no node · all leaves have level 0 · an id above a child
// is not greater than any in it, and greater than all in its neighbour to the left; but what stands above a first child
// means nothing: whatever is less than its neighbour is looked for there.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { compareWords, type WideId } from './wide-id.ts'

export const ID_WORDS = 4
const COUNT_MASK = 0xff
const CAPACITY_SHIFT = 8
const FREE_SHIFT = 16
const LEVEL_SHIFT = 24
/** Words of an entry above the leaves. */
export const BRANCH_WORDS = ID_WORDS + 1
/** Nodes have a hundred entries or so when they are divided: more levels can't be. */
const MAX_LEVELS = 32
const NO_WORDS = new Int32Array(0)

export function nodeHead(count: number, capacity: number, free: number, level: number): number {
  return count | (capacity << CAPACITY_SHIFT) | (free << FREE_SHIFT) | (level << LEVEL_SHIFT)
}

export function countOf(head: number): number {
  return head & COUNT_MASK
}

export function capacityOf(head: number): number {
  return (head >>> CAPACITY_SHIFT) & COUNT_MASK
}

/** Places before the first entry. */
export function freeOf(head: number): number {
  return (head >>> FREE_SHIFT) & COUNT_MASK
}

export function levelOf(head: number): number {
  return head >>> LEVEL_SHIFT
}

export class IdTreeView {
  readonly payloadWords: number
  /** Words of an entry in a leaf. */
  readonly leafWords: number
  root: Ref = NO_REF
  /** Number of entries. */
  count = 0
  /** The current entry: its id is the four words from `at` on, its payload those after. */
  words: Int32Array = NO_WORDS
  at = 0
  /** The way to the current entry: per level, the node and the place in it. */
  protected readonly refs = new Int32Array(MAX_LEVELS)
  protected readonly slots = new Int32Array(MAX_LEVELS)
  protected pages: readonly Int32Array[] = []

  constructor(payloadWords: number) {
    this.payloadWords = payloadWords
    this.leafWords = ID_WORDS + payloadWords
  }

  /** Becomes the tree of this root, in these pages. */
  view(pages: readonly Int32Array[], root: Ref, count: number): this {
    this.pages = pages
    this.root = root
    this.count = count
    return this
  }

  /** Where the current entry's payload is, in `words`. */
  get payloadAt(): number {
    return this.at + ID_WORDS
  }

  /** Lets `id` have the current entry's. */
  readId<T extends WideId>(id: T): T {
    return id.load(this.words, this.at)
  }

  // ---- finding: each of these says whether there is such an entry, which is then the current one

  first(): boolean {
    if (this.root === NO_REF) return false
    this.#descendFirst(this.root, this.headOf(this.root))
    return this.settle()
  }

  last(): boolean {
    if (this.root === NO_REF) return false
    this.#descendLast(this.root, this.headOf(this.root))
    return this.settle()
  }

  /** The entry with this id. */
  find(id: WideId): boolean {
    if (this.root === NO_REF) return false
    const slot = this.descend(id)
    if (slot === countOf(this.headOf(this.refs[0]!))) return false
    this.settle()
    return compareWords(this.words, this.at, id) === 0
  }

  /** The first entry whose id is not less than this. */
  seek(id: WideId): boolean {
    if (this.root === NO_REF) return false
    if (this.descend(id) < countOf(this.headOf(this.refs[0]!))) return this.settle()
    return this.#nextLeaf()
  }

  /** The last entry whose id is not greater than this. */
  seekBack(id: WideId): boolean {
    if (this.root === NO_REF) return false
    const slot = this.descend(id)
    if (slot < countOf(this.headOf(this.refs[0]!))) {
      this.settle()
      if (compareWords(this.words, this.at, id) === 0) return true
    }
    return this.previous()
  }

  /** The entry after the current one. */
  next(): boolean {
    const slot = this.slots[0]! + 1
    if (slot >= countOf(this.headOf(this.refs[0]!))) return this.#nextLeaf()
    this.slots[0] = slot
    this.at += this.leafWords
    return true
  }

  previous(): boolean {
    const slot = this.slots[0]! - 1
    if (slot < 0) return this.#previousLeaf()
    this.slots[0] = slot
    return this.settle()
  }

  #nextLeaf(): boolean {
    const levels = levelOf(this.headOf(this.root))
    for (let level = 1; level <= levels; level++) {
      const ref = this.refs[level]!
      const slot = this.slots[level]! + 1
      if (slot >= countOf(this.headOf(ref))) continue
      this.slots[level] = slot
      const child = this.childAt(ref, slot)
      this.#descendFirst(child, this.headOf(child))
      return this.settle()
    }
    return false
  }

  #previousLeaf(): boolean {
    const levels = levelOf(this.headOf(this.root))
    for (let level = 1; level <= levels; level++) {
      const slot = this.slots[level]! - 1
      if (slot < 0) continue
      this.slots[level] = slot
      const child = this.childAt(this.refs[level]!, slot)
      this.#descendLast(child, this.headOf(child))
      return this.settle()
    }
    return false
  }

  #descendFirst(from: Ref, head: number): void {
    let ref = from
    for (let level = levelOf(head); ; level--) {
      this.refs[level] = ref
      this.slots[level] = 0
      if (level === 0) return
      ref = this.childAt(ref, 0)
    }
  }

  #descendLast(from: Ref, head: number): void {
    let ref = from
    for (let level = levelOf(head); ; level--) {
      const slot = countOf(this.headOf(ref)) - 1
      this.refs[level] = ref
      this.slots[level] = slot
      if (level === 0) return
      ref = this.childAt(ref, slot)
    }
  }

  /** Goes where an id belongs; returns the slot of the first entry in that leaf that is not less, or the leaf's count. */
  protected descend(id: WideId): number {
    let ref = this.root
    for (let level = levelOf(this.headOf(ref)); level > 0; level--) {
      const slot = this.#childSlot(ref, id)
      this.refs[level] = ref
      this.slots[level] = slot
      ref = this.childAt(ref, slot)
    }
    const slot = this.#leafSlot(ref, id)
    this.refs[0] = ref
    this.slots[0] = slot
    return slot
  }

  /** The last child whose id is not greater, or the first. */
  #childSlot(ref: Ref, id: WideId): number {
    const words = this.pages[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    const base = w + 1 + freeOf(head) * BRANCH_WORDS
    let high = countOf(head) - 1
    // Most trees are added to at the end.
    if (compareWords(words, base + high * BRANCH_WORDS, id) <= 0) return high
    let low = 0
    while (low + 1 < high) {
      const middle = (low + high) >>> 1
      if (compareWords(words, base + middle * BRANCH_WORDS, id) <= 0) low = middle
      else high = middle
    }
    return low
  }

  #leafSlot(ref: Ref, id: WideId): number {
    const { leafWords } = this
    const words = this.pages[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    const head = words[w]!
    const base = w + 1 + freeOf(head) * leafWords
    let high = countOf(head)
    if (compareWords(words, base + (high - 1) * leafWords, id) < 0) return high
    let low = 0
    high--
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareWords(words, base + middle * leafWords, id) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Points `words` and `at` at the entry that the way leads to. */
  protected settle(): true {
    const ref = this.refs[0]!
    const words = this.pages[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    this.words = words
    this.at = w + 1 + (freeOf(words[w]!) + this.slots[0]!) * this.leafWords
    return true
  }

  protected headOf(ref: Ref): number {
    return this.pages[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]!
  }

  protected childAt(ref: Ref, slot: number): Ref {
    const words = this.pages[ref >>> PAGE_SHIFT]!
    const w = (ref & UNIT_MASK) << 1
    return words[w + 1 + (freeOf(words[w]!) + slot) * BRANCH_WORDS + ID_WORDS]!
  }

  /** Visits all nodes, each before those below it. */
  eachNode(visit: (ref: Ref, head: number) => void): void {
    if (this.root !== NO_REF) this.#eachNode(this.root, visit)
  }

  #eachNode(ref: Ref, visit: (ref: Ref, head: number) => void): void {
    const head = this.headOf(ref)
    visit(ref, head)
    if (levelOf(head) === 0) return
    for (let slot = 0; slot < countOf(head); slot++) this.#eachNode(this.childAt(ref, slot), visit)
  }
}
