// INFO's sections about the data and where it goes: replication, modules, cluster, keyspace. Nobody is replicated to yet,
// so most of it says what Redis says with that switched off.

import type { Database } from '../keyspace/database.ts'
import type { Fields } from './fields.ts'
import type { InfoSources } from './info-sources.ts'

/** How many entries are looked at, at most, to tell the average time to live, and how many deadlines are enough. */
const LOOKED_AT = 2048
const DEADLINES = 64
const BATCH = 64

export function replicationFields({ facts, config }: InfoSources): Fields {
  return {
    role: 'master',
    connected_slaves: 0,
    master_failover_state: 'no-failover',
    master_replid: facts.replicationId,
    master_replid2: '0'.repeat(40),
    master_repl_offset: 0,
    second_repl_offset: -1,
    repl_backlog_active: 0,
    repl_backlog_size: config.number('repl-backlog-size'),
    repl_backlog_first_byte_offset: 0,
    repl_backlog_histlen: 0,
  }
}

export function moduleFields(): Fields {
  return {}
}

export function clusterFields(): Fields {
  return { cluster_enabled: 0 }
}

export function keyspaceFields({ keyspace }: InfoSources): Fields {
  const fields: Record<string, string> = {}
  for (const db of keyspace.databases) {
    if (db.size === 0) continue
    const expires = db.table.deadlineCount
    const ttl = expires === 0 ? 0 : averageTtl(db, keyspace.now, keyspace.random.uint32())
    fields[`db${db.index}`] =
      `keys=${db.size},expires=${expires},avg_ttl=${ttl},subexpiry=${db.innerDeadlineCount}`
  }
  return fields
}

/**
 * About how many milliseconds keys that have a deadline live on average. From a sample, as in Redis: entries from a
 * random place of the table on.
 */
function averageTtl(db: Database, now: number, from: number): number {
  let sum = 0
  let found = 0
  // All of a small table, each entry once.
  const isSmall = db.size <= LOOKED_AT
  let position = isSmall ? 0 : from
  for (let looked = 0; looked < LOOKED_AT && (isSmall || found < DEADLINES); looked += BATCH) {
    position = db.table.scan(position, BATCH, (entry) => {
      const deadline = db.deadlineOf(entry)
      if (!Number.isFinite(deadline)) return
      sum += Math.max(0, deadline - now)
      found++
    })
    if (isSmall && position === 0) break
  }
  return found === 0 ? 0 : Math.floor(sum / found)
}
