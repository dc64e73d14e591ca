// INFO's sections about the process and its connections: server, clients, cpu. Names and order of the fields are those of
// Redis 7.4; what a Node process has no counterpart of is left out.

import os from 'node:os'
import { REDIS_VERSION, RESPITE_VERSION } from '../base/version.ts'
import { type Fields, seconds } from './fields.ts'
import type { ListenerFacts } from './figures.ts'
import type { InfoSources } from './info-sources.ts'

/** What Node's event loop waits with. */
const MULTIPLEXING: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'epoll',
  darwin: 'kqueue',
  freebsd: 'kqueue',
  openbsd: 'kqueue',
  win32: 'iocp',
}
/** Redis's clock of accesses has 24 bits of seconds. */
const LRU_CLOCK_MASK = 0xffffff
const DAY_SECONDS = 86_400

export function serverFields(sources: InfoSources): Fields {
  const { facts, clock, config } = sources
  const listeners = sources.listeners()
  const now = clock.now()
  const uptime = Math.max(0, Math.floor((now - facts.startedAt) / 1000))
  return {
    redis_version: REDIS_VERSION,
    respite_version: RESPITE_VERSION,
    redis_git_sha1: '00000000',
    redis_git_dirty: 0,
    redis_build_id: '0',
    redis_mode: 'standalone',
    os: `${os.type()} ${os.release()} ${os.machine()}`,
    arch_bits: 64,
    monotonic_clock: 'POSIX clock_gettime',
    multiplexing_api: MULTIPLEXING[process.platform],
    node_version: process.versions.node,
    process_id: facts.processId,
    process_supervised: 'no',
    run_id: facts.runId,
    tcp_port: portOf(listeners),
    server_time_usec: clock.nowMicroseconds(),
    uptime_in_seconds: uptime,
    uptime_in_days: Math.floor(uptime / DAY_SECONDS),
    hz: config.number('hz'),
    configured_hz: config.number('hz'),
    lru_clock: Math.floor(now / 1000) & LRU_CLOCK_MASK,
    executable: facts.executable,
    config_file: facts.configFile,
    io_threads_active: 0,
    ...Object.fromEntries(listeners.map((listener, index) => [`listener${index}`, listenerText(listener)])),
  }
}

function listenerText({ kind, addresses, port }: ListenerFacts): string {
  const binds = addresses.map((address) => `,bind=${address}`).join('')
  return `name=${kind}${binds}${port > 0 ? `,port=${port}` : ''}`
}

export function clientFields(sources: InfoSources): Fields {
  const { clients, blocked: waiting, messaging, statistics } = sources
  let connected = 0
  let blocked = 0
  let subscribed = 0
  let watching = 0
  for (const session of clients.all()) {
    if (session.kind === 'normal' || session.kind === 'pubsub') connected++
    if (session.isBlocked) blocked++
    if (session.kind === 'pubsub') subscribed++
    if (session.watchedKeys > 0) watching++
  }
  return {
    connected_clients: connected,
    cluster_connections: 0,
    maxclients: clients.maximum,
    client_recent_max_input_buffer: statistics.largestInput,
    client_recent_max_output_buffer: statistics.largestOutput,
    blocked_clients: blocked,
    tracking_clients: messaging.trackingClients,
    pubsub_clients: subscribed,
    watching_clients: watching,
    clients_in_timeout_table: waiting.deadlineCount,
    total_watched_keys: messaging.watchedKeys,
    total_blocking_keys: waiting.keyCount,
    total_blocking_keys_on_nokey: waiting.keyCountWithoutKey,
  }
}

export function cpuFields({ usage }: InfoSources): Fields {
  const { user, system } = usage.cpu()
  const main = usage.mainThreadCpu()
  return {
    used_cpu_sys: seconds(system),
    used_cpu_user: seconds(user),
    // There are no child processes: snapshots are taken by a thread.
    used_cpu_sys_children: seconds(0),
    used_cpu_user_children: seconds(0),
    used_cpu_sys_main_thread: main && seconds(main.system),
    used_cpu_user_main_thread: main && seconds(main.user),
  }
}

/** Redis: the TLS port, where there is no other. */
function portOf(listeners: readonly ListenerFacts[]): number {
  const find = (kind: string) => listeners.find((listener) => listener.kind === kind)?.port
  return find('tcp') ?? find('tls') ?? 0
}
