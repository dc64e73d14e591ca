// The commands that a client has queued since MULTI, with copies of their arguments. Knows no client and runs nothing.
//
// The arguments of a command lie close together in what the client sent, so the whole stretch is copied at once, with
// what is between them, into chunks that are used again by later transactions.

import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'

const CHUNK_BYTES = 4096
const LARGEST_CHUNK_BYTES = 65_536
const NOTHING = new Uint8Array(0)

export class Transaction {
  /** A command was refused while it was queued: EXEC will run nothing. */
  isSpoiled = false
  /** Bytes that the queued arguments take. */
  bytes = 0
  // What holds for EXEC because of what it will run, under the names that `Command` has for it.
  isWrite = false
  mayReplicate = false
  deniesWhenFull = false
  runsWhenStale = true
  runsWhileLoading = true
  readonly #commands: Command[] = []
  /** Of each command: the bytes that its arguments are in, and where they end among those of all. */
  readonly #chunks: Uint8Array[] = []
  readonly #ends: number[] = []
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  /** The chunk that is being filled, and how far it is. */
  #chunk = NOTHING
  #used = 0

  get count(): number {
    return this.#commands.length
  }

  command(index: number): Command {
    return this.#commands[index]!
  }

  /** Adds a command with a copy of its arguments. */
  add(command: Command, args: Arguments): void {
    const { count, starts, lengths } = args
    const from = starts[0]!
    const length = starts[count - 1]! + lengths[count - 1]! - from
    const at = this.#place(args.bytes, from, length)
    for (let i = 0; i < count; i++) {
      this.#starts.push(starts[i]! - from + at)
      this.#lengths.push(lengths[i]!)
    }
    this.#commands.push(command)
    this.#chunks.push(this.#chunk)
    this.#ends.push(this.#starts.length)
    this.bytes += length
    this.isWrite ||= command.isWrite
    this.mayReplicate ||= command.mayReplicate
    this.deniesWhenFull ||= command.deniesWhenFull
    this.runsWhenStale &&= command.runsWhenStale
    this.runsWhileLoading &&= command.runsWhileLoading
  }

  /** Puts the arguments of a queued command into `args`; valid until `clear`. */
  load(index: number, args: Arguments): void {
    args.clear()
    const end = this.#ends[index]!
    for (let i = index === 0 ? 0 : this.#ends[index - 1]!; i < end; i++) {
      args.push(this.#starts[i]!, this.#lengths[i]!)
    }
    args.bytes = this.#chunks[index]!
  }

  /** Makes it a new one. Little memory is kept for the next commands. */
  clear(): void {
    this.isSpoiled = false
    this.bytes = 0
    this.isWrite = false
    this.mayReplicate = false
    this.deniesWhenFull = false
    this.runsWhenStale = true
    this.runsWhileLoading = true
    this.#commands.length = 0
    this.#chunks.length = 0
    this.#ends.length = 0
    this.#starts.length = 0
    this.#lengths.length = 0
    if (this.#chunk.length > CHUNK_BYTES) this.#chunk = NOTHING
    this.#used = 0
  }

  /** Copies bytes behind those that are there; returns where they begin in `#chunk`. */
  #place(bytes: Uint8Array, from: number, length: number): number {
    if (this.#used + length > this.#chunk.length) {
      const grown = Math.min(this.#chunk.length * 2, LARGEST_CHUNK_BYTES)
      this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, grown, length))
      this.#used = 0
    }
    const at = this.#used
    this.#chunk.set(bytes.subarray(from, from + length), at)
    this.#used = at + length
    return at
  }
}
