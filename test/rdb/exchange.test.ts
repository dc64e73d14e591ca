// DUMP and RESTORE between ours and the redis-server at hand, with random values: what one has dumped the other restores,
// and DEBUG DIGEST-VALUE is the same.
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { format, RespClient } from '../support/resp-client.ts'
import { findRedis, startRedis } from '../support/servers.ts'
import { drawValue } from '../support/value-drawing.ts'
import { ValueHarness } from './value-harness.ts'

const isInstalled = findRedis() !== undefined
if (!isInstalled) console.warn('exchange of dumps skipped: no redis-server on the PATH')

const VALUES = 150

describe.skipIf(!isInstalled)('dumps', () => {
  test('are restored by redis-server, and its dumps by ours', async () => {
    const redis = (await startRedis())!
    const client = await RespClient.connect(redis, 2)
    const ours = new ValueHarness()
    const seed = Date.now() & 0xffff
    const random = new Random(seed)
    const call = async (words: readonly (string | Uint8Array)[]) =>
      format(await client.call(...words.map((word) => Buffer.from(word))))
    for (let i = 0; i < VALUES; i++) {
      const where = `seed ${seed}, value ${i}`
      await client.call('FLUSHALL')
      ours.run('FLUSHALL')
      for (const command of drawValue(random, 'v')) {
        ours.run(command)
        await call(command)
      }
      const digest = await call(['DEBUG', 'DIGEST-VALUE', 'v'])
      expect([where, ours.digest('v')]).toEqual([where, digest])
      if (ours.show('EXISTS v') === '(integer) 0') continue
      expect([where, await call(['RESTORE', 'ours', '0', ours.dump('v')])]).toEqual([where, '+OK'])
      expect([where, await call(['DEBUG', 'DIGEST-VALUE', 'ours'])]).toEqual([where, digest])
      const theirs = await client.call('DUMP', 'v')
      if (theirs.type !== 'bulk') throw new Error('no dump')
      const payload = Buffer.from(theirs.text, 'latin1')
      expect([where, ours.show(['RESTORE', 'theirs', '0', payload])]).toEqual([where, '+OK'])
      expect([where, ours.digest('theirs')]).toEqual([where, digest])
      for (const groups of await groupsOf(call, 'v', 'ours'))
        expect([where, ...groups]).toEqual([where, groups[0], groups[0]])
    }
    await redis.stop()
  }, 60_000)
})

/** What redis-server says of the groups of two streams, pair by pair: once of the one, once of the other. */
async function groupsOf(
  call: (words: string[]) => Promise<string>,
  one: string,
  other: string,
): Promise<string[][]> {
  if ((await call(['TYPE', one])) !== '+stream') return []
  const pairs: string[][] = []
  for (const words of [['XINFO', 'GROUPS'], ['XLEN'], ['XINFO', 'STREAM']]) {
    const replies = [await call([...words, one]), await call([...words, other])]
    // How many tree nodes there are is redis-server's own business.
    pairs.push(replies.map((reply) => reply.replace(/"radix-tree-(keys|nodes)", \(integer\) \d+/g, '')))
  }
  return pairs
}
