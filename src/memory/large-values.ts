// Values too large for a block: each has a buffer of its own, named by a small number (its handle).
// Knows nothing of what is in them. Growing keeps room to spare, so appending in small steps stays linear.

import type { Slice } from './slice.ts'

const EMPTY = new Uint8Array(0)
/** Spare room is an eighth, at least this much: short steps don't copy each time. */
const MIN_SPARE_BYTES = 65_536

export class LargeValues {
  #buffers: Uint8Array[] = [EMPTY]
  #lengths: number[] = [0]
  /** The freeze after which each buffer was made: see `isShared`. */
  #epochs: number[] = [0]
  #freeHandles: number[] = []
  #epoch = 0
  #frozen = false
  #used = 0

  /** Bytes of all buffers, spare room included. */
  get usedBytes(): number {
    return this.#used
  }

  /** Number of buffers in use. */
  get count(): number {
    return this.#buffers.length - 1 - this.#freeHandles.length
  }

  /** A new buffer of `length` zero bytes; returns its handle, never 0. */
  create(length: number): number {
    const handle = this.#freeHandles.pop() ?? this.#buffers.length
    this.#buffers[handle] = new Uint8Array(new SharedArrayBuffer(length))
    this.#lengths[handle] = length
    this.#epochs[handle] = this.#epoch
    this.#used += length
    return handle
  }

  free(handle: number): void {
    this.#used -= this.#buffers[handle]!.length
    // A frozen reader keeps the buffer alive by itself: it holds a copy of the list.
    this.#buffers[handle] = EMPTY
    this.#freeHandles.push(handle)
  }

  length(handle: number): number {
    return this.#lengths[handle]!
  }

  /** Bytes that the buffer takes, spare room included. */
  capacity(handle: number): number {
    return this.#buffers[handle]!.length
  }

  /** Points the slice at the whole value. */
  view(handle: number, slice: Slice): Slice {
    return slice.set(this.#buffers[handle]!, 0, this.#lengths[handle]!)
  }

  /** Whether a frozen reader may see this buffer, so that it must not be changed in place. */
  isShared(handle: number): boolean {
    return this.#frozen && this.#epochs[handle] !== this.#epoch
  }

  /** Changes the length in place, keeping the bytes that both lengths have; new bytes are zero. */
  resize(handle: number, length: number): void {
    const old = this.#buffers[handle]!
    const oldLength = this.#lengths[handle]!
    this.#lengths[handle] = length
    if (length <= old.length && length >= old.length / 2) {
      if (length < oldLength) old.fill(0, length, oldLength)
      return
    }
    const capacity = length > oldLength ? length + Math.max(length >>> 3, MIN_SPARE_BYTES) : length
    const grown = new Uint8Array(new SharedArrayBuffer(capacity))
    grown.set(old.subarray(0, Math.min(oldLength, length)))
    this.#used += capacity - old.length
    this.#buffers[handle] = grown
  }

  /** From now on no buffer that exists changes, until `thaw`. Returns the list for the reader, by handle. */
  freeze(): { buffers: SharedArrayBuffer[]; lengths: number[] } {
    this.#frozen = true
    this.#epoch++
    return {
      buffers: this.#buffers.map((bytes) => bytes.buffer as SharedArrayBuffer),
      lengths: this.#lengths.slice(),
    }
  }

  thaw(): void {
    this.#frozen = false
  }
}
