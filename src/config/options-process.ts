// Options of the process: daemon, logging, signals, threads, the operating system; and who may do what.
// A literal table; option.ts explains its columns.

import { INT64_MAX } from '../base/integers.ts'
import { INT32_MAX, INT32_MIN, type Option } from './option.ts'
import { validateProcessTitle, validateShutdownWords } from './validators.ts'

const SHUTDOWN_WORDS = ['default', 'save', 'nosave', 'now', 'force'] as const
const WHO_MAY = ['no', 'yes', 'local'] as const

export const PROCESS_OPTIONS = [
  { name: 'daemonize', type: 'boolean', default: 'no', immutable: true },
  {
    name: 'supervised',
    type: 'enum',
    values: ['upstart', 'systemd', 'auto', 'no'],
    default: 'no',
    immutable: true,
  },
  { name: 'pidfile', type: 'string', default: '', emptyIsUnset: true, immutable: true },
  {
    name: 'loglevel',
    type: 'enum',
    values: ['debug', 'verbose', 'notice', 'warning', 'nothing'],
    default: 'notice',
  },
  { name: 'logfile', type: 'string', default: '', immutable: true },
  { name: 'syslog-enabled', type: 'boolean', default: 'no', immutable: true },
  { name: 'syslog-ident', type: 'string', default: 'redis', immutable: true },
  {
    name: 'syslog-facility',
    type: 'enum',
    values: ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    default: 'local0',
    immutable: true,
  },
  { name: 'crash-log-enabled', type: 'boolean', default: 'yes' },
  { name: 'crash-memcheck-enabled', type: 'boolean', default: 'yes' },
  { name: 'use-exit-on-panic', type: 'boolean', default: 'no', hidden: true },
  { name: 'watchdog-period', type: 'integer', min: 0, max: INT32_MAX, default: '0', hidden: true },
  { name: 'hide-user-data-from-log', type: 'boolean', default: 'no' },
  { name: 'databases', type: 'integer', min: 1, max: INT32_MAX, default: '16', immutable: true },
  { name: 'always-show-logo', type: 'boolean', default: 'no', immutable: true },
  { name: 'set-proc-title', type: 'boolean', default: 'yes', immutable: true },
  {
    name: 'proc-title-template',
    type: 'string',
    default: '{title} {listen-addr} {server-mode}',
    validate: validateProcessTitle,
  },
  { name: 'locale-collate', type: 'string', default: '' },
  { name: 'hz', type: 'integer', min: 0, max: INT32_MAX, default: '10', clamp: [1, 500] },
  { name: 'dynamic-hz', type: 'boolean', default: 'yes' },
  { name: 'io-threads', type: 'integer', min: 1, max: 128, default: '1', immutable: true, debug: true },
  { name: 'io-threads-do-reads', type: 'boolean', default: 'no', immutable: true, debug: true },
  // Not one of Redis's.
  { name: 'busy-poll-usec', type: 'integer', min: 0, max: 1000, default: '50' },
  {
    name: 'busy-reply-threshold',
    alias: 'lua-time-limit',
    type: 'integer',
    min: 0,
    max: INT64_MAX,
    default: '5000',
  },
  { name: 'shutdown-timeout', type: 'integer', min: 0, max: INT32_MAX, default: '10' },
  {
    name: 'shutdown-on-sigint',
    type: 'enum-list',
    values: SHUTDOWN_WORDS,
    default: 'default',
    multiArgument: true,
    validate: validateShutdownWords,
  },
  {
    name: 'shutdown-on-sigterm',
    type: 'enum-list',
    values: SHUTDOWN_WORDS,
    default: 'default',
    multiArgument: true,
    validate: validateShutdownWords,
  },
  {
    name: 'oom-score-adj',
    type: 'enum',
    values: ['no', 'yes', 'relative', 'absolute'],
    synonyms: { relative: 'yes' },
    default: 'no',
  },
  { name: 'oom-score-adj-values', type: 'special', default: '0 200 800', multiArgument: true },
  { name: 'disable-thp', type: 'boolean', default: 'yes', immutable: true },
  {
    name: 'server-cpulist',
    alias: 'server_cpulist',
    type: 'string',
    default: '',
    emptyIsUnset: true,
    immutable: true,
  },
  {
    name: 'bio-cpulist',
    alias: 'bio_cpulist',
    type: 'string',
    default: '',
    emptyIsUnset: true,
    immutable: true,
  },
  {
    name: 'aof-rewrite-cpulist',
    alias: 'aof_rewrite_cpulist',
    type: 'string',
    default: '',
    emptyIsUnset: true,
    immutable: true,
  },
  {
    name: 'bgsave-cpulist',
    alias: 'bgsave_cpulist',
    type: 'string',
    default: '',
    emptyIsUnset: true,
    immutable: true,
  },
  { name: 'ignore-warnings', type: 'string', default: '' },
] as const satisfies readonly Option[]

export const SECURITY_OPTIONS = [
  { name: 'requirepass', type: 'string', default: '', emptyIsUnset: true, sensitive: true },
  { name: 'aclfile', type: 'string', default: '', immutable: true },
  { name: 'acllog-max-len', type: 'integer', min: 0, max: INT64_MAX, default: '128' },
  {
    name: 'acl-pubsub-default',
    type: 'enum',
    values: ['allchannels', 'resetchannels'],
    default: 'resetchannels',
  },
  { name: 'enable-protected-configs', type: 'enum', values: WHO_MAY, default: 'no', immutable: true },
  { name: 'enable-debug-command', type: 'enum', values: WHO_MAY, default: 'no', immutable: true },
  { name: 'enable-module-command', type: 'enum', values: WHO_MAY, default: 'no', immutable: true },
] as const satisfies readonly Option[]

export const MONITORING_OPTIONS = [
  { name: 'slowlog-log-slower-than', type: 'integer', min: -1, max: INT64_MAX, default: '10000' },
  { name: 'slowlog-max-len', type: 'integer', min: 0, max: INT64_MAX, default: '128' },
  { name: 'latency-monitor-threshold', type: 'integer', min: 0, max: INT64_MAX, default: '0' },
  { name: 'latency-tracking', type: 'boolean', default: 'yes' },
  { name: 'latency-tracking-info-percentiles', type: 'special', default: '50 99 99.9', multiArgument: true },
  { name: 'notify-keyspace-events', type: 'special', default: '' },
  { name: 'tracking-table-max-keys', type: 'integer', min: 0, max: INT64_MAX, default: '1000000' },
  { name: 'rdb-key-save-delay', type: 'integer', min: INT32_MIN, max: INT32_MAX, default: '0', hidden: true },
  { name: 'key-load-delay', type: 'integer', min: INT32_MIN, max: INT32_MAX, default: '0', hidden: true },
] as const satisfies readonly Option[]
