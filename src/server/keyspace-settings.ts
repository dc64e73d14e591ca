// What the keyspace does as the configuration says: limits of compact encodings, access clocks, how keys expire.

import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
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

function followEncodingLimits(config: Config, limits: EncodingLimits): void {
  for (const [option, limit] of OPTIONS) {
    config.watch(option, (value) => {
      limits[limit] = value
    })
  }
}

export function followKeyspaceSettings(config: Config, keyspace: Keyspace): void {
  followEncodingLimits(config, keyspace.types.limits)
  config.watch('lazyfree-lazy-expire', (value) => {
    keyspace.removalCommand = value ? 'UNLINK' : 'DEL'
  })
  config.watch('lazyfree-lazy-eviction', (value) => {
    keyspace.evictionCommand = value ? 'UNLINK' : 'DEL'
  })
  config.watch('lazyfree-lazy-server-del', (value) => {
    keyspace.serverRemovalCommand = value ? 'UNLINK' : 'DEL'
  })
  config.watch('proto-max-bulk-len', (value) => {
    keyspace.maxStringBytes = value
  })
  config.watch('lfu-log-factor', (value) => {
    keyspace.access.logFactor = value
  })
  config.watch('lfu-decay-time', (value) => {
    keyspace.access.decayMinutes = value
  })
  config.watch('maxmemory-policy', (value) => {
    keyspace.access.isFrequency = value.endsWith('lfu')
  })
}
