// What a running server says of itself, and how it ends when it is told to.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'
import { Log } from '../../src/server/log.ts'
import { Server } from '../../src/server/server.ts'
import { infoFields } from '../support/info-sources.ts'
import { until } from '../support/local-server.ts'
import { RespClient } from '../support/resp-client.ts'

let server: Server
let client: RespClient
let ends: number
let log: string[]

beforeEach(async () => {
  const config = new Config()
  loadConfigText(
    config,
    'port 0\nbind 127.0.0.1\nsave ""\nenable-protected-configs yes\nlatency-monitor-threshold 5\n',
    {
      product: 'a test',
      include: () => [],
    },
  )
  log = []
  ends = 0
  server = new Server({
    config,
    log: new Log(
      () => 0,
      (line) => log.push(line),
    ),
    shutDown: () => ends++,
  })
  await server.listen()
  client = await connect()
})

afterEach(async () => {
  await client.destroy()
  await server.close()
})

function connect(): Promise<RespClient> {
  return RespClient.connect({ host: '127.0.0.1', port: server.listeners.port })
}

async function info(section = 'everything'): Promise<Map<string, string>> {
  const reply = await client.call('INFO', section)
  if (reply.type !== 'bulk') throw new Error(`INFO replied ${reply.type}`)
  return infoFields(reply.text)
}

describe('INFO', () => {
  test('tells of the process, the port and the connections', async () => {
    const fields = await info()
    expect(fields.get('process_id')).toBe(String(process.pid))
    expect(fields.get('run_id')).toMatch(/^[0-9a-f]{40}$/)
    expect(fields.get('tcp_port')).toBe(String(server.listeners.port))
    expect(fields.get('listener0')).toBe(`name=tcp,bind=127.0.0.1,port=${server.listeners.port}`)
    expect(fields.get('connected_clients')).toBe('1')
    expect(fields.get('total_connections_received')).toBe('1')
    expect(Number(fields.get('used_memory'))).toBeGreaterThan(5000)
    expect(Number(fields.get('used_memory_rss'))).toBeGreaterThan(Number(fields.get('used_memory')))
    expect(Number(fields.get('used_cpu_user'))).toBeGreaterThan(0)
  })

  test('counts bytes and pieces in both directions, until CONFIG RESETSTAT', async () => {
    await client.call('ECHO', 'x'.repeat(1000))
    const fields = await info('stats')
    expect(Number(fields.get('total_net_input_bytes'))).toBeGreaterThan(1000)
    expect(Number(fields.get('total_net_output_bytes'))).toBeGreaterThan(1000)
    expect(Number(fields.get('total_reads_processed'))).toBe(2)
    expect(Number(fields.get('total_writes_processed'))).toBe(1)
    await client.call('CONFIG', 'RESETSTAT')
    const after = await info('stats')
    expect(Number(after.get('total_net_input_bytes'))).toBeLessThan(100)
    expect(after.get('total_connections_received')).toBe('0')
    // The RESETSTAT itself.
    expect(after.get('total_commands_processed')).toBe('1')
  })

  test('follows settings', async () => {
    await client.call('CONFIG', 'SET', 'maxclients', '77', 'latency-tracking', 'no')
    await client.call('PING')
    const fields = await info()
    expect(fields.get('maxclients')).toBe('77')
    expect([...fields.keys()].filter((name) => name.startsWith('latency_percentiles'))).toEqual([])
  })
})

test('MEMORY PURGE gives back at once what a flushed database held', async () => {
  await client.call('SET', 'a', 'x'.repeat(100_000))
  await client.call('FLUSHALL')
  expect(await client.call('MEMORY', 'PURGE')).toEqual({ type: 'simple', text: 'OK' })
  expect(server.keyspace.reclaim()).toBe(true)
})

test('the slow log is kept as the settings say', async () => {
  await client.call('CONFIG', 'SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '3')
  for (let i = 0; i < 5; i++) await client.call('GET', `key:${i}`)
  expect(server.slowLog.length).toBe(3)
  expect(server.slowLog.newest(1)[0]!.args).toEqual(['GET', 'key:4'])
})

test('the latency monitor notes what takes longer than its threshold', async () => {
  server.latency.note('something', 6, server.clock.now())
  expect(server.latency.find('something')?.worst).toBe(6)
  await client.call('CONFIG', 'SET', 'latency-monitor-threshold', '0')
  expect(server.latency.thresholdMicroseconds).toBe(Number.POSITIVE_INFINITY)
})

describe('SHUTDOWN', () => {
  test('sends what was replied before, closes the connection and ends the server', async () => {
    const replies = Promise.all([
      client.call('SET', 'a', 'b'),
      client.call('SHUTDOWN', 'NOSAVE').catch(String),
    ])
    const [first, second] = await replies
    expect(first).toEqual({ type: 'simple', text: 'OK' })
    expect(second).toContain('closed')
    await until(() => ends === 1, 'the end')
    expect(log.some((line) => line.includes('User requested shutdown'))).toBe(true)
  })

  test('SAVE is refused where nothing can be saved, unless it is forced', async () => {
    await client.call('CONFIG', 'SET', 'dbfilename', '.')
    const reply = await client.call('SHUTDOWN', 'SAVE')
    expect(reply).toEqual({ type: 'error', text: 'ERR Errors trying to SHUTDOWN. Check logs.' })
    expect(ends).toBe(0)
    await client.call('SHUTDOWN', 'SAVE', 'FORCE').catch(String)
    await until(() => ends === 1, 'the end')
  })
})
