// The waits that end by themselves, the earliest on top: a binary heap in which each waiter knows its place, so that one
// that has been served leaves without a search. Knows no clock.

import type { Waiter } from './waiter.ts'

export class Deadlines {
  readonly #heap: Waiter[] = []

  get count(): number {
    return this.#heap.length
  }

  /** The waiter whose time is up first. */
  get first(): Waiter | undefined {
    return this.#heap[0]
  }

  add(waiter: Waiter): void {
    this.#rise(waiter, this.#heap.length)
  }

  /** Does nothing for a waiter that is not here. */
  remove(waiter: Waiter): void {
    const { place } = waiter
    if (place < 0) return
    waiter.place = -1
    const last = this.#heap.pop()!
    if (last === waiter) return
    // What comes from the end may belong above or below the gap.
    if (place > 0 && last.deadline < this.#heap[(place - 1) >>> 1]!.deadline) this.#rise(last, place)
    else this.#sink(last, place)
  }

  #rise(waiter: Waiter, from: number): void {
    const heap = this.#heap
    let at = from
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (heap[parent]!.deadline <= waiter.deadline) break
      this.#set(at, heap[parent]!)
      at = parent
    }
    this.#set(at, waiter)
  }

  #sink(waiter: Waiter, from: number): void {
    const heap = this.#heap
    let at = from
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.deadline < heap[child]!.deadline) child++
      if (heap[child]!.deadline >= waiter.deadline) break
      this.#set(at, heap[child]!)
      at = child
    }
    this.#set(at, waiter)
  }

  #set(at: number, waiter: Waiter): void {
    this.#heap[at] = waiter
    waiter.place = at
  }
}
