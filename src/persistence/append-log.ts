// What is to be appended to the log: commands as clients send them, a SELECT where the database changes, and notes of the
// time if they are wanted. Gathers bytes; who writes them to a file takes them from here. Knows no file.
//
// The bytes of a request, as it lies in the buffer that it was read into, are nearly always those that are to be written:
// then they are copied as a whole.

import { writeDecimal } from '../base/integers.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Propagated } from '../command/effects.ts'
import { copyBytes } from '../memory/slice.ts'

const CR = 13
const LF = 10
const DOLLAR = 36
const STAR = 42
const CHUNK_BYTES = 262_144
/** What a header takes at most: a sign, the digits, the line's end. */
const HEADER_BYTES = 16
/** `$`, one digit, and the line's end. */
const SHORTEST_HEADER = 4
const NO_DATABASE = -1

export class AppendLog {
  /** Bytes that were ever appended. */
  appended = 0
  /** `aof-timestamp-enabled` */
  notesTime = false
  /** Seconds since the epoch. */
  seconds: () => number = () => 0
  /** Hears that there is something to write, where there was nothing. */
  onFirst: (() => void) | undefined = undefined
  #bytes: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  #length = 0
  /** Chunks that are full, before `bytes`. */
  #full: Buffer[] = []
  #fullBytes = 0
  /** The database of the last command in the file. */
  #database = NO_DATABASE
  #notedSeconds = 0

  get length(): number {
    return this.#fullBytes + this.#length
  }

  /** What waits, in order, as it lies; valid until something is appended or taken. */
  pieces(): Buffer[] {
    const last = this.#bytes.subarray(0, this.#length)
    return this.#full.length === 0 ? [last] : [...this.#full, last]
  }

  /** Where all of it lies, up to `length`; undefined: in several pieces. */
  get single(): Buffer | undefined {
    return this.#full.length === 0 ? this.#bytes : undefined
  }

  /** All of it has been written. */
  clear(): void {
    this.#length = 0
    if (this.#bytes.length > CHUNK_BYTES) this.#bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    if (this.#full.length === 0) return
    this.#full = []
    this.#fullBytes = 0
  }

  /** The first bytes have been written, and not all of them. */
  drop(count: number): void {
    const rest = Buffer.concat(this.pieces()).subarray(count)
    this.clear()
    this.#full = [rest]
    this.#fullBytes = rest.length
  }

  /** Hands all of it over. */
  take(): Buffer[] {
    const pieces = this.pieces()
    this.#bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    this.#full = []
    this.#fullBytes = 0
    this.#length = 0
    return pieces
  }

  /** Puts back in front what was handed over and could not be written. */
  putBack(pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.#fullBytes += piece.length
    this.#full = [...pieces, ...this.#full]
  }

  /** What follows goes to another file. */
  beginFile(): void {
    this.#database = NO_DATABASE
    this.#notedSeconds = 0
  }

  /** Appends a command that was carried out in this database. */
  propagate(database: number, command: Arguments | Propagated): void {
    const before = this.length
    if (this.notesTime) this.#noteTime()
    if (database !== this.#database) this.#select(database)
    if ('toArrays' in command) this.#request(command)
    else this.#words(command)
    this.appended += this.length - before
    if (before === 0) this.onFirst?.()
  }

  #noteTime(): void {
    const seconds = this.seconds()
    if (seconds <= this.#notedSeconds) return
    this.#notedSeconds = seconds
    this.#reserve(HEADER_BYTES * 2)
    this.#length += this.#bytes.write(`#TS:${seconds}\r\n`, this.#length, 'latin1')
  }

  #select(database: number): void {
    this.#database = database
    this.#words(['SELECT', String(database)])
  }

  #request(args: Arguments): void {
    const start = requestStart(args)
    const { bytes, starts, lengths, count } = args
    if (start >= 0) {
      const size = starts[count - 1]! + lengths[count - 1]! + 2 - start
      this.#reserve(size)
      copyBytes(bytes, start, this.#bytes, this.#length, size)
      this.#length += size
      return
    }
    let size = HEADER_BYTES
    for (let i = 0; i < count; i++) size += HEADER_BYTES + lengths[i]! + 2
    this.#reserve(size)
    this.#header(STAR, count)
    for (let i = 0; i < count; i++) this.#string(bytes, starts[i]!, lengths[i]!)
  }

  #words(words: Propagated): void {
    let size = HEADER_BYTES
    for (const word of words) size += HEADER_BYTES + word.length + 2
    this.#reserve(size)
    this.#header(STAR, words.length)
    for (const word of words) {
      if (typeof word !== 'string') this.#string(word, 0, word.length)
      else {
        this.#header(DOLLAR, word.length)
        this.#length += this.#bytes.write(word, this.#length, 'latin1')
        this.#lineEnd()
      }
    }
  }

  #string(bytes: Uint8Array, start: number, length: number): void {
    this.#header(DOLLAR, length)
    copyBytes(bytes, start, this.#bytes, this.#length, length)
    this.#length += length
    this.#lineEnd()
  }

  #header(kind: number, count: number): void {
    const out = this.#bytes
    out[this.#length] = kind
    this.#length = writeDecimal(out, this.#length + 1, count)
    this.#lineEnd()
  }

  #lineEnd(): void {
    this.#bytes[this.#length] = CR
    this.#bytes[this.#length + 1] = LF
    this.#length += 2
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    if (this.#length > 0) {
      this.#full.push(this.#bytes.subarray(0, this.#length))
      this.#fullBytes += this.#length
    }
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(more, CHUNK_BYTES))
    this.#length = 0
  }
}

/**
 * Where a request starts in its bytes, if it lies there as it would be written: each string behind the one before and its
 * own header. What the parser takes for a header is written in one way only, so its length tells it. Else -1.
 */
function requestStart({ bytes, starts, lengths, count }: Arguments): number {
  const first = starts[0]!
  const start = first - headerBytes(lengths[0]!) - headerBytes(count)
  if (start < 0 || bytes[start] !== STAR) return -1
  if (bytes[first - headerBytes(lengths[0]!)] !== DOLLAR) return -1
  let end = first + lengths[0]!
  for (let i = 1; i < count; i++) {
    const at = starts[i]!
    const length = lengths[i]!
    if (at - end !== 2 + headerBytes(length) || bytes[end + 2] !== DOLLAR) return -1
    end = at + length
  }
  return bytes[end] === CR && bytes[end + 1] === LF ? start : -1
}

function headerBytes(length: number): number {
  if (length < 10) return SHORTEST_HEADER
  let bytes = SHORTEST_HEADER
  for (let rest = length; rest >= 10; rest = Math.floor(rest / 10)) bytes++
  return bytes
}
