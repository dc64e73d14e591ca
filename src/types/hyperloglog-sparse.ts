// Sparse registers of a HyperLogLog (hyperloglog.ts): runs of equal ones, in order, each an opcode of one or two bytes.
//
//   ZERO   00nnnnnn            n + 1 registers, up to 64, are zero
//   XZERO  01nnnnnn nnnnnnnn   n + 1 registers, up to 16,384, are zero; high bits first
//   VAL    1vvvvvnn            n + 1 registers, up to 4, have the rank v + 1, up to 32
//
// Which opcodes stand for the same registers depends on the order in which they were raised. It is Redis's, so that the
// bytes are the same too: a run is cut where a register leaves it, and then some neighbours are joined.

import type { Slice } from '../memory/slice.ts'
import { HEADER_BYTES, REGISTERS } from './hyperloglog.ts'

/** What an opcode can say of a rank at most. */
export const MAX_SPARSE_RANK = 32

const VAL = 0x80
const XZERO = 0x40
const OPCODE_MASK = 0xc0
const LONGEST_VAL = 4
const LONGEST_ZERO = 64

/** By the first byte of an opcode, its number of registers; the second byte of an XZERO is to be added. */
const RUNS = Uint16Array.from({ length: 256 }, (_, byte) => {
  if (byte >= VAL) return (byte & 3) + 1
  return byte >= XZERO ? ((byte & 63) << 8) + 1 : byte + 1
})

function rankOf(byte: number): number {
  return byte >= VAL ? ((byte >> 2) & 31) + 1 : 0
}

function isXzero(byte: number): boolean {
  return (byte & OPCODE_MASK) === XZERO
}

/** Redis: a string ends in a zero that doesn't count, so that an XZERO at the very end has a second byte all the same. */
function secondByte(bytes: Uint8Array, at: number, end: number): number {
  return at + 1 < end ? bytes[at + 1]! : 0
}

/** Number of registers of the opcode at an offset of a value. */
function runAt({ bytes, start, length }: Slice, offset: number): number {
  const byte = bytes[start + offset]!
  return isXzero(byte) ? RUNS[byte]! + secondByte(bytes, start + offset, start + length) : RUNS[byte]!
}

/** Adds to `histogram[rank]` the number of registers of each rank; false if they are not all there, or more. */
export function countRanks({ bytes, start, length }: Slice, histogram: Int32Array): boolean {
  const end = start + length
  let zeros = 0
  let others = 0
  for (let at = start + HEADER_BYTES; at < end; at++) {
    const byte = bytes[at]!
    const run = RUNS[byte]!
    if (byte >= VAL) {
      histogram[rankOf(byte)]! += run
      others += run
    } else zeros += isXzero(byte) ? run + secondByte(bytes, at++, end) : run
  }
  histogram[0]! += zeros
  return zeros + others === REGISTERS
}

/** Raises `ranks`, one of each register, to those of the value; false if they are not all there, or more. */
export function raiseRanks({ bytes, start, length }: Slice, ranks: Uint8Array): boolean {
  const end = start + length
  const registers = ranks.length
  let register = 0
  for (let at = start + HEADER_BYTES; at < end; at++) {
    const byte = bytes[at]!
    let next = register + RUNS[byte]!
    if (byte >= VAL) {
      if (next > registers) return false
      const rank = rankOf(byte)
      for (let i = register; i < next; i++) if (ranks[i]! < rank) ranks[i] = rank
    } else if (isXzero(byte)) next += secondByte(bytes, at++, end)
    register = next
  }
  return register === registers
}

/** All runs as text, as `Z:100 v:3,1 z:20`: Z and z for XZERO and ZERO, v with rank and length. */
export function describeRuns({ bytes, start, length }: Slice): string {
  const end = start + length
  const words: string[] = []
  for (let at = start + HEADER_BYTES; at < end; at++) {
    const byte = bytes[at]!
    if (byte >= VAL) words.push(`v:${rankOf(byte)},${RUNS[byte]}`)
    else if (isXzero(byte)) words.push(`Z:${RUNS[byte]! + secondByte(bytes, at++, end)}`)
    else words.push(`z:${RUNS[byte]}`)
  }
  return words.join(' ')
}

/** What raising a register takes: nothing, as it is as high already; a change; or it can't be done, there being no such register. */
export const UNCHANGED = 0
export const CHANGED = 1
export const CORRUPT = 2

/** So many opcodes, from the one before the change on, are offered to their successor to be joined. */
const LOOKS = 5
const WINDOW_BYTES = 2 * (LOOKS + 1)

/**
 * Changes of a value, one register at a time: `plan` one, give the value `growth` more bytes, `apply` it. While nobody
 * else changes the value, going through registers in rising order doesn't start from the first opcode each time.
 */
export class SparseChange {
  /** How many bytes the planned change adds; negative if it takes some away. */
  growth = 0
  /** The same before neighbours are joined. Redis: this is what must not pass `hll-sparse-max-bytes`. */
  growthAtFirst = 0
  /** The opcodes that will stand in the value from `#at` on, instead of `#removed` bytes. Offsets are from the value's start. */
  readonly #window = new Uint8Array(WINDOW_BYTES)
  #length = 0
  #at = 0
  #removed = 0
  // Where `#locate` has found the register: the opcode, the one before it or -1, the first register of its run and of
  // the next run.
  #opcode = 0
  #before = -1
  #first = 0
  #next = 0
  // Where to start looking for registers from `#resumeFirst` on: at an opcode that the last change has left where it
  // was, though it may have been joined with what follows.
  #resume = HEADER_BYTES
  #resumeFirst = 0

  /** Before the first change of a value. */
  begin(): void {
    this.#resume = HEADER_BYTES
    this.#resumeFirst = 0
  }

  /** Prepares raising a register to a rank, of MAX_SPARSE_RANK at most. O(opcodes before it). */
  plan(value: Slice, register: number, rank: number): typeof UNCHANGED | typeof CHANGED | typeof CORRUPT {
    if (!this.#locate(value, register)) return CORRUPT
    if (rankOf(value.bytes[value.start + this.#opcode]!) >= rank) return UNCHANGED
    this.#cut(value, register, rank)
    this.#join()
    this.growth = this.#length - this.#removed
    return CHANGED
  }

  /** Makes the planned change in a value of `length` bytes, where there is room for `growth` more. */
  apply({ bytes, start }: Slice, length: number): void {
    const at = start + this.#at
    if (this.growth !== 0) {
      const rest = at + this.#removed
      bytes.copyWithin(rest + this.growth, rest, start + length)
    }
    // A second byte that isn't there isn't written either.
    const count = Math.min(this.#length, length + this.growth - this.#at)
    for (let i = 0; i < count; i++) bytes[at + i] = this.#window[i]!
  }

  #locate(value: Slice, register: number): boolean {
    if (register < this.#resumeFirst) this.begin()
    if (!this.#find(value, register)) return false
    if (this.#before < 0) {
      if (this.#resume === HEADER_BYTES) return true
      // It is in the very opcode where the search began: the one before it isn't known.
      this.begin()
      this.#find(value, register)
      if (this.#before < 0) return true
    }
    this.#resume = this.#before
    this.#resumeFirst = this.#first - runAt(value, this.#before)
    return true
  }

  /** Looks for a register's opcode, from `#resume` on. */
  #find(value: Slice, register: number): boolean {
    const { bytes, start, length } = value
    this.#opcode = this.#resume
    this.#before = -1
    this.#first = this.#resumeFirst
    this.#skip(value, register)
    for (let at = this.#opcode; at < length; ) {
      const run = runAt(value, at)
      if (register < this.#first + run) {
        this.#opcode = at
        this.#next = this.#first + run
        return true
      }
      this.#first += run
      this.#before = at
      at += isXzero(bytes[start + at]!) ? 2 : 1
    }
    return false
  }

  /**
   * Comes near a register's opcode, by up to three opcodes at a time, as only the last of several can have two bytes.
   * 0.4 µs to the middle of 1,000 opcodes; one by one it takes 0.6.
   */
  #skip({ bytes, start, length }: Slice, register: number): void {
    const lastFour = start + length - 4
    let at = start + this.#opcode
    let before = -1
    let rest = register - this.#first
    while (at <= lastFour) {
      const one = bytes[at]!
      const two = bytes[at + 1]!
      const three = bytes[at + 2]!
      let run = RUNS[one]!
      let last = at
      let next = at + 2
      if (isXzero(one)) run += two
      else {
        run += RUNS[two]!
        last++
        next++
        if (isXzero(two)) run += three
        else {
          run += RUNS[three]!
          last++
          if (isXzero(three)) run += bytes[next++]!
        }
      }
      if (rest < run) break
      rest -= run
      before = last
      at = next
    }
    this.#opcode = at - start
    this.#before = before < 0 ? -1 : before - start
    this.#first = register - rest
  }

  /** Fills the window: the opcode before, the run in up to three pieces, and what follows, as far as joining may look. */
  #cut(value: Slice, register: number, rank: number): void {
    const { bytes, start } = value
    const byte = bytes[start + this.#opcode]!
    const size = isXzero(byte) ? 2 : 1
    this.#length = 0
    this.#at = this.#before < 0 ? this.#opcode : this.#before
    let opcodes = this.#at === this.#opcode ? 1 : 2
    for (let at = this.#at; at < this.#opcode; at++) this.#window[this.#length++] = bytes[start + at]!
    const lengthBefore = this.#length
    if (register > this.#first) opcodes += this.#push(byte, register - this.#first)
    this.#window[this.#length++] = VAL | ((rank - 1) << 2)
    if (register + 1 < this.#next) opcodes += this.#push(byte, this.#next - register - 1)
    this.growthAtFirst = this.#length - lengthBefore - size
    let at = this.#opcode + size
    for (; opcodes <= LOOKS && at < value.length; opcodes++) {
      const next = bytes[start + at]!
      this.#window[this.#length++] = next
      if (isXzero(next)) this.#window[this.#length++] = secondByte(bytes, start + at++, start + value.length)
      at++
    }
    this.#removed = at - this.#at
  }

  /** Adds an opcode like `byte` for so many registers; returns 1. */
  #push(byte: number, registers: number): number {
    const window = this.#window
    if (byte >= VAL) window[this.#length++] = (byte & ~3) | (registers - 1)
    else if (registers <= LONGEST_ZERO) window[this.#length++] = registers - 1
    else {
      window[this.#length++] = XZERO | ((registers - 1) >> 8)
      window[this.#length++] = (registers - 1) & 0xff
    }
    return 1
  }

  /** Joins VALs of one rank that stand side by side, as far as one opcode can hold them. */
  #join(): void {
    const window = this.#window
    let at = 0
    for (let look = 0; look < LOOKS && at + 1 < this.#length; look++) {
      const byte = window[at]!
      const next = window[at + 1]!
      const registers = RUNS[byte]! + RUNS[next]!
      if (byte >= VAL && next >= VAL && rankOf(byte) === rankOf(next) && registers <= LONGEST_VAL) {
        window[at] = (byte & ~3) | (registers - 1)
        this.#length--
        window.copyWithin(at + 1, at + 2, this.#length + 1)
      } else at += isXzero(byte) ? 2 : 1
    }
  }
}
