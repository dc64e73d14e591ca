import { describe, expect, test } from 'vitest'
import { digestOfKeyspace, digestOfValue } from '../../src/keyspace/digest.ts'
import { stringDataset } from '../support/datasets.ts'
import { KeyHarness } from '../support/key-harness.ts'

function filled(dataset: ReturnType<typeof stringDataset>): KeyHarness {
  const server = new KeyHarness()
  for (const { database, command } of dataset) {
    server.select(database)
    server.run(command)
  }
  server.select(0)
  return server
}

function digest(server: KeyHarness): string {
  return digestOfKeyspace(server.keyspace).hex
}

describe('the digest of everything', () => {
  test.each([
    // Recorded from redis-server 7.0.15.
    [1, 10, 'f150e84ffc9115f7d8743a44eebcdbe3d437fc86'],
    [2, 300, '62b3d1b39e7122ef500c9783c3624a8e3e137dd8'],
    [3, 2000, '0391983a74b33506eff510ea163e65521dccbaeb'],
  ])('of random strings is what redis-server says: seed %i, %i keys', (seed, count, expected) => {
    expect(digest(filled(stringDataset(seed, count)))).toBe(expected)
  })

  test('of nothing is zero', () => {
    expect(digest(new KeyHarness())).toBe('0'.repeat(40))
  })

  test('does not depend on the order in which the keys came, nor on what was there before', () => {
    const dataset = stringDataset(4, 200)
    const last = new Map(dataset.map((step) => [`${step.database} ${step.command[1]}`, step]))
    const server = filled([...last.values()].reverse())
    server.run('SET another 1')
    server.run('DEL another')
    expect(digest(server)).toBe(digest(filled(dataset)))
  })

  test('depends on the database, on every value, and on whether there is a deadline, but not on which', () => {
    const server = new KeyHarness()
    const seen = new Set<string>()
    const isNew = (command: string) => {
      server.run(command)
      const hex = digest(server)
      const known = seen.has(hex)
      seen.add(hex)
      return !known
    }
    expect(isNew('SET a 1')).toBe(true)
    expect(isNew('SET a 2')).toBe(true)
    expect(isNew('PEXPIRE a 1000')).toBe(true)
    expect(isNew('PEXPIRE a 2000')).toBe(false)
    expect(isNew('RENAME a b')).toBe(true)
    expect(isNew('SWAPDB 0 1')).toBe(true)
    expect(isNew('SWAPDB 0 1')).toBe(false)
  })

  test('counts a key that is due until it is removed', () => {
    const server = new KeyHarness()
    server.run('SET a 1 PX 10')
    const before = digest(server)
    server.clock.advance(10)
    expect(digest(server)).toBe(before)
    server.run('GET a')
    expect(digest(server)).toBe('0'.repeat(40))
  })
})

test('the digest of a value is what redis-server says', () => {
  const server = new KeyHarness()
  server.run('SET a 1')
  server.run('SET b 2 PX 10000000')
  server.run('SET c abc')
  const { dispatcher } = server
  const digests = ['a', 'b', 'c', 'nothing'].map((name) => {
    dispatcher.request.load([Buffer.from(name)])
    dispatcher.context.args = dispatcher.request
    return digestOfValue(server.keyspace.databases[0]!, dispatcher.context.key(0)).hex
  })
  // Recorded from redis-server 7.0.15.
  expect(digests).toEqual([
    'b4fc66738120fba0b5aa500ab5c2bf89cea1c5da',
    '2daece6f5f01a9d30bbb5eba5348d1ec0849e44a',
    '21ffcd2d36aebffca02995acb412bcb827d4c1db',
    '0000000000000000000000000000000000000000',
  ])
  expect(digest(server)).toBe('da9c89b8aa214cc2f01a369ca1dcc6330f102498')
})
