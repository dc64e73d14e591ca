import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RespClient } from '../support/resp-client.ts'
import { type ServerProcess, startRespite } from '../support/servers.ts'
import { damagedRequest, fuzz, randomStream } from './fuzz.ts'

describe('a server under hostile input', () => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await startRespite()
  })
  afterAll(async () => {
    await server.stop()
  })

  test.each([randomStream, damagedRequest])('goes on serving others: %o', async (make) => {
    await fuzz(server, 5_000, make, 7)
    const client = await RespClient.connect(server)
    expect(await client.call('PING')).toEqual({ type: 'simple', text: 'PONG' })
    client.destroy()
    expect(server.output()).not.toContain('Internal error')
  })
})
