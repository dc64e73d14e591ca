// All options in one table, in the order of redis.conf.example, and the names by type that the tables imply.
// A new option is one row in one of the tables imported here.

import type { Option } from './option.ts'
import { CLUSTER_OPTIONS } from './options-cluster.ts'
import { DEFRAGMENTATION_OPTIONS, ENCODING_OPTIONS, MEMORY_OPTIONS } from './options-memory.ts'
import { NETWORK_OPTIONS, TLS_OPTIONS } from './options-network.ts'
import { PERSISTENCE_OPTIONS, REPLICATION_OPTIONS } from './options-persistence.ts'
import { MONITORING_OPTIONS, PROCESS_OPTIONS, SECURITY_OPTIONS } from './options-process.ts'

/** With its literal types: what an option is called, and what it may be, derive from them. */
export const OPTION_TABLE = [
  ...NETWORK_OPTIONS,
  ...TLS_OPTIONS,
  ...PROCESS_OPTIONS,
  ...PERSISTENCE_OPTIONS,
  ...REPLICATION_OPTIONS,
  ...SECURITY_OPTIONS,
  ...MEMORY_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...MONITORING_OPTIONS,
  ...ENCODING_OPTIONS,
  ...DEFRAGMENTATION_OPTIONS,
] as const

export const OPTIONS: readonly Option[] = OPTION_TABLE

type Row = (typeof OPTION_TABLE)[number]

export type OptionName = Row['name']
export type BooleanName = Extract<Row, { type: 'boolean' }>['name']
/** Options whose value is one number: `maxmemory-clients` is one too, a percentage being negative. */
export type NumberName = Extract<Row, { type: 'integer' | 'memory' | 'octal' | 'memory-or-percent' }>['name']
/** Options whose value is text, or a list read from its text. */
export type StringName = Exclude<OptionName, BooleanName | NumberName>
