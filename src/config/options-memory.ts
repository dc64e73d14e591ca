// Options of memory: limit and eviction, expiry, freeing, the thresholds of the small encodings, defragmentation.
// A literal table; option.ts explains its columns.

import { INT64_MAX } from '../base/integers.ts'
import { INT32_MAX, INT32_MIN, type Option, UINT64_MAX } from './option.ts'

export const MEMORY_OPTIONS = [
  { name: 'maxmemory', type: 'memory', takesPercent: true, min: 0, max: UINT64_MAX, default: '0' },
  {
    name: 'maxmemory-policy',
    type: 'enum',
    values: [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    default: 'noeviction',
  },
  { name: 'maxmemory-samples', type: 'integer', min: 1, max: 64, default: '5' },
  { name: 'maxmemory-eviction-tenacity', type: 'integer', min: 0, max: 100, default: '10' },
  { name: 'lfu-log-factor', type: 'integer', min: 0, max: INT32_MAX, default: '10' },
  { name: 'lfu-decay-time', type: 'integer', min: 0, max: INT32_MAX, default: '1' },
  { name: 'active-expire-effort', type: 'integer', min: 1, max: 10, default: '1' },
  { name: 'lazyfree-lazy-eviction', type: 'boolean', default: 'no', debug: true },
  { name: 'lazyfree-lazy-expire', type: 'boolean', default: 'no', debug: true },
  { name: 'lazyfree-lazy-server-del', type: 'boolean', default: 'no', debug: true },
  { name: 'lazyfree-lazy-user-del', type: 'boolean', default: 'no', debug: true },
  { name: 'lazyfree-lazy-user-flush', type: 'boolean', default: 'no', debug: true },
  { name: 'activerehashing', type: 'boolean', default: 'yes' },
  { name: 'jemalloc-bg-thread', type: 'boolean', default: 'yes' },
] as const satisfies readonly Option[]

export const ENCODING_OPTIONS = [
  {
    name: 'hash-max-listpack-entries',
    alias: 'hash-max-ziplist-entries',
    type: 'integer',
    min: 0,
    max: INT64_MAX,
    default: '512',
  },
  {
    name: 'hash-max-listpack-value',
    alias: 'hash-max-ziplist-value',
    type: 'memory',
    min: 0,
    max: INT64_MAX,
    default: '64',
  },
  {
    name: 'list-max-listpack-size',
    alias: 'list-max-ziplist-size',
    type: 'integer',
    min: INT32_MIN,
    max: INT32_MAX,
    default: '-2',
  },
  { name: 'list-compress-depth', type: 'integer', min: 0, max: INT32_MAX, default: '0', debug: true },
  { name: 'set-max-intset-entries', type: 'integer', min: 0, max: INT64_MAX, default: '512' },
  { name: 'set-max-listpack-entries', type: 'integer', min: 0, max: INT64_MAX, default: '128' },
  { name: 'set-max-listpack-value', type: 'integer', min: 0, max: INT64_MAX, default: '64' },
  {
    name: 'zset-max-listpack-entries',
    alias: 'zset-max-ziplist-entries',
    type: 'integer',
    min: 0,
    max: INT64_MAX,
    default: '128',
  },
  {
    name: 'zset-max-listpack-value',
    alias: 'zset-max-ziplist-value',
    type: 'memory',
    min: 0,
    max: INT64_MAX,
    default: '64',
  },
  { name: 'hll-sparse-max-bytes', type: 'memory', min: 0, max: INT64_MAX, default: '3000' },
  { name: 'stream-node-max-bytes', type: 'memory', min: 0, max: INT64_MAX, default: '4096' },
  { name: 'stream-node-max-entries', type: 'integer', min: 0, max: INT64_MAX, default: '100' },
] as const satisfies readonly Option[]

export const DEFRAGMENTATION_OPTIONS = [
  { name: 'activedefrag', type: 'boolean', default: 'no', debug: true },
  { name: 'active-defrag-ignore-bytes', type: 'memory', min: 1, max: INT64_MAX, default: '104857600' },
  { name: 'active-defrag-threshold-lower', type: 'integer', min: 0, max: 1000, default: '10' },
  { name: 'active-defrag-threshold-upper', type: 'integer', min: 0, max: 1000, default: '100' },
  { name: 'active-defrag-cycle-min', type: 'integer', min: 1, max: 99, default: '1' },
  { name: 'active-defrag-cycle-max', type: 'integer', min: 1, max: 99, default: '25' },
  { name: 'active-defrag-max-scan-fields', type: 'integer', min: 1, max: INT64_MAX, default: '1000' },
] as const satisfies readonly Option[]
