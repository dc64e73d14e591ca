// A long sequence of texts in chunks: listpacks of a few kilobytes each, with room at whichever end grows, and, for texts
// too long for those, chunks that are one text. Which chunk an element belongs into is decided by the caller
// (types/list.ts); this file knows how chunks lie in memory. Where they are is chunk-directory.ts.
//
//   block   [ room before ][ listpack ][ room behind ]      pushing at the front moves the listpack's head, not its rest
//
// One object serves all lists: `attach` points it at one, `save` writes what has changed of the root. While the arena is
// frozen, chunks are copied before their first change.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Cell } from './cell.ts'
import { ChunkCompressor, ChunkExpander, plainBytes } from './chunk-compression.ts'
import {
  ChunkDirectory,
  COMPRESSED,
  COUNT_MASK,
  OFFSET_MASK,
  PACKED,
  ROOM_SHIFT,
  WHOLE,
  WHOLE_LARGE,
} from './chunk-directory.ts'
import type { Element } from './element.ts'
import type { Entries } from './entries.ts'
import { EMPTY_BYTES, elementBytes, HEADER_BYTES, Listpack, writeEmpty } from './listpack.ts'
import { blockBytes, MAX_BLOCK_BYTES } from './size-classes.ts'
import { copyBytes, Slice } from './slice.ts'

const NO_CHUNK = -1
/** What an element in a listpack takes besides its text, at most. */
export const ELEMENT_OVERHEAD = 8

export class ChunkList {
  readonly directory = new ChunkDirectory()
  /** The listpack of the chunk that is open; of a whole one none. */
  readonly pack = new Listpack()
  /** What a chunk that grows may take, unless one element needs more. */
  usualBytes = 8192
  #entries: Entries | undefined = undefined
  #chunk = NO_CHUNK
  #isWhole = false
  readonly #text = new Slice()
  readonly #compressor = new ChunkCompressor()
  readonly #expander = new ChunkExpander()
  /** The chunks between which something has changed since `attach`, and whether there are others now. */
  #firstChanged = Number.POSITIVE_INFINITY
  #lastChanged = NO_CHUNK
  #hasOthers = false

  /** Looks at the list whose root is this value. */
  attach(cell: Cell): void {
    this.#entries = cell.entries
    this.#chunk = NO_CHUNK
    this.#forgetChanges()
    this.directory.hold(cell)
  }

  create(entries: Entries): this {
    this.#entries = entries
    this.#chunk = NO_CHUNK
    this.#forgetChanges()
    this.directory.create(entries)
    return this
  }

  /** Writes what has changed of the root. */
  save(root: Slice): void {
    this.directory.save(root)
  }

  get count(): number {
    return this.directory.count
  }

  get chunks(): number {
    return this.directory.chunks
  }

  // ---- reading

  /** Opens a chunk, for reading. */
  open(chunk: number): void {
    if (chunk === this.#chunk) return
    const { directory } = this
    const kind = directory.kindOf(chunk)
    this.#chunk = chunk
    this.#isWhole = kind !== PACKED && kind !== COMPRESSED
    if (kind === PACKED) this.#openPack(directory.placeOf(chunk), directory.offsetOf(chunk))
    else if (kind === COMPRESSED) {
      const place = directory.placeOf(chunk)
      const bytes = this.#entries!.bytes[place >>> PAGE_SHIFT]!
      this.#expander.open(bytes, byteOf(place), directory.lengthOf(chunk), this.pack)
    }
  }

  #openPack(ref: Ref, offset: number): void {
    this.pack.open(this.#entries!.bytes[ref >>> PAGE_SHIFT]!, byteOf(ref) + offset)
  }

  get chunk(): number {
    return this.#chunk
  }

  /** Whether the open chunk is one text. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Whether a chunk is a listpack, perhaps a compressed one. */
  isPacked(chunk: number): boolean {
    const kind = this.directory.kindOf(chunk)
    return kind === PACKED || kind === COMPRESSED
  }

  /** Bytes of a packed chunk's listpack. */
  bytesOf(chunk: number): number {
    const { directory } = this
    if (directory.kindOf(chunk) === COMPRESSED) {
      const place = directory.placeOf(chunk)
      return plainBytes(this.#entries!.bytes[place >>> PAGE_SHIFT]!, byteOf(place))
    }
    this.open(chunk)
    return this.pack.byteLength
  }

  /** The text of the open chunk, which is whole. The slice is reused by the next call. */
  get text(): Slice {
    const { directory } = this
    const chunk = this.#chunk
    const place = directory.placeOf(chunk)
    if (directory.kindOf(chunk) === WHOLE_LARGE) return this.#entries!.large.view(place, this.#text)
    return this.#text.set(
      this.#entries!.bytes[place >>> PAGE_SHIFT]!,
      byteOf(place),
      directory.lengthOf(chunk),
    )
  }

  // ---- the quick way: what nine of ten pushes and pops need, in one go

  /**
   * Adds an element behind all others, if the last chunk has room for it as it lies, and may then have no more than so
   * many bytes and elements. False: nothing has happened.
   */
  appendQuickly(element: Element, mostBytes: number, mostElements: number): boolean {
    const { directory, pack } = this
    const { words } = directory
    const entries = this.#entries!
    if (directory.chunks === 0 || entries.arena.frozen) return false
    const w = directory.slotOf(directory.chunks - 1)
    const count = words[w + 1]!
    // Of a chunk that is not packed this is a large number.
    if (count >= mostElements) return false
    const place = words[w]!
    const extent = words[w + 2]!
    const offset = extent & OFFSET_MASK
    pack.open(entries.bytes[place >>> PAGE_SHIFT]!, byteOf(place) + offset)
    this.#chunk = NO_CHUNK
    const bytes = pack.byteLength
    if (bytes + element.length + ELEMENT_OVERHEAD > mostBytes) return false
    if (offset + bytes + element.length + ELEMENT_OVERHEAD > (extent >>> ROOM_SHIFT) << 3) return false
    pack.append(element)
    words[w + 1] = count + 1
    directory.count++
    return true
  }

  /** Likewise, before all others. */
  prependQuickly(element: Element, mostBytes: number, mostElements: number): boolean {
    const { directory, pack } = this
    const { words, at: w } = directory
    const entries = this.#entries!
    if (directory.chunks === 0 || entries.arena.frozen) return false
    const count = words[w + 1]!
    if (count >= mostElements) return false
    const place = words[w]!
    const extent = words[w + 2]!
    const offset = extent & OFFSET_MASK
    if (offset < element.length + ELEMENT_OVERHEAD) return false
    pack.open(entries.bytes[place >>> PAGE_SHIFT]!, byteOf(place) + offset)
    this.#chunk = NO_CHUNK
    if (pack.byteLength + element.length + ELEMENT_OVERHEAD > mostBytes) return false
    const { start } = pack
    pack.prepend(element)
    words[w + 1] = count + 1
    words[w + 2] = extent + pack.start - start
    directory.count++
    return true
  }

  /** Takes the first element off, if it is not the last of its chunk. False: nothing has happened. */
  dropFirstQuickly(): boolean {
    const { directory, pack } = this
    const { words, at: w } = directory
    const entries = this.#entries!
    const count = words[w + 1]!
    if (count > COUNT_MASK || count < 2 || entries.arena.frozen) return false
    const place = words[w]!
    pack.open(entries.bytes[place >>> PAGE_SHIFT]!, byteOf(place) + (words[w + 2]! & OFFSET_MASK))
    this.#chunk = NO_CHUNK
    const { start } = pack
    pack.dropFirst(1)
    words[w + 1] = count - 1
    words[w + 2]! += pack.start - start
    directory.count--
    return true
  }

  /** Likewise the last. */
  dropLastQuickly(): boolean {
    const { directory, pack } = this
    const { words } = directory
    const entries = this.#entries!
    const w = directory.slotOf(directory.chunks - 1)
    const count = words[w + 1]!
    if (count > COUNT_MASK || count < 2 || entries.arena.frozen) return false
    const place = words[w]!
    pack.open(entries.bytes[place >>> PAGE_SHIFT]!, byteOf(place) + (words[w + 2]! & OFFSET_MASK))
    this.#chunk = NO_CHUNK
    pack.dropLast()
    words[w + 1] = count - 1
    directory.count--
    return true
  }

  // ---- changing the elements of a chunk; afterwards it is open

  append(chunk: number, element: Element): void {
    this.#prepare(chunk, 0, elementBytes(element))
    this.pack.append(element)
    this.#counted(chunk, 1)
  }

  prepend(chunk: number, element: Element): void {
    const bytes = elementBytes(element)
    this.#prepare(chunk, bytes, 0)
    this.pack.prepend(element)
    const { directory } = this
    directory.setExtent(chunk, directory.offsetOf(chunk) - bytes, directory.roomOf(chunk))
    this.#counted(chunk, 1)
  }

  insert(chunk: number, at: number, element: Element): void {
    this.#prepare(chunk, 0, elementBytes(element))
    this.pack.insert(at, element)
    this.#counted(chunk, 1)
  }

  /** Puts an element that fits at the place of another. */
  replace(chunk: number, at: number, element: Element): void {
    this.open(chunk)
    const more = elementBytes(element) - this.pack.spanOf(at, 1)
    this.#prepare(chunk, 0, Math.max(0, more))
    this.pack.replace(at, element)
  }

  /** Takes elements out of a chunk, perhaps all: then the chunk goes. */
  remove(chunk: number, at: number, count: number): void {
    const { directory } = this
    const left = directory.countOf(chunk) - count
    if (left === 0) {
      this.removeChunks(chunk, 1)
      return
    }
    this.#prepare(chunk, 0, 0)
    if (at === HEADER_BYTES) {
      const before = this.pack.start
      this.pack.dropFirst(count)
      const moved = this.pack.start - before
      directory.setExtent(chunk, directory.offsetOf(chunk) + moved, directory.roomOf(chunk))
    } else this.pack.remove(at, count)
    this.#counted(chunk, -count)
  }

  #counted(chunk: number, more: number): void {
    const { directory } = this
    directory.setCount(chunk, directory.countOf(chunk) + more)
    directory.count += more
  }

  // ---- whole chunks

  /** A chunk with this element alone, before another one or behind the last. `atFront`: more will come before it. */
  addChunk(chunk: number, element: Element, atFront: boolean): void {
    const bytes = EMPTY_BYTES + elementBytes(element)
    const room = blockBytes(Math.max(bytes, this.usualBytes >>> 2))
    const ref = this.#entries!.arena.alloc(room)
    const offset = atFront ? room - bytes : 0
    this.#openPack(ref, offset)
    writeEmpty(this.pack.bytes, this.pack.start)
    this.pack.append(element)
    this.#added(chunk, ref, offset, room)
  }

  /** A chunk with all elements of a listpack that lies elsewhere. */
  addCopy(chunk: number, from: Listpack): void {
    const bytes = from.byteLength
    const room = blockBytes(bytes)
    const ref = this.#entries!.arena.alloc(room)
    this.#openPack(ref, 0)
    copyBytes(from.bytes, from.start, this.pack.bytes, this.pack.start, bytes)
    this.#added(chunk, ref, 0, room)
  }

  /** A chunk with so many elements that is compressed already. */
  addCompressed(chunk: number, { bytes, start, length }: Slice, count: number): void {
    const ref = this.#entries!.arena.alloc(length)
    copyBytes(bytes, start, this.#entries!.bytes[ref >>> PAGE_SHIFT]!, byteOf(ref), length)
    const { directory } = this
    this.#noteInserted(chunk)
    directory.insert(chunk)
    directory.set(chunk, ref, COMPRESSED, count)
    directory.setLength(chunk, length)
    directory.count += count
    this.#chunk = NO_CHUNK
  }

  #added(chunk: number, ref: Ref, offset: number, room: number): void {
    const { directory } = this
    const { count } = this.pack
    this.#noteInserted(chunk)
    directory.insert(chunk)
    directory.set(chunk, ref, PACKED, count)
    directory.setExtent(chunk, offset, room)
    directory.count += count
    this.#chunk = chunk
    this.#isWhole = false
  }

  /** A chunk that is one text, before another one or behind the last. */
  addWhole(chunk: number, { bytes, start, length }: Slice): void {
    const { arena, large } = this.#entries!
    const { directory } = this
    const isLarge = length > MAX_BLOCK_BYTES
    const place = isLarge ? large.create(length) : arena.alloc(Math.max(length, 1))
    this.#noteInserted(chunk)
    directory.insert(chunk)
    directory.set(chunk, place, isLarge ? WHOLE_LARGE : WHOLE, 1)
    directory.setLength(chunk, length)
    directory.count++
    this.#chunk = NO_CHUNK
    this.open(chunk)
    const { text } = this
    copyBytes(bytes, start, text.bytes, text.start, length)
  }

  removeChunks(chunk: number, count: number): void {
    const { directory } = this
    for (let i = chunk; i < chunk + count; i++) {
      directory.count -= directory.countOf(i)
      freeChunk(this.#entries!, directory, i)
    }
    directory.remove(chunk, count)
    this.#chunk = NO_CHUNK
    this.#noteChanged(chunk)
    this.#hasOthers = true
  }

  /** Lets the elements of a chunk from a place on be a chunk of their own, behind it. */
  split(chunk: number, at: number): void {
    this.#prepare(chunk, 0, 0)
    const { pack } = this
    const rest = new Listpack()
    const length = pack.end - at
    rest.open(new Uint8Array(EMPTY_BYTES + length), 0)
    writeEmpty(rest.bytes, 0)
    let count = 0
    for (let p = at; p < pack.end; p = pack.after(p)) count++
    rest.reshape(HEADER_BYTES, 0, count, length)
    rest.putRange(HEADER_BYTES, pack, at, length)
    pack.remove(at, count)
    this.#counted(chunk, -count)
    this.#fit(chunk)
    this.addCopy(chunk + 1, rest)
  }

  /** Adds the elements of the next chunk to one, both being packed. */
  merge(chunk: number): void {
    const { directory } = this
    // Only one of them can be expanded at a time.
    if (directory.kindOf(chunk) === COMPRESSED) this.#prepare(chunk, 0, 0)
    this.open(chunk + 1)
    const from = new Listpack().open(this.pack.bytes, this.pack.start)
    const length = from.end - HEADER_BYTES
    const count = directory.countOf(chunk + 1)
    this.#prepare(chunk, 0, length)
    const at = this.pack.end
    this.pack.reshape(at, 0, count, length)
    this.pack.putRange(at, from, HEADER_BYTES, length)
    this.#counted(chunk, count)
    this.removeChunks(chunk + 1, 1)
  }

  /** Gives back room that a chunk has far too much of, after elements were taken out. */
  #fit(chunk: number): void {
    const { directory } = this
    this.open(chunk)
    const bytes = this.pack.byteLength
    if (bytes * 2 <= directory.roomOf(chunk)) this.#move(chunk, bytes, 0)
  }

  /** Likewise, of a chunk that may be whole. */
  fit(chunk: number): void {
    if (this.isPacked(chunk)) this.#fit(chunk)
  }

  /** Opens a packed chunk for changing, with so many bytes of room before and behind its listpack. */
  #prepare(chunk: number, front: number, behind: number): void {
    const { directory } = this
    directory.own()
    this.#noteChanged(chunk)
    this.open(chunk)
    const { arena } = this.#entries!
    const offset = directory.offsetOf(chunk)
    const room = directory.roomOf(chunk)
    const length = this.pack.byteLength
    const isToMove = directory.kindOf(chunk) === COMPRESSED || arena.isShared(directory.placeOf(chunk))
    if (!isToMove && offset >= front && offset + length + behind <= room) return
    const needed = front + length + behind
    if (!isToMove && needed <= room) this.#slide(chunk, front + ((room - needed) >>> 1))
    else {
      // Half as much again: elements that come one by one are copied three times on the average.
      const wanted = blockBytes(Math.max(needed, Math.min(needed + (needed >>> 1), this.usualBytes)))
      this.#move(chunk, wanted, front > 0 ? wanted - length - behind : 0)
    }
  }

  /** Moves the listpack within its block. */
  #slide(chunk: number, offset: number): void {
    const { directory, pack } = this
    const from = pack.start
    const to = from - directory.offsetOf(chunk) + offset
    pack.bytes.copyWithin(to, from, from + pack.byteLength)
    directory.setExtent(chunk, offset, directory.roomOf(chunk))
    pack.open(pack.bytes, to)
  }

  /** Moves the open chunk's listpack to another block. */
  #move(chunk: number, bytes: number, offset: number): void {
    const { directory, pack } = this
    const room = blockBytes(bytes)
    const ref = this.#entries!.arena.alloc(room)
    const { bytes: from, start } = pack
    const length = pack.byteLength
    this.#openPack(ref, offset)
    pack.bytes.set(from.subarray(start, start + length), pack.start)
    freeChunk(this.#entries!, directory, chunk)
    directory.set(chunk, ref, PACKED, directory.countOf(chunk))
    directory.setExtent(chunk, offset, room)
  }

  // ---- compression

  #forgetChanges(): void {
    this.#firstChanged = Number.POSITIVE_INFINITY
    this.#lastChanged = NO_CHUNK
    this.#hasOthers = false
  }

  #noteChanged(chunk: number): void {
    if (chunk < this.#firstChanged) this.#firstChanged = chunk
    if (chunk > this.#lastChanged) this.#lastChanged = chunk
  }

  /** Before a chunk is inserted. */
  #noteInserted(chunk: number): void {
    if (chunk <= this.#lastChanged) this.#lastChanged++
    this.#noteChanged(chunk)
    this.#hasOthers = true
  }

  /**
   * After changes: those chunks are compressed that have become inner ones, or are and were changed; a chunk is an inner
   * one with `depth` others before it and behind it. Those that have come nearer to an end are expanded.
   */
  compressInner(depth: number): void {
    // With another number of chunks those beside them may have become inner ones, or have ceased to be.
    const more = this.#hasOthers ? depth : 0
    const first = Math.max(this.#firstChanged - more, 0)
    const last = Math.min(this.#lastChanged + more, this.chunks - 1)
    for (let chunk = first; chunk <= last; chunk++) {
      if (chunk >= depth && chunk < this.chunks - depth) this.#compress(chunk)
      else if (this.directory.kindOf(chunk) === COMPRESSED) this.#prepare(chunk, 0, 0)
    }
    this.#forgetChanges()
  }

  #compress(chunk: number): void {
    const { directory } = this
    if (directory.kindOf(chunk) !== PACKED) return
    this.open(chunk)
    const compressed = this.#compressor.compress(this.pack)
    if (compressed === undefined) return
    directory.own()
    const ref = this.#entries!.arena.alloc(compressed.length)
    this.#entries!.bytes[ref >>> PAGE_SHIFT]!.set(compressed, byteOf(ref))
    freeChunk(this.#entries!, directory, chunk)
    directory.set(chunk, ref, COMPRESSED, directory.countOf(chunk))
    directory.setLength(chunk, compressed.length)
    this.#chunk = NO_CHUNK
  }

  /** Gives everything back. */
  free(): void {
    const { directory } = this
    for (let i = 0; i < directory.chunks; i++) freeChunk(this.#entries!, directory, i)
    directory.free()
    this.#chunk = NO_CHUNK
  }
}

/** Frees what a slot says, but not the slot. */
export function freeChunk(entries: Entries, directory: ChunkDirectory, chunk: number): void {
  const place = directory.placeOf(chunk)
  if (place === NO_REF) return
  const kind = directory.kindOf(chunk)
  if (kind === WHOLE_LARGE) entries.large.free(place)
  else
    entries.arena.free(
      place,
      kind === PACKED ? directory.roomOf(chunk) : Math.max(directory.lengthOf(chunk), 1),
    )
}

function byteOf(ref: Ref): number {
  return (ref & UNIT_MASK) << 3
}
