// A sorted set's order: a B+ tree of items (score, member's entry), by score and then by the member's bytes, that counts
// the items below each node: so ranks are found as fast as members. Nodes are blocks of an arena (ordered-node.ts); no
// object per tree, one OrderedIndex serves all: `attach` it, use it, `save` what has changed. Knows no table.
//
// Invariants: all leaves are on one level · an inner slot repeats the first item of its child, exactly, so that no freed
// entry is ever looked at · no node but the root is empty · only a root has fewer slots than LEAF_SLOTS and INNER_SLOTS.
// There are no links between leaves: while frozen a node is copied before its first change, and so are those above it.

import { type Arena, NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Entries } from './entries.ts'
import { MAX_HEIGHT } from './ordered-cursor.ts'
import {
  addTotal,
  CAPACITY_SHIFT,
  COUNT_MASK,
  capacityOf,
  childAt,
  closeSlots,
  copyNode,
  copySlots,
  countOf,
  createNode,
  freeNode,
  HEADER_WORDS,
  INNER_SLOTS,
  LEAF_SLOTS,
  noteFirst,
  openChild,
  openSlots,
  setChild,
  setCount,
  setItem,
  sumTotals,
  totalAt,
} from './ordered-node.ts'
import { Slice } from './slice.ts'

/** Words that `save` writes. */
export const TREE_WORDS = 3

const MIN_LEAF_SLOTS = 8
const MIN_INNER_SLOTS = 4

/** A full leaf gives to a neighbour with at most so many items, rather than to split: 83 % full instead of 69 %. */
const ROOMY_ITEMS = LEAF_SLOTS - 10
/** Fewer slots are too few: then a node takes some from a neighbour, or merges with it if that leaves room to spare. */
const MIN_FILL = 0.4
const MERGED_FILL = 0.9

export class OrderedIndex {
  readonly #entries: Entries
  readonly #arena: Arena
  // The tree that is attached.
  #root: Ref = NO_REF
  #height = 0
  #count = 0
  /** The path to what was searched last: at each level the node, and the slot in it. */
  readonly #nodes = new Int32Array(MAX_HEIGHT)
  readonly #slots = new Int32Array(MAX_HEIGHT)
  // What is searched: a score, and a member as an entry (whose bytes are then not looked at) and as bytes.
  #score = 0
  #member: Ref = NO_REF
  readonly #bytes = new Slice()
  readonly #other = new Slice()
  /** Whether the last node searched has just that item. */
  #isExact = false

  constructor(entries: Entries) {
    this.#entries = entries
    this.#arena = entries.arena
  }

  // ---- which tree

  get root(): Ref {
    return this.#root
  }

  /** Levels; 1 is a lone leaf, 0 an empty tree. */
  get height(): number {
    return this.#height
  }

  get count(): number {
    return this.#count
  }

  /** From now on works on the tree that was saved there. */
  attach(words: Int32Array, at: number): this {
    this.#root = words[at]!
    this.#height = words[at + 1]!
    this.#count = words[at + 2]!
    return this
  }

  /** From now on works on a new, empty tree. */
  attachNew(): this {
    this.#root = NO_REF
    this.#height = 0
    this.#count = 0
    return this
  }

  /** Writes down where the tree is: after every change. */
  save(words: Int32Array, at: number): void {
    words[at] = this.#root
    words[at + 1] = this.#height
    words[at + 2] = this.#count
  }

  // ---- asking

  /** How many items come before this one, which need not be there. */
  rankOf(score: number, member: Slice): number {
    this.#score = score
    this.#member = NO_REF
    this.#bytes.set(member.bytes, member.start, member.length)
    return this.#rankOfSought()
  }

  /** The rank of an item that is there. */
  rankOfEntry(score: number, member: Ref): number {
    this.#aim(score, member)
    return this.#rankOfSought()
  }

  #rankOfSought(): number {
    if (this.#height === 0) return 0
    this.#seek()
    const leaf = this.#height - 1
    let rank = this.#slots[leaf]!
    for (let level = 0; level < leaf; level++) {
      rank += sumTotals(this.#arena, this.#nodes[level]!, 0, this.#slots[level]!)
    }
    return rank
  }

  /** How many items have a lower score; with 'after', no higher score. */
  rankOfScore(score: number, side: 'before' | 'after'): number {
    let rank = 0
    let node = this.#root
    for (let level = 1; level <= this.#height; level++) {
      const at = scoreBound(this.#arena, node, score, side)
      if (level === this.#height) return rank + at
      const slot = at > 0 ? at - 1 : 0
      rank += sumTotals(this.#arena, node, 0, slot)
      node = childAt(this.#arena, node, slot)
    }
    return rank
  }

  /** How many items have a lower member; with 'after', this member too. Of use where all scores are the same. */
  rankOfMember(member: Slice, side: 'before' | 'after'): number {
    this.#member = NO_REF
    this.#bytes.set(member.bytes, member.start, member.length)
    let rank = 0
    let node = this.#root
    for (let level = 1; level <= this.#height; level++) {
      const at = this.#memberBound(node, side)
      if (level === this.#height) return rank + at
      const slot = at > 0 ? at - 1 : 0
      rank += sumTotals(this.#arena, node, 0, slot)
      node = childAt(this.#arena, node, slot)
    }
    return rank
  }

  // ---- changing

  /** Adds an item that is not there. */
  insert(score: number, member: Ref): void {
    const arena = this.#arena
    this.#aim(score, member)
    if (this.#height === 0) {
      this.#root = createNode(arena, MIN_LEAF_SLOTS, true)
      this.#height = 1
    }
    this.#seek()
    this.#own()
    const full = this.#nodes[this.#height - 1]!
    if (countOf(arena, full) === capacityOf(arena, full)) this.#makeRoom()
    const leaf = this.#height - 1
    const slot = this.#slots[leaf]!
    openSlots(arena, this.#nodes[leaf]!, slot, 1, true)
    setItem(arena, this.#nodes[leaf]!, slot, score, member)
    for (let level = 0; level < leaf; level++) addTotal(arena, this.#nodes[level]!, this.#slots[level]!, 1)
    if (slot === 0) this.#noteFirsts(leaf)
    this.#count++
  }

  /** Takes out an item that is there. Its entry must still be there too. */
  remove(score: number, member: Ref): void {
    this.#aim(score, member)
    this.#find()
    this.#own()
    this.#takeOut(1)
  }

  /** Takes out the items of the ranks from..to-1. Looks at no entry, so those of these items may be gone. */
  removeRange(from: number, to: number): void {
    for (let left = to - from; left > 0; ) {
      this.#seekRank(from)
      this.#own()
      const leaf = this.#height - 1
      const inLeaf = countOf(this.#arena, this.#nodes[leaf]!) - this.#slots[leaf]!
      const taken = Math.min(left, inLeaf)
      this.#takeOut(taken)
      left -= taken
    }
  }

  /** Tells that the entry of a member has moved. The old one, not looked at, may be gone. */
  replaceMember(score: number, member: Ref, moved: Ref): void {
    this.#score = score
    this.#member = member
    this.#entries.key(moved, this.#bytes)
    this.#find()
    this.#own()
    const leaf = this.#height - 1
    const slot = this.#slots[leaf]!
    setItem(this.#arena, this.#nodes[leaf]!, slot, score, moved)
    if (slot === 0) this.#noteFirsts(leaf)
  }

  /** Gives an item another score. `moved` is the member's entry then. The old one may be gone. */
  rescore(score: number, member: Ref, newScore: number, moved: Ref): void {
    this.#score = score
    this.#member = member
    this.#entries.key(moved, this.#bytes)
    this.#find()
    this.#own()
    const leaf = this.#height - 1
    if (this.#staysBetween(this.#nodes[leaf]!, this.#slots[leaf]!, newScore)) {
      setItem(this.#arena, this.#nodes[leaf]!, this.#slots[leaf]!, newScore, moved)
      return
    }
    this.#takeOut(1)
    this.insert(newScore, moved)
  }

  /** Whether an item with a new score stays where it is, its neighbours being in the leaf and of other scores. */
  #staysBetween(leaf: Ref, slot: number, score: number): boolean {
    if (slot === 0 || slot + 1 === countOf(this.#arena, leaf)) return false
    const doubles = this.#arena.doubles[leaf >>> PAGE_SHIFT]!
    const at = (leaf & UNIT_MASK) + 1 + slot
    return doubles[at - 1]! < score && score < doubles[at + 1]!
  }

  // ---- searching

  #aim(score: number, member: Ref): void {
    this.#score = score
    this.#member = member
    this.#entries.key(member, this.#bytes)
  }

  #find(): void {
    if (this.#height === 0 || !this.#seek()) throw new Error('the item is not in the tree')
  }

  /** Sets the path to the first item that is not before what is searched; whether it is what is searched. */
  #seek(): boolean {
    const leaf = this.#height - 1
    let node = this.#root
    for (let level = 0; ; level++) {
      const at = this.#lowerBound(node)
      this.#nodes[level] = node
      if (level === leaf) {
        this.#slots[level] = at
        return this.#isExact
      }
      const slot = this.#isExact || at === 0 ? at : at - 1
      this.#slots[level] = slot
      node = childAt(this.#arena, node, slot)
    }
  }

  /** Sets the path to the item of a rank that exists. */
  #seekRank(rank: number): void {
    const arena = this.#arena
    const leaf = this.#height - 1
    let node = this.#root
    let left = rank
    for (let level = 0; level < leaf; level++) {
      let slot = 0
      for (let total = totalAt(arena, node, 0); left >= total; total = totalAt(arena, node, slot)) {
        left -= total
        slot++
      }
      this.#nodes[level] = node
      this.#slots[level] = slot
      node = childAt(arena, node, slot)
    }
    this.#nodes[leaf] = node
    this.#slots[leaf] = left
  }

  /** The first slot of a node that is not before what is searched. */
  #lowerBound(node: Ref): number {
    const page = node >>> PAGE_SHIFT
    const unit = node & UNIT_MASK
    const words = this.#arena.words[page]!
    const doubles = this.#arena.doubles[page]!
    const head = words[unit << 1]!
    const count = head & COUNT_MASK
    const score = this.#score
    const scores = unit + 1
    this.#isExact = false
    let low = scoreBound(this.#arena, node, score, 'before')
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
  #memberBound(node: Ref, side: 'before' | 'after'): number {
    const words = this.#arena.words[node >>> PAGE_SHIFT]!
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
    if (member === this.#member) return 0
    const { bytes, start, length } = this.#entries.key(member, this.#other)
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

  // ---- the path

  /** Copies those nodes of the path that a frozen reader may be looking at. */
  #own(): void {
    if (!this.#arena.frozen) return
    for (let level = 0; level < this.#height; level++) {
      const node = this.#nodes[level]!
      if (!this.#arena.isShared(node)) continue
      const copy = this.#replaceByCopy(node, level === this.#height - 1)
      this.#nodes[level] = copy
      if (level === 0) this.#root = copy
      else setChild(this.#arena, this.#nodes[level - 1]!, this.#slots[level - 1]!, copy)
    }
  }

  /** A child of the path's node at a level, copied if need be. */
  #ownChild(level: number, slot: number): Ref {
    const child = childAt(this.#arena, this.#nodes[level]!, slot)
    if (!this.#arena.isShared(child)) return child
    const copy = this.#replaceByCopy(child, level === this.#height - 2)
    setChild(this.#arena, this.#nodes[level]!, slot, copy)
    return copy
  }

  #replaceByCopy(node: Ref, isLeaf: boolean): Ref {
    const copy = copyNode(this.#arena, node, capacityOf(this.#arena, node), isLeaf)
    freeNode(this.#arena, node, isLeaf)
    return copy
  }

  /** Tells the nodes above that the first item of the path's node at a level is another. */
  #noteFirsts(level: number): void {
    for (let below = level; below > 0; below--) {
      const slot = this.#slots[below - 1]!
      noteFirst(this.#arena, this.#nodes[below - 1]!, slot, this.#nodes[below]!)
      if (slot !== 0) return
    }
  }

  // ---- making room

  /** Makes room in the path's leaf, which is full. The path then leads to where the new item belongs. */
  #makeRoom(): void {
    const level = this.#height - 1
    const capacity = capacityOf(this.#arena, this.#nodes[level]!)
    if (capacity < LEAF_SLOTS) this.#resizeRoot(Math.min(capacity * 2, LEAF_SLOTS))
    else if (level === 0 || !(this.#giveToLeft(level) || this.#giveToRight(level))) this.#splitLeaf(level)
  }

  #giveToLeft(level: number): boolean {
    const leftSlot = this.#slots[level - 1]! - 1
    if (leftSlot < 0) return false
    const leftCount = countOf(this.#arena, childAt(this.#arena, this.#nodes[level - 1]!, leftSlot))
    if (leftCount > ROOMY_ITEMS) return false
    const given = (LEAF_SLOTS - leftCount) >> 1
    this.#moveBorder(level - 1, leftSlot, -given)
    const slot = this.#slots[level]!
    if (slot > given) {
      this.#slots[level] = slot - given
    } else {
      this.#slots[level - 1] = leftSlot
      this.#nodes[level] = childAt(this.#arena, this.#nodes[level - 1]!, leftSlot)
      this.#slots[level] = leftCount + slot
    }
    return true
  }

  #giveToRight(level: number): boolean {
    const parent = this.#nodes[level - 1]!
    const slot = this.#slots[level - 1]!
    if (slot + 1 === countOf(this.#arena, parent)) return false
    const rightCount = countOf(this.#arena, childAt(this.#arena, parent, slot + 1))
    if (rightCount > ROOMY_ITEMS) return false
    const given = (LEAF_SLOTS - rightCount) >> 1
    this.#moveBorder(level - 1, slot, given)
    this.#stepOver(level, LEAF_SLOTS - given)
    return true
  }

  /** After the path's node was left with so many slots: goes to the node behind it if the path's slot is there now. */
  #stepOver(level: number, kept: number): void {
    if (this.#slots[level]! <= kept) return
    this.#slots[level]! -= kept
    this.#slots[level - 1]!++
    this.#nodes[level] = childAt(this.#arena, this.#nodes[level - 1]!, this.#slots[level - 1]!)
  }

  #splitLeaf(fullLevel: number): void {
    const isAtEnd = this.#isAtEnd()
    const level = this.#makeRoomAbove(fullLevel)
    if (!isAtEnd) {
      this.#splitNode(level, LEAF_SLOTS >> 1)
      this.#stepOver(level, LEAF_SLOTS >> 1)
      return
    }
    // What comes in ascending order leaves full leaves behind: the new item begins a leaf of its own.
    const leaf = createNode(this.#arena, LEAF_SLOTS, true)
    const parent = this.#nodes[level - 1]!
    const slot = this.#slots[level - 1]! + 1
    openChild(this.#arena, parent, slot, leaf, 0)
    setItem(this.#arena, parent, slot, this.#score, this.#member)
    this.#slots[level - 1] = slot
    this.#nodes[level] = leaf
    this.#slots[level] = 0
  }

  /** Whether the path is behind the last item of the tree. */
  #isAtEnd(): boolean {
    const leaf = this.#height - 1
    for (let level = 0; level < leaf; level++) {
      if (this.#slots[level]! + 1 !== countOf(this.#arena, this.#nodes[level]!)) return false
    }
    return this.#slots[leaf] === countOf(this.#arena, this.#nodes[leaf]!)
  }

  /** Makes room for one more child above the path's node at a level. Returns that node's level then. */
  #makeRoomAbove(level: number): number {
    if (level === 0) return this.#addRoot()
    const parent = this.#nodes[level - 1]!
    const capacity = capacityOf(this.#arena, parent)
    if (countOf(this.#arena, parent) < capacity) return level
    if (capacity < INNER_SLOTS) {
      this.#resizeRoot(Math.min(capacity * 2, INNER_SLOTS))
      return level
    }
    const parentLevel = this.#makeRoomAbove(level - 1)
    this.#splitNode(parentLevel, INNER_SLOTS >> 1)
    // One less than for a leaf: here the slot is a child's, not a place between two.
    if (this.#slots[parentLevel]! >= INNER_SLOTS >> 1) {
      this.#slots[parentLevel]! -= INNER_SLOTS >> 1
      this.#slots[parentLevel - 1]!++
      const above = this.#nodes[parentLevel - 1]!
      this.#nodes[parentLevel] = childAt(this.#arena, above, this.#slots[parentLevel - 1]!)
    }
    return parentLevel + 1
  }

  #addRoot(): number {
    const arena = this.#arena
    if (this.#height === MAX_HEIGHT) throw new Error('the tree is too high')
    const root = createNode(arena, MIN_INNER_SLOTS, false)
    openChild(arena, root, 0, this.#root, this.#count)
    noteFirst(arena, root, 0, this.#root)
    this.#root = root
    this.#nodes.copyWithin(1, 0, this.#height)
    this.#slots.copyWithin(1, 0, this.#height)
    this.#nodes[0] = root
    this.#slots[0] = 0
    this.#height++
    return 1
  }

  /** Leaves the path's node at a level the first slots, and puts the others into a new node behind it. */
  #splitNode(level: number, kept: number): void {
    const arena = this.#arena
    const isLeaf = level === this.#height - 1
    const node = this.#nodes[level]!
    const count = countOf(arena, node) - kept
    const split = createNode(arena, isLeaf ? LEAF_SLOTS : INNER_SLOTS, isLeaf)
    copySlots(arena, { from: node, at: kept, to: split, toAt: 0, count, isLeaf })
    setCount(arena, split, count)
    setCount(arena, node, kept)
    const parent = this.#nodes[level - 1]!
    const slot = this.#slots[level - 1]!
    const moved = isLeaf ? count : sumTotals(arena, split, 0, count)
    openChild(arena, parent, slot + 1, split, moved)
    noteFirst(arena, parent, slot + 1, split)
    addTotal(arena, parent, slot, -moved)
  }

  #resizeRoot(capacity: number): void {
    const isLeaf = this.#height === 1
    const resized = copyNode(this.#arena, this.#root, capacity, isLeaf)
    freeNode(this.#arena, this.#root, isLeaf)
    this.#root = resized
    this.#nodes[0] = resized
  }

  // ---- taking out

  /** Takes out so many items of the path's leaf, from the path's slot on. */
  #takeOut(count: number): void {
    const arena = this.#arena
    const leaf = this.#height - 1
    const slot = this.#slots[leaf]!
    closeSlots(arena, this.#nodes[leaf]!, slot, count, true)
    for (let level = 0; level < leaf; level++)
      addTotal(arena, this.#nodes[level]!, this.#slots[level]!, -count)
    this.#count -= count
    if (slot === 0 && countOf(arena, this.#nodes[leaf]!) > 0) this.#noteFirsts(leaf)
    for (let level = leaf; level > 0 && this.#refill(level); level--);
    this.#shrinkRoot()
  }

  /** Takes care that the path's node at a level is not too empty. Whether the node above lost a child by that. */
  #refill(level: number): boolean {
    const arena = this.#arena
    const isLeaf = level === this.#height - 1
    const parent = this.#nodes[level - 1]!
    const slot = this.#slots[level - 1]!
    const count = countOf(arena, this.#nodes[level]!)
    if (count === 0) {
      freeNode(arena, this.#nodes[level]!, isLeaf)
      closeSlots(arena, parent, slot, 1, false)
      if (slot === 0 && countOf(arena, parent) > 0) this.#noteFirsts(level - 1)
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
    const arena = this.#arena
    const isLeaf = level === this.#height - 2
    const parent = this.#nodes[level]!
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
    const arena = this.#arena
    while (this.#height > 1 && countOf(arena, this.#root) === 1) {
      const child = childAt(arena, this.#root, 0)
      freeNode(arena, this.#root, false)
      this.#root = child
      this.#height--
    }
    const count = countOf(arena, this.#root)
    const isLeaf = this.#height === 1
    if (count === 0) {
      freeNode(arena, this.#root, isLeaf)
      this.attachNew()
      return
    }
    const capacity = capacityOf(arena, this.#root)
    if (isLeaf && capacity > MIN_LEAF_SLOTS && count <= capacity >> 2) {
      this.#resizeRoot(Math.max(capacity >> 1, MIN_LEAF_SLOTS))
    }
  }
}

/** How many slots of a node have a lower score; with 'after', no higher score. */
function scoreBound(arena: Arena, node: Ref, score: number, side: 'before' | 'after'): number {
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
