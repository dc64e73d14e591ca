// What a connection has received and not run yet: an incomplete request, or requests that wait; and the parser that
// reads it. Most connections have nothing here at most times, as their requests arrive whole. Knows no socket.

import { Arguments } from '../command/arguments.ts'
import { RequestParser } from '../resp/parser.ts'

/** A large value gets a buffer of its exact size up to here; beyond, bytes have to arrive before memory is taken. */
const EXACT_BYTES = 67_108_864
/** Room for what follows, so that it does not make the buffer move: a whole read behind a large value. */
const ROOM = 16_384
const ROOM_BEHIND_LARGE = 65_536
/** A buffer up to this size stays for the next request that arrives in pieces. */
const SPARE_BYTES = 1_048_576
const NOTHING = Buffer.alloc(0)

export class InputBuffer {
  readonly parser: RequestParser<Arguments>
  bytes: Buffer = NOTHING
  /** Where the bytes that are kept end; 0 if there are none. They begin where the parser needs them. */
  end = 0
  #wasUsed = false

  /** `shared`: where requests are parsed into that arrive whole. */
  constructor(shared: Arguments) {
    this.parser = new RequestParser(shared)
  }

  /** Bytes kept. */
  get length(): number {
    return this.end === 0 ? 0 : this.end - this.parser.needed
  }

  /** Those of them that have been read: the beginning of a request. */
  get readBytes(): number {
    return this.end === 0 ? 0 : this.parser.position - this.parser.needed
  }

  /** Bytes of the buffer that are not in use. */
  get free(): number {
    return this.bytes.length - this.length
  }

  /** Whether there is more to be found than at the last attempt: a large value arrives in thousands of pieces. */
  get isWorthReading(): boolean {
    return this.length >= this.parser.wanted
  }

  /** Adds a copy of bytes that have arrived. */
  append(bytes: Uint8Array, length: number): void {
    const { parser } = this
    if (this.end === 0) parser.reset(0)
    this.#reserve(this.length + length)
    this.bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length), this.end)
    this.end += length
    this.#wasUsed = true
  }

  /**
   * Keeps what the parser has not run of `bytes`, be they the shared read buffer or the own one. Returns the size of
   * a large buffer that was let go, to whose bytes nobody should hold on; else 0.
   */
  keep(bytes: Buffer, end: number, shared: Arguments): number {
    const { parser } = this
    const from = parser.needed
    if (from === end) return this.#allRun(bytes)
    if (parser.isInside && parser.request === shared) {
      // The arguments read so far stand where the next connection will write its own.
      const own = new Arguments(16)
      own.copyFrom(shared)
      parser.request = own
    }
    if (bytes === this.bytes) return 0
    parser.shift(from)
    this.end = 0
    this.#reserve(end - from)
    bytes.copy(this.bytes, 0, from, end)
    this.end = end - from
    this.#wasUsed = true
    return 0
  }

  clear(): void {
    this.bytes = NOTHING
    this.end = 0
    this.parser.reset(0)
  }

  /** Gives memory back, called now and then. `isIdle`: nothing has come for a while. */
  trim(isIdle: boolean): void {
    const wasUsed = this.#wasUsed
    this.#wasUsed = false
    if (this.end > 0) {
      if (isIdle && this.free > ROOM) this.#move(this.length)
    } else if (isIdle) this.bytes = NOTHING
    else if (!wasUsed && this.bytes.length > ROOM) this.bytes = Buffer.allocUnsafeSlow(ROOM)
  }

  #allRun(bytes: Buffer): number {
    this.end = 0
    this.parser.reset(0)
    if (bytes !== this.bytes || bytes.length <= SPARE_BYTES) return 0
    this.bytes = NOTHING
    return bytes.length
  }

  /** Makes room for so many bytes that are kept, and for what is to come of the request that is being read. */
  #reserve(needed: number): void {
    const { parser } = this
    const wanted = parser.isInside ? parser.wanted : 0
    const from = this.end === 0 ? 0 : parser.needed
    const least = Math.max(needed, Math.min(wanted, EXACT_BYTES))
    if (from + least <= this.bytes.length) return
    if (least <= this.bytes.length && from * 2 >= this.bytes.length) {
      this.bytes.copyWithin(0, from, this.end)
      this.#rebase(from)
    } else this.#move(roomyCapacity(needed, wanted))
  }

  /** Goes to a buffer of another size, with what is kept. */
  #move(size: number): void {
    const moved = Buffer.allocUnsafeSlow(size)
    if (this.end > 0) {
      const from = this.parser.needed
      this.bytes.copy(moved, 0, from, this.end)
      this.#rebase(from)
    }
    this.bytes = moved
  }

  #rebase(from: number): void {
    this.parser.shift(from)
    this.end -= from
  }
}

/** For so many bytes, of a request that takes `wanted` if that is known. Grows by a factor: nothing is copied often. */
function roomyCapacity(needed: number, wanted: number): number {
  if (wanted <= needed) return needed + Math.max(ROOM, needed >>> 1)
  const size = Math.min(wanted, Math.max(EXACT_BYTES, needed * 2))
  return size + (size > ROOM_BEHIND_LARGE ? ROOM_BEHIND_LARGE : ROOM)
}
