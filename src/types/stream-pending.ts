// An entry that a consumer has been given and hasn't acknowledged: what stands beside its id in the tree of its group.
//
//   word 0-1  when it was delivered last, milliseconds since the epoch
//   word 2-3  how often it was delivered, a signed 64-bit integer
//   word 4    the serial number of the consumer that has it
//
// The consumer's own tree has the id alone.

import { int64 } from '../memory/element.ts'

const TWO_32 = 4294967296

export function deliveredAt(words: Int32Array, at: number): number {
  return words[at + 1]! * TWO_32 + (words[at]! >>> 0)
}

export function setDelivered(words: Int32Array, at: number, milliseconds: number): void {
  words[at] = milliseconds | 0
  words[at + 1] = Math.floor(milliseconds / TWO_32) | 0
}

export function deliveryCount(words: Int32Array, at: number): bigint {
  return int64(words[at + 2]!, words[at + 3]!)
}

export function setDeliveryCount(words: Int32Array, at: number, count: bigint): void {
  words[at + 2] = Number(BigInt.asIntN(32, count))
  words[at + 3] = Number(BigInt.asIntN(32, count >> 32n))
}

/** Redis: beyond the largest number comes the smallest. */
export function countDelivery(words: Int32Array, at: number): void {
  const low = (words[at + 2]! + 1) | 0
  words[at + 2] = low
  if (low === 0) words[at + 3] = (words[at + 3]! + 1) | 0
}

export function setFirstDelivery(words: Int32Array, at: number, deliveredMs: number, serial: number): void {
  setDelivered(words, at, deliveredMs)
  words[at + 2] = 1
  words[at + 3] = 0
  words[at + 4] = serial
}

export function ownerOf(words: Int32Array, at: number): number {
  return words[at + 4]!
}

export function setOwner(words: Int32Array, at: number, serial: number): void {
  words[at + 4] = serial
}
