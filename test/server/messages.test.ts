// Messages on their way to sockets: in order with replies, in few writes, and never at the publisher's expense.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LocalServer, startLocalServer, until } from '../support/local-server.ts'
import { format, RespClient } from '../support/resp-client.ts'

let server: LocalServer

beforeEach(async () => {
  server = await startLocalServer()
})

afterEach(() => server.stop())

async function connect(protocol: 2 | 3 = 2): Promise<RespClient> {
  const client = await RespClient.connect(server, protocol)
  server.clients.push(client)
  return client
}

describe('messages', () => {
  test('come in order, also among the replies of a client that publishes to itself', async () => {
    const client = await connect(2)
    // Raw bytes: a reader of RESP3 would tell pushes from replies, and not in which order they came.
    await client.call('MULTI')
    await client.call('SUBSCRIBE', 'a')
    for (let i = 0; i < 3; i++) await client.call('PUBLISH', 'a', String(i))
    client.send(['EXEC'])
    client.send(['PING'])
    const replies = []
    for (let i = 0; i < 5; i++) replies.push(format(await client.next()))
    expect(replies).toEqual([
      '[["subscribe", "a", (integer) 1], (integer) 1, (integer) 1, (integer) 1]',
      '["message", "a", "0"]',
      '["message", "a", "1"]',
      '["message", "a", "2"]',
      '["pong", ""]',
    ])
  })

  test('of one turn go out in one write to each receiver', async () => {
    const subscribers = await Promise.all([connect(), connect(3), connect()])
    for (const [i, subscriber] of subscribers.entries()) {
      subscriber.send(['SUBSCRIBE', 'a'])
      await (i === 1 ? subscriber.nextPush() : subscriber.next())
    }
    const publisher = await connect()
    const { clients } = server.server
    const { writes } = clients
    await publisher.pipeline(Array.from({ length: 100 }, (_, i) => ['PUBLISH', 'a', String(i)]))
    for (const [i, subscriber] of subscribers.entries()) {
      for (let n = 0; n < 100; n++) {
        const message = await (i === 1 ? subscriber.nextPush() : subscriber.next())
        expect(format(message)).toContain(`"message", "a", "${n}"`)
      }
    }
    expect(clients.writes - writes).toBeLessThanOrEqual(4)
  })

  test('reach a client while it waits for the end of a pause', async () => {
    const subscriber = await connect(3)
    subscriber.send(['SUBSCRIBE', 'a'])
    await subscriber.nextPush()
    const publisher = await connect()
    await publisher.call('CLIENT', 'PAUSE', '100000', 'WRITE')
    subscriber.send(['SET', 'k', 'v'])
    await until(() => server.server.pause.heldCount === 1, 'the write to be held')
    await publisher.call('CLIENT', 'UNPAUSE')
    expect(format(await subscriber.next())).toBe('+OK')
    await publisher.call('PUBLISH', 'a', 'x')
    expect(format(await subscriber.nextPush())).toBe('push["message", "a", "x"]')
  })

  test('are sent before a goodbye', async () => {
    const client = await connect(3)
    await client.pipeline([['MULTI'], ['SUBSCRIBE', 'a'], ['PUBLISH', 'a', 'last']])
    client.send(['EXEC'])
    client.send(['QUIT'])
    await client.closed
    expect(client.pushes.map(format)).toEqual(['push["message", "a", "last"]'])
  })
})

describe('a subscriber that does not read', () => {
  const MESSAGE = 'x'.repeat(100_000)

  test('is cut at the limit for subscribers, and nobody waits for it', async () => {
    const control = await connect()
    await control.call('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 3000000 0 0')
    const slow = await connect()
    await slow.call('SUBSCRIBE', 'a')
    slow.pause()
    const quick = await connect()
    await quick.call('SUBSCRIBE', 'a')
    let counts = ''
    for (let i = 0; i < 2000 && counts !== '(integer) 1'; i++) {
      counts = format(await control.call('PUBLISH', 'a', MESSAGE))
      expect(format(await quick.next()).length).toBeGreaterThan(MESSAGE.length)
    }
    expect(counts).toBe('(integer) 1')
    expect(server.server.clients.cutForOutput).toBe(1)
    expect(server.log.some((line) => line.includes('output buffer limits'))).toBe(true)
  })

  test('is cut by a single message over the limit', async () => {
    const control = await connect()
    await control.call('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1000 0 0')
    const subscriber = await connect()
    await subscriber.call('SUBSCRIBE', 'a')
    await control.call('PUBLISH', 'a', 'x'.repeat(2000))
    await subscriber.closed
    expect(server.server.clients.cutForOutput).toBe(1)
    expect(format(await control.call('PUBSUB', 'NUMSUB', 'a'))).toBe('["a", (integer) 0]')
  })

  test('shows in CLIENT LIST what waits for it', async () => {
    const control = await connect()
    const slow = await connect()
    await slow.call('SUBSCRIBE', 'a')
    slow.pause()
    for (let i = 0; i < 100; i++) await control.call('PUBLISH', 'a', MESSAGE)
    const line = format(await control.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
    expect(Number(/ omem=(\d+)/.exec(line)![1])).toBeGreaterThan(1_000_000)
  })
})
