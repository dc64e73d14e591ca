// INFO's sections that count: stats, commandstats, errorstats, latencystats. Names and order as in Redis 7.4; counters of
// what does not exist here are 0.

import { wordsOf } from '../config/list-values.ts'
import { type Fields, safeName } from './fields.ts'
import type { InfoSources } from './info-sources.ts'

export function statisticsFields(sources: InfoSources): Fields {
  return {
    ...trafficFields(sources),
    ...removalFields(sources),
    ...messagingFields(sources),
    ...backgroundFields(sources),
    ...trackingFields(sources),
    ...replyFields(sources),
    ...loopFields(sources),
    acl_access_denied_auth: sources.denials.counts.auth,
    acl_access_denied_cmd: sources.denials.counts.command,
    acl_access_denied_key: sources.denials.counts.key,
    acl_access_denied_channel: sources.denials.counts.channel,
  }
}

function trafficFields({ clients, work, statistics }: InfoSources): Fields {
  return {
    total_connections_received: clients.accepted,
    total_commands_processed: work.executed,
    instantaneous_ops_per_sec: statistics.commandsPerSecond,
    total_net_input_bytes: clients.bytesIn,
    total_net_output_bytes: clients.bytesOut,
    total_net_repl_input_bytes: 0,
    total_net_repl_output_bytes: 0,
    instantaneous_input_kbps: (statistics.inputBytesPerSecond / 1024).toFixed(2),
    instantaneous_output_kbps: (statistics.outputBytesPerSecond / 1024).toFixed(2),
    instantaneous_input_repl_kbps: '0.00',
    instantaneous_output_repl_kbps: '0.00',
    rejected_connections: clients.rejected,
    sync_full: 0,
    sync_partial_ok: 0,
    sync_partial_err: 0,
  }
}

function removalFields({ keyspace, expiry, eviction, clients }: InfoSources): Fields {
  return {
    expired_subkeys: keyspace.stats.expiredElements,
    expired_keys: keyspace.stats.expired,
    expired_stale_perc: expiry.stalePercent.toFixed(2),
    expired_time_cap_reached_count: expiry.timeCapReached,
    expire_cycle_cpu_milliseconds: expiry.busyMilliseconds,
    evicted_keys: keyspace.stats.evicted,
    evicted_clients: clients.evicted,
    evicted_scripts: 0,
    total_eviction_exceeded_time: eviction.exceededMilliseconds,
    current_eviction_exceeded_time: eviction.exceedingMilliseconds,
    keyspace_hits: keyspace.stats.hits,
    keyspace_misses: keyspace.stats.misses,
  }
}

function messagingFields({ messaging }: InfoSources): Fields {
  return {
    pubsub_channels: messaging.channels,
    pubsub_patterns: messaging.patterns,
    pubsubshard_channels: messaging.shardChannels,
  }
}

/** What takes the place of forks; and defragmentation, which is not there. */
function backgroundFields({ clients, persistence }: InfoSources): Fields {
  return {
    latest_fork_usec: persistence.lastSnapshotMicroseconds,
    total_forks: persistence.snapshots,
    migrate_cached_sockets: clients.migrationLinks,
    slave_expires_tracked_keys: 0,
    active_defrag_hits: 0,
    active_defrag_misses: 0,
    active_defrag_key_hits: 0,
    active_defrag_key_misses: 0,
    total_active_defrag_time: 0,
    current_active_defrag_time: 0,
  }
}

function trackingFields({ messaging }: InfoSources): Fields {
  return {
    tracking_total_keys: messaging.trackedKeys,
    tracking_total_items: messaging.trackedItems,
    tracking_total_prefixes: messaging.trackedPrefixes,
  }
}

function replyFields({ errors, clients, keyspace }: InfoSources): Fields {
  return {
    unexpected_error_replies: errors.unexpected,
    total_error_replies: errors.total,
    dump_payload_sanitizations: keyspace.stats.sanitizations,
    total_reads_processed: clients.reads,
    total_writes_processed: clients.writes,
    io_threaded_reads_processed: 0,
    io_threaded_writes_processed: 0,
    client_query_buffer_limit_disconnections: clients.cutForInput,
    client_output_buffer_limit_disconnections: clients.cutForOutput,
    reply_buffer_shrinks: 0,
    reply_buffer_expands: 0,
  }
}

function loopFields(sources: InfoSources): Fields {
  const { statistics, work } = sources
  const { turns, busyMicroseconds } = statistics.loop(sources)
  return {
    eventloop_cycles: turns,
    eventloop_duration_sum: busyMicroseconds,
    eventloop_duration_cmd_sum: work.busyMicroseconds,
    instantaneous_eventloop_cycles_per_sec: statistics.turnsPerSecond,
    instantaneous_eventloop_duration_usec: statistics.microsecondsPerTurn,
  }
}

export function commandFields({ registry }: InfoSources): Fields {
  const fields: Record<string, string> = {}
  for (const { fullName, calls, microseconds, rejected, failed } of registry.everyCommand()) {
    if (calls + rejected + failed === 0) continue
    const usec = Math.floor(microseconds)
    const average = calls === 0 ? 0 : microseconds / calls
    fields[`cmdstat_${safeName(fullName)}`] =
      `calls=${calls},usec=${usec},usec_per_call=${average.toFixed(2)},rejected_calls=${rejected},failed_calls=${failed}`
  }
  return fields
}

export function errorFields({ errors }: InfoSources): Fields {
  const fields: Record<string, string> = {}
  for (const [code, count] of errors.counts()) fields[`errorstat_${safeName(code)}`] = `count=${count}`
  return fields
}

export function latencyFields({ registry, config }: InfoSources): Fields {
  const fields: Record<string, string> = {}
  if (!config.boolean('latency-tracking')) return fields
  const percentiles = wordsOf(config.string('latency-tracking-info-percentiles'))
  for (const { fullName, histogram } of registry.everyCommand()) {
    if (histogram.total === 0) continue
    fields[`latency_percentiles_usec_${safeName(fullName)}`] = percentiles
      .map((percentile) => `p${percentile}=${(histogram.percentile(Number(percentile)) / 1000).toFixed(3)}`)
      .join(',')
  }
  return fields
}
