// Server processes for tests: they come up, say why if they do not, and leave nothing behind.
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { format, RespClient } from './resp-client.ts'
import { findRedis, redisVersion, startRedis } from './servers.ts'

const isInstalled = findRedis() !== undefined
if (!isInstalled) console.warn('tests of startRedis skipped: no redis-server on the PATH')

describe.skipIf(!isInstalled)('startRedis', () => {
  test('gives a server that answers, and stop() leaves neither process nor directory', async () => {
    const server = (await startRedis())!
    const client = await RespClient.connect(server, 3)
    expect(format(await client.call('DEBUG', 'DIGEST'))).toBe(`+${'0'.repeat(40)}`)
    expect(existsSync(server.directory)).toBe(true)
    expect(server.output()).toContain('Ready to accept connections')
    expect(await server.stop()).toBe(0)
    await client.closed
    expect(existsSync(server.directory)).toBe(false)
    expect(await server.stop()).toBe(0)
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
  })

  test('runs two servers side by side', async () => {
    const servers = [(await startRedis())!, (await startRedis())!]
    expect(servers[0]!.port).not.toBe(servers[1]!.port)
    await Promise.all(servers.map((server) => server.stop()))
  })

  test('rejects with what the server printed if it does not come up', async () => {
    await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow(
      /no-such-option[\s\S]*Bad directive/,
    )
  })

  test('knows the version', () => {
    expect(redisVersion()).toMatch(/^\d+\.\d+/)
  })
})
