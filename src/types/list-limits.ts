// When a list leaves the form of one listpack, and what a chunk of a long one may hold: Redis's rules for
// `list-max-listpack-size`, which is a number of elements or, if negative, one of five sizes.

import { ELEMENT_OVERHEAD } from '../memory/chunk-list.ts'
import { MAX_BLOCK_BYTES } from '../memory/size-classes.ts'
import type { EncodingLimits } from './environment.ts'

const SIZES = [4096, 8192, 16_384, 32_768, 65_536] as const
/** What a listpack may take at most where the limit is a number of elements. */
const SAFE_BYTES = 8192
const MOST_ELEMENTS = 32_767
/** What fits into a block as the only element of a listpack. */
const LONGEST = MAX_BLOCK_BYTES - 16

export type ListLimits = Pick<EncodingLimits, 'listListpackSize' | 'listPackedThreshold'>

/** Bytes that a chunk may take. */
export function chunkBytes({ listListpackSize: limit }: ListLimits): number {
  return limit < 0 ? SIZES[Math.min(-limit, SIZES.length) - 1]! : SAFE_BYTES
}

/** Elements that a chunk may have; as many as fit if the limit is one of bytes. */
export function chunkElements({ listListpackSize: limit }: ListLimits): number {
  return limit < 0 ? 0xffff : Math.min(Math.max(limit, 1), MOST_ELEMENTS)
}

/** Whether a listpack of this size is too large for one chunk. */
export function exceedsChunk(limits: ListLimits, bytes: number, elements: number): boolean {
  return bytes > chunkBytes(limits) || elements > chunkElements(limits)
}

/** Whether a chunk of this size can take a text of so many bytes. */
export function fitsIntoChunk(limits: ListLimits, bytes: number, elements: number, length: number): boolean {
  return !exceedsChunk(limits, bytes + length + ELEMENT_OVERHEAD, elements + 1)
}

/** Whether a text is no element of a listpack, but a chunk of its own. */
export function isTooLong(limits: ListLimits, length: number): boolean {
  return length > chunkBytes(limits) || length > LONGEST || length >= limits.listPackedThreshold
}
