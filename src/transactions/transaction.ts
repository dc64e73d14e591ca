// The commands that a client has queued since MULTI, with their arguments. Knows no client and runs nothing.
//
// The arguments stay in what the client sent until those bytes are to change (`keep`). Mostly EXEC comes sooner, and
// nothing is copied. Else the whole stretch that they lie in is copied at once, with what is between them, into chunks
// that are used again by later transactions.

import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import { copyBytes } from '../memory/slice.ts'
import type { UpcomingKeys } from '../memory/upcoming-keys.ts'

const CHUNK_BYTES = 4096
const LARGEST_CHUNK_BYTES = 65_536
const INITIAL_COMMANDS = 32
const INITIAL_ARGUMENTS = 128
const KEPT_ARGUMENTS = 1024
/** More than this between two commands is not copied with them. */
const GAP_BYTES = 1024
const NOTHING = new Uint8Array(0)

export class Transaction {
  /** A command was refused while it was queued: EXEC will run nothing. */
  isSpoiled = false
  /** Bytes that the queued arguments take. */
  bytes = 0
  #count = 0
  /** Of each command; what is beyond `#count` is left from before. */
  readonly #commands: Command[] = []
  /** Of each command: the bytes that its arguments are in. */
  #chunks: Uint8Array[] = []
  /** Of each command: where its arguments end among those of all. */
  #ends = new Int32Array(INITIAL_COMMANDS)
  #starts = new Int32Array(INITIAL_ARGUMENTS)
  #lengths = new Int32Array(INITIAL_ARGUMENTS)
  /** What the last commands lie in, as long as they have not been copied: from which to which byte, from which command on. */
  #lent: Uint8Array | undefined = undefined
  #lentFrom = 0
  #lentTo = 0
  #lentIndex = 0
  /** The chunk that is being filled, and how far it is. */
  #chunk = newChunk(CHUNK_BYTES)
  #used = 0

  get count(): number {
    return this.#count
  }

  command(index: number): Command {
    return this.#commands[index]!
  }

  /** Adds a command. Before the bytes of its arguments change `keep` must be called. */
  add(command: Command, { bytes, count, starts, lengths }: Arguments): void {
    const from = starts[0]!
    const to = starts[count - 1]! + lengths[count - 1]!
    if (bytes !== this.#lent || from < this.#lentTo || from - this.#lentTo > GAP_BYTES)
      this.#borrow(bytes, from)
    this.#lentTo = to
    const index = this.#count
    const first = this.#firstOf(index)
    const end = first + count
    if (index === this.#ends.length) this.#ends = grown(this.#ends, index + 1)
    if (end > this.#starts.length) {
      this.#starts = grown(this.#starts, end)
      this.#lengths = grown(this.#lengths, end)
    }
    for (let i = 0; i < count; i++) {
      this.#starts[first + i] = starts[i]!
      this.#lengths[first + i] = lengths[i]!
    }
    this.#ends[index] = end
    this.#commands[index] = command
    this.#chunks[index] = bytes
    this.#count = index + 1
    this.bytes += to - from
  }

  #borrow(bytes: Uint8Array, from: number): void {
    this.keep()
    this.#lent = bytes
    this.#lentFrom = from
    this.#lentIndex = this.#count
  }

  /** From now on all arguments are copies. */
  keep(): void {
    const lent = this.#lent
    if (lent === undefined) return
    this.#lent = undefined
    const from = this.#lentFrom
    const by = this.#place(lent, from, this.#lentTo - from) - from
    const end = this.#ends[this.#count - 1]!
    for (let i = this.#firstOf(this.#lentIndex); i < end; i++) this.#starts[i]! += by
    for (let index = this.#lentIndex; index < this.#count; index++) this.#chunks[index] = this.#chunk
  }

  /** Where the arguments of a command begin among those of all. */
  #firstOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!
  }

  /**
   * Adds the keys that commands from an index on begin with to those that are going to be searched for, as far as they
   * lie in the same bytes and there is room. Returns the index of the first command that was not looked at.
   */
  lookAhead(from: number, upcoming: UpcomingKeys): number {
    const bytes = this.#chunks[from]!
    let index = from
    for (; index < this.#count && !upcoming.isFull && this.#chunks[index] === bytes; index++) {
      const at = this.#firstOf(index) + 1
      if (!this.#commands[index]!.startsWithKey || at >= this.#ends[index]!) continue
      upcoming.add(bytes, this.#starts[at]!, this.#lengths[at]!)
    }
    return index
  }

  /** Puts the arguments of a queued command into `args`; valid until `clear`. */
  load(index: number, args: Arguments): void {
    args.clear()
    const end = this.#ends[index]!
    for (let i = this.#firstOf(index); i < end; i++) {
      args.push(this.#starts[i]!, this.#lengths[i]!)
    }
    args.bytes = this.#chunks[index]!
  }

  // What holds for EXEC because of what it will run, under the names that `Command` has for it.

  get isWrite(): boolean {
    return this.#some((command) => command.isWrite)
  }

  get mayReplicate(): boolean {
    return this.#some((command) => command.mayReplicate)
  }

  get deniesWhenFull(): boolean {
    return this.#some((command) => command.deniesWhenFull)
  }

  get runsWhenStale(): boolean {
    return !this.#some((command) => !command.runsWhenStale)
  }

  get runsWhileLoading(): boolean {
    return !this.#some((command) => !command.runsWhileLoading)
  }

  #some(holds: (command: Command) => boolean): boolean {
    for (let i = 0; i < this.#count; i++) if (holds(this.#commands[i]!)) return true
    return false
  }

  /** Makes it a new one. A large one gives its memory back; a small one keeps it, as that is cheaper. */
  clear(): void {
    if (this.#chunk.length > CHUNK_BYTES || this.#starts.length > KEPT_ARGUMENTS) {
      this.#chunk = newChunk(CHUNK_BYTES)
      this.#chunks = []
      this.#commands.length = 0
      this.#ends = new Int32Array(INITIAL_COMMANDS)
      this.#starts = new Int32Array(INITIAL_ARGUMENTS)
      this.#lengths = new Int32Array(INITIAL_ARGUMENTS)
    }
    // What a client has sent would live on.
    for (let index = 0; index < this.#count; index++) this.#chunks[index] = NOTHING
    this.#lent = undefined
    this.#count = 0
    this.#used = 0
    this.isSpoiled = false
    this.bytes = 0
  }

  /** Copies bytes behind those that are there; returns where they begin in `#chunk`. */
  #place(bytes: Uint8Array, from: number, length: number): number {
    if (this.#used + length > this.#chunk.length) {
      const larger = Math.min(this.#chunk.length * 2, LARGEST_CHUNK_BYTES)
      this.#chunk = newChunk(Math.max(larger, length))
      this.#used = 0
    }
    const at = this.#used
    copyBytes(bytes, from, this.#chunk, at, length)
    this.#used = at + length
    return at
  }
}

/** Like the buffers that sockets are read into: code that meets only one kind of array is faster. */
function newChunk(bytes: number): Uint8Array {
  return Buffer.allocUnsafeSlow(bytes)
}

function grown(array: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(array.length * 2, least))
  larger.set(array)
  return larger
}
