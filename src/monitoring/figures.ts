// What the parts of a server can tell of themselves, as far as INFO and its like show it. Who has these figures hands
// them in.

import type { Session } from '../command/session.ts'

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
  readonly kind: 'tcp' | 'unix' | 'tls'
  readonly addresses: readonly string[]
  /** 0: it has none. */
  readonly port: number
}

/** The clients, and what went through their connections. The counters start anew at CONFIG RESETSTAT. */
export interface ClientFigures {
  readonly maximum: number
  readonly count: number
  /** What they take in memory, but for replicas. */
  readonly memoryBytes: number
  all(): Iterable<Session>
  accepted: number
  rejected: number
  bytesIn: number
  bytesOut: number
  /** Pieces of input and of output. */
  reads: number
  writes: number
  /** Connections cut for sending or not reading too much, and because all of them took too much. */
  cutForInput: number
  cutForOutput: number
  /** Connections to other servers that are kept for the next MIGRATE. */
  readonly migrationLinks: number
  evicted: number
}

/** Clients whose command waits. */
export interface BlockedFigures {
  /** Those of them who don't wait for ever. */
  readonly deadlineCount: number
  /** Keys that they wait at; and those of them whose absence is waited for, too. */
  readonly keyCount: number
  readonly keyCountWithoutKey: number
}

/** What dispatch counts. */
export interface WorkFigures {
  executed: number
  /** Time spent in commands, in microseconds. */
  busyMicroseconds: number
}

/** What clients have to do with each other. */
export interface MessagingFigures {
  readonly watchedKeys: number
  /** What somebody is subscribed to. */
  readonly channels: number
  readonly patterns: number
  readonly shardChannels: number
  /** Client-side caching: who is told, of how many keys, and how many pairs of these there are; and prefixes. */
  readonly trackingClients: number
  readonly trackedKeys: number
  readonly trackedItems: number
  readonly trackedPrefixes: number
  /** Bytes that the tracked keys take. */
  readonly trackedBytes: number
}

/** What active expiry counts. */
export interface ExpiryFigures {
  stalePercent: number
  timeCapReached: number
  busyMilliseconds: number
}

/** What was denied, by why. */
export interface DenialCounts {
  readonly counts: Readonly<Record<'auth' | 'command' | 'key' | 'channel', number>>
  resetCounts(): void
}

/** How long more than `maxmemory` was in use: since the counters were reset, and this time. */
export interface EvictionFigures {
  readonly exceededMilliseconds: number
  readonly exceedingMilliseconds: number
  resetStatistics(): void
}
