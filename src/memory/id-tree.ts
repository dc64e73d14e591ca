// Changes trees of 128-bit ids; their layout and reading them is id-tree-view.ts. Knows nothing of what ids or payloads
// mean. While the arena is frozen, the nodes on the way to a change are copied before it.
//
// One object can serve many trees that lie in values: `attach` points it at one by its root and count, which whoever
// owns the tree keeps. Ids that come in ascending order fill their nodes to the last place.

import { type Arena, NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import {
  BRANCH_WORDS,
  capacityOf,
  countOf,
  freeOf,
  ID_WORDS,
  IdTreeView,
  levelOf,
  nodeHead,
} from './id-tree-view.ts'
import { blockBytes } from './size-classes.ts'
import { WideId } from './wide-id.ts'

const WORD_BYTES = 4
const HEAD_BYTES = WORD_BYTES
/** Nodes don't grow beyond this: then an insertion moves 1 KB on average. */
const MAX_NODE_BYTES = 2048
/** A node's first capacity, and one below which shrinking is not worth while. */
const FIRST_CAPACITY = 2
const SMALL_CAPACITY = 8

/** Bytes of a node, as they are asked of the arena. */
export function nodeBytes(head: number, leafWords: number): number {
  const entryWords = levelOf(head) === 0 ? leafWords : BRANCH_WORDS
  return HEAD_BYTES + capacityOf(head) * entryWords * WORD_BYTES
}

export class IdTree extends IdTreeView {
  #arena: Arena | undefined = undefined
  /** Entries that a node of a leaf, and one above, can have. */
  readonly #leafLimit: number
  readonly #branchLimit: number
  /** Scratch, per level: the id of a node that was split off. */
  readonly #separators: WideId[] = []

  constructor(payloadWords: number) {
    super(payloadWords)
    this.#leafLimit = limitOf(this.leafWords)
    this.#branchLimit = limitOf(BRANCH_WORDS)
  }

  /** Becomes the tree of this root; NO_REF and 0: one without entries. */
  attach(arena: Arena, root: Ref, count: number): this {
    this.#arena = arena
    this.view(arena.words, root, count)
    return this
  }

  /** Adds an entry, which becomes the current one; there must be none with this id. Its payload holds anything. */
  insert(id: WideId): void {
    if (this.root === NO_REF) {
      this.root = this.#create(0, FIRST_CAPACITY)
      this.refs[0] = this.root
      this.#put(0, 0, id)
    } else {
      const slot = this.descend(id)
      this.#ownWay()
      const isAppended = slot === countOf(this.headOf(this.refs[0]!)) && this.#isLastLeaf()
      this.#insertAt(0, slot, id, isAppended)
    }
    this.count++
    this.settle()
  }

  /** Before the payload of the current entry is changed: a frozen reader may be looking at it, and then gets to keep it. */
  own(): void {
    if (!this.#arena!.frozen) return
    this.#ownWay()
    this.settle()
  }

  /** Takes the current entry out. There is no current one then. */
  remove(): void {
    this.#ownWay()
    this.#removeAt(0)
    this.count--
  }

  /** Takes the entry with this id out; says whether there was one. */
  removeId(id: WideId): boolean {
    if (!this.find(id)) return false
    this.remove()
    return true
  }

  /** Adds all entries of another tree, whose ids must be greater than those here. */
  appendAll(from: IdTreeView, id: WideId): void {
    for (let more = from.first(); more; more = from.next()) {
      this.insert(from.readId(id))
      for (let i = 0; i < this.payloadWords; i++)
        this.words[this.payloadAt + i] = from.words[from.payloadAt + i]!
    }
  }

  // ---- nodes

  #entryWords(level: number): number {
    return level === 0 ? this.leafWords : BRANCH_WORDS
  }

  #limit(level: number): number {
    return level === 0 ? this.#leafLimit : this.#branchLimit
  }

  /** A node without entries, with room for so many or a few more. */
  #create(level: number, capacity: number): Ref {
    const entryBytes = this.#entryWords(level) * WORD_BYTES
    const bytes = blockBytes(HEAD_BYTES + Math.min(capacity, this.#limit(level)) * entryBytes)
    const ref = this.#arena!.alloc(bytes)
    const room = Math.min(Math.floor((bytes - HEAD_BYTES) / entryBytes), this.#limit(level))
    this.#setHead(ref, nodeHead(0, room, 0, level))
    return ref
  }

  #free(ref: Ref): void {
    this.#arena!.free(ref, nodeBytes(this.headOf(ref), this.leafWords))
  }

  #setHead(ref: Ref, head: number): void {
    this.pages[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1] = head
  }

  #setCount(ref: Ref, count: number): void {
    const head = this.headOf(ref)
    this.#setHead(ref, nodeHead(count, capacityOf(head), freeOf(head), levelOf(head)))
  }

  /** Where the entry at a slot is, in the words of its page. */
  #place(ref: Ref, level: number, slot: number): number {
    const free = freeOf(this.headOf(ref))
    return ((ref & UNIT_MASK) << 1) + 1 + (free + slot) * this.#entryWords(level)
  }

  /** Copies entries between different nodes of the same level. */
  #copy(level: number, from: Ref, fromSlot: number, to: Ref, toSlot: number, count: number): void {
    const start = this.#place(from, level, fromSlot)
    const source = this.pages[from >>> PAGE_SHIFT]!
    const target = this.pages[to >>> PAGE_SHIFT]!
    const end = start + count * this.#entryWords(level)
    target.set(source.subarray(start, end), this.#place(to, level, toSlot))
  }

  /** Makes a gap at a slot of a node that has room. */
  #open(ref: Ref, level: number, slot: number): void {
    const head = this.headOf(ref)
    const count = countOf(head)
    const capacity = capacityOf(head)
    let free = freeOf(head)
    const width = this.#entryWords(level)
    const words = this.pages[ref >>> PAGE_SHIFT]!
    let start = this.#place(ref, level, 0)
    if (free + count === capacity) {
      // What is free is at the start.
      words.copyWithin(start - free * width, start, start + count * width)
      start -= free * width
      free = 0
    }
    const from = start + slot * width
    if (slot < count) words.copyWithin(from + width, from, start + count * width)
    this.#setHead(ref, nodeHead(count + 1, capacity, free, level))
  }

  /** Takes the entry at a slot out. */
  #close(ref: Ref, level: number, slot: number): void {
    const head = this.headOf(ref)
    const left = countOf(head) - 1
    const isFirst = slot === 0
    if (!isFirst && slot < left) {
      const width = this.#entryWords(level)
      const start = this.#place(ref, level, slot)
      const words = this.pages[ref >>> PAGE_SHIFT]!
      words.copyWithin(start, start + width, start + (left + 1 - slot) * width)
    }
    this.#setHead(ref, nodeHead(left, capacityOf(head), freeOf(head) + (isFirst ? 1 : 0), level))
  }

  /** Lets the way lead through another node at this level. What is above must not be shared. */
  #point(level: number, ref: Ref): void {
    this.refs[level] = ref
    if (level === this.#levels) {
      this.root = ref
      return
    }
    this.#setChild(this.refs[level + 1]!, this.slots[level + 1]!, ref)
  }

  #setChild(ref: Ref, slot: number, child: Ref): void {
    const words = this.pages[ref >>> PAGE_SHIFT]!
    words[this.#place(ref, 1, slot) + ID_WORDS] = child
  }

  /** The root's level. */
  get #levels(): number {
    return levelOf(this.headOf(this.root))
  }

  /** Copies the nodes on the way that a frozen reader may be looking at. */
  #ownWay(): void {
    const arena = this.#arena!
    if (!arena.frozen) return
    for (let level = this.#levels; level >= 0; level--) {
      const ref = this.refs[level]!
      if (arena.isShared(ref)) this.#replace(level, capacityOf(this.headOf(ref)))
    }
  }

  /** Puts a copy in the place of the node at this level, with another capacity. */
  #replace(level: number, capacity: number): void {
    const ref = this.refs[level]!
    const count = countOf(this.headOf(ref))
    const copy = this.#create(level, Math.max(capacity, count))
    this.#copy(level, ref, 0, copy, 0, count)
    this.#setCount(copy, count)
    this.#point(level, copy)
    this.#free(ref)
  }

  // ---- growing

  /**
   * Puts an entry with this id at a slot of the node at this level; the way leads to it then, wherever it has come to
   * lie. `isAppended`: its id is greater than all others in the tree.
   */
  #insertAt(level: number, slot: number, id: WideId, isAppended: boolean): void {
    const head = this.headOf(this.refs[level]!)
    const count = countOf(head)
    const capacity = capacityOf(head)
    let place = slot
    if (count === capacity) {
      if (capacity < this.#limit(level)) this.#replace(level, capacity + (capacity >>> 1) + 1)
      else place = this.#split(level, slot, id, isAppended)
    }
    this.#put(level, place, id)
  }

  #put(level: number, slot: number, id: WideId): void {
    const ref = this.refs[level]!
    this.#open(ref, level, slot)
    this.slots[level] = slot
    id.store(this.pages[ref >>> PAGE_SHIFT]!, this.#place(ref, level, slot))
  }

  /** Divides a full node in two and lets the way lead to one of them; returns the slot there of what is to be put. */
  #split(level: number, slot: number, id: WideId, isAppended: boolean): number {
    const left = this.refs[level]!
    const count = countOf(this.headOf(left))
    const kept = isAppended ? count : count >>> 1
    const right = this.#create(level, this.#limit(level))
    this.#copy(level, left, kept, right, 0, count - kept)
    this.#setCount(right, count - kept)
    this.#setCount(left, kept)
    const separator = isAppended ? id : this.#firstIdOf(right, level)
    if (level === this.#levels) this.#growRoot(level)
    this.#insertAt(level + 1, this.slots[level + 1]! + 1, separator, isAppended)
    this.#setChild(this.refs[level + 1]!, this.slots[level + 1]!, right)
    // What belongs exactly between the two goes to the left: so nothing is ever put before a right one's first entry.
    if (!isAppended && slot <= kept) {
      this.slots[level + 1]!--
      return slot
    }
    this.refs[level] = right
    return slot - kept
  }

  #firstIdOf(ref: Ref, level: number): WideId {
    this.#separators[level] ??= new WideId()
    return this.#separators[level].load(this.pages[ref >>> PAGE_SHIFT]!, this.#place(ref, level, 0))
  }

  /** Whether the way leads through last children. */
  #isLastLeaf(): boolean {
    for (let level = this.#levels; level > 0; level--) {
      if (this.slots[level]! + 1 !== countOf(this.headOf(this.refs[level]!))) return false
    }
    return true
  }

  /** Puts a new root above one that is to be split. */
  #growRoot(level: number): void {
    const root = this.#create(level + 1, FIRST_CAPACITY)
    this.#setCount(root, 1)
    this.#setChild(root, 0, this.root)
    this.root = root
    this.refs[level + 1] = root
    this.slots[level + 1] = 0
  }

  // ---- shrinking

  /** Takes out the entry that the way leads to at this level. */
  #removeAt(level: number): void {
    const ref = this.refs[level]!
    const slot = this.slots[level]!
    const isRoot = level === this.#levels
    const left = countOf(this.headOf(ref)) - 1
    this.#close(ref, level, slot)
    if (left === 0) {
      this.#free(ref)
      if (isRoot) this.root = NO_REF
      else this.#removeAt(level + 1)
    } else if (isRoot) this.#lowerRoot()
    else this.#mergeAt(level, left)
    if (left > 0 && this.refs[level] === ref) this.#shrink(level)
  }

  /** A root above a single child is of no use. */
  #lowerRoot(): void {
    for (let head = this.headOf(this.root); levelOf(head) > 0 && countOf(head) === 1; ) {
      const child = this.childAt(this.root, 0)
      this.#free(this.root)
      this.refs[levelOf(head)] = NO_REF
      this.root = child
      head = this.headOf(child)
    }
  }

  /** Joins a node that has become small with a neighbour, if that leaves room to spare. */
  #mergeAt(level: number, count: number): void {
    if (count * 4 > this.#limit(level)) return
    const parent = this.refs[level + 1]!
    const slot = this.slots[level + 1]!
    const siblings = countOf(this.headOf(parent))
    if (slot + 1 < siblings) this.#merge(level, slot)
    else if (slot > 0) this.#merge(level, slot - 1)
  }

  /** Joins the children at a slot and after it. */
  #merge(level: number, slot: number): void {
    const parent = this.refs[level + 1]!
    const left = this.childAt(parent, slot)
    const right = this.childAt(parent, slot + 1)
    const leftCount = countOf(this.headOf(left))
    const rightCount = countOf(this.headOf(right))
    if ((leftCount + rightCount) * 4 > this.#limit(level) * 3) return
    const merged = this.#create(level, leftCount + rightCount)
    this.#copy(level, left, 0, merged, 0, leftCount)
    this.#copy(level, right, 0, merged, leftCount, rightCount)
    this.#setCount(merged, leftCount + rightCount)
    // Above a leaf, what stood above the first child meant nothing; now it is one among others.
    if (level > 0) this.#copyId(parent, slot + 1, merged, leftCount)
    this.#setChild(parent, slot, merged)
    this.#free(left)
    this.#free(right)
    this.refs[level] = NO_REF
    this.slots[level + 1] = slot + 1
    this.#removeAt(level + 1)
  }

  #copyId(from: Ref, fromSlot: number, to: Ref, toSlot: number): void {
    const source = this.pages[from >>> PAGE_SHIFT]!
    const start = this.#place(from, 1, fromSlot)
    const target = this.pages[to >>> PAGE_SHIFT]!
    const end = this.#place(to, 1, toSlot)
    for (let i = 0; i < ID_WORDS; i++) target[end + i] = source[start + i]!
  }

  #shrink(level: number): void {
    const head = this.headOf(this.refs[level]!)
    const capacity = capacityOf(head)
    if (capacity > SMALL_CAPACITY && countOf(head) * 4 <= capacity) this.#replace(level, countOf(head) * 2)
  }
}

function limitOf(entryWords: number): number {
  return Math.floor((MAX_NODE_BYTES - HEAD_BYTES) / (entryWords * WORD_BYTES))
}
