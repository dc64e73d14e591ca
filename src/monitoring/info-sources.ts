// What INFO and MEMORY read: the parts of a server, as far as they are of interest here. The server hands them in; this
// folder reaches for nothing by itself.

import type { Clock } from '../base/clock.ts'
import type { Registry } from '../command/registry.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ErrorStatistics } from './error-statistics.ts'
import type {
  BlockedFigures,
  ClientFigures,
  DenialCounts,
  EvictionFigures,
  ExpiryFigures,
  ListenerFacts,
  MessagingFigures,
  ServerFacts,
  WorkFigures,
} from './figures.ts'
import type { MemoryGauge } from './memory-gauge.ts'
import type { PersistenceStatus } from './persistence-status.ts'
import type { ProcessUsage } from './process-usage.ts'
import type { ServerStatistics } from './statistics.ts'

export interface InfoSources {
  readonly facts: ServerFacts
  readonly clock: Clock
  readonly usage: ProcessUsage
  readonly config: Config
  readonly registry: Registry
  readonly keyspace: Keyspace
  readonly expiry: ExpiryFigures
  readonly eviction: EvictionFigures
  readonly clients: ClientFigures
  readonly blocked: BlockedFigures
  readonly messaging: MessagingFigures
  readonly work: WorkFigures
  readonly denials: DenialCounts
  readonly errors: ErrorStatistics
  readonly statistics: ServerStatistics
  readonly memory: MemoryGauge
  readonly persistence: PersistenceStatus
  listeners(): readonly ListenerFacts[]
}
