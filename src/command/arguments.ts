// The arguments of a command, read as numbers, words and keys when a handler asks. Index 0 is the command's name.
// Says what is wrong in Redis's words, by throwing ReplyError. Knows no command.

import { parseInt64, parseSafeInteger } from '../base/integers.ts'
import { NOT_AN_INTEGER, ReplyError } from '../base/reply-error.ts'
import { copyOf, Slice } from '../memory/slice.ts'
import { Request } from '../resp/request.ts'

const NOT_INT32 = new ReplyError('ERR value is out of range, value must between -2147483648 and 2147483647')
const NOTHING = new Uint8Array(0)

export class Arguments extends Request {
  readonly #slice = new Slice()
  readonly #otherSlice = new Slice()
  /** Passwords: indexes of arguments that logs must not show. */
  #secrets: number[] | undefined = undefined

  override clear(): void {
    super.clear()
    this.#secrets = undefined
  }

  /** Keeps arguments out of the slow log and the like. */
  redact(from: number, to: number): void {
    this.#secrets ??= []
    for (let index = from; index < to; index++) this.#secrets.push(index)
  }

  isRedacted(index: number): boolean {
    return this.#secrets?.includes(index) === true
  }

  /** Bytes of the last argument: where the large ones stand. */
  get lastLength(): number {
    return this.lengths[this.count - 1]!
  }

  /** Lets go of the bytes of a large request, which would live on until the next one. */
  forget(): void {
    this.bytes = NOTHING
    this.count = 0
    this.#slice.set(NOTHING, 0, 0)
    this.#otherSlice.set(NOTHING, 0, 0)
  }

  /** The argument's place. The slice is reused by the next call. */
  slice(index: number): Slice {
    return this.#slice.set(this.bytes, this.starts[index]!, this.lengths[index]!)
  }

  /** A second slice beside the first. */
  otherSlice(index: number): Slice {
    return this.#otherSlice.set(this.bytes, this.starts[index]!, this.lengths[index]!)
  }

  /** A view of the argument; valid during the command. */
  view(index: number): Uint8Array {
    const start = this.starts[index]!
    return this.bytes.subarray(start, start + this.lengths[index]!)
  }

  /** A copy of the argument, for what outlives the command. */
  copy(index: number): Uint8Array {
    return copyOf(this.bytes, this.starts[index]!, this.lengths[index]!)
  }

  /** The argument as a string of bytes: latin1, so that every byte survives; of a long one `limit` bytes at most. */
  string(index: number, limit = Number.POSITIVE_INFINITY): string {
    const start = this.bytes.byteOffset + this.starts[index]!
    return Buffer.from(this.bytes.buffer, start, Math.min(this.lengths[index]!, limit)).toString('latin1')
  }

  /**
   * The argument as Redis prints it in error texts: as a C string, which ends at its first zero byte; and not more than
   * `limit` bytes of it.
   */
  shown(index: number, limit: number): string {
    const start = this.starts[index]!
    const view = this.bytes.subarray(start, start + Math.min(this.lengths[index]!, limit))
    const end = view.indexOf(0)
    return Buffer.from(view.buffer, view.byteOffset, end < 0 ? view.length : end).toString('latin1')
  }

  /**
   * Whether the argument is this word, in any case. The word is given in capitals.
   * Redis: words are compared as C strings, so that a zero byte ends the argument whatever follows it.
   */
  is(index: number, word: string): boolean {
    const { length } = word
    const start = this.starts[index]!
    const given = this.lengths[index]!
    if (given !== length && (given < length || this.bytes[start + length] !== 0)) return false
    for (let i = 0; i < length; i++) {
      let byte = this.bytes[start + i]!
      if (byte >= 97 && byte <= 122) byte -= 32
      if (byte !== word.charCodeAt(i)) return false
    }
    return true
  }

  /** The argument in lower case, for looking it up in a Map. */
  word(index: number): string {
    return this.string(index).toLowerCase()
  }

  /** A whole number that fits a double exactly; beyond that as near as a double gets. */
  integer(index: number, error = NOT_AN_INTEGER): number {
    const start = this.starts[index]!
    const length = this.lengths[index]!
    const value = parseSafeInteger(this.bytes, start, length)
    if (!Number.isNaN(value)) return value
    const exact = parseInt64(this.bytes, start, length)
    if (exact === undefined) throw error
    return Number(exact)
  }

  /** A whole number of 32 bits. */
  int32(index: number): number {
    const value = this.integer(index)
    if (value < -2_147_483_648 || value > 2_147_483_647) throw NOT_INT32
    return value
  }

  /** A signed 64-bit number. */
  int64(index: number, error = NOT_AN_INTEGER): bigint {
    const value = parseInt64(this.bytes, this.starts[index]!, this.lengths[index]!)
    if (value === undefined) throw error
    return value
  }
}
