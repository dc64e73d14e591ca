// Files between ours and the redis-server at hand: random datasets of all types, encodings and sizes, with deadlines, in
// several databases. What one has saved the other loads, and DEBUG DIGEST is the same.
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { writeImage } from '../../src/persistence/image-file.ts'
import { KeptFunctions } from '../../src/persistence/kept-functions.ts'
import { RdbLoad } from '../../src/persistence/rdb-load.ts'
import { imageOfNow } from '../../src/persistence/snapshot.ts'
import { ValueHarness } from '../rdb/value-harness.ts'
import { format, RespClient } from '../support/resp-client.ts'
import { findRedis, startRedis } from '../support/servers.ts'
import { drawValue } from '../support/value-drawing.ts'

const isInstalled = findRedis() !== undefined
if (!isInstalled) console.warn('exchange of files skipped: no redis-server on the PATH')

const ROUNDS = 6
const KEYS = 60
const DATABASES = 4
/** Beyond any test's time. */
const FAR = 4_102_444_800_000
const LIMITS = [
  ['hash-max-listpack-entries', '0', '3', '512'],
  ['hash-max-listpack-value', '4', '64', '4000'],
  ['zset-max-listpack-entries', '0', '5', '128'],
  ['set-max-intset-entries', '0', '20', '512'],
  ['list-max-listpack-size', '-2', '-1', '3', '100'],
  ['list-compress-depth', '0', '1'],
  ['rdbcompression', 'yes', 'no'],
  ['stream-node-max-entries', '2', '100'],
] as const

const SETTINGS = {
  compresses: true,
  hasChecksum: true,
  syncsOnTheWay: false,
  notes: [],
  functions: [],
  access: 'none' as const,
  keyDelay: 0,
}

describe.skipIf(!isInstalled)('files', () => {
  test('of redis-server are loaded by ours, and ours by redis-server', async () => {
    const redis = (await startRedis())!
    const client = await RespClient.connect(redis, 2)
    const seed = Date.now() & 0xffff
    const random = new Random(seed)
    const call = async (...words: (string | Uint8Array)[]) =>
      format(await client.call(...words.map((word) => Buffer.from(word))))
    const path = join(redis.directory, 'dump.rdb')
    for (let round = 0; round < ROUNDS; round++) {
      const where = `seed ${seed}, round ${round}`
      await call('FLUSHALL')
      for (const [option, ...values] of LIMITS) {
        await call('CONFIG', 'SET', option, values[random.below(values.length)]!)
      }
      for (let i = 0; i < KEYS; i++) {
        await call('SELECT', String(random.below(DATABASES)))
        for (const command of drawValue(random, `key ${i}`)) await call(...command)
        if (random.below(3) === 0) await call('PEXPIREAT', `key ${i}`, String(FAR + random.below(1e9)))
      }
      const digest = await call('DEBUG', 'DIGEST')
      expect([where, await call('SAVE')]).toEqual([where, '+OK'])
      const ours = new ValueHarness(1, DATABASES)
      load(ours, path)
      expect([where, `+${digestOfKeyspace(ours.keyspace).hex}`]).toEqual([where, digest])
      const fd = openSync(path, 'w')
      writeImage(imageOfNow(ours.keyspace), fd, SETTINGS, () => {})
      closeSync(fd)
      expect([where, await call('DEBUG', 'RELOAD', 'NOSAVE')]).toEqual([where, '+OK'])
      expect([where, await call('DEBUG', 'DIGEST')]).toEqual([where, digest])
    }
    await redis.stop()
  }, 120_000)
})

function load(server: ValueHarness, path: string): void {
  server.run('DBSIZE')
  const source = RdbLoad.open(path, {
    keyspace: server.keyspace,
    functions: new KeptFunctions(),
    report: { keysLoaded: 0, keysExpired: 0, loadedUsedMemory: 0 },
    log: { notice: () => {}, warning: () => {} },
    checksSum: true,
  })!
  while (!source.step(() => true));
}
