// CRC-64 as RDB files, DUMP and MIGRATE use it: the "Jones" polynomial 0xad93d23594c935a9, bits reflected, start and
// end value zero; check value of "123456789": e9c6d914c4b8d9ca. Knows no file format.
//
// A 64-bit state is two 32-bit halves. Eight bytes are taken at a time: table k says what a byte does to the state when
// k more bytes follow it, so the effects of eight bytes are looked up apart and combined by XOR. 1.7 ns a byte against
// 3.6 with one table.

const SLICES = 8

/** The polynomial with its bits reversed. */
const POLYNOMIAL_HIGH = 0x95ac9329
const POLYNOMIAL_LOW = 0xac4bc9b5

/** Entry [k * 256 + byte], low and high half. */
const LOW = new Int32Array(SLICES * 256)
const HIGH = new Int32Array(SLICES * 256)
fillTables()

/** A running checksum: feed it pieces in order, then ask for the value. */
export class Crc64 {
  #low = 0
  #high = 0

  /** Back to the checksum of nothing. */
  reset(): void {
    this.#low = 0
    this.#high = 0
  }

  /** Adds the bytes from `start` up to `end`. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    let low = this.#low
    let high = this.#high
    let at = start
    for (const lastBlock = end - SLICES; at <= lastBlock; at += SLICES) {
      low ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      high ^= bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)
      const a = 0x700 + (low & 0xff)
      const b = 0x600 + ((low >>> 8) & 0xff)
      const c = 0x500 + ((low >>> 16) & 0xff)
      const d = 0x400 + (low >>> 24)
      const e = 0x300 + (high & 0xff)
      const f = 0x200 + ((high >>> 8) & 0xff)
      const g = 0x100 + ((high >>> 16) & 0xff)
      const h = high >>> 24
      low = LOW[a]! ^ LOW[b]! ^ LOW[c]! ^ LOW[d]! ^ LOW[e]! ^ LOW[f]! ^ LOW[g]! ^ LOW[h]!
      high = HIGH[a]! ^ HIGH[b]! ^ HIGH[c]! ^ HIGH[d]! ^ HIGH[e]! ^ HIGH[f]! ^ HIGH[g]! ^ HIGH[h]!
    }
    for (; at < end; at++) {
      const entry = (low ^ bytes[at]!) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ LOW[entry]!
      high = (high >>> 8) ^ HIGH[entry]!
    }
    this.#low = low
    this.#high = high
    return this
  }

  /** The lower 32 bits, unsigned. */
  get low(): number {
    return this.#low >>> 0
  }

  /** The upper 32 bits, unsigned. */
  get high(): number {
    return this.#high >>> 0
  }

  /** The checksum as one number. */
  get value(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low)
  }

  /** Writes the checksum as eight bytes, lowest first, as RDB and DUMP end with it; returns the position after it. */
  writeTo(out: Uint8Array, at: number): number {
    for (let i = 0; i < 4; i++) {
      out[at + i] = this.#low >>> (i * 8)
      out[at + 4 + i] = this.#high >>> (i * 8)
    }
    return at + 8
  }

  /** Whether the eight bytes at `at` are what writeTo would write. */
  equals(bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < 4; i++) {
      if (bytes[at + i] !== ((this.#low >>> (i * 8)) & 0xff)) return false
      if (bytes[at + 4 + i] !== ((this.#high >>> (i * 8)) & 0xff)) return false
    }
    return true
  }
}

function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let low = byte
    let high = 0
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1
      low = ((low >>> 1) | (high << 31)) ^ (isOdd ? POLYNOMIAL_LOW : 0)
      high = (high >>> 1) ^ (isOdd ? POLYNOMIAL_HIGH : 0)
    }
    LOW[byte] = low
    HIGH[byte] = high
  }
  // One zero byte more behind it: shift the entry of the table before by a byte.
  for (let i = 256; i < SLICES * 256; i++) {
    const low = LOW[i - 256]!
    const high = HIGH[i - 256]!
    LOW[i] = ((low >>> 8) | (high << 24)) ^ LOW[low & 0xff]!
    HIGH[i] = (high >>> 8) ^ HIGH[low & 0xff]!
  }
}
