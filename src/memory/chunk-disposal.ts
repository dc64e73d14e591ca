// Gives a whole long list back to its memory, a slice at a time; and copies one, perhaps into other memory.

import { PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import { ChunkExpander } from './chunk-compression.ts'
import { ChunkDirectory, ChunkSlots, COMPRESSED, PACKED, WHOLE_LARGE } from './chunk-directory.ts'
import { ChunkList, freeChunk } from './chunk-list.ts'
import type { Entries } from './entries.ts'
import type { EntryReader } from './entry-reader.ts'
import { Listpack, type TextSink } from './listpack.ts'
import { blockBytes } from './size-classes.ts'
import { Slice } from './slice.ts'
import type { Disposal } from './table-disposal.ts'

export class ChunkDisposal implements Disposal {
  readonly entries: Entries
  readonly #directory: ChunkDirectory
  #chunk = 0

  /** The list whose root was saved at this place; its owner has forgotten it. */
  constructor(entries: Entries, bytes: Uint8Array, at: number) {
    this.entries = entries
    this.#directory = new ChunkDirectory().attach(entries, bytes, at)
  }

  run(blocks: number): boolean {
    const directory = this.#directory
    for (let left = blocks; this.#chunk < directory.chunks; left--) {
      if (left === 0) return false
      freeChunk(this.entries, directory, this.#chunk++)
    }
    directory.free()
    return true
  }
}

/** Reads the chunks of a list, of now or of a freeze. */
export class ChunkReader {
  readonly slots: ChunkSlots
  readonly pack = new Listpack()
  readonly text = new Slice()
  readonly #reader: EntryReader
  readonly #expander = new ChunkExpander()

  constructor(reader: EntryReader, { bytes, start }: Slice) {
    this.#reader = reader
    this.slots = new ChunkSlots().look(reader, bytes, start)
  }

  /** Opens the chunk as a listpack; false: it is one text. */
  open(chunk: number): boolean {
    const { slots, text } = this
    const place = slots.placeOf(chunk)
    const kind = slots.kindOf(chunk)
    if (kind === WHOLE_LARGE) {
      this.#reader.large.view(place, text)
      return false
    }
    const bytes = this.#reader.bytes[place >>> PAGE_SHIFT]!
    const start = byteOf(place)
    if (kind === PACKED) this.pack.open(bytes, start + slots.offsetOf(chunk))
    else if (kind === COMPRESSED) this.#expander.open(bytes, start, slots.lengthOf(chunk), this.pack)
    else text.set(bytes, start, slots.lengthOf(chunk))
    return kind === PACKED || kind === COMPRESSED
  }

  /** The bytes of a compressed chunk as they lie. */
  compressed(chunk: number): Slice {
    const place = this.slots.placeOf(chunk)
    return this.text.set(this.#reader.bytes[place >>> PAGE_SHIFT]!, byteOf(place), this.slots.lengthOf(chunk))
  }
}

/** Writes a copy of the list with this root where another root is to be. */
export function copyChunks(from: EntryReader, root: Slice, to: Entries, copy: Slice): void {
  const chunks = new ChunkReader(from, root)
  const list = new ChunkList().create(to)
  const { slots } = chunks
  for (let i = 0; i < slots.chunks; i++) {
    if (slots.kindOf(i) === COMPRESSED) list.addCompressed(i, chunks.compressed(i), slots.countOf(i))
    else if (chunks.open(i)) list.addCopy(i, chunks.pack)
    else list.addWhole(i, chunks.text)
  }
  list.save(copy)
}

/** Gives all texts of the list with this root to a sink, in order. */
export function emitChunks(reader: EntryReader, root: Slice, sink: TextSink): void {
  const chunks = new ChunkReader(reader, root)
  const { pack, slots, text } = chunks
  for (let i = 0; i < slots.chunks; i++) {
    if (chunks.open(i)) pack.emit(pack.first, slots.countOf(i), sink)
    else sink.bulkBytes(text.bytes, text.start, text.length)
  }
}

/** Bytes that the list with this root takes besides its root; estimated from so many chunks, 0 for all. */
export function chunkFootprint(entries: Entries, root: Slice, samples: number): number {
  const slots = new ChunkSlots().look(entries, root.bytes, root.start)
  const { chunks } = slots
  const looked = samples === 0 ? chunks : Math.min(samples, chunks)
  let bytes = 0
  for (let i = 0; i < looked; i++) {
    const kind = slots.kindOf(i)
    if (kind === PACKED) bytes += slots.roomOf(i)
    else if (kind === WHOLE_LARGE) bytes += entries.large.capacity(slots.placeOf(i))
    else bytes += blockBytes(Math.max(slots.lengthOf(i), 1))
  }
  return slots.bytes + (looked === 0 ? 0 : Math.round((bytes / looked) * chunks))
}

function byteOf(ref: Ref): number {
  return (ref & UNIT_MASK) << 3
}
