import { afterEach, expect, test, vi } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { ActiveExpiry } from '../../src/keyspace/expiry.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { Cell } from '../../src/memory/cell.ts'
import { Key } from '../../src/memory/key.ts'
import { LatencyMonitor } from '../../src/monitoring/latency-monitor.ts'
import { Cron } from '../../src/server/cron.ts'
import { Member } from '../../src/types/member.ts'
import { bytesFor, SetValue } from '../../src/types/set.ts'
import { SET, SET_HASHTABLE } from '../../src/types/value-type.ts'

const SEED = { low: 1, high: 2 }
const MEMBERS = 20_000

const keyspace = new Keyspace(1, SEED, new Random(1))
const db = keyspace.databases[0]!
const name = Buffer.from('large')
const key = new Key(SEED).point(name, 0, name.length)

/** A clock that goes on by a tenth of a millisecond each time somebody looks. */
let now = 0
const monotonic = () => {
  now += 0.1
  return now
}

const onTick = vi.fn()
const cron = new Cron({
  keyspace,
  expiry: new ActiveExpiry(keyspace, monotonic),
  latency: new LatencyMonitor(),
  syncClock: () => {},
  monotonic,
  onTick,
})

afterEach(() => cron.stop())

function storeLargeSet(): void {
  const set = new SetValue(keyspace.types)
  const member = new Member(SEED)
  member.point(name, 0, name.length)
  set.create(db.putCell(new Cell(), key, SET, SET_HASHTABLE, bytesFor(SET_HASHTABLE, member)))
  for (let i = 0; i < MEMBERS; i++) {
    const bytes = Buffer.from(`member:${i}`)
    set.add(member.point(bytes, 0, bytes.length))
  }
}

test('a large value is freed in slices, as soon as it has been removed', async () => {
  const empty = keyspace.usedBytes
  storeLargeSet()
  cron.hz = 1
  cron.start()
  db.remove(key, db.peek(key))
  expect(keyspace.usedBytes).toBeGreaterThan(empty + MEMBERS * 20)
  let slices = 0
  for (; keyspace.disposals.pending > 0; slices++) await new Promise(setImmediate)
  expect(keyspace.usedBytes).toBe(empty)
  // A slice takes 2 ms, which are twenty looks at the clock; a step frees some hundred members.
  expect(slices).toBeGreaterThan(1)
  expect(onTick).not.toHaveBeenCalled()
})

test('what a snapshot has kept is freed after it', () => {
  storeLargeSet()
  db.table.freeze()
  db.remove(key, db.peek(key))
  while (!keyspace.reclaim());
  const { arena } = db.table.entries
  expect(arena.quarantinedBytes).toBeGreaterThan(MEMBERS * 20)
  db.table.entries.thaw()
  while (!keyspace.reclaim());
  expect(arena.quarantinedBytes).toBe(0)
})
