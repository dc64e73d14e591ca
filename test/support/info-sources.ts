// What INFO reads, around a Harness: figures of the process that a test chooses, and clients that it makes up.

import { memoryOf } from '../../src/command/client-line.ts'
import { NOBODY, Session } from '../../src/command/session.ts'
import { Config } from '../../src/config/config.ts'
import type { ListenerFacts, MessagingFigures } from '../../src/monitoring/figures.ts'
import type { InfoSources } from '../../src/monitoring/info-sources.ts'
import { MemoryGauge } from '../../src/monitoring/memory-gauge.ts'
import { PersistenceStatus } from '../../src/monitoring/persistence-status.ts'
import type { ProcessUsage } from '../../src/monitoring/process-usage.ts'
import { ServerStatistics } from '../../src/monitoring/statistics.ts'
import type { Harness } from './harness.ts'

/** Figures of the process, to be changed by a test. */
export class FakeUsage implements ProcessUsage {
  systemBytes = 8 * 1024 ** 3
  resident = 50_000_000
  turns = 0
  busyMicroseconds = 0

  cpu() {
    return { user: 1_234_567, system: 89 }
  }

  mainThreadCpu(): { user: number; system: number } | undefined {
    return undefined
  }

  loop() {
    return { turns: this.turns, busyMicroseconds: this.busyMicroseconds }
  }

  residentBytes() {
    return this.resident
  }
}

export class FakeClients {
  maximum = 10_000
  accepted = 0
  rejected = 0
  bytesIn = 0
  bytesOut = 0
  reads = 0
  writes = 0
  cutForInput = 0
  cutForOutput = 0
  migrationLinks = 0
  evicted = 0
  readonly sessions: Session[] = []

  get memoryBytes() {
    return this.sessions.reduce((sum, session) => sum + (session.link === 'none' ? memoryOf(session) : 0), 0)
  }

  get count() {
    return this.sessions.length
  }

  all() {
    return this.sessions
  }

  /** Another client, with buffers of these sizes. */
  connect(queryBytes = 0, outputBytes = 0): Session {
    const peer = { ...NO_PEER, queryBytes, outputBytes }
    const session = new Session(this.sessions.length + 2, peer, 0)
    this.sessions.push(session)
    return session
  }
}

const NO_PEER = {
  ...NOBODY,
  address: '127.0.0.1:50001',
  localAddress: '127.0.0.1:6379',
  fileDescriptor: 9,
}

export interface FakeSources extends InfoSources {
  readonly usage: FakeUsage
  readonly clients: FakeClients
  readonly denials: {
    counts: { auth: number; command: number; key: number; channel: number }
    resetCounts(): void
  }
  readonly messaging: { -readonly [figure in keyof MessagingFigures]: MessagingFigures[figure] }
  readonly expiry: { stalePercent: number; timeCapReached: number; busyMilliseconds: number }
}

export function infoSources(harness: Harness, listeners: readonly ListenerFacts[] = []): FakeSources {
  return {
    facts: {
      processId: 4711,
      runId: 'a'.repeat(40),
      replicationId: 'b'.repeat(40),
      startedAt: harness.clock.now(),
      executable: '/opt/respite/main.ts',
      configFile: '/etc/respite.conf',
    },
    clock: harness.clock,
    usage: new FakeUsage(),
    config: new Config(),
    registry: harness.registry,
    keyspace: harness.keyspace,
    expiry: { stalePercent: 0, timeCapReached: 0, busyMilliseconds: 0 },
    eviction: { exceededMilliseconds: 0, exceedingMilliseconds: 0, resetStatistics() {} },
    clients: new FakeClients(),
    blocked: harness.dispatcher.context.blocked,
    messaging: {
      watchedKeys: 0,
      channels: 0,
      patterns: 0,
      shardChannels: 0,
      trackingClients: 0,
      trackedKeys: 0,
      trackedItems: 0,
      trackedPrefixes: 0,
      trackedBytes: 0,
    },
    work: harness.dispatcher,
    denials: { counts: { auth: 0, command: 0, key: 0, channel: 0 }, resetCounts() {} },
    errors: harness.errors,
    statistics: new ServerStatistics(),
    persistence: new PersistenceStatus(),
    memory: new MemoryGauge(),
    listeners: () => listeners,
  }
}

/** The fields of an INFO text, by name; headings as `# Title` with an empty value. */
export function infoFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (line.startsWith('#')) fields.set(line, '')
    else if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}
