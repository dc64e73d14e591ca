// What all types need of the server around them: a secret, chance, and when to leave a compact encoding. One object per
// server; its limits follow the configuration.

import type { HashSeed } from '../memory/key.ts'
import type { Chance } from '../memory/table-random.ts'
import type { UpcomingKeys } from '../memory/upcoming-keys.ts'

/** Up to which size values are kept in their compact encodings; the defaults are Redis's. */
export interface EncodingLimits {
  hashListpackEntries: number
  /** Bytes of the longest field or value. */
  hashListpackValue: number
  setIntsetEntries: number
  setListpackEntries: number
  setListpackValue: number
  sortedSetListpackEntries: number
  sortedSetListpackValue: number
  /** Elements of a list's chunk if positive; -1 to -5: 4, 8, 16, 32 or 64 KB. */
  listListpackSize: number
  listCompressDepth: number
  /** From this length on an element of a list is a chunk of its own, even if it is none for its size: for tests. */
  listPackedThreshold: number
  hyperLogLogSparseBytes: number
  streamNodeBytes: number
  streamNodeEntries: number
}

export interface TypeEnvironment {
  /** Hashes of members and fields are keyed, as those of keys. */
  readonly seed: HashSeed
  readonly chance: Chance
  readonly limits: EncodingLimits
  /** Members and fields that are about to be searched for; absent where nobody looks ahead. */
  readonly upcoming?: UpcomingKeys
}

export function defaultLimits(): EncodingLimits {
  return {
    hashListpackEntries: 512,
    hashListpackValue: 64,
    setIntsetEntries: 512,
    setListpackEntries: 128,
    setListpackValue: 64,
    sortedSetListpackEntries: 128,
    sortedSetListpackValue: 64,
    listListpackSize: -2,
    listCompressDepth: 0,
    listPackedThreshold: 2 ** 30,
    hyperLogLogSparseBytes: 3000,
    streamNodeBytes: 4096,
    streamNodeEntries: 100,
  }
}
