// Fields of the records that streams, groups and consumers are kept in: ids, counters and trees at places among bytes, in
// any alignment. Counters are signed 64-bit integers, as Redis has them.

import type { Arena } from '../memory/arena.ts'
import { int64 } from '../memory/element.ts'
import type { IdTree } from '../memory/id-tree.ts'
import { readWord, writeWord } from '../memory/table-root.ts'
import type { WideId } from '../memory/wide-id.ts'

const TWO_32 = 4294967296

export function readId<T extends WideId>(bytes: Uint8Array, at: number, id: T): T {
  return id.set(
    readWord(bytes, at),
    readWord(bytes, at + 4),
    readWord(bytes, at + 8),
    readWord(bytes, at + 12),
  )
}

export function writeId(bytes: Uint8Array, at: number, id: WideId): void {
  writeWord(bytes, at, id.upperHigh)
  writeWord(bytes, at + 4, id.upperLow)
  writeWord(bytes, at + 8, id.lowerHigh)
  writeWord(bytes, at + 12, id.lowerLow)
}

/** A whole number up to 2^53, perhaps negative. */
export function readNumber(bytes: Uint8Array, at: number): number {
  return readWord(bytes, at + 4) * TWO_32 + (readWord(bytes, at) >>> 0)
}

export function writeNumber(bytes: Uint8Array, at: number, value: number): void {
  writeWord(bytes, at, value | 0)
  writeWord(bytes, at + 4, Math.floor(value / TWO_32) | 0)
}

/** The whole of a counter, which may be beyond 2^53. */
export function readCounter(bytes: Uint8Array, at: number): bigint {
  return int64(readWord(bytes, at), readWord(bytes, at + 4))
}

export function writeCounter(bytes: Uint8Array, at: number, value: bigint): void {
  writeWord(bytes, at, Number(BigInt.asIntN(32, value)))
  writeWord(bytes, at + 4, Number(BigInt.asIntN(32, value >> 32n)))
}

export function incrementCounter(bytes: Uint8Array, at: number): void {
  const low = (readWord(bytes, at) + 1) | 0
  writeWord(bytes, at, low)
  if (low === 0) writeWord(bytes, at + 4, readWord(bytes, at + 4) + 1)
}

/** Whether a counter is -1, which stands for an unknown number. */
export function isUnknown(bytes: Uint8Array, at: number): boolean {
  return (readWord(bytes, at) & readWord(bytes, at + 4)) === -1
}

export function attachTree(tree: IdTree, arena: Arena, bytes: Uint8Array, at: number): IdTree {
  return tree.attach(arena, readWord(bytes, at), readWord(bytes, at + 4))
}

export function saveTree(tree: IdTree, bytes: Uint8Array, at: number): void {
  writeWord(bytes, at, tree.root)
  writeWord(bytes, at + 4, tree.count)
}
