// The way to an item of an ordered index: the tree that is looked at, what is searched in it, and at each level the node and
// slot that were found. Layout: ordered-node.ts. Knows how to copy what a frozen reader sees, but not how trees grow.

import { type Arena, NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { Entries } from './entries.ts'
import { MAX_HEIGHT } from './ordered-cursor.ts'
import {
  CAPACITY_SHIFT,
  COUNT_MASK,
  capacityOf,
  childAt,
  copyNode,
  countOf,
  freeNode,
  HEADER_WORDS,
  noteFirst,
  setChild,
  sumTotals,
  totalAt,
} from './ordered-node.ts'
import { Slice } from './slice.ts'

/** The memory of an index that is attached to nothing yet. Nobody allocates from it. */
const NOWHERE = new Entries()

export class OrderedPath {
  // The tree.
  entries: Entries = NOWHERE
  arena: Arena = NOWHERE.arena
  root: Ref = NO_REF
  /** Levels; 1 is a lone leaf, 0 an empty tree. */
  height = 0
  /** At each level the node, and the slot in it. */
  readonly nodes = new Int32Array(MAX_HEIGHT)
  readonly slots = new Int32Array(MAX_HEIGHT)
  // What is searched: a score, and a member as an entry (whose bytes are then not looked at) and as bytes.
  score = 0
  member: Ref = NO_REF
  readonly #bytes = new Slice()
  readonly #other = new Slice()
  /** Whether the last node searched has just that item. */
  #isExact = false

  setTree(entries: Entries, root: Ref, height: number): void {
    this.entries = entries
    this.arena = entries.arena
    this.root = root
    this.height = height
  }

  // ---- searching

  /** Searches for the item of a member's entry. */
  aim(score: number, member: Ref): void {
    this.aimAt(score, member, member)
  }

  /** Likewise, if the member's entry has moved: the old one, which stands in the tree, may be gone. */
  aimAt(score: number, member: Ref, moved: Ref): void {
    this.score = score
    this.member = member
    this.entries.key(moved, this.#bytes)
  }

  /** Searches for an item that may not be there. */
  aimAtBytes(score: number, { bytes, start, length }: Slice): void {
    this.score = score
    this.member = NO_REF
    this.#bytes.set(bytes, start, length)
  }

  /** Sets the path to what is searched, which must be there. */
  find(): void {
    if (this.height === 0 || !this.seek()) throw new Error('the item is not in the tree')
  }

  /** Sets the path to the first item that is not before what is searched; whether it is what is searched. */
  seek(): boolean {
    const leaf = this.height - 1
    let node = this.root
    for (let level = 0; ; level++) {
      const at = this.#lowerBound(node)
      this.nodes[level] = node
      if (level === leaf) {
        this.slots[level] = at
        return this.#isExact
      }
      const slot = this.#isExact || at === 0 ? at : at - 1
      this.slots[level] = slot
      node = childAt(this.arena, node, slot)
    }
  }

  /** Sets the path to the item of a rank that exists. */
  seekRank(rank: number): void {
    const arena = this.arena
    const leaf = this.height - 1
    let node = this.root
    let left = rank
    for (let level = 0; level < leaf; level++) {
      let slot = 0
      for (let total = totalAt(arena, node, 0); left >= total; total = totalAt(arena, node, slot)) {
        left -= total
        slot++
      }
      this.nodes[level] = node
      this.slots[level] = slot
      node = childAt(arena, node, slot)
    }
    this.nodes[leaf] = node
    this.slots[leaf] = left
  }

  /** The first slot of a node that is not before what is searched. */
  #lowerBound(node: Ref): number {
    const page = node >>> PAGE_SHIFT
    const unit = node & UNIT_MASK
    const words = this.arena.words[page]!
    const doubles = this.arena.doubles[page]!
    const head = words[unit << 1]!
    const count = head & COUNT_MASK
    const score = this.score
    const scores = unit + 1
    this.#isExact = false
    let low = scoreBound(this.arena, node, score, 'before')
    if (low === count || doubles[scores + low] !== score) return low
    const members = (unit << 1) + HEADER_WORDS + 2 * (head >>> CAPACITY_SHIFT)
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (doubles[scores + middle]! > score) {
        high = middle
        continue
      }
      const order = this.#compare(words[members + middle]!)
      if (order === 0) {
        this.#isExact = true
        return middle
      }
      if (order < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** How many slots of a node have a lower member than what is searched; with 'after', no higher one. */
  memberBound(node: Ref, side: 'before' | 'after'): number {
    const words = this.arena.words[node >>> PAGE_SHIFT]!
    const w = (node & UNIT_MASK) << 1
    const members = w + HEADER_WORDS + 2 * (words[w]! >>> CAPACITY_SHIFT)
    let low = 0
    let high = words[w]! & COUNT_MASK
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = this.#compare(words[members + middle]!)
      if (order < 0 || (order === 0 && side === 'after')) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Whether a member comes before (< 0), is, or comes after (> 0) the one that is searched. */
  #compare(member: Ref): number {
    if (member === this.member) return 0
    const { bytes, start, length } = this.entries.key(member, this.#other)
    const sought = this.#bytes
    const soughtBytes = sought.bytes
    const soughtStart = sought.start
    const common = Math.min(length, sought.length)
    for (let i = 0; i < common; i++) {
      const difference = bytes[start + i]! - soughtBytes[soughtStart + i]!
      if (difference !== 0) return difference
    }
    return length - sought.length
  }

  /** How many items come before what is searched. */
  rank(): number {
    if (this.height === 0) return 0
    this.seek()
    const leaf = this.height - 1
    let rank = this.slots[leaf]!
    for (let level = 0; level < leaf; level++) {
      rank += sumTotals(this.arena, this.nodes[level]!, 0, this.slots[level]!)
    }
    return rank
  }

  // ---- changing

  /** Copies those nodes of the path that a frozen reader may be looking at. */
  own(): void {
    if (!this.arena.frozen) return
    for (let level = 0; level < this.height; level++) {
      const node = this.nodes[level]!
      if (!this.arena.isShared(node)) continue
      const copy = replaceByCopy(this.arena, node, level === this.height - 1)
      this.nodes[level] = copy
      if (level === 0) this.root = copy
      else setChild(this.arena, this.nodes[level - 1]!, this.slots[level - 1]!, copy)
    }
  }

  /** Tells the nodes above that the first item of the path's node at a level is another. */
  noteFirsts(level: number): void {
    for (let below = level; below > 0; below--) {
      const slot = this.slots[below - 1]!
      noteFirst(this.arena, this.nodes[below - 1]!, slot, this.nodes[below]!)
      if (slot !== 0) return
    }
  }

  /** Whether the path is behind the last item of the tree. */
  isAtEnd(): boolean {
    const leaf = this.height - 1
    for (let level = 0; level < leaf; level++) {
      if (this.slots[level]! + 1 !== countOf(this.arena, this.nodes[level]!)) return false
    }
    return this.slots[leaf] === countOf(this.arena, this.nodes[leaf]!)
  }
}

/** A private copy of a node; the shared one is freed. */
export function replaceByCopy(arena: Arena, node: Ref, isLeaf: boolean): Ref {
  const copy = copyNode(arena, node, capacityOf(arena, node), isLeaf)
  freeNode(arena, node, isLeaf)
  return copy
}

/** How many slots of a node have a lower score; with 'after', no higher score. */
export function scoreBound(arena: Arena, node: Ref, score: number, side: 'before' | 'after'): number {
  const page = node >>> PAGE_SHIFT
  const unit = node & UNIT_MASK
  const doubles = arena.doubles[page]!
  const scores = unit + 1
  let low = 0
  let high = arena.words[page]![unit << 1]! & COUNT_MASK
  if (side === 'before') {
    while (low < high) {
      const middle = (low + high) >>> 1
      if (doubles[scores + middle]! < score) low = middle + 1
      else high = middle
    }
  } else {
    while (low < high) {
      const middle = (low + high) >>> 1
      if (doubles[scores + middle]! <= score) low = middle + 1
      else high = middle
    }
  }
  return low
}
