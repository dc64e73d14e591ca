// Unmodified clients against Respite, as an application uses them: ioredis, and node-redis in both protocols.
// npm ci --prefix test/interop && node --import tsx test/interop/clients.ts

import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { type ServerProcess, startRespite } from '../support/servers.ts'
import { messagingScripts } from './messaging.ts'
import { redisCliScripts } from './redis-cli.ts'

const PASSWORD = 'a password with spaces'

async function withIoredis(server: ServerProcess): Promise<void> {
  const redis = new Redis({
    port: server.port,
    password: PASSWORD,
    db: 2,
    connectionName: 'interop',
    lazyConnect: true,
  })
  await redis.connect()
  assert.equal(await redis.set('greeting', 'hello', 'EX', 100), 'OK')
  assert.equal(await redis.get('greeting'), 'hello')
  assert.ok((await redis.ttl('greeting')) > 90)
  assert.equal(await redis.set('greeting', 'again', 'NX'), null)
  assert.equal(await redis.incrby('count', 41), 41)
  assert.equal(await redis.incrbyfloat('count', 0.5), '41.5')
  assert.deepEqual(await redis.mget('greeting', 'missing', 'count'), ['hello', null, '41.5'])
  assert.deepEqual(await redis.getBuffer('greeting'), Buffer.from('hello'))
  const bytes = Buffer.from([0, 1, 2, 13, 10, 255])
  await redis.set('bytes', bytes)
  assert.deepEqual(await redis.getBuffer('bytes'), bytes)
  assert.equal(await redis.setbit('bits', 7, 1), 0)
  assert.equal(await redis.bitcount('bits'), 1)
  const pipeline = redis.pipeline()
  for (let i = 0; i < 1000; i++) pipeline.set(`many:${i}`, i).get(`many:${i}`)
  const replies = (await pipeline.exec())!
  assert.equal(replies.length, 2000)
  assert.deepEqual(replies[1999], [null, '999'])
  const found: string[] = []
  for await (const keys of redis.scanStream({ match: 'many:*', count: 100 })) found.push(...keys)
  assert.equal(new Set(found).size, 1000)
  assert.equal(found.length, 1000)
  await assert.rejects(redis.incr('greeting'), /ERR value is not an integer or out of range/)
  assert.equal(await redis.client('GETNAME'), 'interop')
  assert.match(await redis.info('server'), /redis_version:7\.4/)
  assert.equal(await redis.dbsize(), 1004)
  await redis.flushdb()
  await redis.quit()
}

async function withNodeRedis(server: ServerProcess, protocol: 2 | 3): Promise<void> {
  const client = createClient({
    socket: { host: server.host, port: server.port },
    password: PASSWORD,
    database: 1,
    RESP: protocol,
    name: 'interop',
  })
  // A failed assertion ends the server before the client: that must not hide the assertion.
  client.on('error', () => {})
  await client.connect()
  assert.equal(await client.set('greeting', 'hello', { expiration: { type: 'PX', value: 100_000 } }), 'OK')
  assert.equal(await client.get('greeting'), 'hello')
  assert.ok((await client.pTTL('greeting')) > 90_000)
  assert.equal(await client.getEx('greeting', { type: 'PERSIST' }), 'hello')
  assert.equal(await client.ttl('greeting'), -1)
  assert.equal(await client.append('greeting', ' world'), 11)
  assert.equal(await client.getRange('greeting', -5, -1), 'world')
  await client.mSet({ a: '1', b: '2' })
  assert.deepEqual(await client.mGet(['a', 'b', 'c']), ['1', '2', null])
  assert.deepEqual(await Promise.all([client.incr('a'), client.incr('a'), client.decr('b')]), [2, 3, 1])
  assert.equal(await client.exists(['a', 'b', 'c']), 2)
  assert.equal(await client.copy('a', 'c'), 1)
  assert.equal(await client.type('c'), 'string')
  const keys: string[] = []
  for await (const found of client.scanIterator({ COUNT: 2 }))
    keys.push(...(Array.isArray(found) ? found : [found]))
  assert.deepEqual(keys.sort(), ['a', 'b', 'c', 'greeting'])
  const settings = await client.configGet('maxmemory*')
  assert.equal(settings['maxmemory-policy'], 'noeviction')
  assert.ok((await client.commandCount()) > 60)
  await assert.rejects(client.sendCommand(['NOSUCHCOMMAND']), /unknown command/)
  await client.flushAll()
  await client.close()
}

const server = await startRespite({ args: ['--requirepass', PASSWORD] })
try {
  const scripts: [string, () => Promise<void>][] = [
    ['ioredis', () => withIoredis(server)],
    ['node-redis, RESP2', () => withNodeRedis(server, 2)],
    ['node-redis, RESP3', () => withNodeRedis(server, 3)],
    ...messagingScripts(server, PASSWORD),
    ...redisCliScripts(server, PASSWORD),
  ]
  for (const [name, script] of scripts) {
    await script()
    process.stdout.write(`${name}: all as expected\n`)
  }
} finally {
  await server.stop()
}
