// A place in some buffer: what is handed around instead of copies. Owns nothing.

const NOTHING = new Uint8Array(0)

/**
 * `length` bytes of `bytes` from `start`. Slices are reused by whoever fills them: one is valid until its owner's
 * next call, and, where it points into the store, until the next write.
 */
export class Slice {
  bytes: Uint8Array = NOTHING
  start = 0
  length = 0

  set(bytes: Uint8Array, start: number, length: number): this {
    this.bytes = bytes
    this.start = start
    this.length = length
    return this
  }

  /** A copy that stays valid whatever happens to the store. */
  copy(): Uint8Array {
    return copyOf(this.bytes, this.start, this.length)
  }

  /** A view without a copy; as short-lived as the slice. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.start + this.length)
  }

  equals(other: Slice): boolean {
    if (this.length !== other.length) return false
    for (let i = 0; i < this.length; i++) {
      if (this.bytes[this.start + i] !== other.bytes[other.start + i]) return false
    }
    return true
  }
}

/** A copy of bytes. Not by `bytes.slice`: that of a Buffer, which sockets are read into, is a view. */
export function copyOf(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const copy = new Uint8Array(length)
  copyBytes(bytes, start, copy, 0, length)
  return copy
}

/** Below this many bytes a loop beats `TypedArray.set`, which has to make a view first. */
export const LOOP_LIMIT = 64

/** Copies bytes between buffers; the ranges must not overlap. */
export function copyBytes(from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void {
  if (length > LOOP_LIMIT) {
    to.set(from.subarray(start, start + length), at)
    return
  }
  for (let i = 0; i < length; i++) to[at + i] = from[start + i]!
}
