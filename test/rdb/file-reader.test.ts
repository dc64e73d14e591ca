// A file that redis-server has written, read by ours; and files that are none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Key } from '../../src/memory/key.ts'
import { ValueBuilder } from '../../src/persistence/value-builder.ts'
import { type FileFacts, FileReader } from '../../src/rdb/file-reader.ts'
import { RdbInput } from '../../src/rdb/input.ts'
import { format, RespClient } from '../support/resp-client.ts'
import { findRedis, startRedis } from '../support/servers.ts'
import { drawValue } from '../support/value-drawing.ts'
import { ValueHarness } from './value-harness.ts'

const isInstalled = findRedis() !== undefined

/** Reads a file into a server; says what else was in it. */
function load(server: ValueHarness, bytes: Uint8Array): string[] {
  const { keyspace } = server
  const builder = new ValueBuilder(keyspace)
  const told: string[] = []
  const facts: FileFacts = {
    note: (name) => told.push(Buffer.from(name.view()).toString()),
    database: (index) => told.push(`database ${index}`),
    sizes: (keys, deadlines) => told.push(`${keys} keys, ${deadlines} deadlines`),
    functions: () => told.push('functions'),
    emptyKey: () => told.push('empty key'),
    key: (name, { deadline }) => {
      if (deadline !== undefined) told.push(`deadline ${deadline}`)
      const copy = name.copy()
      return builder.begin(keyspace.databases[0]!, new Key(keyspace.seed).point(copy, 0, copy.length))
    },
  }
  const reader = new FileReader(new RdbInput().openBytes(bytes, 0, bytes.length))
  reader.readHeader()
  while (reader.readRecord(facts));
  return told
}

describe.skipIf(!isInstalled)('a file of redis-server', () => {
  test('has the values that it had', async () => {
    const redis = (await startRedis())!
    const client = await RespClient.connect(redis, 2)
    const random = new Random(5)
    const ours = new ValueHarness()
    for (let i = 0; i < 60; i++) {
      for (const command of drawValue(random, `key ${i}`)) {
        await client.call(...command.map((word) => Buffer.from(word)))
      }
    }
    await client.call('SET', 'timed', 'x', 'PXAT', '4102444800000')
    await client.call('SAVE')
    const bytes = readFileSync(join(redis.directory, 'dump.rdb'))
    const told = load(ours, bytes)
    expect(told).toContain('redis-ver')
    expect(told).toContain('database 0')
    expect(told).toContain('deadline 4102444800000')
    expect(ours.show('DBSIZE')).toBe(format(await client.call('DBSIZE')))
    for (let i = 0; i < 60; i++) {
      const theirs = format(await client.call('DEBUG', 'DIGEST-VALUE', `key ${i}`))
      expect([i, ours.digest(`key ${i}`)]).toEqual([i, theirs])
    }
    const damaged = Uint8Array.from(bytes)
    damaged[damaged.length - 1]! ^= 1
    expect(() => load(new ValueHarness(), damaged)).toThrow('Wrong RDB checksum expected: (')
    await redis.stop()
  })
})

test('what is no file is refused with the place', () => {
  const loading = (text: string) => () => load(new ValueHarness(), Buffer.from(text, 'latin1'))
  expect(loading('REDIX0010')).toThrow('Wrong signature trying to load DB from file at offset 9')
  expect(loading('REDIS0013')).toThrow("Can't handle RDB format version 13")
  expect(loading('REDIS')).toThrow('unexpected end at offset 0')
  expect(loading('REDIS0009\xfe')).toThrow('unexpected end at offset 10')
  expect(load(new ValueHarness(), Buffer.from('REDIS0003\xff', 'latin1'))).toEqual([])
})
