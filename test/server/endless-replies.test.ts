// A reply that would never end, over a real socket.

import { expect, test } from 'vitest'
import { startLocalServer } from '../support/local-server.ts'
import { RespClient } from '../support/resp-client.ts'

test('a reply that would never end costs its client the connection, and nobody time', async () => {
  const local = await startLocalServer(false, 'client-output-buffer-limit normal 100000 0 0')
  const client = await RespClient.connect(local)
  const other = await RespClient.connect(local)
  local.clients.push(client, other)
  await other.call('HSET', 'hash', 'field', 'value')
  const started = performance.now()
  const [answer] = await Promise.allSettled([client.call('HRANDFIELD', 'hash', '-9223372036854775807')])
  expect(answer.status).toBe('rejected')
  expect(await other.call('PING')).toEqual({ type: 'simple', text: 'PONG' })
  expect(performance.now() - started).toBeLessThan(2000)
  expect(local.server.clients.cutForOutput).toBe(1)
  expect([...local.server.clients.all()].length).toBe(1)
  expect(local.log.join('\n')).toContain('overcoming of output buffer limits')
  await local.stop()
})
