// A request as it lies in the input: where each argument starts and how long it is. No copies, no strings.
// Reused for every request; what reads arguments as numbers and words is command/arguments.ts.

import { copyOf } from '../memory/slice.ts'

const INITIAL_ARGUMENTS = 1024
/** A request of more arguments leaves larger arrays behind; they are given back beyond this. */
const KEPT_ARGUMENTS = 65_536

export class Request {
  /** The bytes that all arguments lie in. */
  bytes: Uint8Array = new Uint8Array(0)
  starts: Int32Array
  lengths: Int32Array
  /** Number of arguments, the command's name included. */
  count = 0

  /** `capacity`: arguments to make room for at first. */
  constructor(capacity = INITIAL_ARGUMENTS) {
    this.starts = new Int32Array(capacity)
    this.lengths = new Int32Array(capacity)
  }

  clear(): void {
    this.count = 0
    if (this.starts.length > KEPT_ARGUMENTS) {
      this.starts = new Int32Array(INITIAL_ARGUMENTS)
      this.lengths = new Int32Array(INITIAL_ARGUMENTS)
    }
  }

  push(start: number, length: number): void {
    const count = this.count
    if (count === this.starts.length) this.#grow()
    this.starts[count] = start
    this.lengths[count] = length
    this.count = count + 1
  }

  /** Takes over the arguments of another request, in the same bytes. */
  copyFrom(other: Request): void {
    this.clear()
    for (let i = 0; i < other.count; i++) this.push(other.starts[i]!, other.lengths[i]!)
    this.bytes = other.bytes
  }

  /** Takes arguments that lie in buffers of their own, as those of a queued or replayed command. */
  load(args: readonly Uint8Array[]): void {
    this.clear()
    let total = 0
    for (const arg of args) total += arg.length
    const bytes = new Uint8Array(total)
    let at = 0
    for (const arg of args) {
      bytes.set(arg, at)
      this.push(at, arg.length)
      at += arg.length
    }
    this.bytes = bytes
  }

  /** Copies of the arguments, for what outlives the request. */
  toArrays(): Uint8Array[] {
    const args: Uint8Array[] = []
    for (let i = 0; i < this.count; i++) args.push(copyOf(this.bytes, this.starts[i]!, this.lengths[i]!))
    return args
  }

  #grow(): void {
    const starts = new Int32Array(this.starts.length * 2)
    starts.set(this.starts)
    this.starts = starts
    const lengths = new Int32Array(this.lengths.length * 2)
    lengths.set(this.lengths)
    this.lengths = lengths
  }
}
