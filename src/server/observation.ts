// What the server knows about itself: brings its parts together for INFO and its like, and takes samples.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Registry } from '../command/registry.ts'
import { infoCommands } from '../commands/info.ts'
import { latencyCommands } from '../commands/latency.ts'
import { memoryCommands } from '../commands/memory.ts'
import { slowLogCommands } from '../commands/slow-log.ts'
import type { Config } from '../config/config.ts'
import { wordsOf } from '../config/list-values.ts'
import type { ActiveExpiry } from '../keyspace/expiry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ErrorStatistics } from '../monitoring/error-statistics.ts'
import type {
  DenialCounts,
  EvictionFigures,
  ListenerFacts,
  MessagingFigures,
  ServerFacts,
} from '../monitoring/figures.ts'
import type { InfoSources } from '../monitoring/info-sources.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import { MemoryGauge } from '../monitoring/memory-gauge.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import { processUsage } from '../monitoring/process-usage.ts'
import { resetStatistics } from '../monitoring/reset-statistics.ts'
import type { SlowLog } from '../monitoring/slow-log.ts'
import { ServerStatistics } from '../monitoring/statistics.ts'
import type { Clients } from './clients.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Listeners } from './listeners.ts'
import type { Log } from './log.ts'

/** Samples are taken no more often: they cost some 50 us. */
const SAMPLE_MS = 100

/** The parts that are observed. */
export interface Observed {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly registry: Registry
  readonly keyspace: Keyspace
  readonly expiry: ActiveExpiry
  readonly memory: { readonly limit: EvictionFigures }
  readonly clients: Clients
  readonly dispatcher: Dispatcher
  readonly messaging: MessagingFigures
  readonly listeners: Listeners
  readonly access: { readonly denials: DenialCounts }
  readonly slowLog: SlowLog
  readonly errors: ErrorStatistics
  readonly latency: LatencyMonitor
  readonly persistence: PersistenceStatus
}

/** Where the server came from; '' for what there isn't. */
export interface Origin {
  readonly executable: string
  readonly configFile: string
}

export class Observation {
  readonly sources: InfoSources
  readonly #observed: Observed
  #sampledAt = Number.NEGATIVE_INFINITY

  constructor(observed: Observed, origin: Origin) {
    this.#observed = observed
    const {
      config,
      clock,
      registry,
      keyspace,
      expiry,
      memory,
      clients,
      dispatcher,
      messaging,
      access,
      errors,
      persistence,
    } = observed
    this.sources = {
      facts: factsOf(origin, clock.now()),
      config,
      clock,
      registry,
      keyspace,
      expiry,
      eviction: memory.limit,
      clients,
      blocked: dispatcher.context.blocked,
      messaging,
      work: dispatcher,
      denials: access.denials,
      errors,
      usage: processUsage,
      statistics: new ServerStatistics(),
      memory: new MemoryGauge(),
      persistence,
      listeners: () => listenerFacts(observed),
    }
    errors.onOverflow = (codes) => {
      observed.log.warning(
        `Too many kinds of error replies: INFO errorstats tells them apart no more, until CONFIG RESETSTAT. Some of them: ${codes.join(', ')}`,
      )
    }
  }

  /** The commands that show it. */
  families(): CommandFamily[] {
    const { registry, slowLog, latency, keyspace } = this.#observed
    return [
      infoCommands(this.sources),
      memoryCommands(this.sources, () => purge(keyspace)),
      slowLogCommands(slowLog),
      latencyCommands(latency, registry, slowLog),
    ]
  }

  /** To be called by a timer. */
  sample(): void {
    const now = this.sources.clock.monotonic()
    // A timer that comes a little early does not wait for its next turn.
    if (now - this.#sampledAt < SAMPLE_MS * 0.9) return
    this.#sampledAt = now
    this.sources.statistics.sample(this.sources)
    this.sources.memory.sample(this.sources)
  }

  /** Bytes of memory in use. */
  get usedMemory(): number {
    return this.sources.memory.measure(this.sources).used
  }

  resetStatistics(): void {
    resetStatistics(this.sources)
  }
}

function factsOf(origin: Origin, now: number): ServerFacts {
  return {
    processId: process.pid,
    runId: randomBytes(20).toString('hex'),
    replicationId: randomBytes(20).toString('hex'),
    startedAt: now,
    executable: origin.executable,
    configFile: origin.configFile,
  }
}

function listenerFacts({ config, listeners }: Observed): ListenerFacts[] {
  const facts: ListenerFacts[] = []
  if (listeners.port !== 0) {
    facts.push({ kind: 'tcp', addresses: wordsOf(config.string('bind')), port: listeners.port })
  }
  if (listeners.unixSocket !== '') {
    facts.push({ kind: 'unix', addresses: [listeners.unixSocket], port: 0 })
  }
  if (listeners.tlsPort !== 0) {
    facts.push({ kind: 'tls', addresses: wordsOf(config.string('bind')), port: listeners.tlsPort })
  }
  return facts
}

/** MEMORY PURGE: what flushed databases and ended snapshots have left goes back now. */
function purge(keyspace: Keyspace): void {
  while (!keyspace.reclaim());
}
