// Commands out of the bytes of an append-only file, in place. As strict as Redis, and no stricter: what follows a number
// on its line, and the two bytes behind a string, may be anything. Knows no file: the caller says how much is still to come.

import type { Arguments } from '../command/arguments.ts'

/** What `next` says: a command is in `args`; more bytes are needed; that was the end; the end is torn; or it is no log. */
export const COMMAND = 0
export const MORE = 1
export const END = 2
export const TORN = 3
export const MALFORMED = 4
export type LogParseResult = typeof COMMAND | typeof MORE | typeof END | typeof TORN | typeof MALFORMED

const LF = 10
const HASH_SIGN = 35
const DOLLAR = 36
const STAR = 42
const PLUS = 43
const MINUS = 45
const ZERO = 48
const SPACE = 32
/** Redis reads lines into a buffer of 128 bytes: a longer one is two. */
const LONGEST_LINE = 127
/** Places are kept in 32 bits. */
const MOST_BYTES = 2 ** 31 - 1
const NO_LINE = -1

export class LogParser {
  readonly args: Arguments
  /** Where the next unread byte is. */
  position = 0
  /** After MORE: how many bytes from `position` on have to be there. */
  wanted = 0
  /** Where the last whole command or annotation ends. */
  end = 0
  #bytes: Uint8Array = new Uint8Array(0)
  #length = 0
  /** Bytes of the file behind those that are here. */
  #left = 0
  #number = 0

  constructor(args: Arguments) {
    this.args = args
  }

  /** Reads on in `bytes`, of which `length` are there, and `left` more are in the file. */
  next(bytes: Uint8Array, length: number, left: number): LogParseResult {
    this.#bytes = bytes
    this.#length = length
    this.#left = left
    for (;;) {
      const start = this.position
      if (start === length) return this.#lacking(1, END)
      const line = this.#lineEnd(start)
      if (line === NO_LINE) return this.#lacking(length - start + 1, END)
      if (bytes[start] !== HASH_SIGN) return this.#command(start, line)
      this.position = line
      if (bytes[line - 1] === LF) this.end = line
    }
  }

  /** What stands at the beginning has been dropped. */
  shift(by: number): void {
    this.position -= by
    this.end -= by
  }

  #lacking(wanted: number, atEnd: LogParseResult): LogParseResult {
    if (this.#left === 0) return atEnd
    this.wanted = wanted
    return MORE
  }

  #command(start: number, firstLine: number): LogParseResult {
    const bytes = this.#bytes
    const length = this.#length
    const { args } = this
    if (bytes[start] !== STAR) return MALFORMED
    if (firstLine - start === 1) return TORN
    this.#read(start + 1, firstLine)
    const count = this.#number
    if (count < 1) return MALFORMED
    args.clear()
    let at = firstLine
    for (let i = 0; i < count; i++) {
      if (at >= length) return this.#lacking(at - start + 1, TORN)
      const line = this.#lineEnd(at)
      if (line === NO_LINE) return this.#lacking(length - start + 1, TORN)
      if (bytes[at] !== DOLLAR) return MALFORMED
      this.#read(at + 1, line)
      const size = this.#number
      if (size < 0) return MALFORMED
      const after = line + size + 2
      if (after > length) {
        if (after - length > this.#left) return TORN
        return after - start > MOST_BYTES ? MALFORMED : this.#lacking(after - start, TORN)
      }
      args.push(line, size)
      at = after
    }
    args.bytes = bytes
    this.position = at
    this.end = at
    return COMMAND
  }

  /** Where the line at `at` ends, behind its line feed; the file's end is one too. */
  #lineEnd(at: number): number {
    const bytes = this.#bytes
    const last = Math.min(this.#length, at + LONGEST_LINE)
    for (let i = at; i < last; i++) if (bytes[i] === LF) return i + 1
    return last - at === LONGEST_LINE || this.#left === 0 ? last : NO_LINE
  }

  /** Reads a number as C's strtol does: blanks in front and anything behind it are passed over. */
  #read(from: number, to: number): void {
    const bytes = this.#bytes
    let at = from
    while (at < to && (bytes[at] === SPACE || (bytes[at]! >= 9 && bytes[at]! <= 13))) at++
    const isNegative = at < to && bytes[at] === MINUS
    if (isNegative || (at < to && bytes[at] === PLUS)) at++
    let value = 0
    for (; at < to; at++) {
      const digit = bytes[at]! - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    this.#number = isNegative ? -value : value
  }
}
