import { beforeEach, describe, expect, test } from 'vitest'
import { RESPITE_VERSION } from '../../src/base/version.ts'
import { infoCommands } from '../../src/commands/info.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from '../support/harness.ts'
import { type FakeSources, infoFields, infoSources } from '../support/info-sources.ts'

let server: Harness
let sources: FakeSources

beforeEach(() => {
  server = new Harness([stringCommands, keyExpiryCommands])
  sources = infoSources(server, [
    { kind: 'tcp', addresses: ['127.0.0.1', '-::1'], port: 6400 },
    { kind: 'unix', addresses: ['/tmp/r.sock'], port: 0 },
  ])
  server.registry.add(infoCommands(sources))
})

function text(command: string): string {
  const reply = server.run(command)
  if (reply.type !== 'bulk' && reply.type !== 'verbatim') throw new Error(`INFO replied ${reply.type}`)
  return reply.text
}

function titles(command: string): string[] {
  return [...text(command).matchAll(/^# (.*)\r$/gm)].map((match) => match[1]!)
}

function field(name: string, section = 'everything'): string | undefined {
  return infoFields(text(`INFO ${section}`)).get(name)
}

const DEFAULT =
  'Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace'.split(' ')
const ALL =
  'Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace'.split(
    ' ',
  )

describe('sections', () => {
  test.each([
    ['INFO', DEFAULT],
    ['INFO default', DEFAULT],
    ['INFO all', ALL],
    ['INFO everything', ALL],
    ['INFO cpu all', ALL],
    ['INFO Server', ['Server']],
    ['INFO commandSTATS', ['Commandstats']],
    ['INFO keyspace server keyspace', ['Server', 'Keyspace']],
    ['INFO default commandstats', [...DEFAULT.slice(0, 8), 'Commandstats', ...DEFAULT.slice(8)]],
    ['INFO sentinel cpu', ['CPU']],
    ['INFO nonsense', []],
  ])('%s gives those of Redis, in order, once', (command, expected) => {
    expect(titles(command)).toEqual(expected)
  })

  test('end with a line break and stand a blank line apart', () => {
    expect(text('INFO cluster modules')).toBe('# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n')
    expect(text('INFO nonsense')).toBe('')
  })

  test('are verbatim text in RESP3', () => {
    server.client.protocol = 3
    expect(server.run('INFO cluster')).toEqual({
      type: 'verbatim',
      format: 'txt',
      text: '# Cluster\r\ncluster_enabled:0\r\n',
    })
  })

  test('have fields that a line of text can hold', () => {
    for (const line of text('INFO everything').split('\r\n')) {
      expect(line).toMatch(/^$|^# \w+$|^[\w.|]+:[^\r\n]*$/)
    }
    expect(text('INFO everything')).not.toMatch(/NaN|undefined|Infinity/)
  })
})

describe('server', () => {
  test('tells who we are', () => {
    expect(field('redis_version')).toBe('7.4.1')
    expect(field('respite_version')).toBe(RESPITE_VERSION)
    expect(field('run_id')).toBe('a'.repeat(40))
    expect(field('process_id')).toBe('4711')
    expect(field('executable')).toBe('/opt/respite/main.ts')
    expect(field('config_file')).toBe('/etc/respite.conf')
  })

  test('tells where it listens', () => {
    expect(field('tcp_port')).toBe('6400')
    expect(field('listener0')).toBe('name=tcp,bind=127.0.0.1,bind=-::1,port=6400')
    expect(field('listener1')).toBe('name=unix,bind=/tmp/r.sock')
  })

  test('counts its days', () => {
    server.clock.advance(2.5 * 86_400_000)
    expect(field('uptime_in_seconds')).toBe('216000')
    expect(field('uptime_in_days')).toBe('2')
    expect(field('server_time_usec')).toBe(String(server.clock.nowMicroseconds()))
  })
})

describe('clients', () => {
  test('are counted by what they do', () => {
    sources.clients.connect().isBlocked = true
    sources.clients.connect().channels = 2
    sources.clients.connect().link = 'replica'
    sources.clients.connect().watchedKeys = 3
    sources.messaging.watchedKeys = 2
    const fields = infoFields(text('INFO clients'))
    const names = [
      'connected_clients',
      'blocked_clients',
      'pubsub_clients',
      'watching_clients',
      'total_watched_keys',
    ]
    expect(names.map((name) => fields.get(name))).toEqual(['3', '1', '1', '1', '2'])
  })

  test('have had large buffers in the last eight seconds', () => {
    const client = sources.clients.connect(5000, 900)
    sources.statistics.sample(sources)
    sources.clients.sessions.splice(sources.clients.sessions.indexOf(client), 1)
    for (let second = 1; second < 8; second++) {
      server.clock.advance(1000)
      sources.statistics.sample(sources)
    }
    expect(field('client_recent_max_input_buffer')).toBe('5000')
    expect(field('client_recent_max_output_buffer')).toBe('900')
    server.clock.advance(1000)
    sources.statistics.sample(sources)
    expect(field('client_recent_max_input_buffer')).toBe('0')
  })
})

describe('memory', () => {
  const bytes = (name: string) => Number(field(name, 'memory'))

  test('grows by what is stored', () => {
    const before = bytes('used_memory')
    const dataset = bytes('used_memory_dataset')
    server.run(['SET', 'k', 'x'.repeat(300_000)])
    expect(bytes('used_memory') - before).toBeGreaterThan(300_000)
    expect(bytes('used_memory') - before).toBeLessThan(310_000)
    expect(bytes('used_memory_dataset') - dataset).toBe(bytes('used_memory') - before)
  })

  test('remembers its peak', () => {
    server.run(['SET', 'k', 'x'.repeat(300_000)])
    const peak = bytes('used_memory')
    server.run(['SET', 'k', 'x'])
    expect(bytes('used_memory_peak')).toBe(peak)
    expect(bytes('used_memory')).toBeLessThan(peak - 290_000)
  })

  test('is made of data and all that is not', () => {
    sources.clients.connect(1000)
    server.run('SET a b')
    expect(bytes('used_memory_dataset') + bytes('used_memory_overhead')).toBe(bytes('used_memory'))
    expect(bytes('used_memory_startup')).toBeLessThanOrEqual(bytes('used_memory'))
    expect(bytes('mem_clients_normal')).toBeGreaterThan(1000)
    expect(bytes('allocator_allocated')).toBeGreaterThan(0)
    expect(bytes('allocator_active')).toBeGreaterThanOrEqual(bytes('allocator_allocated'))
  })

  test('is told in units, too', () => {
    sources.usage.resident = 50 * 1024 * 1024
    expect(field('used_memory_rss')).toBe('52428800')
    expect(field('used_memory_rss_human')).toBe('50.00M')
    expect(field('total_system_memory_human')).toBe('8.00G')
    expect(field('maxmemory_human')).toBe('0B')
    sources.config.set([['maxmemory', '1500b']])
    expect(field('maxmemory_human')).toBe('1.46K')
  })

  test('does not claim to be managed by an allocator that has an interface of its own', () => {
    expect(field('mem_allocator')).not.toContain('jemalloc')
  })
})

describe('stats', () => {
  test('count commands but for this one, hits and misses', () => {
    server.run('SET a b')
    server.run('GET a')
    server.run('GET b')
    const fields = infoFields(text('INFO stats'))
    const names = ['total_commands_processed', 'keyspace_hits', 'keyspace_misses']
    expect(names.map((name) => fields.get(name))).toEqual(['3', '1', '1'])
  })

  test('tell the rates of the last samples', () => {
    for (let i = 0; i <= 16; i++) {
      sources.statistics.sample(sources)
      server.clock.advance(100)
      sources.clients.bytesIn += 5120
      sources.usage.turns += 2
      sources.usage.busyMicroseconds += 300
      for (let n = 0; n < 10; n++) server.run('GET a')
    }
    const fields = infoFields(text('INFO stats'))
    expect(fields.get('instantaneous_ops_per_sec')).toBe('100')
    expect(fields.get('instantaneous_input_kbps')).toBe('50.00')
    expect(fields.get('instantaneous_eventloop_cycles_per_sec')).toBe('20')
    expect(fields.get('instantaneous_eventloop_duration_usec')).toBe('150')
  })

  test('count turns of the event loop since the server began, and since CONFIG RESETSTAT', () => {
    const names = ['eventloop_cycles', 'eventloop_duration_sum']
    const loop = () => names.map((name) => infoFields(text('INFO stats')).get(name))
    Object.assign(sources.usage, { turns: 400, busyMicroseconds: 70_000 })
    sources.statistics.sample(sources)
    expect(loop()).toEqual(['0', '0'])
    Object.assign(sources.usage, { turns: 405, busyMicroseconds: 71_000 })
    sources.statistics.sample(sources)
    expect(loop()).toEqual(['5', '1000'])
    sources.statistics.reset(sources)
    Object.assign(sources.usage, { turns: 407, busyMicroseconds: 71_200 })
    expect(loop()).toEqual(['2', '200'])
  })

  test('count what connections did', () => {
    Object.assign(sources.clients, {
      accepted: 7,
      rejected: 2,
      bytesIn: 11,
      bytesOut: 12,
      reads: 3,
      writes: 4,
    })
    Object.assign(sources.denials.counts, { auth: 5, command: 6, key: 7, channel: 8 })
    const fields = infoFields(text('INFO stats'))
    expect(fields.get('total_connections_received')).toBe('7')
    expect(fields.get('rejected_connections')).toBe('2')
    expect(fields.get('total_net_input_bytes')).toBe('11')
    expect(fields.get('total_net_output_bytes')).toBe('12')
    expect(fields.get('total_reads_processed')).toBe('3')
    expect(fields.get('total_writes_processed')).toBe('4')
    expect(fields.get('acl_access_denied_auth')).toBe('5')
    expect(fields.get('acl_access_denied_cmd')).toBe('6')
    expect(fields.get('acl_access_denied_key')).toBe('7')
    expect(fields.get('acl_access_denied_channel')).toBe('8')
  })
})

describe('commandstats, latencystats and errorstats', () => {
  test('name the commands that were called, refused or failed', () => {
    server.run('SET a b')
    server.run('SET a b')
    server.run('SET a')
    server.run('SET a b XX NX')
    server.run('nonsense')
    expect(field('cmdstat_set')).toBe('calls=3,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=1')
    expect(field('cmdstat_get')).toBeUndefined()
    expect(field('errorstat_ERR')).toBe('count=3')
    expect(field('total_error_replies')).toBe('3')
  })

  test('tell the percentiles that are asked for', () => {
    const command = server.registry.byName('get')!
    command.histogram.record(1000, 99)
    command.histogram.record(33_000, 1)
    expect(field('latency_percentiles_usec_get')).toBe('p50=1.003,p99=1.003,p99.9=33.023')
    sources.config.set([['latency-tracking-info-percentiles', '0.1 100']])
    expect(field('latency_percentiles_usec_get')).toBe('p0.1=1.003,p100=33.023')
    sources.config.set([['latency-tracking-info-percentiles', '']])
    expect(field('latency_percentiles_usec_get')).toBe('')
    sources.config.set([['latency-tracking', 'no']])
    expect(field('latency_percentiles_usec_get')).toBeUndefined()
  })

  test('are safe from codes that contain what separates fields', () => {
    sources.errors.count('A:B#C d')
    expect(field('errorstat_A_B_C')).toBe('count=1')
  })
})

describe('keyspace', () => {
  test('tells the databases that have keys', () => {
    expect(text('INFO keyspace')).toBe('# Keyspace\r\n')
    server.run('SET a b')
    server.run('SET b c PX 5000')
    server.run('SET c d PX 7000')
    server.client.database = 3
    server.run('SET a b')
    expect(text('INFO keyspace')).toBe(
      '# Keyspace\r\ndb0:keys=3,expires=2,avg_ttl=6000,subexpiry=0\r\ndb3:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n',
    )
  })

  test('takes a sample to tell the average time to live', () => {
    for (let i = 0; i < 5000; i++) server.run(`SET key:${i} v PX 10000`)
    const [, ttl] = /avg_ttl=(\d+)/.exec(field('db0')!)!
    expect(Number(ttl)).toBe(10_000)
  })
})
