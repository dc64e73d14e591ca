// Listpacks: short sequences of strings and integers in one piece of memory, byte for byte as Redis has them in memory
// and in its files. Works at a place in a buffer and knows neither who owns it nor what the elements mean.
//
//   [bytes, u32 LE] [count, u16 LE] element ... element 0xFF
//   element   [encoding, 1..9 bytes] [text] [length of both, 1..5 bytes, readable from behind]
//
//   0xxxxxxx                  7-bit unsigned integer      11110001  16-bit integer
//   10llllll                  text of up to 63 bytes      11110010  24-bit integer
//   110xxxxx xxxxxxxx         13-bit integer              11110011  32-bit integer
//   1110llll llllllll         text of up to 4095 bytes    11110100  64-bit integer
//   11110000 and a u32        longer text                 11111111  the end
//
// Text that is the canonical spelling of a signed 64-bit integer is always kept as one. A count of 65535 means that
// there are so many or more: one has to walk. Places are offsets from the listpack's start, so they outlive its moving.

import { Element, safeInteger } from './element.ts'
import { copyBytes, type Slice } from './slice.ts'

/** No place: where a walk ends, what was not found. */
export const NONE = 0
export const HEADER_BYTES = 6
/** Bytes of a listpack without elements. */
export const EMPTY_BYTES = HEADER_BYTES + 1
export const END = 0xff
const UNKNOWN_COUNT = 0xffff

const TEXT_6 = 0x80
const INT_13 = 0xc0
const TEXT_12 = 0xe0
const TEXT_32 = 0xf0
const INT_16 = 0xf1
const INT_24 = 0xf2
export const INT_64 = 0xf4

const MAX_TEXT_6 = 63
const MAX_TEXT_12 = 4095

/** Takes bytes where they lie, during the call: a reply, as a rule. */
export interface TextSink {
  bulkBytes(bytes: Uint8Array, start: number, length: number): void
}

const emitted = new Element()

/** Writes a listpack without elements. */
export function writeEmpty(bytes: Uint8Array, start: number): void {
  writeUint32(bytes, start, EMPTY_BYTES)
  bytes[start + 4] = 0
  bytes[start + 5] = 0
  bytes[start + HEADER_BYTES] = END
}

/** Bytes that a value takes as an element. */
export function elementBytes(element: Element): number {
  const bodyBytes = element.isInteger ? integerBytes(element.low, element.high) : textBytes(element.length)
  return bodyBytes + backlengthBytes(bodyBytes)
}

/** The most bytes that a value of this length takes as an element, whatever it is. */
export function mostElementBytes(length: number): number {
  return length + 10
}

/**
 * A listpack that lies somewhere; reused for one after the other. Changing methods expect the room they need behind it
 * (`byteLength` and what `elementBytes` says), memory that may be changed, and elements that lie elsewhere.
 */
export class Listpack {
  bytes: Uint8Array = new Uint8Array(EMPTY_BYTES)
  start = 0

  constructor() {
    writeEmpty(this.bytes, 0)
  }

  open(bytes: Uint8Array, start: number): this {
    this.bytes = bytes
    this.start = start
    return this
  }

  openAt(place: Slice): this {
    return this.open(place.bytes, place.start)
  }

  // ---- walking

  /** All its bytes, header and end included. */
  get byteLength(): number {
    return readUint32(this.bytes, this.start)
  }

  /** Number of elements. O(1) below 65535. */
  get count(): number {
    const { bytes, start } = this
    const count = bytes[start + 4]! | (bytes[start + 5]! << 8)
    return count === UNKNOWN_COUNT ? this.#countByWalking() : count
  }

  #countByWalking(): number {
    let count = 0
    for (let at = this.first; at !== NONE; at = this.next(at)) count++
    return count
  }

  get isEmpty(): boolean {
    return this.bytes[this.start + HEADER_BYTES] === END
  }

  /** The place behind the last element. */
  get end(): number {
    return this.byteLength - 1
  }

  /** The place of the first element, NONE if there is none. */
  get first(): number {
    return this.isEmpty ? NONE : HEADER_BYTES
  }

  get last(): number {
    return this.previous(this.end)
  }

  /** The place behind an element: that of the next one, or the end. */
  after(at: number): number {
    return at + spanAt(this.bytes, this.start + at)
  }

  /** The place of the next element, NONE behind the last. */
  next(at: number): number {
    const next = at + spanAt(this.bytes, this.start + at)
    return this.bytes[this.start + next] === END ? NONE : next
  }

  /** The place of the element before one, or before the end; NONE before the first. */
  previous(at: number): number {
    if (at <= HEADER_BYTES) return NONE
    const { bytes } = this
    let p = this.start + at - 1
    let bodyBytes = bytes[p]! & 127
    let scale = 1
    let backBytes = 1
    while (bytes[p]! > 127) {
      scale *= 128
      bodyBytes += (bytes[--p]! & 127) * scale
      backBytes++
    }
    return at - bodyBytes - backBytes
  }

  /** The place of the element with this index, counted from the end if negative; NONE if there is none. */
  seek(index: number): number {
    const { bytes, start } = this
    const known = bytes[start + 4]! | (bytes[start + 5]! << 8)
    if (known === UNKNOWN_COUNT) return index < 0 ? this.#seekBackward(-1 - index) : this.#seekForward(index)
    const wanted = index < 0 ? index + known : index
    if (wanted < 0 || wanted >= known) return NONE
    if (wanted * 2 < known) return HEADER_BYTES + this.spanOf(HEADER_BYTES, wanted)
    return this.#backFromEnd(known - wanted)
  }

  /** So many elements before the end, which must be there. */
  #backFromEnd(count: number): number {
    const { bytes, start } = this
    let p = start + readUint32(bytes, start) - 1
    for (let i = 0; i < count; i++) {
      const bodyBytes = bytes[p - 1]!
      // Most elements have a single byte of length behind them.
      p = bodyBytes <= 127 ? p - 1 - bodyBytes : start + this.previous(p - start)
    }
    return p - start
  }

  #seekForward(steps: number): number {
    let at = this.first
    for (let i = 0; i < steps && at !== NONE; i++) at = this.next(at)
    return at
  }

  #seekBackward(steps: number): number {
    let at = this.last
    for (let i = 0; i < steps && at !== NONE; i++) at = this.previous(at)
    return at
  }

  /** The bytes of `count` elements from a place on. They must be there. */
  spanOf(at: number, count: number): number {
    const { bytes, start } = this
    let p = start + at
    for (let i = 0; i < count; i++) p += spanAt(bytes, p)
    return p - start - at
  }

  // ---- reading elements

  isInteger(at: number): boolean {
    return isIntegerCode(this.bytes[this.start + at]!)
  }

  /** The integer at a place; NaN if it is text, or beyond the safe range. */
  integerAt(at: number): number {
    const { bytes } = this
    const p = this.start + at
    const code = bytes[p]!
    if (code < TEXT_6) return code
    if (!isIntegerCode(code)) return Number.NaN
    return code === INT_64 ? safeInteger(readInt32(bytes, p + 1), readInt32(bytes, p + 5)) : int32At(bytes, p)
  }

  /** Lets `into` have the element; text stays where it is, and `into` is valid until the listpack is changed. */
  read<T extends Element>(at: number, into: T): T {
    const { bytes } = this
    const p = this.start + at
    const code = bytes[p]!
    if (code >= TEXT_6 && code < INT_13) return into.pointText(bytes, p + 1, code & MAX_TEXT_6)
    if (isIntegerCode(code)) {
      if (code === INT_64) return into.setHalves(readInt32(bytes, p + 1), readInt32(bytes, p + 5))
      const value = int32At(bytes, p)
      return into.setHalves(value, value >> 31)
    }
    return into.pointText(bytes, p + textHeadBytes(code), textLengthAt(bytes, p))
  }

  /** Whether the element at a place is this value. */
  equals(at: number, element: Element): boolean {
    return isElementAt(this.bytes, this.start + at, element)
  }

  /**
   * The place of the first element that is this value, looking at the one at `from` and then at every `step`th; NONE if
   * it isn't there. `from` may be NONE.
   */
  find(element: Element, from: number, step = 1): number {
    if (from === NONE) return NONE
    const { bytes, start } = this
    let p = start + from
    for (;;) {
      if (isElementAt(bytes, p, element)) return p - start
      for (let i = 0; i < step; i++) {
        p += spanAt(bytes, p)
        if (bytes[p] === END) return NONE
      }
    }
  }

  /** Gives the texts of `count` elements from a place on to a sink. They must be there. */
  emit(at: number, count: number, sink: TextSink): void {
    const { bytes } = this
    let p = this.start + at
    for (let i = 0; i < count; i++) {
      const code = bytes[p]!
      if (code >= TEXT_6 && code < INT_13) {
        const length = code & MAX_TEXT_6
        sink.bulkBytes(bytes, p + 1, length)
        p += length + 2
        continue
      }
      if (code === INT_64) this.read(p - this.start, emitted)
      else if (isIntegerCode(code)) emitted.setSmall(int32At(bytes, p))
      else emitted.pointText(bytes, p + textHeadBytes(code), textLengthAt(bytes, p))
      sink.bulkBytes(emitted.bytes, emitted.start, emitted.length)
      p += spanAt(bytes, p)
    }
  }

  // ---- changing

  /** Adds an element behind all others. */
  append(element: Element): void {
    this.extend(this.put(this.end, element), 1)
  }

  /** Adds an element at a place, before what is there; returns the place behind it. */
  insert(at: number, element: Element): number {
    this.reshape(at, 0, 1, elementBytes(element))
    return this.put(at, element)
  }

  /** Adds an element before all others, in room that is before the listpack: it then begins earlier. Not for unknown counts. */
  prepend(element: Element): void {
    const { bytes, start } = this
    const length = readUint32(bytes, start)
    const count = bytes[start + 4]! | (bytes[start + 5]! << 8)
    const more = elementBytes(element)
    this.start = start - more
    writeUint32(bytes, this.start, length + more)
    this.#setCount(count + 1)
    writeElement(bytes, this.start + HEADER_BYTES, element)
  }

  /** Takes the first elements out, but not all: the listpack then begins later. Not for unknown counts. */
  dropFirst(count: number): void {
    const { bytes, start } = this
    const length = readUint32(bytes, start)
    const stored = bytes[start + 4]! | (bytes[start + 5]! << 8)
    const less = this.spanOf(HEADER_BYTES, count)
    this.start = start + less
    writeUint32(bytes, this.start, length - less)
    this.#setCount(stored - count)
  }

  /** Takes the last element out. There must be one. */
  dropLast(): void {
    this.extend(this.last, -1)
  }

  /** Puts another element at the place of one; returns the place behind it. */
  replace(at: number, element: Element): number {
    const p = this.start + at
    this.#moveTail(p + spanAt(this.bytes, p), p + elementBytes(element))
    return this.put(at, element)
  }

  /** Takes `count` elements out; what was behind them is then at `at`. */
  remove(at: number, count = 1): void {
    this.reshape(at, count, 0, 0)
  }

  /**
   * Makes a gap of `gapBytes` at a place, where `removed` elements were; it has to be filled at once, by `put` or
   * `putRange`, with `added` elements.
   */
  reshape(at: number, removed: number, added: number, gapBytes: number): void {
    const { bytes, start } = this
    const p = start + at
    this.#moveTail(removed === 0 ? p : p + this.spanOf(at, removed), p + gapBytes)
    const count = bytes[start + 4]! | (bytes[start + 5]! << 8)
    // Once unknown it stays unknown: who walks may not write, since a reader elsewhere may be looking.
    if (count !== UNKNOWN_COUNT) this.#setCount(count + added - removed)
  }

  /** Writes an element into a gap; returns the place behind it. */
  put(at: number, element: Element): number {
    return writeElement(this.bytes, this.start + at, element) - this.start
  }

  /** Writes an integer of 32 bits into a gap, or behind the last element, likewise. */
  putInteger(at: number, value: number): number {
    if (value >= 0 && value < TEXT_6) {
      const p = this.start + at
      this.bytes[p] = value
      this.bytes[p + 1] = 1
      return at + 2
    }
    return this.putInt64(at, value, value >> 31)
  }

  /** Likewise, one of 64 bits. */
  putInt64(at: number, low: number, high: number): number {
    if (high === 0 && low >= 0 && low < TEXT_6) return this.putInteger(at, low)
    const { bytes, start } = this
    const p = start + at
    const bodyEnd = writeInteger(bytes, p, low, high)
    return writeBacklength(bytes, bodyEnd, bodyEnd - p) - start
  }

  /** Puts an integer of 32 bits at the place of an element; returns the place behind it. */
  replaceInteger(at: number, value: number): number {
    const p = this.start + at
    if (value >= 0 && value < TEXT_6 && this.bytes[p]! < TEXT_6) {
      this.bytes[p] = value
      return at + 2
    }
    const bodyBytes = integerBytes(value, value >> 31)
    this.#moveTail(p + spanAt(this.bytes, p), p + bodyBytes + backlengthBytes(bodyBytes))
    return this.putInteger(at, value)
  }

  /** Says that elements were put behind the last one: so many, up to this place; or, less than none, taken off. */
  extend(end: number, added: number): void {
    const { bytes, start } = this
    bytes[start + end] = END
    writeUint32(bytes, start, end + 1)
    const count = bytes[start + 4]! | (bytes[start + 5]! << 8)
    if (count !== UNKNOWN_COUNT) this.#setCount(count + added)
  }

  /** Writes elements as they lie in another listpack into a gap; returns the place behind them. */
  putRange(at: number, from: Listpack, fromAt: number, length: number): number {
    copyBytes(from.bytes, from.start + fromAt, this.bytes, this.start + at, length)
    return at + length
  }

  /** Moves all from one place of the buffer to the end to another place. */
  #moveTail(from: number, to: number): void {
    if (from === to) return
    const { bytes, start } = this
    const length = readUint32(bytes, start)
    const end = start + length
    if (end - from === 1) bytes[to] = END
    else bytes.copyWithin(to, from, end)
    writeUint32(bytes, start, length + to - from)
  }

  #setCount(count: number): void {
    const { bytes, start } = this
    const stored = Math.min(count, UNKNOWN_COUNT)
    bytes[start + 4] = stored & 0xff
    bytes[start + 5] = stored >>> 8
  }
}

/** Whether bytes from somewhere are a listpack from their first to their last, so that walking it stays inside. */
export function isListpack(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < EMPTY_BYTES || readUint32(bytes, start) !== length) return false
  const end = start + length - 1
  let count = 0
  let p = start + HEADER_BYTES
  while (p < end) {
    const span = checkedSpan(bytes, p, end)
    if (span === 0) return false
    p += span
    count++
  }
  if (p !== end || bytes[end] !== END) return false
  const said = bytes[start + 4]! | (bytes[start + 5]! << 8)
  return said === count || said === UNKNOWN_COUNT
}

/** The bytes of an element that may be anything; 0 if it is none, or reaches over `end`. */
function checkedSpan(bytes: Uint8Array, p: number, end: number): number {
  const code = bytes[p]!
  if (code > INT_64 || (!isIntegerCode(code) && p + textHeadBytes(code) > end)) return 0
  const bodyBytes = bodyBytesAt(bytes, p)
  const span = bodyBytes + backlengthBytes(bodyBytes)
  if (p + span > end) return 0
  // The length behind must be the one that a walk from behind needs, in just as many bytes.
  let rest = bodyBytes
  for (let i = p + span - 1; i >= p + bodyBytes; i--) {
    const more = i > p + bodyBytes ? 128 : 0
    if (bytes[i] !== ((rest & 127) | more)) return 0
    rest >>>= 7
  }
  return span
}

// ---- reading at a place in the buffer

export function isIntegerCode(code: number): boolean {
  return code < TEXT_6 || (code >= INT_13 && code < TEXT_12) || code > TEXT_32
}

/** Bytes of an element at a place. */
export function spanAt(bytes: Uint8Array, p: number): number {
  const code = bytes[p]!
  if (code < TEXT_6) return 2
  if (code < INT_13) return 2 + (code & MAX_TEXT_6)
  if (code < TEXT_12) return 3
  const bodyBytes = bodyBytesAt(bytes, p)
  return bodyBytes + backlengthBytes(bodyBytes)
}

/** Bytes of an element without the length behind it. */
function bodyBytesAt(bytes: Uint8Array, p: number): number {
  const code = bytes[p]!
  if (code < TEXT_6) return 1
  if (code < INT_13) return 1 + (code & MAX_TEXT_6)
  if (code < TEXT_12) return 2
  if (code < TEXT_32) return 2 + textLengthAt(bytes, p)
  if (code === TEXT_32) return 5 + textLengthAt(bytes, p)
  return code === INT_64 ? 9 : code - INT_16 + 3
}

/** Bytes before a text. */
export function textHeadBytes(code: number): number {
  if (code < INT_13) return 1
  return code < TEXT_32 ? 2 : 5
}

/** Length of a text; -1 for an integer. */
export function textLengthAt(bytes: Uint8Array, p: number): number {
  const code = bytes[p]!
  if (code < TEXT_6) return -1
  if (code < INT_13) return code & MAX_TEXT_6
  if (code < TEXT_12) return -1
  if (code < TEXT_32) return ((code & 0x0f) << 8) | bytes[p + 1]!
  return code === TEXT_32 ? readUint32(bytes, p + 1) : -1
}

/** An integer of up to 32 bits. */
export function int32At(bytes: Uint8Array, p: number): number {
  const code = bytes[p]!
  if (code < TEXT_6) return code
  if (code < TEXT_12) return (((code << 8) | bytes[p + 1]!) << 19) >> 19
  if (code === INT_16) return ((bytes[p + 1]! | (bytes[p + 2]! << 8)) << 16) >> 16
  if (code === INT_24) return ((bytes[p + 1]! | (bytes[p + 2]! << 8) | (bytes[p + 3]! << 16)) << 8) >> 8
  return readInt32(bytes, p + 1)
}

function isElementAt(bytes: Uint8Array, p: number, element: Element): boolean {
  const code = bytes[p]!
  if (isIntegerCode(code)) {
    if (!element.isInteger) return false
    if (code === INT_64) {
      return readInt32(bytes, p + 1) === element.low && readInt32(bytes, p + 5) === element.high
    }
    const value = int32At(bytes, p)
    return value === element.low && value >> 31 === element.high
  }
  const length = textLengthAt(bytes, p)
  if (length !== element.length) return false
  const from = element.bytes
  const at = element.start
  const text = p + textHeadBytes(code)
  // From behind: names that differ have their beginnings in common more often than their ends.
  for (let i = length - 1; i >= 0; i--) if (bytes[text + i] !== from[at + i]) return false
  return true
}

function readUint32(bytes: Uint8Array, p: number): number {
  return readInt32(bytes, p) >>> 0
}

export function readInt32(bytes: Uint8Array, p: number): number {
  return bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)
}

// ---- writing

function textBytes(length: number): number {
  if (length <= MAX_TEXT_6) return 1 + length
  return (length <= MAX_TEXT_12 ? 2 : 5) + length
}

function integerBytes(low: number, high: number): number {
  if (high !== low >> 31) return 9
  if (low >= 0 && low <= 127) return 1
  if (low >= -4096 && low <= 4095) return 2
  if (low >= -0x8000 && low <= 0x7fff) return 3
  return low >= -0x800000 && low <= 0x7fffff ? 4 : 5
}

/** Writes an element; returns the position behind it. */
function writeElement(bytes: Uint8Array, p: number, element: Element): number {
  const bodyEnd = element.isInteger
    ? writeInteger(bytes, p, element.low, element.high)
    : writeText(bytes, p, element)
  return writeBacklength(bytes, bodyEnd, bodyEnd - p)
}

/** Bytes of the length behind an element. Redis: some sizes take a byte more than they would need. */
function backlengthBytes(bodyBytes: number): number {
  if (bodyBytes <= 127) return 1
  if (bodyBytes < 16383) return 2
  if (bodyBytes < 2097151) return 3
  return bodyBytes < 268435455 ? 4 : 5
}

/** Seven bits a byte, the high ones first; all but the first are marked, so that a walk from behind knows when to stop. */
function writeBacklength(bytes: Uint8Array, at: number, bodyBytes: number): number {
  if (bodyBytes <= 127) {
    bytes[at] = bodyBytes
    return at + 1
  }
  const length = backlengthBytes(bodyBytes)
  let rest = bodyBytes
  for (let i = length - 1; i > 0; i--) {
    bytes[at + i] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[at] = rest
  return at + length
}

function writeText(bytes: Uint8Array, p: number, { bytes: from, start, length }: Element): number {
  let at = p
  if (length <= MAX_TEXT_6) bytes[at++] = TEXT_6 | length
  else if (length <= MAX_TEXT_12) {
    bytes[at++] = TEXT_12 | (length >>> 8)
    bytes[at++] = length & 0xff
  } else {
    bytes[at++] = TEXT_32
    writeUint32(bytes, at, length)
    at += 4
  }
  copyBytes(from, start, bytes, at, length)
  return at + length
}

function writeInteger(bytes: Uint8Array, p: number, low: number, high: number): number {
  const length = integerBytes(low, high)
  if (length === 1) bytes[p] = low
  else if (length === 2) {
    bytes[p] = INT_13 | ((low >> 8) & 0x1f)
    bytes[p + 1] = low & 0xff
  } else {
    bytes[p] = length === 9 ? INT_64 : INT_16 + length - 3
    for (let i = 1; i < length; i++)
      bytes[p + i] = i <= 4 ? (low >> ((i - 1) * 8)) & 0xff : (high >> ((i - 5) * 8)) & 0xff
  }
  return p + length
}

function writeUint32(bytes: Uint8Array, p: number, value: number): void {
  bytes[p] = value & 0xff
  bytes[p + 1] = (value >>> 8) & 0xff
  bytes[p + 2] = (value >>> 16) & 0xff
  bytes[p + 3] = value >>> 24
}
