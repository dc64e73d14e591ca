// What INFO, MEMORY and the samplers read: the parts of a server, as far as they are of interest here. The server hands
// them in; this folder reaches for nothing by itself.

import type { Clock } from '../base/clock.ts'
import type { Registry } from '../command/registry.ts'
import type { Session } from '../command/session.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ErrorStatistics } from './error-statistics.ts'
import type { MemoryGauge } from './memory-gauge.ts'
import type { ProcessUsage } from './process-usage.ts'
import type { ServerStatistics } from './statistics.ts'

/** What is settled when the server starts. */
export interface ServerFacts {
  readonly processId: number
  /** 40 hexadecimal digits, new at each start. */
  readonly runId: string
  /** Likewise: the history of changes that this server is the source of. */
  readonly replicationId: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Paths; '' if there is none. */
  readonly executable: string
  readonly configFile: string
}

/** An open listening socket, or several of one kind. */
export interface ListenerFacts {
  readonly kind: 'tcp' | 'unix'
  readonly addresses: readonly string[]
  /** 0: it has none. */
  readonly port: number
}

/** The clients, and what went through their connections. The counters start anew at CONFIG RESETSTAT. */
export interface ClientFigures {
  readonly maximum: number
  readonly count: number
  all(): Iterable<Session>
  accepted: number
  rejected: number
  bytesIn: number
  bytesOut: number
  /** Pieces of input and of output. */
  reads: number
  writes: number
  /** Connections cut for sending or not reading too much. */
  cutForInput: number
  cutForOutput: number
}

/** What dispatch counts. */
export interface WorkFigures {
  executed: number
  /** Time spent in commands, in microseconds. */
  busyMicroseconds: number
}

/** What active expiry counts. */
export interface ExpiryFigures {
  stalePercent: number
  timeCapReached: number
  busyMilliseconds: number
}

export interface InfoSources {
  readonly facts: ServerFacts
  readonly clock: Clock
  readonly usage: ProcessUsage
  readonly config: Config
  readonly registry: Registry
  readonly keyspace: Keyspace
  readonly expiry: ExpiryFigures
  readonly clients: ClientFigures
  readonly work: WorkFigures
  readonly authentication: { failures: number }
  readonly errors: ErrorStatistics
  readonly statistics: ServerStatistics
  readonly memory: MemoryGauge
  listeners(): readonly ListenerFacts[]
}
