// Holds up this thread, and everything that it would do: for tests, and where there is nothing else to wait with.

const cell = new Int32Array(new SharedArrayBuffer(4))

/** Milliseconds; fractions count. */
export function sleep(milliseconds: number): void {
  // Nothing ever wakes it: it waits for the time-out.
  Atomics.wait(cell, 0, 0, milliseconds)
}
