// Requests out of a stream of bytes: RESP arrays of bulk strings, and inline commands (https://redis.io/docs/latest/develop/reference/protocol-spec/).
// Parses in place and keeps its position, so that a request that arrives in pieces is never read twice.
// Knows no socket: the caller owns the bytes, and appends to them when asked for more.

import { splitArguments } from '../base/quoting.ts'
import type { Request } from './request.ts'

/** What `next` says: a request is in `request`; more bytes are needed; or the client has to go. */
export const PARSED = 0
export const INCOMPLETE = 1
export const FAILED = 2
export type ParseResult = typeof PARSED | typeof INCOMPLETE | typeof FAILED

const CR = 13
const LF = 10
const STAR = 42
const DOLLAR = 36
const ZERO = 48
/** Longest inline request, and longest line that holds a number. */
const MAX_LINE = 65_536
const MAX_ARGUMENTS = 2_147_483_647
const UNAUTHENTICATED_ARGUMENTS = 10
const UNAUTHENTICATED_BULK = 16_384
const NOT_A_NUMBER = -2_000_000_000_000
const NO_LINE = -1

/** Limits of one connection: they change with AUTH and CONFIG SET. */
export interface ParserLimits {
  maxBulkBytes: number
  authenticated: boolean
}

export class RequestParser<Into extends Request = Request> {
  /** Where the arguments go. Between two calls of `next` it may be exchanged for a copy of itself. */
  request: Into
  /** Where the next unread byte is. */
  position = 0
  /** After INCOMPLETE: how many bytes from the request's start must be there before it is worth trying again. */
  wanted = 0
  /** After FAILED: the error's text, without `ERR Protocol error: `. */
  error = ''
  /** First byte of the request that is being read. */
  start = 0
  /** Arguments that are still to come; -1 between requests. */
  #missing = -1
  /** Length of the bulk string whose bytes are awaited; -1 if its header is. */
  #bulk = -1

  constructor(request: Into) {
    this.request = request
  }

  /** Begins with other bytes, between two requests. */
  reset(position: number): void {
    this.position = position
    this.start = position
    this.#missing = -1
    this.#bulk = -1
  }

  /** The first byte that is still needed. */
  get needed(): number {
    return this.#missing >= 0 ? this.start : this.position
  }

  /** The bytes have been moved towards the beginning: everything read so far moves along. */
  shift(by: number): void {
    if (this.#missing >= 0) {
      const { starts, count } = this.request
      for (let i = 0; i < count; i++) starts[i] = starts[i]! - by
    }
    this.position -= by
    this.start -= by
  }

  /** Whether a request has been read in part. */
  get isInside(): boolean {
    return this.#missing >= 0
  }

  /** Reads on in `bytes`, which end at `end`. */
  next(bytes: Uint8Array, end: number, limits: ParserLimits): ParseResult {
    if (this.#missing < 0) {
      if (this.position >= end) return this.#incomplete(1)
      this.start = this.position
      this.request.clear()
      if (bytes[this.position] !== STAR) return this.#inline(bytes, end)
      const digit = bytes[this.position + 1]! - ZERO
      if (this.position + 4 <= end && digit >= 1 && digit <= 9 && bytes[this.position + 2] === CR) {
        // Up to nine arguments, as nearly all requests have: no limit can apply.
        this.#missing = digit
        this.position += 4
      } else {
        const result = this.#count(bytes, end, limits)
        if (result !== PARSED || this.#missing < 0) return result
      }
    }
    return this.#bulks(bytes, end, limits)
  }

  #bulks(bytes: Uint8Array, end: number, limits: ParserLimits): ParseResult {
    const request = this.request
    while (this.#missing > 0) {
      if (this.#bulk < 0) {
        const start = shortBulk(bytes, this.position, end)
        if (start > 0) {
          // A short string that is all there, as nearly all are: 25 ns an argument less than the careful way below.
          const length = shortLength(bytes, this.position, start)
          request.push(start, length)
          this.position = start + length + 2
          this.#missing--
          continue
        }
        const result = this.#bulkHeader(bytes, end, limits)
        if (result !== PARSED) return result
      }
      const after = this.position + this.#bulk + 2
      if (after > end) return this.#incomplete(after - this.start)
      request.push(this.position, this.#bulk)
      this.position = after
      this.#bulk = -1
      this.#missing--
    }
    this.#missing = -1
    request.bytes = bytes
    return PARSED
  }

  /** `*<count>\r\n`. A count below 1 is a request of nothing. */
  #count(bytes: Uint8Array, end: number, limits: ParserLimits): ParseResult {
    const line = this.#line(bytes, end, 'too big mbulk count string')
    if (line === NO_LINE) return this.error === '' ? INCOMPLETE : FAILED
    const count = parseLength(bytes, this.position + 1, line)
    if (count === NOT_A_NUMBER || count > MAX_ARGUMENTS) return this.#fail('invalid multibulk length')
    if (count > UNAUTHENTICATED_ARGUMENTS && !limits.authenticated) {
      return this.#fail('unauthenticated multibulk length')
    }
    this.position = line + 2
    if (count > 0) this.#missing = count
    return PARSED
  }

  /** `$<length>\r\n`. */
  #bulkHeader(bytes: Uint8Array, end: number, limits: ParserLimits): ParseResult {
    const line = this.#line(bytes, end, 'too big bulk count string')
    if (line === NO_LINE) return this.error === '' ? INCOMPLETE : FAILED
    const first = bytes[this.position]!
    if (first !== DOLLAR) return this.#fail(`expected '$', got '${String.fromCharCode(first)}'`)
    const length = parseLength(bytes, this.position + 1, line)
    if (length < 0 || length > limits.maxBulkBytes) return this.#fail('invalid bulk length')
    if (length > UNAUTHENTICATED_BULK && !limits.authenticated) {
      return this.#fail('unauthenticated bulk length')
    }
    this.position = line + 2
    this.#bulk = length
    return PARSED
  }

  /** Where the line at `position` ends (its CR), once the LF is there too. NO_LINE: incomplete, or `error` is set. */
  #line(bytes: Uint8Array, end: number, tooLong: string): number {
    let i = this.position
    // Numbers are short: a loop is faster than indexOf here.
    const near = Math.min(end, i + 24)
    while (i < near && bytes[i] !== CR) i++
    if (i === near && near < end) {
      const found = bytes.subarray(0, end).indexOf(CR, i)
      i = found < 0 ? end : found
    }
    if (i + 1 < end) return i
    if (end - this.position > MAX_LINE) this.#fail(tooLong)
    else this.#incomplete(end - this.start + 1)
    return NO_LINE
  }

  #inline(bytes: Uint8Array, end: number): ParseResult {
    const newline = bytes.subarray(0, end).indexOf(LF, this.position)
    // Redis looks for the line's end as in a C string: a zero byte hides what follows. Binary rubbish runs no commands.
    if (newline < 0 || bytes.subarray(0, newline).indexOf(0, this.position) >= 0) {
      if (end - this.position > MAX_LINE) return this.#fail('too big inline request')
      return this.#incomplete(end - this.start + 1)
    }
    const lineEnd = newline > this.position && bytes[newline - 1] === CR ? newline - 1 : newline
    const args = splitArguments(bytes.subarray(this.position, lineEnd))
    if (args === undefined) return this.#fail('unbalanced quotes in request')
    this.request.load(args)
    this.position = newline + 1
    return PARSED
  }

  #incomplete(wanted: number): ParseResult {
    this.wanted = wanted
    return INCOMPLETE
  }

  #fail(text: string): ParseResult {
    this.error = text
    return FAILED
  }
}

/**
 * Where the bytes of the bulk string at `at` start, if its header is `$` with one or two digits (no zero in front) and
 * all of it is there; else 0.
 */
export function shortBulk(bytes: Uint8Array, at: number, end: number): number {
  if (at + 7 > end || bytes[at] !== DOLLAR) return 0
  const first = bytes[at + 1]! - ZERO
  if (bytes[at + 2] === CR) return first >= 0 && first <= 9 && at + 6 + first <= end ? at + 4 : 0
  const second = bytes[at + 2]! - ZERO
  if (bytes[at + 3] !== CR || first < 1 || first > 9 || second < 0 || second > 9) return 0
  return at + 7 + first * 10 + second <= end ? at + 5 : 0
}

/** The length of a bulk string at `at` whose bytes start at `start`, as `shortBulk` says. */
export function shortLength(bytes: Uint8Array, at: number, start: number): number {
  const ones = bytes[start - 3]! - ZERO
  return start - at === 4 ? ones : (bytes[start - 4]! - ZERO) * 10 + ones
}

/** A strictly written integer between two positions: no sign but a minus, no leading zeros, nothing else. */
function parseLength(bytes: Uint8Array, from: number, to: number): number {
  let i = from
  const negative = i < to && bytes[i] === 45
  if (negative) i++
  const digits = to - i
  if (digits < 1 || digits > 15) return NOT_A_NUMBER
  if (bytes[i] === 48) return digits === 1 && !negative ? 0 : NOT_A_NUMBER
  let value = 0
  for (; i < to; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return NOT_A_NUMBER
    value = value * 10 + digit
  }
  return negative ? -value : value
}
