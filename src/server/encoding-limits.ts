// The limits of compact encodings follow the configuration.

import type { Config } from '../config/config.ts'
import type { EncodingLimits } from '../types/environment.ts'

const OPTIONS = [
  ['hash-max-listpack-entries', 'hashListpackEntries'],
  ['hash-max-listpack-value', 'hashListpackValue'],
  ['set-max-intset-entries', 'setIntsetEntries'],
  ['set-max-listpack-entries', 'setListpackEntries'],
  ['set-max-listpack-value', 'setListpackValue'],
  ['zset-max-listpack-entries', 'sortedSetListpackEntries'],
  ['zset-max-listpack-value', 'sortedSetListpackValue'],
  ['list-max-listpack-size', 'listListpackSize'],
  ['list-compress-depth', 'listCompressDepth'],
  ['hll-sparse-max-bytes', 'hyperLogLogSparseBytes'],
  ['stream-node-max-bytes', 'streamNodeBytes'],
  ['stream-node-max-entries', 'streamNodeEntries'],
] as const

export function followEncodingLimits(config: Config, limits: EncodingLimits): void {
  for (const [option, limit] of OPTIONS) {
    config.watch(option, (value) => {
      limits[limit] = value
    })
  }
}
