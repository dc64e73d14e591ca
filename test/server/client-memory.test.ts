// maxmemory-clients, over real sockets: who is ended, in which order, and who is not.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../src/command/session.ts'
import type { Connection } from '../../src/server/connection.ts'
import { type LocalServer, startLocalServer, until } from '../support/local-server.ts'
import { RespClient } from '../support/resp-client.ts'

const KB = 1024
const MB = 1024 * KB

let local: LocalServer
let control: RespClient

beforeEach(async () => {
  local = await startLocalServer()
  control = await connect('control')
  await control.call('CLIENT', 'NO-EVICT', 'ON')
})

afterEach(() => local.stop())

async function connect(name: string): Promise<RespClient> {
  const client = await RespClient.connect(local)
  local.clients.push(client)
  await client.call('CLIENT', 'SETNAME', name)
  return client
}

function session(name: string): Session | undefined {
  for (const each of local.server.clients.all()) if (each.name === name) return each
  return undefined
}

function isGone(name: string): boolean {
  return session(name) === undefined
}

/** The beginning of a request with an argument of so many bytes. */
function sendPart(client: RespClient, bytes: number): void {
  client.raw(`*2\r\n$4\r\nPING\r\n$${bytes + 1000}\r\n${'x'.repeat(bytes)}`)
}

function total(): number {
  return local.server.clients.memoryBytes
}

async function limitClients(value: number | string): Promise<void> {
  await control.call('CONFIG', 'SET', 'maxmemory-clients', String(value))
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('what is counted', () => {
  test('is nothing but a sum for each while nobody is in the middle of anything', async () => {
    const before = total()
    const clients = [await connect('a'), await connect('b')]
    expect(total() - before).toBe(2 * (total() / 3))
    for (const client of clients) await client.destroy()
    await until(() => total() === before, 'they have gone')
  })

  test('is the beginning of a request, and then it is not any more', async () => {
    const before = total()
    const client = await connect('a')
    sendPart(client, 300 * KB)
    await until(() => total() > before + 300 * KB, 'it has arrived')
    client.raw(`${'x'.repeat(1000)}\r\n`)
    await client.next()
    await until(() => total() < before + 400 * KB, 'the buffer stays for the next')
  })

  test('is what a client has not read', async () => {
    await control.call('SET', 'large', 'x'.repeat(MB))
    const before = total()
    const client = await connect('a')
    client.pause()
    for (let i = 0; i < 40; i++) client.raw('GET large\r\n')
    await until(() => total() > before + 10 * MB, 'replies wait')
    client.resume()
    for (let i = 0; i < 40; i++) await client.next()
    await until(() => total() < before + MB, 'they have been read')
  })

  test.each([
    ['queued commands', ['MULTI', `SET a ${'x'.repeat(50_000)}`]],
    ['watched keys', [`WATCH ${'k'.repeat(50_000)}`]],
    ['subscriptions', [`SUBSCRIBE ${'k'.repeat(50_000)}`]],
    ['patterns', [`PSUBSCRIBE ${'k'.repeat(50_000)}`]],
    ['prefixes', ['HELLO 3', `CLIENT TRACKING ON BCAST PREFIX ${'k'.repeat(50_000)}`]],
  ])('is what is remembered by name: %s', async (_, commands) => {
    const client = await connect('a')
    const before = total()
    for (const command of commands) await client.call(...command.split(' '))
    await until(() => total() >= before + 50_000, 'it counts')
    expect(session('a')!.namesBytes + session('a')!.queuedBytes).toBeGreaterThan(50_000)
    await client.call('RESET')
    expect(session('')!.namesBytes + session('')!.queuedBytes).toBe(0)
  })
})

describe('messages', () => {
  function connection(name: string): Connection {
    return session(name)!.peer as Connection
  }

  test('do not count before the turn ends that they have come up in', async () => {
    const client = await connect('a')
    const before = total()
    connection('a').send(Buffer.from(`+${'m'.repeat(50_000)}\r\n`))
    connection('a').upkeep(0, false)
    expect(connection('a').outputBytes).toBeGreaterThan(50_000)
    expect(total()).toBe(before)
    expect((await client.next()) as object).toMatchObject({ text: 'm'.repeat(50_000) })
  })

  test('count if the client does not take them then', async () => {
    const before = total()
    const client = await connect('a')
    client.pause()
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j < 5; j++) connection('a').send(Buffer.from(`+${'m'.repeat(50_000)}\r\n`))
      await turns(1)
    }
    await until(() => total() > before + MB, 'they wait for the client')
  })

  test('about evicted keys evict no more', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `${i}${'x'.repeat(1000)}`)
    for (const name of names) await control.call('SET', name, 'x')
    for (let i = 0; i < 10; i++) {
      const client = await connect(`tracking${i}`)
      await client.call('HELLO', '3')
      await client.call('CLIENT', 'TRACKING', 'ON')
      for (const name of names) await client.call('GET', name)
    }
    const { keyspace, memory, messaging, config, clients } = local.server
    const limit = keyspace.usedBytes + messaging.trackedBytes + total() - 20_000
    config.set([
      ['maxmemory-policy', 'allkeys-lru'],
      ['maxmemory', String(limit)],
    ])
    memory.limit.isShort()
    const { evicted } = keyspace.stats
    expect(evicted).toBeGreaterThan(5)
    expect(connection('tracking0').outputBytes).toBeGreaterThan(5000)
    // What the timer may do just now.
    for (const client of clients.connections()) client.upkeep(0, false)
    memory.limit.isShort()
    expect(keyspace.stats.evicted).toBe(evicted)
  })
})

describe('who is ended', () => {
  test('the largest first, and no more than need be', async () => {
    const clients: RespClient[] = []
    for (const [name, bytes] of [
      ['small', 40],
      ['large', 900],
      ['middle', 300],
    ] as const) {
      const client = await connect(name)
      clients.push(client)
      sendPart(client, bytes * KB)
      await until(
        () => (session(name)?.peer.argumentBytes ?? 0) + (session(name)?.peer.queryBytes ?? 0) > bytes * KB,
        name,
      )
    }
    await limitClients(MB)
    await until(() => isGone('large'), 'the largest has gone')
    await turns(10)
    expect(isGone('middle')).toBe(false)
    expect(isGone('small')).toBe(false)
    await limitClients(300 * KB)
    await until(() => isGone('middle'), 'the next has gone')
    await turns(10)
    expect(isGone('small')).toBe(false)
    expect(local.server.clients.evicted).toBe(2)
    expect(local.log.filter((line) => line.includes('Evicting client'))).toHaveLength(2)
  })

  test('a client that goes over the limit while it sends', async () => {
    await limitClients(500 * KB)
    const client = await connect('a')
    sendPart(client, 2 * MB)
    await client.closed
    expect(local.server.clients.evicted).toBe(1)
  })

  test('a client that does not read', async () => {
    await control.call('SET', 'large', 'x'.repeat(MB))
    await limitClients(8 * MB)
    const client = await connect('a')
    client.pause()
    for (let i = 0; i < 60; i++) client.raw('GET large\r\n')
    await until(() => isGone('a'), 'it has gone')
    expect(await control.call('PING')).toMatchObject({ text: 'PONG' })
  })

  test('nobody who asked not to be, until the client takes it back', async () => {
    const client = await connect('a')
    await client.call('CLIENT', 'NO-EVICT', 'ON')
    sendPart(client, 600 * KB)
    await until(() => total() > 600 * KB, 'it has arrived')
    await limitClients(300 * KB)
    await turns(20)
    expect(isGone('a')).toBe(false)
    client.raw(`${'x'.repeat(1000)}\r\n`)
    await client.next()
    await client.call('CLIENT', 'NO-EVICT', 'OFF')
    // What the timer does.
    local.server.memory.clients.enforce()
    await client.closed
  })

  test('by a percentage of maxmemory; without that by none', async () => {
    await limitClients('5%')
    const client = await connect('a')
    sendPart(client, 600 * KB)
    await until(() => total() > 600 * KB, 'it has arrived')
    await turns(10)
    expect(isGone('a')).toBe(false)
    await control.call('CONFIG', 'SET', 'maxmemory', String(100 * MB))
    await turns(10)
    expect(isGone('a')).toBe(false)
    await control.call('CONFIG', 'SET', 'maxmemory', String(10 * MB))
    await until(() => isGone('a'), 'it has gone')
  })
})

test('what clients have in buffers takes its place from keys', async () => {
  for (let i = 0; i < 100; i++) await control.call('SET', `k${i}`, 'x'.repeat(10_000))
  const limit = local.server.keyspace.usedBytes + total() + 100_000
  await control.call('CONFIG', 'SET', 'maxmemory', String(limit), 'maxmemory-policy', 'allkeys-lru')
  const client = await connect('a')
  sendPart(client, 500 * KB)
  await until(() => total() > 500 * KB, 'it has arrived')
  await control.call('PING')
  expect(local.server.keyspace.stats.evicted).toBeGreaterThan(30)
  expect(local.server.keyspace.usedBytes + total()).toBeLessThanOrEqual(limit)
})
