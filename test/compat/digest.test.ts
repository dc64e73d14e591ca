// The digest of everything, ours against the server at hand, on the same random strings.
import { describe, expect, test } from 'vitest'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { stringDataset } from '../support/datasets.ts'
import { KeyHarness } from '../support/key-harness.ts'
import { format, RespClient } from '../support/resp-client.ts'
import { findRedis, startRedis } from '../support/servers.ts'

const isInstalled = findRedis() !== undefined
if (!isInstalled) console.warn('comparison of digests skipped: no redis-server on the PATH')

describe.skipIf(!isInstalled)('DEBUG DIGEST', () => {
  test('is the same after every hundred random writes', async () => {
    const redis = (await startRedis())!
    const client = await RespClient.connect(redis, 2)
    const server = new KeyHarness()
    const dataset = stringDataset(Date.now() & 0xffff, 1500)
    for (const [step, { database, command }] of dataset.entries()) {
      server.select(database)
      server.run(command)
      await client.call('SELECT', String(database))
      await client.call(...command.map((word) => Buffer.from(word)))
      if (step % 100 !== 0) continue
      const theirs = format(await client.call('DEBUG', 'DIGEST'))
      expect(`+${digestOfKeyspace(server.keyspace).hex}`).toBe(theirs)
    }
    await redis.stop()
  })
})
