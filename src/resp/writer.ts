// Replies, encoded as they are said. The only place that knows how RESP2 and RESP3 differ.
// Writes into a buffer that it owns until `take`; knows no socket.

import { MAX_DOUBLE_LENGTH, writeDouble } from '../base/doubles.ts'
import { writeDecimal } from '../base/integers.ts'
import { copyBytes, LOOP_LIMIT, type Slice } from '../memory/slice.ts'

export type Protocol = 2 | 3

const CR = 13
const LF = 10
const ZERO = 48
const PLUS = 43
const MINUS = 45
const COLON = 58
const DOLLAR = 36
const STAR = 42
const PERCENT = 37
const TILDE = 126
const COMMA = 44
const HASH = 35
const EQUALS = 61
const GREATER = 62
const BAR = 124
const PAREN = 40
const UNDERSCORE = 95

/** Size of the buffer between two flushes; a larger one is not kept. */
export const REPLY_BUFFER_BYTES = 262_144
/** What a header of any kind takes at most. */
const HEADER_BYTES = 32

export class ReplyWriter {
  protocol: Protocol = 2
  bytes: Buffer = Buffer.allocUnsafeSlow(REPLY_BUFFER_BYTES)
  /** Bytes written since the last `take`. */
  length = 0
  /** Error replies ever written; dispatch looks at it to count failed calls. */
  errors = 0
  /** The text of the last error reply. */
  lastError = ''
  readonly #digits = new Uint8Array(MAX_DOUBLE_LENGTH)

  /**
   * What has been written, for sending. The buffer goes on being used: a receiver that does not consume the bytes at
   * once must call `giveUp`.
   */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length)
    this.length = 0
    return taken
  }

  /** Leaves the buffer to whoever took its bytes. */
  giveUp(): void {
    this.bytes = Buffer.allocUnsafeSlow(REPLY_BUFFER_BYTES)
  }

  /** After `take`, drops a buffer that a large reply has blown up. */
  trim(): void {
    if (this.bytes.length > REPLY_BUFFER_BYTES) this.giveUp()
  }

  ok(): void {
    if (this.bytes.length - this.length < HEADER_BYTES) this.#grow(HEADER_BYTES)
    const at = this.length
    const out = this.bytes
    out[at] = PLUS
    out[at + 1] = 79
    out[at + 2] = 75
    out[at + 3] = CR
    out[at + 4] = LF
    this.length = at + 5
  }

  /** `+text`. The text is latin1 and has no line breaks. */
  simple(text: string): void {
    this.#line(PLUS, text)
  }

  /** `-message`, its code first. Line breaks, which would end the reply, are trimmed at the ends and else spaces. */
  error(message: string): void {
    // By hand: a regular expression takes quadratic time for the breaks at the end of what a client has sent.
    let start = 0
    let end = message.length
    while (start < end && isLineBreak(message.charCodeAt(start))) start++
    while (end > start && isLineBreak(message.charCodeAt(end - 1))) end--
    const text = message.slice(start, end).replace(/[\r\n]/g, ' ')
    this.errors++
    this.lastError = text
    this.#line(MINUS, text)
  }

  integer(value: number): void {
    if (this.bytes.length - this.length < HEADER_BYTES) this.#grow(HEADER_BYTES)
    const out = this.bytes
    out[this.length] = COLON
    const at = writeDecimal(out, this.length + 1, value)
    out[at] = CR
    out[at + 1] = LF
    this.length = at + 2
  }

  /** An integer beyond 2^53. */
  bigInteger(value: bigint): void {
    this.#line(COLON, value.toString())
  }

  /** A bulk string out of the store or a request: copied once, from where it lies. */
  bulk(slice: Slice): void {
    this.bulkBytes(slice.bytes, slice.start, slice.length)
  }

  bulkBytes(bytes: Uint8Array, start: number, length: number): void {
    if (this.bytes.length - this.length < length + HEADER_BYTES) this.#grow(length + HEADER_BYTES)
    const out = this.bytes
    let at = this.length
    out[at] = DOLLAR
    // A digit alone without a call, and short texts by a loop of its own, which only ever writes to a Buffer: an element
    // of LRANGE takes 11 ns instead of 13.
    if (length < 10) {
      out[at + 1] = ZERO + length
      at += 2
    } else at = writeDecimal(out, at + 1, length)
    out[at] = CR
    out[at + 1] = LF
    at += 2
    if (length > LOOP_LIMIT) copyBytes(bytes, start, out, at, length)
    else for (let i = 0; i < length; i++) out[at + i] = bytes[start + i]!
    at += length
    out[at] = CR
    out[at + 1] = LF
    this.length = at + 2
  }

  /** A whole array of bytes as a bulk string. */
  buffer(bytes: Uint8Array): void {
    this.bulkBytes(bytes, 0, bytes.length)
  }

  /** A string as a bulk string; the text is latin1, one byte a character. */
  text(text: string): void {
    this.#header(DOLLAR, text.length)
    this.#latin1(text)
    this.#lineEnd()
  }

  /** A decimal number as a bulk string. */
  bulkInteger(value: number): void {
    this.text(value.toString())
  }

  /** The absence of a value: `$-1`, or RESP3's null. */
  null(): void {
    if (this.protocol === 3) this.#line(UNDERSCORE, '')
    else this.#line(DOLLAR, '-1')
  }

  /** The absence of an array: `*-1`, or RESP3's null. */
  nullArray(): void {
    if (this.protocol === 3) this.#line(UNDERSCORE, '')
    else this.#line(STAR, '-1')
  }

  /** The head of an array of so many replies. */
  array(count: number): void {
    this.#header(STAR, count)
  }

  /** Begins an array whose length is not known yet; `closeArray` is to be called with what this returns. */
  openArray(): number {
    if (this.bytes.length - this.length < HEADER_BYTES) this.#grow(HEADER_BYTES)
    const at = this.length
    this.length = at + HEADER_BYTES
    return at
  }

  /** Ends an array of `openArray`: writes its head and closes the gap that was left for it. */
  closeArray(at: number, count: number): void {
    this.#close(at, STAR, count)
  }

  /** Likewise, but it has become a set. */
  closeSet(at: number, count: number): void {
    this.#close(at, this.protocol === 3 ? TILDE : STAR, count)
  }

  /** Likewise, but it has become a map of so many pairs. */
  closeMap(at: number, pairs: number): void {
    if (this.protocol === 3) this.#close(at, PERCENT, pairs)
    else this.#close(at, STAR, pairs * 2)
  }

  #close(at: number, type: number, count: number): void {
    const end = this.length
    this.length = at
    this.#header(type, count)
    this.bytes.copyWithin(this.length, at + HEADER_BYTES, end)
    this.length += end - at - HEADER_BYTES
  }

  /** The head of a map of so many pairs; in RESP2 an array of twice as many. */
  map(pairs: number): void {
    if (this.protocol === 3) this.#header(PERCENT, pairs)
    else this.#header(STAR, pairs * 2)
  }

  set(count: number): void {
    this.#header(this.protocol === 3 ? TILDE : STAR, count)
  }

  /** The head of a message that answers no request; in RESP2 an array. */
  push(count: number): void {
    this.#header(this.protocol === 3 ? GREATER : STAR, count)
  }

  /** The head of so many pairs about the reply that follows; RESP3 only. */
  attribute(pairs: number): void {
    if (this.protocol !== 3) throw new Error('RESP2 has no attributes')
    this.#header(BAR, pairs)
  }

  /** In RESP2 a bulk string of the same digits. */
  double(value: number): void {
    const length = writeDouble(this.#digits, 0, value)
    if (this.protocol !== 3) {
      this.bulkBytes(this.#digits, 0, length)
      return
    }
    if (this.bytes.length - this.length < HEADER_BYTES + MAX_DOUBLE_LENGTH) {
      this.#grow(HEADER_BYTES + MAX_DOUBLE_LENGTH)
    }
    const out = this.bytes
    out[this.length] = COMMA
    copyBytes(this.#digits, 0, out, this.length + 1, length)
    this.length += length + 1
    this.#lineEnd()
  }

  /** A double in digits of the caller's choosing; in RESP2 a bulk string. */
  doubleText(text: string): void {
    if (this.protocol === 3) this.#line(COMMA, text)
    else this.text(text)
  }

  /** In RESP2 1 or 0. */
  boolean(value: boolean): void {
    if (this.protocol === 3) this.#line(HASH, value ? 't' : 'f')
    else this.integer(value ? 1 : 0)
  }

  /** A number of any size, as digits; in RESP2 a bulk string. */
  bigNumber(digits: string): void {
    if (this.protocol === 3) this.#line(PAREN, digits)
    else this.text(digits)
  }

  /** Text with a format of three letters (`txt`, `mkd`); in RESP2 a bulk string. Latin1. */
  verbatim(format: string, text: string): void {
    if (this.protocol !== 3) {
      this.text(text)
      return
    }
    this.#header(EQUALS, text.length + 4)
    this.#latin1(`${format}:${text}`)
    this.#lineEnd()
  }

  /** Bytes that are encoded already. */
  raw(bytes: Uint8Array): void {
    if (this.bytes.length - this.length < bytes.length) this.#grow(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  #line(type: number, text: string): void {
    const needed = text.length + HEADER_BYTES
    if (this.bytes.length - this.length < needed) this.#grow(needed)
    this.bytes[this.length++] = type
    this.#latin1(text)
    this.#lineEnd()
  }

  #header(type: number, count: number): void {
    if (this.bytes.length - this.length < HEADER_BYTES) this.#grow(HEADER_BYTES)
    const out = this.bytes
    let at = this.length
    out[at] = type
    // As in bulkBytes.
    if (count >= 0 && count < 10) {
      out[at + 1] = ZERO + count
      at += 2
    } else at = writeDecimal(out, at + 1, count)
    out[at] = CR
    out[at + 1] = LF
    this.length = at + 2
  }

  #latin1(text: string): void {
    if (this.bytes.length - this.length < text.length + 2) this.#grow(text.length + 2)
    const out = this.bytes
    const at = this.length
    if (text.length > 32) out.write(text, at, 'latin1')
    else for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
    this.length = at + text.length
  }

  #lineEnd(): void {
    if (this.bytes.length - this.length < 2) this.#grow(2)
    this.bytes[this.length] = CR
    this.bytes[this.length + 1] = LF
    this.length += 2
  }

  #grow(needed: number): void {
    const size = Math.max(this.bytes.length * 2, this.length + needed)
    const grown = Buffer.allocUnsafeSlow(size)
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }
}

function isLineBreak(character: number): boolean {
  return character === CR || character === LF
}
