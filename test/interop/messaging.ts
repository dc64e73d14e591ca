// Unmodified clients against Respite, for what clients have to do with each other: publish and subscribe, transactions
// with watched keys, keyspace events, and caches that the server keeps right.

import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { ServerProcess } from '../support/servers.ts'

type Script = [string, () => Promise<void>]

export function messagingScripts(server: ServerProcess, password: string): Script[] {
  return [
    ['ioredis, messaging', () => withIoredis(server, password)],
    ['node-redis, messaging, RESP2', () => withNodeRedis(server, password, 2)],
    ['node-redis, messaging, RESP3', () => withNodeRedis(server, password, 3)],
    ['node-redis, client-side cache', () => withCache(server, password)],
    ['ioredis, invalidation by message', () => withInvalidation(server, password)],
  ]
}

/** Collects what comes until there is so much of it. */
class Inbox {
  readonly #received: string[] = []
  #wake: () => void = () => {}

  readonly put = (...parts: unknown[]): void => {
    this.#received.push(parts.join(' '))
    this.#wake()
  }

  async take(count: number): Promise<string[]> {
    while (this.#received.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#received.splice(0, count)
  }
}

async function withIoredis(server: ServerProcess, password: string): Promise<void> {
  const redis = new Redis({ port: server.port, password })
  const subscriber = redis.duplicate()
  const inbox = new Inbox()
  subscriber.on('message', inbox.put)
  subscriber.on('pmessage', inbox.put)
  assert.equal(await subscriber.subscribe('news', 'other'), 2)
  assert.equal(await subscriber.psubscribe('n*'), 3)
  assert.equal(await redis.publish('news', 'hello'), 2)
  assert.deepEqual(await inbox.take(2), ['news hello', 'n* news hello'])
  assert.deepEqual(await redis.pubsub('NUMSUB', 'news', 'nobody'), ['news', 1, 'nobody', 0])
  await redis.config('SET', 'notify-keyspace-events', 'KEA')
  await subscriber.psubscribe('__keyevent@0__:*')
  await redis.set('watched', '1')
  assert.deepEqual(await inbox.take(1), ['__keyevent@0__:* __keyevent@0__:set watched'])
  await redis.config('SET', 'notify-keyspace-events', '')
  assert.equal(await subscriber.unsubscribe('news', 'other'), 2)

  assert.deepEqual(await redis.multi().set('a', '1').incr('a').get('a').exec(), [
    [null, 'OK'],
    [null, 2],
    [null, '2'],
  ])
  await redis.watch('a')
  await redis.set('a', '10')
  assert.equal(await redis.multi().incr('a').exec(), null)
  const failing = (await redis.multi().set('text', 'x').incr('text').exec())!
  assert.match(String(failing[1]![0]), /not an integer/)
  await redis.flushall()
  subscriber.disconnect()
  await redis.quit()
}

async function withNodeRedis(server: ServerProcess, password: string, protocol: 2 | 3): Promise<void> {
  const options = { socket: { host: server.host, port: server.port }, password, RESP: protocol }
  const client = await createClient(options).connect()
  const subscriber = await createClient(options).connect()
  const inbox = new Inbox()
  await subscriber.subscribe('news', inbox.put)
  await subscriber.pSubscribe('n*', inbox.put)
  await subscriber.sSubscribe('shard', inbox.put)
  assert.equal(await client.publish('news', 'hello'), 2)
  assert.deepEqual((await inbox.take(2)).sort(), ['hello news', 'hello news'])
  assert.equal(await client.sPublish('shard', 'piece'), 1)
  assert.deepEqual(await inbox.take(1), ['piece shard'])
  assert.deepEqual(await client.pubSubChannels(), ['news'])
  // In RESP3 a subscriber may do everything else as well.
  if (protocol === 3) assert.equal(await subscriber.get('missing'), null)
  await subscriber.unsubscribe()
  await subscriber.pUnsubscribe()
  await subscriber.sUnsubscribe()
  assert.equal(await subscriber.get('missing'), null)

  assert.deepEqual(await client.multi().set('a', '1').incr('a').get('a').exec(), ['OK', 2, '2'])
  await client.watch('a')
  await subscriber.set('a', '10')
  await assert.rejects(client.multi().incr('a').exec(), /watch/i)
  assert.equal(await client.get('a'), '10')
  await client.flushAll()
  await client.close()
  await subscriber.close()
}

/** node-redis keeps what it has read, until the server says that it has changed. */
async function withCache(server: ServerProcess, password: string): Promise<void> {
  const socket = { host: server.host, port: server.port }
  const cached = createClient({
    socket,
    password,
    RESP: 3,
    clientSideCache: { ttl: 0, maxEntries: 100, evictPolicy: 'LRU' },
  })
  cached.on('error', () => {})
  await cached.connect()
  const writer = await createClient({ socket, password }).connect()
  await writer.set('cached', '1')
  for (let i = 2; i < 20; i++) {
    assert.equal(await cached.get('cached'), String(i - 1))
    assert.equal(await cached.get('cached'), String(i - 1))
    await writer.set('cached', String(i))
    // The invalidation comes before the reply to whatever the cached client asks next.
    await cached.ping()
  }
  const hits = Number(/keyspace_hits:(\d+)/.exec(await writer.info('stats'))![1])
  await cached.get('cached')
  for (let i = 0; i < 100; i++) assert.equal(await cached.get('cached'), '19')
  const hitsAfter = Number(/keyspace_hits:(\d+)/.exec(await writer.info('stats'))![1])
  assert.equal(hitsAfter - hits, 1)
  await writer.flushAll()
  await cached.ping()
  assert.equal(await cached.get('cached'), null)
  await cached.close()
  await writer.close()
}

/** RESP2: one connection is told what another has cached. */
async function withInvalidation(server: ServerProcess, password: string): Promise<void> {
  const reader = new Redis({ port: server.port, password, protocol: 2 })
  const listener = reader.duplicate()
  const id = await listener.client('ID')
  await listener.subscribe('__redis__:invalidate')
  const inbox = new Inbox()
  listener.on('message', inbox.put)
  assert.equal(await reader.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id)), 'OK')
  assert.equal(await reader.get('x'), null)
  await reader.set('x', '1')
  assert.deepEqual(await inbox.take(1), ['__redis__:invalidate x'])
  listener.disconnect()
  await reader.quit()
}
