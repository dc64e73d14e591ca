// Files of ours, read by the redis-server at hand: every type, encoding and size class, with deadlines, in several databases.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { type ImageFileSettings, writeImage } from '../../src/persistence/image-file.ts'
import { imageOfNow } from '../../src/persistence/snapshot.ts'
import { format, RespClient } from '../support/resp-client.ts'
import { findRedis, startRedis } from '../support/servers.ts'
import { SETTINGS, SnapshotHarness } from './snapshot-harness.ts'

const isInstalled = findRedis() !== undefined
if (!isInstalled) console.warn('exchange of files skipped: no redis-server on the PATH')

const TYPES = ['string', 'list', 'set', 'zset', 'hash', 'stream']

/** What redis-server says of a file: with further settings, replies to commands. */
async function readBack(
  harness: SnapshotHarness,
  settings: Partial<ImageFileSettings>,
  args: readonly string[],
  commands: readonly string[],
): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'respite-test-'))
  try {
    const file = join(directory, 'dump.rdb')
    const fd = openSync(file, 'w')
    // Redis 7.0 knows no deadlines of fields: they are left out.
    const image = { ...imageOfNow(harness.keyspace), hasFieldDeadlines: false }
    writeImage(image, fd, { ...SETTINGS, ...settings }, () => {})
    closeSync(fd)
    const check = spawnSync('redis-check-rdb', [file], { encoding: 'utf8' })
    if (check.error === undefined) expect(check.stdout).toContain('RDB looks OK')
    const redis = (await startRedis({ args: ['--dir', directory, ...args] }))!
    const client = await RespClient.connect(redis, 2)
    const replies: string[] = []
    for (const command of commands) replies.push(format(await client.call(...command.split(' '))))
    await client.destroy()
    await redis.stop()
    return replies
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe.skipIf(!isInstalled)('a file of ours', () => {
  test.each([101, 102, 103, 104])(
    'is read by redis-server: the digest is the same (seed %i)',
    async (seed) => {
      const harness = new SnapshotHarness(new Random(seed), 500)
      harness.client.database = 0
      harness.run(['SET', 'large', 'x'.repeat(200_000)])
      harness.run(['RPUSH', 'large list', 'y'.repeat(100_000), 'z'])
      const settings = { compresses: seed % 2 === 0, hasChecksum: seed % 3 !== 0 }
      const [digest, size, keyspace] = await readBack(
        harness,
        settings,
        [],
        ['DEBUG DIGEST', 'DBSIZE', 'INFO keyspace'],
      )
      expect(digest).toBe(`+${harness.digest}`)
      expect(size).toBe(`(integer) ${harness.keyspace.databases[0]!.size}`)
      for (const { index, table } of harness.keyspace.databases) {
        if (table.count > 0)
          expect(keyspace).toContain(`db${index}:keys=${table.count},expires=${table.deadlineCount}`)
      }
      expect(harness.keyspace.databases.filter(({ size }) => size > 0)).toHaveLength(4)
      const found = new Set<number>()
      harness.keyspace.databases[1]!.table.each((entry) =>
        found.add(harness.keyspace.databases[1]!.typeOf(entry)),
      )
      expect(found.size).toBe(TYPES.length)
    },
    60_000,
  )

  test('says for how long keys were idle, or how often they are used, if the policy asks for it', async () => {
    const harness = new SnapshotHarness(new Random(105), 0)
    const { access } = harness.keyspace
    harness.run('SET a one')
    harness.clock.advance(500_000)
    harness.run('SET b two')
    const idle = await readBack(
      harness,
      { access: 'idle' },
      ['--maxmemory-policy', 'allkeys-lru'],
      ['OBJECT IDLETIME a', 'OBJECT IDLETIME b'],
    )
    expect(Number(idle[0]!.replace('(integer) ', ''))).toBeGreaterThanOrEqual(500)
    expect(Number(idle[1]!.replace('(integer) ', ''))).toBeLessThan(100)
    access.isFrequency = true
    harness.clock.advance(1000)
    harness.run('SET often three')
    harness.keyspace.databases[0]!.table.each((entry) =>
      harness.keyspace.databases[0]!.setAccess(entry, access.withFrequency(77)),
    )
    const often = await readBack(
      harness,
      { access: 'frequency' },
      ['--maxmemory-policy', 'allkeys-lfu'],
      ['OBJECT FREQ often'],
    )
    expect(often).toEqual(['(integer) 77'])
  }, 60_000)
})
