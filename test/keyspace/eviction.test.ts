// Which keys go, by each policy, through the commands that write them: against what a model says of each key.

import { beforeEach, describe, expect, test } from 'vitest'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { setCommands } from '../../src/commands/set.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Eviction } from '../../src/keyspace/eviction.ts'
import { recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'

let server: Harness
let eviction: Eviction
let events: string[]

beforeEach(() => {
  server = new Harness([stringCommands, hashCommands, setCommands, keyExpiryCommands], 3, 4)
  eviction = new Eviction(server.keyspace)
  events = recordEvents(server.keyspace)
})

function use(policy: string, samples = 64): void {
  eviction.policy = policy
  eviction.samples = samples
  server.keyspace.access.isFrequency = policy.endsWith('lfu')
  server.keyspace.now += 1
}

function names(database = 0): string[] {
  const db = server.keyspace.databases[database]!
  const found: string[] = []
  db.table.each((entry) => found.push(Buffer.from(db.keyOf(entry).view()).toString()))
  return found
}

/** Evicts until a key goes; returns its name, or undefined if none is to be evicted. */
function evict(): string | undefined {
  for (;;) {
    const step = eviction.step()
    if (step === 'nothing') return undefined
    if (step === 'evicted') return /^[0-9]+ evicted (.*)$/.exec(events.at(-1)!)![1]
  }
}

function seconds(count: number): void {
  server.clock.advance(count * 1000)
  server.run('GET nothing')
}

describe('volatile policies', () => {
  test.each(['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'])(
    '%s takes keys with a deadline only, all of them, and then there is nothing',
    (policy) => {
      use(policy)
      for (let n = 0; n < 2000; n++) server.run(n % 7 === 0 ? `SET v${n} x EX 1000` : `SET k${n} x`)
      server.run('PERSIST v0')
      const gone = new Set<string>()
      for (let name = evict(); name !== undefined; name = evict()) gone.add(name)
      expect(gone.size).toBe(Math.ceil(2000 / 7) - 1)
      for (const name of gone) expect(name[0]).toBe('v')
      expect(names()).toHaveLength(2000 - gone.size)
      expect(server.keyspace.stats.evicted).toBe(gone.size)
    },
  )

  test('volatile-ttl takes the shortest-lived of a sample, and of a small database the very one', () => {
    use('volatile-ttl')
    for (let n = 0; n < 14; n++) server.run(`SET k${n} x EX ${1000 - n * 10}`)
    const order = Array.from({ length: 14 }, () => evict())
    expect(order).toEqual(Array.from({ length: 14 }, (_, n) => `k${13 - n}`))
  })

  test('a key that has lost its deadline since it was sampled stays', () => {
    use('volatile-ttl')
    for (let n = 0; n < 10; n++) server.run(`SET k${n} x EX ${1000 - n * 10}`)
    expect(evict()).toBe('k9')
    server.run('PERSIST k8')
    expect(evict()).toBe('k7')
    server.run('EXPIRE k6 100000')
    expect(evict()).toBe('k5')
  })
})

describe('the least recently used', () => {
  test('goes first, of a small database exactly', () => {
    use('allkeys-lru')
    for (let n = 0; n < 14; n++) {
      server.run(`SET k${n} x`)
      seconds(10)
    }
    server.run('GET k0')
    server.run('GET k2')
    seconds(10)
    expect(evict()).toBe('k1')
    // Sampled before already, and used since.
    server.run('GET k3')
    expect([evict(), evict()]).toEqual(['k4', 'k5'])
  })

  test('of a large one nearly', () => {
    use('allkeys-lru', 5)
    for (let n = 0; n < 5000; n++) {
      server.run(`SET k${n} x`)
      seconds(1)
    }
    let old = 0
    for (let n = 0; n < 1000; n++) if (Number(evict()!.slice(1)) < 2000) old++
    expect(old).toBeGreaterThan(950)
  })

  test('keys looked at by a NO-TOUCH client are not used by that', () => {
    use('allkeys-lru')
    server.run('SET a x')
    seconds(10)
    server.run('SET b x')
    seconds(10)
    server.client.touchesKeys = false
    server.run('GET a')
    expect(evict()).toBe('a')
  })
})

test('the least frequently used goes first, and what was popular long ago is not any more', () => {
  use('allkeys-lfu')
  for (const name of ['a', 'b', 'c']) server.run(`SET ${name} x`)
  for (let n = 0; n < 500; n++) {
    server.run('GET b')
    server.run('GET c')
  }
  expect(evict()).toBe('a')
  seconds(3600)
  for (let n = 0; n < 100; n++) server.run('GET c')
  expect(evict()).toBe('b')
})

describe('any key', () => {
  test('goes with the same probability as any other', () => {
    const gone = new Map<string, number>()
    for (let seed = 1; seed <= 400; seed++) {
      server = new Harness([stringCommands], seed, 1)
      eviction = new Eviction(server.keyspace)
      events = recordEvents(server.keyspace)
      use('allkeys-random')
      for (let n = 0; n < 8; n++) server.run(`SET k${n} x`)
      const name = evict()!
      gone.set(name, (gone.get(name) ?? 0) + 1)
    }
    expect(gone.size).toBe(8)
    for (const times of gone.values()) expect(Math.abs(times - 50)).toBeLessThan(30)
  })

  test('databases take turns', () => {
    use('allkeys-random')
    for (const database of [0, 2, 3]) {
      server.client.database = database
      for (let n = 0; n < 10; n++) server.run(`SET k${n} x`)
    }
    for (let n = 0; n < 15; n++) expect(eviction.step()).toBe('evicted')
    expect([0, 1, 2, 3].map((database) => names(database).length)).toEqual([5, 0, 5, 5])
  })
})

test('all databases are sampled for the best', () => {
  use('allkeys-lru')
  server.client.database = 3
  server.run('SET old x')
  seconds(100)
  server.client.database = 0
  for (let n = 0; n < 30; n++) server.run(`SET k${n} x`)
  expect(evict()).toBe('old')
  expect(names(3)).toEqual([])
})

test('nothing goes by noeviction, nor from empty databases', () => {
  use('noeviction')
  server.run('SET a x')
  expect(eviction.isAllowed).toBe(false)
  expect(evict()).toBeUndefined()
  server.run('DEL a')
  for (const policy of ['allkeys-lru', 'allkeys-random', 'volatile-lru', 'volatile-random']) {
    use(policy)
    expect(eviction.isAllowed).toBe(true)
    if (policy.startsWith('volatile')) expect(evict()).toBeUndefined()
  }
})

test('long names, large values, values of all types go like others, and say so', () => {
  use('allkeys-lru')
  const long = 'n'.repeat(40_000)
  server.run(['SET', long, 'x'.repeat(100_000)])
  seconds(1)
  server.run(['HSET', 'h', ...Array.from({ length: 2000 }, (_, n) => `f${n}`)])
  seconds(1)
  server.run(['SADD', 's', ...Array.from({ length: 2000 }, (_, n) => `m${n}`)])
  seconds(1)
  events.length = 0
  expect([evict(), evict(), evict(), evict()]).toEqual([long, 'h', 's', undefined])
  expect(events).toEqual([`0 evicted ${long}`, '0 evicted h', '0 evicted s'])
  while (!server.keyspace.reclaim());
  expect(server.keyspace.databases[0]!.table.entries.large.count).toBe(0)
})

test.each(['DEL', 'UNLINK'] as const)(
  'an eviction is propagated as %s and is no change of its own',
  (command) => {
    server.recordPropagation()
    server.keyspace.evictionCommand = command
    use('allkeys-lru')
    server.run('SET a x')
    const { dirty } = server.keyspace
    server.propagated = []
    expect(evict()).toBe('a')
    expect(server.propagated).toEqual([{ database: 0, command: [command, 'a'] }])
    expect(server.keyspace.dirty).toBe(dirty)
  },
)
