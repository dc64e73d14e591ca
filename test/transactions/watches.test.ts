// WATCH against a naive model: a watch is broken if, and only if, some change was made to the key in between, or it has
// gone from being there to not being there.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Session } from '../../src/command/session.ts'
import { ABSENT } from '../../src/keyspace/database.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { NO_DEADLINE } from '../../src/memory/entries.ts'
import { Key } from '../../src/memory/key.ts'
import { Watches } from '../../src/transactions/watches.ts'
import { STRING, STRING_RAW } from '../../src/types/value-type.ts'
import { QUIET_PEER } from '../support/harness.ts'

const SEED = { low: 1, high: 2 }
const KEYS = ['a', 'b', 'c', 'd']

class World {
  readonly keyspace = new Keyspace(2, SEED, new Random(1))
  readonly watches = new Watches(this.keyspace)
  /** Value and deadline of each key, per database; a change gives a key a new version, though it be gone. */
  readonly model: Map<string, { deadline: number }>[] = [new Map(), new Map()]
  readonly #key = new Key(SEED)

  key(name: string): Key {
    const bytes = Buffer.from(name)
    return this.#key.point(bytes, 0, bytes.length)
  }

  set(db: number, name: string, deadline: number): void {
    const database = this.keyspace.databases[db]!
    const key = this.key(name)
    database.put(key, database.peek(key), STRING, STRING_RAW, 0, deadline)
    database.changed(key, 'set')
    this.model[db]!.set(name, { deadline })
  }

  remove(db: number, name: string): boolean {
    const database = this.keyspace.databases[db]!
    const key = this.key(name)
    const entry = database.peek(key)
    if (entry === ABSENT) return false
    database.remove(key, entry)
    this.model[db]!.delete(name)
    return true
  }

  isLive(db: number, name: string): boolean {
    return (this.model[db]!.get(name)?.deadline ?? 0) > this.keyspace.now
  }
}

interface Watching {
  db: number
  name: string
  wasLive: boolean
  isBroken: boolean
}

test('a watch is broken by changes, and by nothing else', () => {
  const random = new Random(5)
  const world = new World()
  const { keyspace, watches } = world
  const clients = [1, 2, 3].map((id) => new Session(id, QUIET_PEER, 0))
  const watching = new Map<Session, Watching[]>(clients.map((client) => [client, []]))
  const all = () => [...watching.values()].flat()
  const touch = (db: number, name: string) => {
    for (const watch of all()) if (watch.db === db && watch.name === name) watch.isBroken = true
  }
  let broken = 0
  let whole = 0
  keyspace.now = 1000
  for (let step = 0; step < 30_000; step++) {
    const db = random.below(2)
    const name = KEYS[random.below(KEYS.length)]!
    const client = clients[random.below(clients.length)]!
    const own = watching.get(client)!
    const action = random.below(100)
    if (action < 15) {
      const deadline = random.below(2) === 0 ? NO_DEADLINE : keyspace.now + random.below(20)
      world.set(db, name, deadline)
      touch(db, name)
    } else if (action < 25) {
      if (world.remove(db, name)) touch(db, name)
    } else if (action < 50) {
      watches.add(client, keyspace.databases[db]!, world.key(name))
      if (!own.some((watch) => watch.db === db && watch.name === name)) {
        own.push({ db, name, wasLive: world.isLive(db, name), isBroken: false })
      }
    } else if (action < 65) keyspace.now += random.below(5)
    else if (action < 75) {
      // Looking a key up removes it if it is due.
      keyspace.databases[db]!.peek(world.key(name))
    } else if (action < 79) {
      const databases = random.below(2) === 0 ? keyspace.databases : [keyspace.databases[db]!]
      for (const { index } of databases) {
        for (const key of KEYS) if (world.isLive(index, key)) touch(index, key)
        world.model[index]!.clear()
      }
      keyspace.flush(databases)
    } else if (action < 83) {
      for (const key of KEYS) {
        if (!world.isLive(0, key) && !world.isLive(1, key)) continue
        touch(0, key)
        touch(1, key)
      }
      keyspace.swap(keyspace.databases[0]!, keyspace.databases[1]!)
      world.model.reverse()
    } else {
      const expected = own.some(
        (watch) => watch.isBroken || (watch.wasLive && !world.isLive(watch.db, watch.name)),
      )
      expect(watches.isBroken(client), `step ${step}`).toBe(expected)
      if (expected) broken++
      else if (own.length > 0) whole++
      watches.drop(client)
      own.length = 0
      expect(watches.isBroken(client)).toBe(false)
    }
    expect(watches.count).toBe(new Set(all().map((watch) => `${watch.db} ${watch.name}`)).size)
    expect(client.watchedKeys).toBe(own.length)
    expect(keyspace.observers.watch).toBe(watches.count > 0 ? watches : undefined)
  }
  expect(Math.min(broken, whole)).toBeGreaterThan(500)
})
