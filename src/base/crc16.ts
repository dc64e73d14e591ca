// CRC-16/XMODEM (polynomial 0x1021, start value zero; check value of "123456789": 31c3), and the rule by which it maps
// keys to the 16,384 slots of a cluster. Knows no cluster: which node has a slot is told elsewhere.

export const SLOT_COUNT = 16384

const POLYNOMIAL = 0x1021
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const TABLE = createTable()

/** The checksum of `length` bytes at `start`. */
export function crc16(bytes: Uint8Array, start: number, length: number): number {
  let crc = 0
  for (let i = start; i < start + length; i++) {
    crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >>> 8) ^ bytes[i]!]!
  }
  return crc
}

/**
 * The slot of a key. Only what stands between the first '{' and the next '}' counts, if that is not empty: so clients
 * can bring keys into one slot: {user1}.name and {user1}.mail.
 */
export function keySlot(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length
  const open = find(bytes, OPEN_BRACE, start, end)
  const close = find(bytes, CLOSE_BRACE, open + 1, end)
  const hasTag = close < end && close > open + 1
  const crc = hasTag ? crc16(bytes, open + 1, close - open - 1) : crc16(bytes, start, length)
  return crc & (SLOT_COUNT - 1)
}

/** The position of a byte; `end` or beyond if it is not there. */
function find(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== byte) at++
  return at
}

function createTable(): Uint16Array {
  const table = new Uint16Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x8000) !== 0 ? POLYNOMIAL : 0)
    table[byte] = crc
  }
  return table
}
