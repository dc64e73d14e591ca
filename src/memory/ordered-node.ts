// The nodes of an ordered index, each one block: their layout, and what needs no more than one or two of them.
// Which node is where in the tree is ordered-index.ts's business.
//
//   word 0    count | capacity << 16
//   word 1    unused: it aligns the scores
//   scores    a double per slot
//   members   a ref per slot
//   children  a ref per slot       ┐ only in inner nodes
//   totals    a count per slot     ┘
//
// A slot of a leaf is an item: score, and the member's entry. A slot of an inner node is a child: the score and member of
// the child's first item, the child, and how many items are below it. So both kinds are searched alike.

import { type Arena, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { blockBytes } from './size-classes.ts'

/** A leaf takes 1,016 bytes, an inner node 1,008: both fill a block of 1,024. */
export const LEAF_SLOTS = 84
export const INNER_SLOTS = 50

/** Where the scores begin, in words from the node's start. */
export const HEADER_WORDS = 2
export const COUNT_MASK = 0xffff
export const CAPACITY_SHIFT = 16

const LEAF_SLOT_BYTES = 12
const INNER_SLOT_BYTES = 20
/** Up to so many elements a loop moves faster than `copyWithin` or `set`. */
const LOOP_LIMIT = 48

export function nodeBytes(capacity: number, isLeaf: boolean): number {
  return HEADER_WORDS * 4 + capacity * (isLeaf ? LEAF_SLOT_BYTES : INNER_SLOT_BYTES)
}

/** A node without slots. */
export function createNode(arena: Arena, capacity: number, isLeaf: boolean): Ref {
  const node = arena.alloc(nodeBytes(capacity, isLeaf))
  const w = (node & UNIT_MASK) << 1
  const words = arena.words[node >>> PAGE_SHIFT]!
  words[w] = capacity << CAPACITY_SHIFT
  words[w + 1] = 0
  return node
}

export function freeNode(arena: Arena, node: Ref, isLeaf: boolean): void {
  arena.free(node, nodeBytes(capacityOf(arena, node), isLeaf))
}

/** The same slots in a node of another capacity. */
export function copyNode(arena: Arena, node: Ref, capacity: number, isLeaf: boolean): Ref {
  const copy = createNode(arena, capacity, isLeaf)
  const count = countOf(arena, node)
  copySlots(arena, { from: node, at: 0, to: copy, toAt: 0, count, isLeaf })
  setCount(arena, copy, count)
  return copy
}

export function countOf(arena: Arena, node: Ref): number {
  return arena.words[node >>> PAGE_SHIFT]![(node & UNIT_MASK) << 1]! & COUNT_MASK
}

export function capacityOf(arena: Arena, node: Ref): number {
  return arena.words[node >>> PAGE_SHIFT]![(node & UNIT_MASK) << 1]! >>> CAPACITY_SHIFT
}

export function setCount(arena: Arena, node: Ref, count: number): void {
  const words = arena.words[node >>> PAGE_SHIFT]!
  const w = (node & UNIT_MASK) << 1
  words[w] = (words[w]! & ~COUNT_MASK) | count
}

export function childAt(arena: Arena, node: Ref, slot: number): Ref {
  const words = arena.words[node >>> PAGE_SHIFT]!
  const w = (node & UNIT_MASK) << 1
  return words[w + HEADER_WORDS + 3 * (words[w]! >>> CAPACITY_SHIFT) + slot]!
}

export function setChild(arena: Arena, node: Ref, slot: number, child: Ref): void {
  const words = arena.words[node >>> PAGE_SHIFT]!
  const w = (node & UNIT_MASK) << 1
  words[w + HEADER_WORDS + 3 * (words[w]! >>> CAPACITY_SHIFT) + slot] = child
}

/** Puts a child of so many items into a new slot; its first item is then the caller's to set. */
export function openChild(arena: Arena, node: Ref, slot: number, child: Ref, total: number): void {
  openSlots(arena, node, slot, 1, false)
  const words = arena.words[node >>> PAGE_SHIFT]!
  const w = (node & UNIT_MASK) << 1
  const capacity = words[w]! >>> CAPACITY_SHIFT
  words[w + HEADER_WORDS + 3 * capacity + slot] = child
  words[w + HEADER_WORDS + 4 * capacity + slot] = total
}

/** Items below a slot. */
export function totalAt(arena: Arena, node: Ref, slot: number): number {
  const words = arena.words[node >>> PAGE_SHIFT]!
  const w = (node & UNIT_MASK) << 1
  return words[w + HEADER_WORDS + 4 * (words[w]! >>> CAPACITY_SHIFT) + slot]!
}

export function addTotal(arena: Arena, node: Ref, slot: number, change: number): void {
  const words = arena.words[node >>> PAGE_SHIFT]!
  const w = (node & UNIT_MASK) << 1
  words[w + HEADER_WORDS + 4 * (words[w]! >>> CAPACITY_SHIFT) + slot]! += change
}

/** Items below the slots from..to-1. */
export function sumTotals(arena: Arena, node: Ref, from: number, to: number): number {
  const words = arena.words[node >>> PAGE_SHIFT]!
  const w = (node & UNIT_MASK) << 1
  const totals = w + HEADER_WORDS + 4 * (words[w]! >>> CAPACITY_SHIFT)
  let sum = 0
  for (let slot = from; slot < to; slot++) sum += words[totals + slot]!
  return sum
}

/** What is in a slot, as an object: not for the command path. */
export function itemAt(arena: Arena, node: Ref, slot: number): { score: number; member: Ref } {
  const page = node >>> PAGE_SHIFT
  const unit = node & UNIT_MASK
  const words = arena.words[page]!
  const members = (unit << 1) + HEADER_WORDS + 2 * (words[unit << 1]! >>> CAPACITY_SHIFT)
  return { score: arena.doubles[page]![unit + 1 + slot]!, member: words[members + slot]! }
}

/** Sets an item; in an inner node, what the child's first item is. */
export function setItem(arena: Arena, node: Ref, slot: number, score: number, member: Ref): void {
  const page = node >>> PAGE_SHIFT
  const unit = node & UNIT_MASK
  const words = arena.words[page]!
  const w = unit << 1
  arena.doubles[page]![unit + 1 + slot] = score
  words[w + HEADER_WORDS + 2 * (words[w]! >>> CAPACITY_SHIFT) + slot] = member
}

/** Notes the first item of a node as that of a slot of its parent. */
export function noteFirst(arena: Arena, parent: Ref, slot: number, node: Ref): void {
  const page = node >>> PAGE_SHIFT
  const unit = node & UNIT_MASK
  const words = arena.words[page]!
  const member = words[(unit << 1) + HEADER_WORDS + 2 * (words[unit << 1]! >>> CAPACITY_SHIFT)]!
  setItem(arena, parent, slot, arena.doubles[page]![unit + 1]!, member)
}

/** Makes room for so many slots before a slot; what is in them is then the caller's to set. */
export function openSlots(arena: Arena, node: Ref, slot: number, count: number, isLeaf: boolean): void {
  moveSlots(arena, node, slot, slot + count, isLeaf)
  setCount(arena, node, countOf(arena, node) + count)
}

/** Takes slots out. */
export function closeSlots(arena: Arena, node: Ref, slot: number, count: number, isLeaf: boolean): void {
  moveSlots(arena, node, slot + count, slot, isLeaf)
  setCount(arena, node, countOf(arena, node) - count)
}

/** Moves all slots from one on to another place in the node. */
function moveSlots(arena: Arena, node: Ref, from: number, to: number, isLeaf: boolean): void {
  const page = node >>> PAGE_SHIFT
  const unit = node & UNIT_MASK
  const words = arena.words[page]!
  const head = words[unit << 1]!
  const capacity = head >>> CAPACITY_SHIFT
  const count = (head & COUNT_MASK) - from
  if (count <= 0) return
  move(arena.doubles[page]!, unit + 1 + from, unit + 1 + to, count)
  let base = (unit << 1) + HEADER_WORDS + 2 * capacity
  move(words, base + from, base + to, count)
  if (isLeaf) return
  base += capacity
  move(words, base + from, base + to, count)
  base += capacity
  move(words, base + from, base + to, count)
}

function move(array: Int32Array | Float64Array, from: number, to: number, count: number): void {
  if (count > LOOP_LIMIT) array.copyWithin(to, from, from + count)
  else if (to < from) for (let i = 0; i < count; i++) array[to + i] = array[from + i]!
  else for (let i = count - 1; i >= 0; i--) array[to + i] = array[from + i]!
}

export interface SlotCopy {
  readonly from: Ref
  readonly at: number
  readonly to: Ref
  readonly toAt: number
  readonly count: number
  readonly isLeaf: boolean
}

/** Copies slots between two nodes. Counts are the caller's. */
export function copySlots(arena: Arena, { from, at, to, toAt, count, isLeaf }: SlotCopy): void {
  const source = arena.words[from >>> PAGE_SHIFT]!
  const target = arena.words[to >>> PAGE_SHIFT]!
  const unit = from & UNIT_MASK
  const toUnit = to & UNIT_MASK
  const scores = arena.doubles[from >>> PAGE_SHIFT]!
  const toScores = arena.doubles[to >>> PAGE_SHIFT]!
  for (let i = 0; i < count; i++) toScores[toUnit + 1 + toAt + i] = scores[unit + 1 + at + i]!
  const capacity = source[unit << 1]! >>> CAPACITY_SHIFT
  const toCapacity = target[toUnit << 1]! >>> CAPACITY_SHIFT
  const arrays = isLeaf ? 1 : 3
  for (let n = 0; n < arrays; n++) {
    const base = (unit << 1) + HEADER_WORDS + (2 + n) * capacity + at
    const toBase = (toUnit << 1) + HEADER_WORDS + (2 + n) * toCapacity + toAt
    for (let i = 0; i < count; i++) target[toBase + i] = source[base + i]!
  }
}

/** Bytes of a node with all below it, which are so many levels. Recursive, but only as deep as the tree. */
export function treeBytes(arena: Arena, node: Ref, height: number): number {
  const own = blockBytes(nodeBytes(capacityOf(arena, node), height === 1))
  const count = countOf(arena, node)
  if (height === 1) return own
  // All leaves below an inner node are alike.
  if (height === 2) return own + count * blockBytes(nodeBytes(LEAF_SLOTS, true))
  let bytes = own
  for (let slot = 0; slot < count; slot++) bytes += treeBytes(arena, childAt(arena, node, slot), height - 1)
  return bytes
}
