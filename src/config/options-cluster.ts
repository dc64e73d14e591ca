// Options of cluster mode. A literal table; option.ts explains its columns.

import { INT64_MAX } from '../base/integers.ts'
import { INT32_MAX, MAX_PORT, type Option, UINT64_MAX } from './option.ts'
import { validateHostname, validateNodeName } from './validators.ts'

export const CLUSTER_OPTIONS = [
  { name: 'cluster-enabled', type: 'boolean', default: 'no', immutable: true },
  { name: 'cluster-config-file', type: 'string', default: 'nodes.conf', immutable: true },
  { name: 'cluster-node-timeout', type: 'integer', min: 0, max: INT64_MAX, default: '15000' },
  { name: 'cluster-ping-interval', type: 'integer', min: 0, max: INT64_MAX, default: '0', hidden: true },
  { name: 'cluster-port', type: 'integer', min: 0, max: MAX_PORT, default: '0', immutable: true },
  {
    name: 'cluster-replica-validity-factor',
    alias: 'cluster-slave-validity-factor',
    type: 'integer',
    min: 0,
    max: INT32_MAX,
    default: '10',
  },
  { name: 'cluster-migration-barrier', type: 'integer', min: 0, max: INT32_MAX, default: '1' },
  { name: 'cluster-allow-replica-migration', type: 'boolean', default: 'yes' },
  { name: 'cluster-require-full-coverage', type: 'boolean', default: 'yes' },
  { name: 'cluster-replica-no-failover', alias: 'cluster-slave-no-failover', type: 'boolean', default: 'no' },
  { name: 'cluster-allow-reads-when-down', type: 'boolean', default: 'no' },
  { name: 'cluster-allow-pubsubshard-when-down', type: 'boolean', default: 'yes' },
  { name: 'cluster-link-sendbuf-limit', type: 'memory', min: 0, max: UINT64_MAX, default: '0' },
  {
    name: 'cluster-announce-hostname',
    type: 'string',
    default: '',
    emptyIsUnset: true,
    validate: validateHostname,
  },
  {
    name: 'cluster-announce-human-nodename',
    type: 'string',
    default: '',
    emptyIsUnset: true,
    validate: validateNodeName,
  },
  {
    name: 'cluster-preferred-endpoint-type',
    type: 'enum',
    values: ['ip', 'hostname', 'unknown-endpoint'],
    default: 'ip',
  },
  { name: 'cluster-announce-ip', type: 'string', default: '', emptyIsUnset: true },
  { name: 'cluster-announce-port', type: 'integer', min: 0, max: MAX_PORT, default: '0' },
  { name: 'cluster-announce-tls-port', type: 'integer', min: 0, max: MAX_PORT, default: '0' },
  { name: 'cluster-announce-bus-port', type: 'integer', min: 0, max: MAX_PORT, default: '0' },
] as const satisfies readonly Option[]
