// maxmemory: when commands are refused, how much is evicted and for how long, and what others are told of it.

import { beforeEach, describe, expect, test } from 'vitest'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { setCommands } from '../../src/commands/set.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { transactionCommands } from '../../src/commands/transaction.ts'
import { Config } from '../../src/config/config.ts'
import { LOADING, MEMORY, PAUSED } from '../../src/server/gates.ts'
import { Log } from '../../src/server/log.ts'
import { MemoryLimit } from '../../src/server/memory-limit.ts'
import { recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'

const OOM = "(error) OOM command not allowed when used memory > 'maxmemory'."
const FAMILIES = [stringCommands, hashCommands, setCommands, keyCommands, keyExpiryCommands]

let server: Harness
let limit: MemoryLimit
let config: Config
let log: string[]
const clients = { memoryBytes: 0 }
/** Milliseconds that every look at the clock takes. */
let tick: number
let time: number

beforeEach(() => {
  server = new Harness(FAMILIES)
  server.registry.add(transactionCommands(server.transactions, server.dispatcher))
  clients.memoryBytes = 0
  tick = 0
  time = 1000
  log = []
  limit = new MemoryLimit({
    keyspace: server.keyspace,
    gates: server.gates,
    latency: server.latency,
    clients,
    messaging: { trackedBytes: 0 },
    current: server.dispatcher.context,
    monotonic: () => {
      time += tick
      return time
    },
    log: new Log(
      () => 0,
      (line) => log.push(line),
    ),
  })
  config = new Config()
  limit.followSettings(config)
})

function set(...pairs: [name: string, value: string][]): void {
  config.set(pairs)
}

function used(): number {
  return server.keyspace.usedBytes + clients.memoryBytes
}

/** A limit that leaves room for so many bytes. */
function leave(bytes: number, policy: string): void {
  set(['maxmemory', String(used() + bytes)], ['maxmemory-policy', policy])
}

function fill(count: number, from = 0): void {
  for (let n = from; n < from + count; n++) server.run(`SET k${n} ${'x'.repeat(100)}`)
}

describe('where nothing may be evicted', () => {
  beforeEach(() => {
    fill(100)
    leave(-1, 'noeviction')
  })

  test('what takes memory is refused, everything else is not', () => {
    expect(server.show('SET a b')).toBe(OOM)
    expect(server.show('APPEND k0 b')).toBe(OOM)
    expect(server.show('HSET h f v')).toBe(OOM)
    expect(server.show('GET k0')).toContain('xxx')
    expect(server.show('EXPIRE k0 100')).toBe('(integer) 1')
    expect(server.show('DEL k1')).toBe('(integer) 1')
    expect(server.show('SET a b')).toBe('+OK')
    expect(server.keyspace.stats.evicted).toBe(0)
  })

  test('nothing is queued, and a transaction that was, runs if it takes no memory', () => {
    set(['maxmemory', '0'])
    server.run('MULTI')
    server.run('GET k0')
    set(['maxmemory', '1'])
    expect(server.show('EXEC')).toContain('xxx')

    set(['maxmemory', '0'])
    server.run('MULTI')
    server.run('SET a b')
    set(['maxmemory', '1'])
    expect(server.show('GET a')).toBe(OOM)
    set(['maxmemory', '0'])
    expect(server.show('EXEC')).toBe('(error) EXECABORT Transaction discarded because of previous errors.')

    server.run('MULTI')
    server.run('SET a b')
    set(['maxmemory', '1'])
    expect(server.show('EXEC')).toBe(
      "(error) EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.",
    )
    expect(server.show('EXISTS a')).toBe('(integer) 0')
  })

  test('large values that were removed are freed before anything is refused', () => {
    set(['maxmemory', '0'])
    server.run(['SADD', 's', ...Array.from({ length: 20_000 }, (_, n) => `member${n}`)])
    const full = used()
    server.run('UNLINK s')
    expect(server.keyspace.disposals.pending).toBe(1)
    set(['maxmemory', String(full - 500_000)])
    expect(server.show('SET a b')).toBe('+OK')
  })

  test('a limit of 0 is none', () => {
    expect(server.gates.closed & MEMORY).toBe(MEMORY)
    set(['maxmemory', '0'])
    expect(server.gates.closed & MEMORY).toBe(0)
    expect(server.show('SET a b')).toBe('+OK')
  })
})

describe('where keys may be evicted', () => {
  test.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])(
    '%s: never more than the limit and one command',
    (policy) => {
      fill(100)
      leave(20_000, policy)
      const { max, least } = { max: used() + 20_000, least: used() + 20_000 - 8000 }
      for (let n = 100; n < 3000; n++) {
        server.run(`SET k${n} ${'x'.repeat(n % 200)}`)
        expect(used()).toBeLessThanOrEqual(max + 8000)
        if (n > 1000) expect(used()).toBeGreaterThan(least - 8000)
      }
      expect(server.keyspace.stats.evicted).toBeGreaterThan(2000)
    },
  )

  test('values that are freed bit by bit cost no other key its place', () => {
    for (let i = 0; i < 5; i++) {
      server.run(['SADD', `s${i}`, ...Array.from({ length: 20_000 }, (_, n) => `member${n}`)])
      server.clock.advance(10_000)
    }
    fill(10)
    const full = used()
    set(
      ['maxmemory-samples', '64'],
      ['maxmemory', String(full - 10_000)],
      ['maxmemory-policy', 'allkeys-lru'],
    )
    expect(server.show('GET k0')).toContain('xxx')
    expect(server.keyspace.stats.evicted).toBe(1)
    expect(server.show('EXISTS s0 s1 s2 s3 s4')).toBe('(integer) 4')
    expect(used()).toBeLessThanOrEqual(full - 10_000)
  })

  test('keys of other databases than the one in use count and go too', () => {
    const other = server.connect(2)
    other.session.database = 5
    for (let n = 0; n < 200; n++) server.send(other, `SET k${n} ${'x'.repeat(100)}`)
    server.clock.advance(60_000)
    leave(2000, 'allkeys-lru')
    fill(40)
    expect(server.keyspace.databases[5]!.size).toBeLessThan(200)
    expect(server.keyspace.databases[0]!.size).toBe(40)
  })

  test('memory of clients counts', () => {
    fill(100)
    leave(10_000, 'allkeys-lru')
    clients.memoryBytes = 15_000
    server.run('GET k0')
    expect(server.keyspace.stats.evicted).toBeGreaterThan(20)
    clients.memoryBytes = 1e9
    expect(server.show('SET a b')).toBe(OOM)
    expect(server.keyspace.databases[0]!.size).toBe(0)
  })

  test('volatile policies refuse when only keys without a deadline are left', () => {
    fill(50)
    for (let n = 0; n < 50; n++) server.run(`SET v${n} x EX 1000`)
    set(['maxmemory', '1'], ['maxmemory-policy', 'volatile-lru'])
    expect(server.show('SET a b')).toBe(OOM)
    expect(server.keyspace.databases[0]!.size).toBe(50)
    expect(server.show('GET k0')).toContain('xxx')
  })

  test('everybody concerned is told', () => {
    fill(1)
    const events = recordEvents(server.keyspace)
    server.recordPropagation()
    server.propagated = []
    set(['maxmemory', '1'], ['maxmemory-policy', 'allkeys-lru'])
    server.run('GET k0')
    expect(events).toEqual(['0 evicted k0', '0 keymiss k0'])
    expect(server.propagated).toEqual([{ database: 0, command: ['DEL', 'k0'] }])
  })

  test('a watched key that is evicted breaks the transaction', () => {
    fill(2)
    server.run('WATCH k0')
    set(['maxmemory', '1'], ['maxmemory-policy', 'allkeys-lru'])
    server.run('GET x')
    set(['maxmemory', '0'])
    server.run('MULTI')
    server.run('GET x')
    expect(server.show('EXEC')).toBe('(nil-array)')
  })

  test('not while data is loaded, and not in a pause', () => {
    fill(100)
    leave(-5000, 'allkeys-lru')
    for (const gate of [LOADING, PAUSED]) {
      server.gates.close(gate)
      expect(limit.isShort()).toBe(false)
      server.gates.open(gate)
    }
    expect(server.keyspace.stats.evicted).toBe(0)
    expect(limit.isShort()).toBe(false)
    expect(server.keyspace.stats.evicted).toBeGreaterThan(10)
  })
})

describe('for how long', () => {
  beforeEach(() => {
    fill(3000)
    tick = 0.1
  })

  test('the tenacity says', () => {
    const evicted: number[] = []
    for (const tenacity of ['0', '5', '10', '30', '99']) {
      set(['maxmemory', '0'], ['maxmemory-eviction-tenacity', tenacity])
      const before = server.keyspace.stats.evicted
      leave(-50_000, 'allkeys-random')
      expect(limit.isShort()).toBe(false)
      evicted.push(server.keyspace.stats.evicted - before)
    }
    // A look at the clock, here of 0.1 ms, is taken after 16 keys each.
    expect(evicted[0]).toBe(16)
    expect(evicted[1]! / 16).toBeGreaterThanOrEqual(2)
    expect(evicted[2]! / 16).toBeGreaterThanOrEqual(5)
    expect(evicted[3]).toBeGreaterThan(evicted[2]!)
    expect(evicted[4]).toBeGreaterThanOrEqual(evicted[3]!)
    limit.close()
  })

  test('with all tenacity, until there is room', () => {
    set(['maxmemory-eviction-tenacity', '100'])
    leave(-200_000, 'allkeys-random')
    const wanted = config.number('maxmemory')
    limit.isShort()
    expect(used()).toBeLessThanOrEqual(wanted)
  })

  test('what is left is evicted between requests, and how long it takes is told', async () => {
    leave(-100_000, 'allkeys-random')
    const wanted = config.number('maxmemory')
    expect(server.show('SET a b')).toBe('+OK')
    expect(used()).toBeGreaterThan(wanted)
    expect(limit.exceedingMilliseconds).toBeGreaterThan(0)
    for (let turns = 0; used() > wanted && turns < 1000; turns++)
      await new Promise((resolve) => setImmediate(resolve))
    expect(used()).toBeLessThanOrEqual(wanted)
    expect(limit.exceedingMilliseconds).toBe(0)
    expect(limit.exceededMilliseconds).toBeGreaterThan(1)
    limit.resetStatistics()
    expect(limit.exceededMilliseconds).toBe(0)
  })

  test('the latency monitor hears of it', () => {
    server.latency.threshold = 1
    tick = 5
    leave(-1000, 'allkeys-random')
    server.run('GET a')
    const events = server.latency.events().map(([name]) => name)
    expect(events).toContain('eviction-del')
    expect(events).toContain('eviction-cycle')
    limit.close()
  })
})

test('a limit below what is in use is logged, and followed without any request', async () => {
  fill(200)
  leave(-10_000, 'allkeys-lru')
  const wanted = config.number('maxmemory')
  expect(log.join()).toContain('maxmemory is now')
  await new Promise((resolve) => setImmediate(resolve))
  expect(used()).toBeLessThanOrEqual(wanted)
})
