// Values too large for a block: each has a buffer of its own, named by a small number (its handle).
// Knows nothing of what is in them. Growing keeps room to spare, so appending in small steps stays linear.

import { createShared, noteDropped } from './shared-buffers.ts'
import type { Slice } from './slice.ts'

const EMPTY = new Uint8Array(createShared(0))
/** Spare room is an eighth, at least this much: short steps don't copy each time. */
const MIN_SPARE_BYTES = 65_536

/** Reading, of the values as they are or as they were at a freeze. */
export interface LargeReader {
  length(handle: number): number
  /** Points the slice at the whole value. */
  view(handle: number, slice: Slice): Slice
  /** The whole buffer as words, spare room included. */
  words(handle: number): Int32Array
}

/** The values at a freeze, by handle: plain data that can be posted to a worker. */
export interface LargeImage {
  readonly buffers: Uint8Array[]
  readonly lengths: number[]
}

export class LargeValues implements LargeReader {
  #buffers: Uint8Array[] = [EMPTY]
  #lengths: number[] = [0]
  /** The freeze after which each buffer was made: see `isShared`. */
  #epochs: number[] = [0]
  /** Made when asked for: of few values, but of those all the time. */
  #words: (Int32Array | undefined)[] = []
  #freeHandles: number[] = []
  #epoch = 0
  #frozen = false
  #used = 0
  #kept = 0

  /** Bytes of all buffers, spare room included. */
  get usedBytes(): number {
    return this.#used
  }

  /** Bytes of buffers that were freed and that a frozen reader may still see. */
  get keptBytes(): number {
    return this.#kept
  }

  /** Number of buffers in use. */
  get count(): number {
    return this.#buffers.length - 1 - this.#freeHandles.length
  }

  /** A new buffer of `length` zero bytes; returns its handle, never 0. */
  create(length: number): number {
    // First what can fail: a buffer that the system refuses must not cost a handle.
    const bytes = new Uint8Array(createShared(length))
    const handle = this.#freeHandles.pop() ?? this.#buffers.length
    this.#buffers[handle] = bytes
    this.#lengths[handle] = length
    this.#epochs[handle] = this.#epoch
    this.#used += length
    return handle
  }

  free(handle: number): void {
    const bytes = this.#buffers[handle]!.length
    this.#used -= bytes
    if (this.isShared(handle)) this.#kept += bytes
    // A frozen reader keeps the buffer alive by itself: it holds a copy of the list.
    this.#buffers[handle] = EMPTY
    this.#words[handle] = undefined
    this.#lengths[handle] = 0
    this.#freeHandles.push(handle)
    noteDropped(bytes)
  }

  length(handle: number): number {
    return this.#lengths[handle]!
  }

  /** Bytes that the buffer takes, spare room included. */
  capacity(handle: number): number {
    return this.#buffers[handle]!.length
  }

  view(handle: number, slice: Slice): Slice {
    return slice.set(this.#buffers[handle]!, 0, this.#lengths[handle]!)
  }

  words(handle: number): Int32Array {
    const known = this.#words[handle]
    if (known !== undefined) return known
    const { buffer, length } = this.#buffers[handle]!
    const words = new Int32Array(buffer, 0, length >>> 2)
    this.#words[handle] = words
    return words
  }

  /** Whether a frozen reader may see this buffer, so that it must not be changed in place. */
  isShared(handle: number): boolean {
    return this.#frozen && this.#epochs[handle] !== this.#epoch
  }

  /**
   * Changes the length, keeping the bytes that both lengths have; new bytes are zero. The buffer must not be shared
   * with a frozen reader.
   */
  resize(handle: number, length: number): void {
    const old = this.#buffers[handle]!
    const oldLength = this.#lengths[handle]!
    if (length <= old.length && length >= old.length / 2) {
      // Invariant: spare room is zero.
      if (length < oldLength) old.fill(0, length, oldLength)
      this.#lengths[handle] = length
      return
    }
    const capacity = length > oldLength ? length + Math.max(Math.floor(length / 8), MIN_SPARE_BYTES) : length
    const moved = new Uint8Array(createShared(capacity))
    moved.set(old.subarray(0, Math.min(oldLength, length)))
    this.#used += capacity - old.length
    this.#buffers[handle] = moved
    this.#words[handle] = undefined
    this.#lengths[handle] = length
    noteDropped(old.length)
  }

  /** From now on no buffer that exists changes, until `thaw`. Returns the list for the reader. */
  freeze(): LargeImage {
    if (this.#frozen) throw new Error('the large values are frozen already')
    this.#frozen = true
    this.#epoch++
    return this.image()
  }

  /** The list for a reader that has finished before the next change. */
  image(): LargeImage {
    return { buffers: this.#buffers.slice(), lengths: this.#lengths.slice() }
  }

  thaw(): void {
    this.#frozen = false
    this.#kept = 0
  }

  /** Frees whatever is left, up to so many bytes and at least one buffer; true when nothing is. For a store that is done with. */
  discard(bytes: number): boolean {
    let freed = 0
    while (freed < bytes && this.#buffers.length > 1) {
      const buffer = this.#buffers.pop()!
      this.#words.length = Math.min(this.#words.length, this.#buffers.length)
      this.#lengths.pop()
      this.#epochs.pop()
      this.#used -= buffer.length
      freed += buffer.length
      noteDropped(buffer.length)
    }
    this.#freeHandles.length = 0
    return this.#buffers.length === 1
  }
}

/** Reads an image, in whatever thread. */
export class FrozenLargeValues implements LargeReader {
  readonly #image: LargeImage

  constructor(image: LargeImage) {
    this.#image = image
  }

  length(handle: number): number {
    return this.#image.lengths[handle]!
  }

  view(handle: number, slice: Slice): Slice {
    return slice.set(this.#image.buffers[handle]!, 0, this.#image.lengths[handle]!)
  }

  words(handle: number): Int32Array {
    const { buffer, length } = this.#image.buffers[handle]!
    return new Int32Array(buffer, 0, length >>> 2)
  }
}
