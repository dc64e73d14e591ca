// A large list: which chunk an element goes into, and moving from chunk to chunk. The same interface as a small list has
// in list.ts, which hides the difference.

import type { Cell } from '../memory/cell.ts'
import type { ChunkList } from '../memory/chunk-list.ts'
import { Element } from '../memory/element.ts'
import type { Entries } from '../memory/entries.ts'
import { HEADER_BYTES, type Listpack, NONE, type TextSink } from '../memory/listpack.ts'
import { MAX_BLOCK_BYTES } from '../memory/size-classes.ts'
import type { Slice } from '../memory/slice.ts'
import {
  chunkBytes,
  chunkElements,
  exceedsChunk,
  fitsIntoChunk,
  isTooLong,
  type ListLimits,
} from './list-limits.ts'

const NOWHERE = -1

export class ListChunks {
  readonly #chunks: ChunkList
  readonly #limits: ListLimits
  /** Where one is: a chunk and, in it, a place; a chunk that is one text has the place HEADER_BYTES. */
  #chunk = NOWHERE
  #at = NONE

  constructor(chunks: ChunkList, limits: ListLimits) {
    this.#chunks = chunks
    this.#limits = limits
  }

  attach(cell: Cell): void {
    const chunks = this.#chunks
    chunks.attach(cell)
    chunks.usualBytes = chunkBytes(this.#limits)
    this.#chunk = NOWHERE
    this.#at = NONE
  }

  /** Becomes a new list with the elements of a listpack. */
  create(entries: Entries, from: Listpack): void {
    const chunks = this.#chunks
    chunks.create(entries)
    chunks.usualBytes = chunkBytes(this.#limits)
    if (from.isEmpty) return
    if (from.byteLength <= MAX_BLOCK_BYTES) chunks.addCopy(0, from)
    else
      for (let at = from.first; at !== NONE; at = from.next(at)) this.pushLast(from.read(at, new Element()))
  }

  save(root: Slice): void {
    this.#chunks.save(root)
  }

  /** After changes, where inner chunks are to be compressed. */
  compressInner(depth: number): void {
    this.#chunks.compressInner(depth)
  }

  free(): void {
    this.#chunks.free()
  }

  get count(): number {
    return this.#chunks.count
  }

  /** Bytes of the only chunk, if there is only one and it is packed; else 0. */
  get onlyBytes(): number {
    const chunks = this.#chunks
    return chunks.chunks === 1 && chunks.isPacked(0) ? chunks.bytesOf(0) : 0
  }

  onlyPack(): Listpack {
    this.#chunks.open(0)
    return this.#chunks.pack
  }

  // ---- where one is

  seek(index: number): boolean {
    const { directory, count } = this.#chunks
    const wanted = index < 0 ? index + count : index
    if (wanted < 0 || wanted >= count) return this.#goNowhere()
    const chunk = directory.chunkAt(wanted)
    this.#enter(chunk)
    if (!this.#chunks.isWhole) this.#at = this.#chunks.pack.seek(wanted - directory.before)
    return true
  }

  #goNowhere(): boolean {
    this.#chunk = NOWHERE
    this.#at = NONE
    return false
  }

  #enter(chunk: number): void {
    this.#chunks.open(chunk)
    this.#chunk = chunk
    this.#at = HEADER_BYTES
  }

  next(): boolean {
    const chunks = this.#chunks
    chunks.open(this.#chunk)
    if (!chunks.isWhole) {
      this.#at = chunks.pack.next(this.#at)
      if (this.#at !== NONE) return true
    }
    if (this.#chunk + 1 === chunks.chunks) return this.#goNowhere()
    this.#enter(this.#chunk + 1)
    return true
  }

  previous(): boolean {
    const chunks = this.#chunks
    // The last chunk may have gone with its last element: then one is behind all others.
    if (this.#chunk < chunks.chunks) {
      chunks.open(this.#chunk)
      if (!chunks.isWhole) {
        this.#at = chunks.pack.previous(this.#at)
        if (this.#at !== NONE) return true
      }
    }
    if (this.#chunk === 0) return this.#goNowhere()
    this.#enter(this.#chunk - 1)
    if (!chunks.isWhole) this.#at = chunks.pack.last
    return true
  }

  read<T extends Element>(into: T): T {
    const chunks = this.#chunks
    chunks.open(this.#chunk)
    if (!chunks.isWhole) return chunks.pack.read(this.#at, into)
    const { bytes, start, length } = chunks.text
    return into.point(bytes, start, length)
  }

  equals(element: Element): boolean {
    const chunks = this.#chunks
    chunks.open(this.#chunk)
    return chunks.isWhole ? chunks.text.equals(element) : chunks.pack.equals(this.#at, element)
  }

  find(element: Element): boolean {
    const chunks = this.#chunks
    if (this.#chunk === NOWHERE || this.#chunk === chunks.chunks) return this.#goNowhere()
    chunks.open(this.#chunk)
    for (;;) {
      if (chunks.isWhole) {
        if (chunks.text.equals(element)) return true
      } else {
        const { pack } = chunks
        const at = this.#at === pack.end ? NONE : pack.find(element, this.#at)
        if (at !== NONE) {
          this.#at = at
          return true
        }
      }
      if (this.#chunk + 1 === chunks.chunks) return this.#goNowhere()
      this.#enter(this.#chunk + 1)
    }
  }

  emit(start: number, count: number, sink: TextSink): void {
    const chunks = this.#chunks
    const { directory } = chunks
    let chunk = directory.chunkAt(start)
    let skipped = start - directory.before
    for (let left = count; left > 0; chunk++) {
      chunks.open(chunk)
      if (chunks.isWhole) {
        const { bytes, start: from, length } = chunks.text
        sink.bulkBytes(bytes, from, length)
        left--
      } else {
        const here = Math.min(left, directory.countOf(chunk) - skipped)
        chunks.pack.emit(chunks.pack.seek(skipped), here, sink)
        left -= here
      }
      skipped = 0
    }
  }

  // ---- adding

  pushFirst(element: Element): void {
    const chunks = this.#chunks
    const limits = this.#limits
    if (
      element.length < limits.listPackedThreshold &&
      chunks.prependQuickly(element, chunks.usualBytes, chunkElements(limits))
    ) {
      return
    }
    if (isTooLong(this.#limits, element.length)) chunks.addWhole(0, element)
    else if (this.#fits(0, element)) chunks.prepend(0, element)
    else chunks.addChunk(0, element, true)
  }

  pushLast(element: Element): void {
    const chunks = this.#chunks
    const limits = this.#limits
    if (
      element.length < limits.listPackedThreshold &&
      chunks.appendQuickly(element, chunks.usualBytes, chunkElements(limits))
    ) {
      return
    }
    const last = chunks.chunks - 1
    if (isTooLong(this.#limits, element.length)) chunks.addWhole(last + 1, element)
    else if (this.#fits(last, element)) chunks.append(last, element)
    else chunks.addChunk(last + 1, element, false)
  }

  pushPacked(list: Listpack): void {
    this.#chunks.addCopy(this.#chunks.chunks, list)
  }

  insertBefore(element: Element): void {
    if (this.#isAtWhole()) this.#insertBetween(this.#chunk, element)
    else this.#insertAt(this.#chunk, this.#at, element)
    this.#goNowhere()
  }

  insertAfter(element: Element): void {
    if (this.#isAtWhole()) this.#insertBetween(this.#chunk + 1, element)
    else this.#insertAt(this.#chunk, this.#chunks.pack.after(this.#at), element)
    this.#goNowhere()
  }

  #isAtWhole(): boolean {
    this.#chunks.open(this.#chunk)
    return this.#chunks.isWhole
  }

  /** Whether there is such a chunk that can take the element. */
  #fits(chunk: number, element: Slice): boolean {
    const chunks = this.#chunks
    if (chunk < 0 || chunk >= chunks.chunks || !chunks.isPacked(chunk)) return false
    return fitsIntoChunk(this.#limits, chunks.bytesOf(chunk), chunks.directory.countOf(chunk), element.length)
  }

  /** Adds an element before what is at a place of a packed chunk, which may be its end. */
  #insertAt(chunk: number, at: number, element: Element): void {
    const chunks = this.#chunks
    const isLong = isTooLong(this.#limits, element.length)
    if (!isLong && this.#fits(chunk, element)) {
      chunks.insert(chunk, at, element)
      return
    }
    chunks.open(chunk)
    if (at === HEADER_BYTES) this.#insertBetween(chunk, element)
    else if (at === chunks.pack.end) this.#insertBetween(chunk + 1, element)
    else {
      chunks.split(chunk, at)
      this.#insertBetween(chunk + 1, element)
      this.#mergeAround(chunk)
    }
  }

  /** Adds an element between a chunk and the one before it: to one of them, or in a chunk of its own. */
  #insertBetween(chunk: number, element: Element): void {
    const chunks = this.#chunks
    if (isTooLong(this.#limits, element.length)) chunks.addWhole(chunk, element)
    else if (this.#fits(chunk - 1, element)) chunks.append(chunk - 1, element)
    else if (this.#fits(chunk, element)) chunks.prepend(chunk, element)
    else chunks.addChunk(chunk, element, false)
  }

  /** After a split: what has become small goes together with its neighbours, if it fits. */
  #mergeAround(chunk: number): void {
    for (let i = Math.min(chunk + 2, this.#chunks.chunks - 2); i >= Math.max(chunk - 1, 0); i--) {
      if (this.#mayMerge(i)) this.#chunks.merge(i)
    }
  }

  #mayMerge(chunk: number): boolean {
    const chunks = this.#chunks
    if (chunk + 1 >= chunks.chunks || !chunks.isPacked(chunk) || !chunks.isPacked(chunk + 1)) return false
    const { directory } = chunks
    const bytes = chunks.bytesOf(chunk) + chunks.bytesOf(chunk + 1)
    return !exceedsChunk(this.#limits, bytes, directory.countOf(chunk) + directory.countOf(chunk + 1))
  }

  replace(element: Element): void {
    const chunks = this.#chunks
    const chunk = this.#chunk
    const isWhole = this.#isAtWhole()
    const isLong = isTooLong(this.#limits, element.length)
    const at = this.#at
    if (!isWhole && !isLong && this.#fitsInPlaceOf(chunk, at, element)) {
      chunks.replace(chunk, at, element)
      return
    }
    if (isWhole) {
      chunks.removeChunks(chunk, 1)
      this.#insertBetween(chunk, element)
    } else {
      const { chunks: before } = chunks
      chunks.remove(chunk, at, 1)
      if (chunks.chunks < before) this.#insertBetween(chunk, element)
      else this.#insertAt(chunk, at, element)
    }
    this.#goNowhere()
  }

  #fitsInPlaceOf(chunk: number, at: number, element: Element): boolean {
    const chunks = this.#chunks
    const bytes = chunks.bytesOf(chunk) - chunks.pack.spanOf(at, 1)
    return fitsIntoChunk(this.#limits, bytes, chunks.directory.countOf(chunk) - 1, element.length)
  }

  // ---- removing

  /** Removes the element where one is; one is then at the one behind it, or at the end of its chunk. */
  remove(): void {
    const chunks = this.#chunks
    const chunk = this.#chunk
    const before = chunks.chunks
    chunks.remove(chunk, this.#at, 1)
    if (chunks.chunks < before) this.#at = HEADER_BYTES
    if (this.#chunk < chunks.chunks) chunks.open(this.#chunk)
  }

  removeRange(start: number, count: number): void {
    const chunks = this.#chunks
    const { directory } = chunks
    this.#goNowhere()
    if (count === 1) {
      if (start === 0 && chunks.dropFirstQuickly()) return
      if (start === chunks.count - 1 && chunks.dropLastQuickly()) return
    }
    let chunk = directory.chunkAt(start)
    let skipped = start - directory.before
    for (let left = count; left > 0; ) {
      const all = directory.countOf(chunk)
      const here = Math.min(left, all - skipped)
      if (here === all) {
        left -= this.#removeWholeChunks(chunk, left)
        continue
      }
      chunks.open(chunk)
      chunks.remove(chunk, chunks.pack.seek(skipped), here)
      if (count > 1) chunks.fit(chunk)
      left -= here
      skipped = 0
      chunk++
    }
  }

  /** Removes chunks from one on whose elements all go; says how many elements those were. */
  #removeWholeChunks(chunk: number, most: number): number {
    const { directory, chunks } = this.#chunks
    let elements = 0
    let end = chunk
    while (end < chunks && elements + directory.countOf(end) <= most) elements += directory.countOf(end++)
    this.#chunks.removeChunks(chunk, end - chunk)
    return elements
  }
}
