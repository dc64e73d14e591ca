// A sorted set's order: a B+ tree of items (score, member's entry), by score and then by the member's bytes, that counts
// the items below each node: so ranks are found as fast as members. Nodes are blocks of an arena (ordered-node.ts); no
// object per tree, one OrderedIndex serves all: `attach` it, use it, `save` what has changed. Knows no table.
//
// Invariants: all leaves are on one level · an inner slot repeats the first item of its child, exactly, so that no freed
// entry is ever looked at · no node but the root is empty · only a root has fewer slots than LEAF_SLOTS and INNER_SLOTS.
// There are no links between leaves: while frozen a node is copied before its first change, and so are those above it.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Entries } from './entries.ts'
import { MAX_HEIGHT, type TreePlace } from './ordered-cursor.ts'
import {
  addTotal,
  capacityOf,
  childAt,
  closeSlots,
  copyNode,
  copySlots,
  countOf,
  createNode,
  freeNode,
  INNER_SLOTS,
  LEAF_SLOTS,
  noteFirst,
  openChild,
  openSlots,
  setChild,
  setCount,
  setItem,
  sumTotals,
} from './ordered-node.ts'
import { OrderedPath, replaceByCopy, scoreBound } from './ordered-path.ts'
import type { Slice } from './slice.ts'
import { readWord, writeWord } from './table-root.ts'

/** What `save` writes. */
export const TREE_BYTES = 12

const MIN_LEAF_SLOTS = 8
const MIN_INNER_SLOTS = 4

/** A full leaf gives to a neighbour with at most so many items, rather than to split: 83 % full instead of 69 %. */
const ROOMY_ITEMS = LEAF_SLOTS - 10
/** Fewer slots are too few: then a node takes some from a neighbour, or merges with it if that leaves room to spare. */
const MIN_FILL = 0.4
const MERGED_FILL = 0.9

export class OrderedIndex {
  /** The tree that is attached, and the way to what was searched last. */
  readonly #path = new OrderedPath()
  #count = 0

  // ---- which tree

  get root(): Ref {
    return this.#path.root
  }

  /** Levels; 1 is a lone leaf, 0 an empty tree. */
  get height(): number {
    return this.#path.height
  }

  get count(): number {
    return this.#count
  }

  /** Becomes a new, empty tree in this memory. */
  create(entries: Entries): this {
    this.#path.setTree(entries, NO_REF, 0)
    this.#count = 0
    return this
  }

  /** Becomes the tree that was saved at this place. */
  attach(entries: Entries, bytes: Uint8Array, at: number): this {
    this.#path.setTree(entries, readWord(bytes, at), readWord(bytes, at + 4))
    this.#count = readWord(bytes, at + 8)
    return this
  }

  /** Writes TREE_BYTES from which `attach` finds the tree again: after every change. */
  save(bytes: Uint8Array, at: number): void {
    writeWord(bytes, at, this.#path.root)
    writeWord(bytes, at + 4, this.#path.height)
    writeWord(bytes, at + 8, this.#count)
  }

  // ---- asking

  /** How many items come before this one, which need not be there. */
  rankOf(score: number, member: Slice): number {
    this.#path.aimAtBytes(score, member)
    return this.#path.rank()
  }

  /** The rank of an item that is there. */
  rankOfEntry(score: number, member: Ref): number {
    this.#path.aim(score, member)
    return this.#path.rank()
  }

  /** How many items have a lower score; with 'after', no higher score. */
  rankOfScore(score: number, side: 'before' | 'after'): number {
    let rank = 0
    let node = this.#path.root
    for (let level = 1; level <= this.#path.height; level++) {
      const at = scoreBound(this.#path.arena, node, score, side)
      if (level === this.#path.height) return rank + at
      const slot = at > 0 ? at - 1 : 0
      rank += sumTotals(this.#path.arena, node, 0, slot)
      node = childAt(this.#path.arena, node, slot)
    }
    return rank
  }

  /** How many items have a lower member; with 'after', this member too. Of use where all scores are the same. */
  rankOfMember(member: Slice, side: 'before' | 'after'): number {
    this.#path.aimAtBytes(0, member)
    let rank = 0
    let node = this.#path.root
    for (let level = 1; level <= this.#path.height; level++) {
      const at = this.#path.memberBound(node, side)
      if (level === this.#path.height) return rank + at
      const slot = at > 0 ? at - 1 : 0
      rank += sumTotals(this.#path.arena, node, 0, slot)
      node = childAt(this.#path.arena, node, slot)
    }
    return rank
  }

  // ---- changing

  /** Adds an item that is not there. */
  insert(score: number, member: Ref): void {
    const arena = this.#path.arena
    this.#path.aim(score, member)
    if (this.#path.height === 0) {
      this.#path.root = createNode(arena, MIN_LEAF_SLOTS, true)
      this.#path.height = 1
    }
    this.#path.seek()
    this.#path.own()
    const full = this.#path.nodes[this.#path.height - 1]!
    if (countOf(arena, full) === capacityOf(arena, full)) this.#makeRoom()
    const leaf = this.#path.height - 1
    const slot = this.#path.slots[leaf]!
    openSlots(arena, this.#path.nodes[leaf]!, slot, 1, true)
    setItem(arena, this.#path.nodes[leaf]!, slot, score, member)
    for (let level = 0; level < leaf; level++)
      addTotal(arena, this.#path.nodes[level]!, this.#path.slots[level]!, 1)
    if (slot === 0) this.#path.noteFirsts(leaf)
    this.#count++
  }

  /** Takes out an item that is there. Its entry must still be there too. */
  remove(score: number, member: Ref): void {
    this.#path.aim(score, member)
    this.#path.find()
    this.#path.own()
    this.#takeOut(1)
  }

  /** Takes out the items of the ranks from..to-1. Looks at no entry, so those of these items may be gone. */
  removeRange(from: number, to: number): void {
    for (let left = to - from; left > 0; ) {
      this.#path.seekRank(from)
      this.#path.own()
      const leaf = this.#path.height - 1
      const inLeaf = countOf(this.#path.arena, this.#path.nodes[leaf]!) - this.#path.slots[leaf]!
      const taken = Math.min(left, inLeaf)
      this.#takeOut(taken)
      left -= taken
    }
  }

  /** Tells that the entry of a member has moved. The old one, not looked at, may be gone. */
  replaceMember(score: number, member: Ref, moved: Ref): void {
    this.#path.aimAt(score, member, moved)
    this.#path.find()
    this.#path.own()
    const leaf = this.#path.height - 1
    const slot = this.#path.slots[leaf]!
    setItem(this.#path.arena, this.#path.nodes[leaf]!, slot, score, moved)
    if (slot === 0) this.#path.noteFirsts(leaf)
  }

  /** Gives an item another score. `moved` is the member's entry then. The old one may be gone. */
  rescore(score: number, member: Ref, newScore: number, moved: Ref): void {
    this.#path.aimAt(score, member, moved)
    this.#path.find()
    this.#path.own()
    const leaf = this.#path.height - 1
    if (this.#staysBetween(this.#path.nodes[leaf]!, this.#path.slots[leaf]!, newScore)) {
      setItem(this.#path.arena, this.#path.nodes[leaf]!, this.#path.slots[leaf]!, newScore, moved)
      return
    }
    this.#takeOut(1)
    this.insert(newScore, moved)
  }

  /** Whether an item with a new score stays where it is, its neighbours being in the leaf and of other scores. */
  #staysBetween(leaf: Ref, slot: number, score: number): boolean {
    if (slot === 0 || slot + 1 === countOf(this.#path.arena, leaf)) return false
    const doubles = this.#path.arena.doubles[leaf >>> PAGE_SHIFT]!
    const at = (leaf & UNIT_MASK) + 1 + slot
    return doubles[at - 1]! < score && score < doubles[at + 1]!
  }

  // ---- the path

  /** A child of the path's node at a level, copied if need be. */
  #ownChild(level: number, slot: number): Ref {
    const child = childAt(this.#path.arena, this.#path.nodes[level]!, slot)
    if (!this.#path.arena.isShared(child)) return child
    const copy = replaceByCopy(this.#path.arena, child, level === this.#path.height - 2)
    setChild(this.#path.arena, this.#path.nodes[level]!, slot, copy)
    return copy
  }

  // ---- making room

  /** Makes room in the path's leaf, which is full. The path then leads to where the new item belongs. */
  #makeRoom(): void {
    const level = this.#path.height - 1
    const capacity = capacityOf(this.#path.arena, this.#path.nodes[level]!)
    if (capacity < LEAF_SLOTS) this.#resizeRoot(Math.min(capacity * 2, LEAF_SLOTS))
    else if (level === 0 || !(this.#giveToLeft(level) || this.#giveToRight(level))) this.#splitLeaf(level)
  }

  #giveToLeft(level: number): boolean {
    const leftSlot = this.#path.slots[level - 1]! - 1
    if (leftSlot < 0) return false
    const leftCount = countOf(
      this.#path.arena,
      childAt(this.#path.arena, this.#path.nodes[level - 1]!, leftSlot),
    )
    if (leftCount > ROOMY_ITEMS) return false
    const given = (LEAF_SLOTS - leftCount) >> 1
    this.#moveBorder(level - 1, leftSlot, -given)
    const slot = this.#path.slots[level]!
    if (slot > given) {
      this.#path.slots[level] = slot - given
    } else {
      this.#path.slots[level - 1] = leftSlot
      this.#path.nodes[level] = childAt(this.#path.arena, this.#path.nodes[level - 1]!, leftSlot)
      this.#path.slots[level] = leftCount + slot
    }
    return true
  }

  #giveToRight(level: number): boolean {
    const parent = this.#path.nodes[level - 1]!
    const slot = this.#path.slots[level - 1]!
    if (slot + 1 === countOf(this.#path.arena, parent)) return false
    const rightCount = countOf(this.#path.arena, childAt(this.#path.arena, parent, slot + 1))
    if (rightCount > ROOMY_ITEMS) return false
    const given = (LEAF_SLOTS - rightCount) >> 1
    this.#moveBorder(level - 1, slot, given)
    this.#stepOver(level, LEAF_SLOTS - given)
    return true
  }

  /** After the path's node was left with so many slots: goes to the node behind it if the path's slot is there now. */
  #stepOver(level: number, kept: number): void {
    if (this.#path.slots[level]! <= kept) return
    this.#path.slots[level]! -= kept
    this.#path.slots[level - 1]!++
    this.#path.nodes[level] = childAt(
      this.#path.arena,
      this.#path.nodes[level - 1]!,
      this.#path.slots[level - 1]!,
    )
  }

  #splitLeaf(fullLevel: number): void {
    const isAtEnd = this.#path.isAtEnd()
    const level = this.#makeRoomAbove(fullLevel)
    if (!isAtEnd) {
      this.#splitNode(level, LEAF_SLOTS >> 1)
      this.#stepOver(level, LEAF_SLOTS >> 1)
      return
    }
    // What comes in ascending order leaves full leaves behind: the new item begins a leaf of its own.
    const leaf = createNode(this.#path.arena, LEAF_SLOTS, true)
    const parent = this.#path.nodes[level - 1]!
    const slot = this.#path.slots[level - 1]! + 1
    openChild(this.#path.arena, parent, slot, leaf, 0)
    setItem(this.#path.arena, parent, slot, this.#path.score, this.#path.member)
    this.#path.slots[level - 1] = slot
    this.#path.nodes[level] = leaf
    this.#path.slots[level] = 0
  }

  /** Makes room for one more child above the path's node at a level. Returns that node's level then. */
  #makeRoomAbove(level: number): number {
    if (level === 0) return this.#addRoot()
    const parent = this.#path.nodes[level - 1]!
    const capacity = capacityOf(this.#path.arena, parent)
    if (countOf(this.#path.arena, parent) < capacity) return level
    if (capacity < INNER_SLOTS) {
      this.#resizeRoot(Math.min(capacity * 2, INNER_SLOTS))
      return level
    }
    const parentLevel = this.#makeRoomAbove(level - 1)
    this.#splitNode(parentLevel, INNER_SLOTS >> 1)
    // One less than for a leaf: here the slot is a child's, not a place between two.
    if (this.#path.slots[parentLevel]! >= INNER_SLOTS >> 1) {
      this.#path.slots[parentLevel]! -= INNER_SLOTS >> 1
      this.#path.slots[parentLevel - 1]!++
      const above = this.#path.nodes[parentLevel - 1]!
      this.#path.nodes[parentLevel] = childAt(this.#path.arena, above, this.#path.slots[parentLevel - 1]!)
    }
    return parentLevel + 1
  }

  #addRoot(): number {
    const arena = this.#path.arena
    if (this.#path.height === MAX_HEIGHT) throw new Error('the tree is too high')
    const root = createNode(arena, MIN_INNER_SLOTS, false)
    openChild(arena, root, 0, this.#path.root, this.#count)
    noteFirst(arena, root, 0, this.#path.root)
    this.#path.root = root
    this.#path.nodes.copyWithin(1, 0, this.#path.height)
    this.#path.slots.copyWithin(1, 0, this.#path.height)
    this.#path.nodes[0] = root
    this.#path.slots[0] = 0
    this.#path.height++
    return 1
  }

  /** Leaves the path's node at a level the first slots, and puts the others into a new node behind it. */
  #splitNode(level: number, kept: number): void {
    const arena = this.#path.arena
    const isLeaf = level === this.#path.height - 1
    const node = this.#path.nodes[level]!
    const count = countOf(arena, node) - kept
    const split = createNode(arena, isLeaf ? LEAF_SLOTS : INNER_SLOTS, isLeaf)
    copySlots(arena, { from: node, at: kept, to: split, toAt: 0, count, isLeaf })
    setCount(arena, split, count)
    setCount(arena, node, kept)
    const parent = this.#path.nodes[level - 1]!
    const slot = this.#path.slots[level - 1]!
    const moved = isLeaf ? count : sumTotals(arena, split, 0, count)
    openChild(arena, parent, slot + 1, split, moved)
    noteFirst(arena, parent, slot + 1, split)
    addTotal(arena, parent, slot, -moved)
  }

  #resizeRoot(capacity: number): void {
    const isLeaf = this.#path.height === 1
    const resized = copyNode(this.#path.arena, this.#path.root, capacity, isLeaf)
    freeNode(this.#path.arena, this.#path.root, isLeaf)
    this.#path.root = resized
    this.#path.nodes[0] = resized
  }

  // ---- taking out

  /** Takes out so many items of the path's leaf, from the path's slot on. */
  #takeOut(count: number): void {
    const arena = this.#path.arena
    const leaf = this.#path.height - 1
    const slot = this.#path.slots[leaf]!
    closeSlots(arena, this.#path.nodes[leaf]!, slot, count, true)
    for (let level = 0; level < leaf; level++)
      addTotal(arena, this.#path.nodes[level]!, this.#path.slots[level]!, -count)
    this.#count -= count
    if (slot === 0 && countOf(arena, this.#path.nodes[leaf]!) > 0) this.#path.noteFirsts(leaf)
    for (let level = leaf; level > 0 && this.#refill(level); level--);
    this.#shrinkRoot()
  }

  /** Takes care that the path's node at a level is not too empty. Whether the node above lost a child by that. */
  #refill(level: number): boolean {
    const arena = this.#path.arena
    const isLeaf = level === this.#path.height - 1
    const parent = this.#path.nodes[level - 1]!
    const slot = this.#path.slots[level - 1]!
    const count = countOf(arena, this.#path.nodes[level]!)
    if (count === 0) {
      freeNode(arena, this.#path.nodes[level]!, isLeaf)
      closeSlots(arena, parent, slot, 1, false)
      if (slot === 0 && countOf(arena, parent) > 0) this.#path.noteFirsts(level - 1)
      return true
    }
    const capacity = isLeaf ? LEAF_SLOTS : INNER_SLOTS
    if (count >= capacity * MIN_FILL || countOf(arena, parent) === 1) return false
    const left = slot > 0 ? slot - 1 : 0
    const leftCount = countOf(arena, childAt(arena, parent, left))
    const rightCount = countOf(arena, childAt(arena, parent, left + 1))
    if (leftCount + rightCount > capacity * MERGED_FILL) {
      this.#moveBorder(level - 1, left, Math.trunc((leftCount - rightCount) / 2))
      return false
    }
    this.#moveBorder(level - 1, left, -rightCount)
    freeNode(arena, childAt(arena, parent, left + 1), isLeaf)
    closeSlots(arena, parent, left + 1, 1, false)
    return true
  }

  /**
   * Moves so many slots over the border between a child of the path's node at a level and the next child: to the right,
   * or, negative, to the left.
   */
  #moveBorder(level: number, slot: number, shift: number): void {
    const arena = this.#path.arena
    const isLeaf = level === this.#path.height - 2
    const parent = this.#path.nodes[level]!
    const left = this.#ownChild(level, slot)
    const right = this.#ownChild(level, slot + 1)
    const leftCount = countOf(arena, left)
    let moved = shift
    if (shift > 0) {
      openSlots(arena, right, 0, shift, isLeaf)
      copySlots(arena, { from: left, at: leftCount - shift, to: right, toAt: 0, count: shift, isLeaf })
      if (!isLeaf) moved = sumTotals(arena, right, 0, shift)
    } else {
      copySlots(arena, { from: right, at: 0, to: left, toAt: leftCount, count: -shift, isLeaf })
      closeSlots(arena, right, 0, -shift, isLeaf)
    }
    setCount(arena, left, leftCount - shift)
    if (shift < 0 && !isLeaf) moved = -sumTotals(arena, left, leftCount, leftCount - shift)
    addTotal(arena, parent, slot, -moved)
    addTotal(arena, parent, slot + 1, moved)
    if (countOf(arena, right) > 0) noteFirst(arena, parent, slot + 1, right)
  }

  #shrinkRoot(): void {
    const arena = this.#path.arena
    while (this.#path.height > 1 && countOf(arena, this.#path.root) === 1) {
      const child = childAt(arena, this.#path.root, 0)
      freeNode(arena, this.#path.root, false)
      this.#path.root = child
      this.#path.height--
    }
    const count = countOf(arena, this.#path.root)
    const isLeaf = this.#path.height === 1
    if (count === 0) {
      freeNode(arena, this.#path.root, isLeaf)
      this.create(this.#path.entries)
      return
    }
    const capacity = capacityOf(arena, this.#path.root)
    if (isLeaf && capacity > MIN_LEAF_SLOTS && count <= capacity >> 2) {
      this.#resizeRoot(Math.max(capacity >> 1, MIN_LEAF_SLOTS))
    }
  }
}

/** Where the tree is that was saved at this place. */
export function savedTree(bytes: Uint8Array, at: number): TreePlace {
  return { root: readWord(bytes, at), height: readWord(bytes, at + 4) }
}
