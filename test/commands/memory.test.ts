import { beforeEach, describe, expect, test } from 'vitest'
import { memoryCommands } from '../../src/commands/memory.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from '../support/harness.ts'
import { type FakeSources, infoSources } from '../support/info-sources.ts'

let server: Harness
let sources: FakeSources
let purges: number

beforeEach(() => {
  server = new Harness([stringCommands])
  sources = infoSources(server)
  sources.memory.sample(sources)
  purges = 0
  server.registry.add(memoryCommands(sources, () => purges++))
})

function text(command: string): string {
  const reply = server.run(command)
  if (reply.type !== 'bulk') throw new Error(`${command} replied ${reply.type}`)
  return reply.text
}

describe('MEMORY STATS', () => {
  /** Names with values; of nested ones their names. */
  function stats(): Map<string, unknown> {
    server.client.protocol = 3
    const reply = server.run('MEMORY STATS')
    if (reply.type !== 'map') throw new Error(`MEMORY STATS replied ${reply.type}`)
    return new Map<string, unknown>(
      reply.entries.map(([name, value]) => {
        if (name.type !== 'bulk') throw new Error(`a name is ${name.type}`)
        if (value.type === 'integer') return [name.text, Number(value.value)]
        if (value.type === 'map') return [name.text, value.entries.length]
        return [name.text, value.type]
      }),
    )
  }

  test('has the figures of Redis 7.4', () => {
    server.run('SET a b')
    server.client.database = 2
    server.run('SET a b')
    expect([...stats().keys()]).toEqual(
      (
        'peak.allocated total.allocated startup.allocated replication.backlog clients.slaves clients.normal cluster.links ' +
        'aof.buffer lua.caches functions.caches db.0 db.2 overhead.db.hashtable.lut overhead.db.hashtable.rehashing ' +
        'overhead.total db.dict.rehashing.count keys.count keys.bytes-per-key dataset.bytes dataset.percentage peak.percentage ' +
        'allocator.allocated allocator.active allocator.resident allocator.muzzy allocator-fragmentation.ratio ' +
        'allocator-fragmentation.bytes allocator-rss.ratio allocator-rss.bytes rss-overhead.ratio rss-overhead.bytes ' +
        'fragmentation fragmentation.bytes'
      ).split(' '),
    )
  })

  test('has figures that agree with each other', () => {
    for (let i = 0; i < 100; i++) server.run(`SET key:${i} value`)
    const figures = stats()
    expect(figures.get('keys.count')).toBe(100)
    expect(figures.get('db.0')).toBe(2)
    expect(figures.get('peak.percentage')).toBe('double')
    expect(Number(figures.get('startup.allocated'))).toBeLessThanOrEqual(
      Number(figures.get('total.allocated')),
    )
    const sum = Number(figures.get('overhead.total')) + Number(figures.get('dataset.bytes'))
    expect(sum).toBe(figures.get('total.allocated'))
    expect(Number(figures.get('keys.bytes-per-key'))).toBeGreaterThan(20)
    expect(Number(figures.get('keys.bytes-per-key'))).toBeLessThan(300)
  })

  test('is an array in RESP2', () => {
    expect(server.show('MEMORY STATS')).toMatch(/^\["peak.allocated", \(integer\) \d+, "total.allocated"/)
  })
})

describe('MEMORY DOCTOR', () => {
  test('has nothing to say about little data', () => {
    expect(text('MEMORY DOCTOR')).toContain('nothing to examine')
  })

  test('is content with plain data', () => {
    server.run(['SET', 'k', 'x'.repeat(6_000_000)])
    expect(text('MEMORY DOCTOR')).toBe('Memory is in good order.\n')
  })

  test('finds a peak that is long over, a process that is large, and clients with large buffers', () => {
    server.run(['SET', 'a', 'x'.repeat(30_000_000)])
    text('MEMORY DOCTOR')
    server.run(['SET', 'a', 'x'.repeat(6_000_000)])
    sources.usage.resident = 1e9
    sources.memory.sample(sources)
    sources.clients.connect(1_000_000)
    const report = text('MEMORY DOCTOR')
    for (const word of ['Peak:', 'Process:', 'Clients:']) expect(report).toContain(word)
  })
})

describe('MEMORY MALLOC-STATS', () => {
  test('tells of each database that has something', () => {
    expect(text('MEMORY MALLOC-STATS')).toContain('all databases are empty')
    server.run(['SET', 'a', 'x'.repeat(100_000)])
    expect(text('MEMORY MALLOC-STATS')).toMatch(/\ndb0: keys=1 .* large-values=1 large-bytes=100000\n$/)
  })
})

test('MEMORY PURGE gives memory back', () => {
  expect(server.show('MEMORY PURGE')).toBe('+OK')
  expect(purges).toBe(1)
})

test('MEMORY USAGE stands beside the others', () => {
  server.run('SET a b')
  expect(server.run('MEMORY USAGE a').type).toBe('integer')
})
