// Options of the network: addresses, ports, connections, TLS. A literal table; option.ts explains its columns.

import { INT64_MAX } from '../base/integers.ts'
import { INT32_MAX, MAX_PORT, type Option, UINT32_MAX } from './option.ts'

const MIB = 1024 ** 2

export const NETWORK_OPTIONS = [
  { name: 'bind', type: 'special', default: '* -::*', multiArgument: true },
  { name: 'bind-source-addr', type: 'string', default: '', emptyIsUnset: true },
  { name: 'port', type: 'integer', min: 0, max: MAX_PORT, default: '6379' },
  { name: 'tcp-backlog', type: 'integer', min: 0, max: INT32_MAX, default: '511', immutable: true },
  { name: 'unixsocket', type: 'string', default: '', emptyIsUnset: true, immutable: true },
  { name: 'unixsocketperm', type: 'octal', min: 0, max: 0o777, default: '0', immutable: true },
  { name: 'protected-mode', type: 'boolean', default: 'yes' },
  { name: 'timeout', type: 'integer', min: 0, max: INT32_MAX, default: '0' },
  { name: 'tcp-keepalive', type: 'integer', min: 0, max: INT32_MAX, default: '300' },
  { name: 'socket-mark-id', type: 'integer', min: 0, max: UINT32_MAX, default: '0', immutable: true },
  { name: 'maxclients', type: 'integer', min: 1, max: UINT32_MAX, default: '10000' },
  { name: 'max-new-connections-per-cycle', type: 'integer', min: 1, max: 1000, default: '10' },
  { name: 'max-new-tls-connections-per-cycle', type: 'integer', min: 1, max: 1000, default: '1' },
  {
    name: 'client-output-buffer-limit',
    type: 'special',
    default: 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    multiArgument: true,
  },
  {
    name: 'client-query-buffer-limit',
    type: 'memory',
    min: MIB,
    max: INT64_MAX,
    default: '1073741824',
    debug: true,
  },
  { name: 'proto-max-bulk-len', type: 'memory', min: MIB, max: INT64_MAX, default: '536870912', debug: true },
  { name: 'maxmemory-clients', type: 'memory-or-percent', default: '0' },
] as const satisfies readonly Option[]

export const TLS_OPTIONS = [
  { name: 'tls-port', type: 'integer', min: 0, max: MAX_PORT, default: '0' },
  { name: 'tls-cert-file', type: 'string', default: '', emptyIsUnset: true, volatile: true },
  { name: 'tls-key-file', type: 'string', default: '', emptyIsUnset: true, volatile: true },
  { name: 'tls-key-file-pass', type: 'string', default: '', emptyIsUnset: true, sensitive: true },
  { name: 'tls-client-cert-file', type: 'string', default: '', emptyIsUnset: true, volatile: true },
  { name: 'tls-client-key-file', type: 'string', default: '', emptyIsUnset: true, volatile: true },
  { name: 'tls-client-key-file-pass', type: 'string', default: '', emptyIsUnset: true, sensitive: true },
  { name: 'tls-dh-params-file', type: 'string', default: '', emptyIsUnset: true, volatile: true },
  { name: 'tls-ca-cert-file', type: 'string', default: '', emptyIsUnset: true, volatile: true },
  { name: 'tls-ca-cert-dir', type: 'string', default: '', emptyIsUnset: true, volatile: true },
  { name: 'tls-auth-clients', type: 'enum', values: ['no', 'yes', 'optional'], default: 'yes' },
  { name: 'tls-replication', type: 'boolean', default: 'no' },
  { name: 'tls-cluster', type: 'boolean', default: 'no' },
  { name: 'tls-protocols', type: 'string', default: '', emptyIsUnset: true },
  { name: 'tls-ciphers', type: 'string', default: '', emptyIsUnset: true },
  { name: 'tls-ciphersuites', type: 'string', default: '', emptyIsUnset: true },
  { name: 'tls-prefer-server-ciphers', type: 'boolean', default: 'no' },
  { name: 'tls-session-caching', type: 'boolean', default: 'yes' },
  { name: 'tls-session-cache-size', type: 'integer', min: 0, max: INT32_MAX, default: '20480' },
  { name: 'tls-session-cache-timeout', type: 'integer', min: 0, max: INT32_MAX, default: '300' },
] as const satisfies readonly Option[]
