import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { ActiveExpiry } from '../../src/keyspace/expiry.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { Key } from '../../src/memory/key.ts'
import { recordEvents } from '../support/events.ts'

const SEED = { low: 5, high: 6 }
const START = 1_000_000

function emptyKeyspace(): Keyspace {
  const keyspace = new Keyspace(4, SEED, new Random(1))
  keyspace.now = START
  return keyspace
}

/** A monotonic clock on which every look takes so many milliseconds. */
function ticking(milliseconds: number): () => number {
  let time = 0
  return () => {
    time += milliseconds
    return time
  }
}

function put(keyspace: Keyspace, database: number, name: string, deadline?: number): void {
  const bytes = Buffer.from(name)
  const key = new Key(SEED).point(bytes, 0, bytes.length)
  const db = keyspace.databases[database]!
  db.put(key, db.peek(key), 0, 0, 1, deadline)
}

function namesIn(keyspace: Keyspace, database: number): string[] {
  const db = keyspace.databases[database]!
  const names: string[] = []
  db.table.each((entry) => {
    names.push(Buffer.from(db.keyOf(entry).view()).toString())
  })
  return names.sort()
}

describe('ActiveExpiry', () => {
  test.each([0.1, 1, 7])(
    'after each round exactly the keys that are not due remain (%d ms a look)',
    (tick) => {
      const keyspace = emptyKeyspace()
      const expiry = new ActiveExpiry(keyspace, ticking(tick))
      const random = new Random(tick * 10)
      const expected: Map<string, number>[] = [new Map(), new Map(), new Map(), new Map()]
      for (let round = 0; round < 30; round++) {
        for (let i = 0; i < 400; i++) {
          const database = random.below(4)
          const name = `key:${random.below(3000)}`
          const deadline =
            random.below(4) === 0 ? Number.POSITIVE_INFINITY : keyspace.now + 1 + random.below(10_000)
          put(keyspace, database, name, deadline)
          expected[database]!.set(name, deadline)
        }
        keyspace.now += random.below(3000)
        while (expiry.runSlice(5));
        for (let database = 0; database < 4; database++) {
          for (const [name, deadline] of expected[database]!) {
            if (deadline <= keyspace.now) expected[database]!.delete(name)
          }
          expect(namesIn(keyspace, database)).toEqual([...expected[database]!.keys()].sort())
        }
      }
    },
  )

  test('a slice ends when its time is up, and the next goes on from there', () => {
    const keyspace = emptyKeyspace()
    for (let i = 0; i < 20_000; i++) put(keyspace, i % 4, `key:${i}`, START + 1)
    keyspace.now = START + 1
    const expiry = new ActiveExpiry(keyspace, ticking(1))
    let slices = 1
    let left = 20_000
    while (expiry.runSlice(5)) {
      const size = keyspace.databases.reduce((sum, db) => sum + db.size, 0)
      expect(left - size).toBeLessThanOrEqual(5 * 864)
      left = size
      slices++
    }
    expect(slices).toBeGreaterThan(4)
    expect(expiry.timeCapReached).toBe(slices - 1)
    expect(keyspace.databases.every((db) => db.size === 0)).toBe(true)
  })

  test('looking for nothing costs next to nothing', () => {
    const keyspace = emptyKeyspace()
    for (let i = 0; i < 20_000; i++) put(keyspace, 0, `key:${i}`, START + 1000 + i)
    let looks = 0
    const expiry = new ActiveExpiry(keyspace, () => ++looks)
    for (let i = 0; i < 100; i++) expect(expiry.runSlice(1000)).toBe(false)
    // One look at the clock when a slice begins and one when it ends: no segment was worth one.
    expect(looks).toBe(200)
  })

  test('every removal is an event, is counted, and is told to who propagates it', () => {
    const keyspace = emptyKeyspace()
    put(keyspace, 1, 'a', START + 1)
    put(keyspace, 2, 'b', START + 1)
    const events = recordEvents(keyspace)
    const removed: string[] = []
    keyspace.observers.removals = {
      keyRemoved: (db, key) => removed.push(`${db.index} ${Buffer.from(key.copy())}`),
      fieldsRemoved: () => {},
    }
    keyspace.now = START + 1
    const { dirty } = keyspace
    new ActiveExpiry(keyspace, ticking(0.01)).runSlice(5)
    expect(events).toEqual(['1 expired a', '2 expired b'])
    expect(removed).toEqual(['1 a', '2 b'])
    expect(keyspace.stats.expired).toBe(2)
    expect(keyspace.dirty).toBe(dirty)
  })

  test('stands still while it is switched off, and where keys do not expire by themselves', () => {
    const keyspace = emptyKeyspace()
    put(keyspace, 0, 'a', START + 1)
    keyspace.now = START + 1
    const expiry = new ActiveExpiry(keyspace, ticking(0.01))
    expiry.isEnabled = false
    expect(expiry.runSlice(5)).toBe(false)
    expiry.isEnabled = true
    keyspace.mayExpire = false
    expect(expiry.runSlice(5)).toBe(false)
    expect(keyspace.databases[0]!.size).toBe(1)
    keyspace.mayExpire = true
    expect(expiry.runSlice(5)).toBe(false)
    expect(keyspace.databases[0]!.size).toBe(0)
  })

  test('the share of stale keys is an average over rounds', () => {
    const keyspace = emptyKeyspace()
    for (let i = 0; i < 100; i++) put(keyspace, 0, `key:${i}`, i < 40 ? START + 1 : START + 1000)
    const expiry = new ActiveExpiry(keyspace, ticking(0.01))
    keyspace.now = START + 1
    expiry.runSlice(5)
    expect(expiry.stalePercent).toBeCloseTo(40 * 0.05)
    expiry.runSlice(5)
    expect(expiry.stalePercent).toBeCloseTo(40 * 0.05 * 0.95)
  })

  test('keys of every length are told right though their memory is free already', () => {
    const keyspace = emptyKeyspace()
    const names = ['', 'k', 'k'.repeat(300), 'k'.repeat(5000), 'k'.repeat(50_000)]
    for (const name of names) put(keyspace, 0, name, START + 1)
    const events = recordEvents(keyspace)
    keyspace.now = START + 1
    new ActiveExpiry(keyspace, ticking(0.01)).runSlice(5)
    const isExpected = names.map((name) => events.includes(`0 expired ${name}`))
    expect(isExpected).toEqual(names.map(() => true))
  })
})
