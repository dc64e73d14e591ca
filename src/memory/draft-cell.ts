// A value that is being made and has no entry yet: what a command computes before it is known where the result goes, or
// without its ever being stored. Types work on it as on any other cell.

import { Cell } from './cell.ts'
import type { Entries } from './entries.ts'

const ROOM = 1024
const WORD = 4
/** A larger buffer is not kept. */
const KEPT_BYTES = 65_536

export class DraftCell extends Cell {
  #entries: Entries | undefined = undefined
  #encoding = 0
  #room = new Uint8Array(ROOM)
  #words = new Int32Array(this.#room.buffer)

  /** A value of `length` zero bytes; what it refers to will lie in this memory. */
  begin(entries: Entries, encoding: number, length: number): this {
    if (this.#room.length > KEPT_BYTES) this.#take(new Uint8Array(ROOM))
    this.#entries = entries
    this.#encoding = encoding
    this.set(this.#room, 0, 0)
    this.resize(length, encoding)
    return this
  }

  override get entries(): Entries {
    return this.#entries!
  }

  override get encoding(): number {
    return this.#encoding
  }

  override get words(): Int32Array {
    return this.#words
  }

  override resize(length: number, encoding = this.#encoding): void {
    const old = this.length
    if (length > this.#room.length) {
      const room = new Uint8Array((Math.max(length, 2 * this.#room.length) + WORD - 1) & -WORD)
      room.set(this.#room.subarray(0, old))
      this.#take(room)
    }
    if (length > old) this.#room.fill(0, old, length)
    this.#encoding = encoding
    this.set(this.#room, 0, length)
  }

  #take(room: Uint8Array<ArrayBuffer>): void {
    this.#room = room
    this.#words = new Int32Array(room.buffer)
  }

  override own(): void {}
}
