// INFO's section about what outlives the process.

import type { Fields } from './fields.ts'
import type { InfoSources } from './info-sources.ts'
import type { PersistenceStatus } from './persistence-status.ts'

export function persistenceFields({ persistence, keyspace, clock }: InfoSources): Fields {
  const now = clock.now()
  return {
    loading: Number(persistence.isLoading),
    async_loading: 0,
    current_cow_peak: persistence.keptBytesPeak,
    current_cow_size: persistence.keptBytes,
    current_cow_size_age: persistence.keptBytesAt < 0 ? 0 : seconds(now - persistence.keptBytesAt),
    current_fork_perc: percent(persistence.keysProcessed, persistence.keysTotal),
    current_save_keys_processed: persistence.keysProcessed,
    current_save_keys_total: persistence.keysTotal,
    rdb_changes_since_last_save: keyspace.dirty,
    rdb_bgsave_in_progress: Number(persistence.isSaving),
    rdb_last_save_time: seconds(persistence.savedAt),
    rdb_last_bgsave_status: statusOf(persistence.lastSaveSucceeded),
    rdb_last_bgsave_time_sec: duration(persistence.lastSaveMs),
    rdb_current_bgsave_time_sec: since(now, persistence.saveStartedAt),
    rdb_saves: persistence.saves,
    rdb_last_cow_size: persistence.lastSaveKeptBytes,
    rdb_last_load_keys_expired: persistence.keysExpired,
    rdb_last_load_keys_loaded: persistence.keysLoaded,
    aof_enabled: Number(persistence.isAppending),
    aof_rewrite_in_progress: Number(persistence.isRewriting),
    aof_rewrite_scheduled: Number(persistence.isRewriteScheduled),
    aof_last_rewrite_time_sec: duration(persistence.lastRewriteMs),
    aof_current_rewrite_time_sec: since(now, persistence.rewriteStartedAt),
    aof_last_bgrewrite_status: statusOf(persistence.lastRewriteSucceeded),
    aof_rewrites: persistence.rewrites,
    aof_rewrites_consecutive_failures: persistence.rewriteFailures,
    aof_last_write_status: statusOf(persistence.lastWriteSucceeded),
    aof_last_cow_size: persistence.lastRewriteKeptBytes,
    // There are no modules.
    module_fork_in_progress: 0,
    module_fork_last_cow_size: 0,
    ...(persistence.isAppending ? appendFields(persistence) : {}),
    ...(persistence.isLoading ? loadFields(persistence, now) : {}),
  }
}

function appendFields(persistence: PersistenceStatus): Fields {
  return {
    aof_current_size: persistence.appendedBytes,
    aof_base_size: persistence.baseBytes,
    // Redis: a rewrite that waits for another one; ours never does.
    aof_pending_rewrite: 0,
    aof_buffer_length: persistence.bufferedBytes,
    aof_pending_bio_fsync: persistence.pendingSyncs,
    aof_delayed_fsync: persistence.delayedSyncs,
  }
}

function loadFields(persistence: PersistenceStatus, now: number): Fields {
  const { loadedBytes, loadTotalBytes } = persistence
  const elapsed = now - persistence.loadStartedAt
  const left = loadedBytes === 0 ? 1000 : (elapsed * (loadTotalBytes - loadedBytes)) / loadedBytes
  return {
    loading_start_time: seconds(persistence.loadStartedAt),
    loading_total_bytes: loadTotalBytes,
    loading_rdb_used_mem: persistence.loadedUsedMemory,
    loading_loaded_bytes: loadedBytes,
    loading_loaded_perc: percent(loadedBytes, loadTotalBytes),
    loading_eta_seconds: Math.max(0, seconds(left)),
  }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

function duration(milliseconds: number): number {
  return milliseconds < 0 ? -1 : seconds(milliseconds)
}

function since(now: number, start: number): number {
  return start < 0 ? -1 : seconds(now - start)
}

function percent(part: number, whole: number): string {
  return (whole === 0 ? 0 : Math.min(100, (part / whole) * 100)).toFixed(2)
}

function statusOf(succeeded: boolean): string {
  return succeeded ? 'ok' : 'err'
}
