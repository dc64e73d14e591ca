// CONFIG RESETSTAT: which counters start anew. What describes the present (memory, clients, keys) stays, and so does the
// peak of memory.

import type { InfoSources } from './info-sources.ts'

export function resetStatistics(sources: InfoSources): void {
  const { registry, keyspace, clients, work, errors, denials, expiry, persistence } = sources
  for (const command of registry.all()) command.resetStatistics()
  errors.reset()
  keyspace.stats.hits = 0
  keyspace.stats.misses = 0
  keyspace.stats.expired = 0
  keyspace.stats.expiredElements = 0
  keyspace.stats.evicted = 0
  keyspace.disposals.completed = 0
  keyspace.stats.sanitizations = 0
  clients.accepted = 0
  clients.rejected = 0
  clients.bytesIn = 0
  clients.bytesOut = 0
  clients.reads = 0
  clients.writes = 0
  clients.cutForInput = 0
  clients.cutForOutput = 0
  clients.evicted = 0
  sources.eviction.resetStatistics()
  work.executed = 0
  work.busyMicroseconds = 0
  denials.resetCounts()
  persistence.saves = 0
  persistence.rewrites = 0
  persistence.snapshots = 0
  persistence.lastSnapshotMicroseconds = 0
  expiry.timeCapReached = 0
  expiry.stalePercent = 0
  expiry.busyMilliseconds = 0
  sources.statistics.reset(sources)
}
