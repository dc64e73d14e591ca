// Lists: sequences of texts. A small one is a listpack, the value's bytes; a large one is a deque of chunks
// (memory/chunk-list.ts), of which the value's bytes are the root. This file decides which, hides the difference, and
// knows where in the list one is. Works on a cell; knows no key and no command.
//
// One object serves all lists: `open` or `create` points it at one. Elements that are handed in must not lie in the list.

import type { Cell } from '../memory/cell.ts'
import { LIST_ROOT_BYTES } from '../memory/chunk-directory.ts'
import { ChunkList } from '../memory/chunk-list.ts'
import type { Element } from '../memory/element.ts'
import {
  EMPTY_BYTES,
  elementBytes,
  HEADER_BYTES,
  Listpack,
  NONE,
  type TextSink,
  writeEmpty,
} from '../memory/listpack.ts'
import { MAX_BLOCK_BYTES } from '../memory/size-classes.ts'
import type { EncodingLimits, TypeEnvironment } from './environment.ts'
import { ListChunks } from './list-chunks.ts'
import { chunkBytes, chunkElements, exceedsChunk } from './list-limits.ts'
import { LIST_LISTPACK, LIST_QUICKLIST } from './value-type.ts'

/** Bytes of the value of a list without elements. */
export const EMPTY_LIST_BYTES = EMPTY_BYTES

export class ListValue {
  readonly #limits: EncodingLimits
  readonly #small = new Listpack()
  readonly #large: ListChunks
  #cell: Cell | undefined = undefined
  #isSmall = true
  /** Where in the small list one is; in a large one the chunks know. */
  #at = NONE

  constructor({ limits }: TypeEnvironment) {
    this.#limits = limits
    this.#large = new ListChunks(new ChunkList(), limits)
  }

  /** Makes an empty list of a new value with EMPTY_LIST_BYTES and the encoding LIST_LISTPACK. */
  create(cell: Cell): this {
    writeEmpty(cell.bytes, cell.start)
    return this.open(cell)
  }

  /** Is from now on about this list. */
  open(cell: Cell): this {
    this.#cell = cell
    this.#isSmall = cell.encoding === LIST_LISTPACK
    if (this.#isSmall) this.#small.open(cell.bytes, cell.start)
    else this.#large.attach(cell)
    this.#at = NONE
    return this
  }

  get cell(): Cell {
    return this.#cell!
  }

  get count(): number {
    return this.#isSmall ? this.#small.count : this.#large.count
  }

  // ---- where one is

  /** Goes to the element with this index, counted from the end if negative; false if there is none. */
  seek(index: number): boolean {
    if (!this.#isSmall) return this.#large.seek(index)
    this.#at = this.#small.seek(index)
    return this.#at !== NONE
  }

  /** Goes to the next element; false, and nowhere, behind the last. */
  next(): boolean {
    if (!this.#isSmall) return this.#large.next()
    this.#at = this.#small.next(this.#at)
    return this.#at !== NONE
  }

  previous(): boolean {
    if (!this.#isSmall) return this.#large.previous()
    this.#at = this.#small.previous(this.#at)
    return this.#at !== NONE
  }

  /** Lets `into` have the element where one is, until the list is changed. */
  read<T extends Element>(into: T): T {
    return this.#isSmall ? this.#small.read(this.#at, into) : this.#large.read(into)
  }

  /** Whether the element where one is is this one. */
  equals(element: Element): boolean {
    return this.#isSmall ? this.#small.equals(this.#at, element) : this.#large.equals(element)
  }

  /** Goes to the first element like this one, from where one is on; false, and nowhere, if there is none. */
  find(element: Element): boolean {
    if (!this.#isSmall) return this.#large.find(element)
    this.#at = this.#small.find(element, this.#at)
    return this.#at !== NONE
  }

  /** Gives elements to a sink, in order; they must be there. */
  emit(start: number, count: number, sink: TextSink): void {
    if (this.#isSmall) this.#small.emit(this.#small.seek(start), count, sink)
    else this.#large.emit(start, count, sink)
  }

  // ---- adding

  /**
   * To be called before elements are added, with the bytes of their texts: Redis decides by them, and before it looks
   * where to add, whether the list becomes a large one.
   */
  expect(bytes: number, elements: number): void {
    if (!this.#isSmall) return
    const small = this.#small
    if (exceedsChunk(this.#limits, small.byteLength + bytes, small.count + elements)) this.#becomeLarge()
  }

  pushFirst(element: Element): void {
    if (this.#isSmall) this.#insertSmall(HEADER_BYTES, element)
    else {
      this.#own()
      this.#large.pushFirst(element)
      this.#save()
    }
  }

  pushLast(element: Element): void {
    if (this.#isSmall) this.#insertSmall(this.#small.end, element)
    else {
      this.#own()
      this.#large.pushLast(element)
      this.#save()
    }
  }

  /** Adds the elements of a listpack that is fit to be a chunk, as one; the list is then a large one. */
  pushPacked(list: Listpack): void {
    if (this.#isSmall) this.#becomeLarge()
    this.#own()
    this.#large.pushPacked(list)
    this.#save()
  }

  /** Adds an element next to where one is. */
  insertBefore(element: Element): void {
    if (this.#isSmall) this.#insertSmall(this.#at, element)
    else {
      this.#own()
      this.#large.insertBefore(element)
      this.#save()
    }
  }

  insertAfter(element: Element): void {
    if (this.#isSmall) this.#insertSmall(this.#small.after(this.#at), element)
    else {
      this.#own()
      this.#large.insertAfter(element)
      this.#save()
    }
  }

  #insertSmall(at: number, element: Element): void {
    const cell = this.#cell!
    cell.resize(cell.length + elementBytes(element))
    this.#small.open(cell.bytes, cell.start)
    this.#small.insert(at, element)
  }

  /** Puts another element where one is. */
  replace(element: Element): void {
    const cell = this.#cell!
    if (!this.#isSmall) {
      this.#own()
      this.#large.replace(element)
      this.#save()
      return
    }
    const small = this.#small
    const more = elementBytes(element) - small.spanOf(this.#at, 1)
    if (more > 0) cell.resize(cell.length + more)
    this.#own()
    small.replace(this.#at, element)
    if (more < 0) this.#trimSmall()
  }

  // ---- removing: afterwards one is nowhere, and `shrink` is due

  /** Removes elements; they must be there. */
  removeRange(start: number, count: number): void {
    if (count === 0) return
    this.#own()
    if (this.#isSmall) {
      this.#small.remove(this.#small.seek(start), count)
      this.#trimSmall()
    } else {
      this.#large.removeRange(start, count)
      this.#save()
    }
  }

  /** Removes the first elements like this one, `limit` of them at most; says how many there were. */
  removeFirst(element: Element, limit: number): number {
    if (!this.seek(0) || !this.find(element)) return 0
    this.#own()
    let removed = 0
    if (!this.#isSmall) {
      do {
        this.#large.remove()
        removed++
      } while (removed < limit && this.#large.find(element))
      this.#save()
      return removed
    }
    for (let at = this.#at; at !== NONE && removed < limit; removed++) {
      this.#small.remove(at)
      at = at === this.#small.end ? NONE : this.#small.find(element, at)
    }
    this.#trimSmall()
    return removed
  }

  /** Likewise the last ones. */
  removeLast(element: Element, limit: number): number {
    let removed = 0
    for (let isThere = this.seek(-1); isThere && removed < limit; isThere = this.previous()) {
      if (!this.equals(element)) continue
      if (removed++ === 0) this.#own()
      // Where the removed element was, the one behind it is now, or the end: the one before is the same.
      if (this.#isSmall) this.#small.remove(this.#at)
      else this.#large.remove()
    }
    if (removed === 0) return 0
    if (this.#isSmall) this.#trimSmall()
    else this.#save()
    return removed
  }

  #trimSmall(): void {
    const cell = this.#cell!
    cell.resize(this.#small.byteLength)
    this.#small.open(cell.bytes, cell.start)
    this.#at = NONE
  }

  // ---- the two forms

  /** Becomes a small list again, if there is only half of what a small one may have. */
  shrink(): void {
    if (this.#isSmall || this.count === 0) return
    const limits = this.#limits
    const bytes = this.#large.onlyBytes
    if (bytes === 0) return
    const mostBytes = limits.listListpackSize < 0 ? chunkBytes(limits) / 2 : MAX_BLOCK_BYTES
    if (bytes <= mostBytes && this.count <= Math.floor(chunkElements(limits) / 2)) this.#becomeSmall()
  }

  #becomeLarge(): void {
    const cell = this.#cell!
    this.#large.create(cell.entries, this.#small)
    this.#isSmall = false
    cell.resize(LIST_ROOT_BYTES, LIST_QUICKLIST)
    this.#save()
  }

  #becomeSmall(): void {
    const cell = this.#cell!
    const only = this.#large.onlyPack()
    const { byteLength } = only
    cell.resize(byteLength, LIST_LISTPACK)
    cell.bytes.set(only.bytes.subarray(only.start, only.start + byteLength), cell.start)
    this.#large.free()
    this.#isSmall = true
    this.#small.open(cell.bytes, cell.start)
    this.#at = NONE
  }

  /** Before the value's bytes are changed. */
  #own(): void {
    const cell = this.#cell!
    cell.own()
    if (this.#isSmall) this.#small.open(cell.bytes, cell.start)
  }

  #save(): void {
    const { listCompressDepth } = this.#limits
    if (listCompressDepth > 0) this.#large.compressInner(listCompressDepth)
    this.#large.save(this.#cell!)
  }
}
