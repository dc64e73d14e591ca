// Where all memory off the heap comes from, and how it goes back. Knows nothing of what is in it.
//
// The garbage collector frees a SharedArrayBuffer when nobody holds it any more, here or in a worker, which is just what
// a snapshot needs. But it does not count their bytes: a process whose heap hardly changes would never collect, and
// replacing one 100 MB value sixty times left 6 GB of dead buffers behind. So those who drop a buffer say so, and every
// so often the collector is shown garbage that it does count.

/** Dead bytes that are worth a collection: it takes a few milliseconds. */
const COLLECT_BYTES = 1 << 26

// Not state of a server but of this thread's collector.
let dropped = 0

export function createShared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes)
}

/** Tells that a buffer of so many bytes is no longer held by its owner. */
export function noteDropped(bytes: number): void {
  dropped += bytes
  if (dropped < COLLECT_BYTES) return
  dropped = 0
  try {
    // Never touched, so the system does not back it. Being this large, it is mapped and unmapped, never recycled: an
    // allocator that recycled it would have to fill it with zeros.
    new ArrayBuffer(COLLECT_BYTES)
  } catch {
    // No address space even for this: then the collector has been called already, to make some.
  }
}
