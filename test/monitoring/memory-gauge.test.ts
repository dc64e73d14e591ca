// What used memory is made of.

import { beforeEach, expect, test } from 'vitest'
import { Session } from '../../src/command/session.ts'
import { MemoryGauge } from '../../src/monitoring/memory-gauge.ts'
import { Harness } from '../support/harness.ts'
import { infoSources } from '../support/info-sources.ts'

let harness: Harness
let gauge: MemoryGauge
let sources: ReturnType<typeof infoSources>

beforeEach(() => {
  harness = new Harness([])
  gauge = new MemoryGauge()
  sources = infoSources(harness)
  gauge.sample(sources)
})

function used(): number {
  gauge.sample(sources)
  return gauge.measure(sources).used
}

test('a client that comes counts at once, and is gone when it goes', () => {
  const before = used()
  const { peer } = harness.client
  sources.clients.sessions.push(new Session(7, { ...peer, outputBytes: 40_000, queryBytes: 2_000 }, 0))
  const { used: during, clients } = gauge.measure(sources)
  expect(during - before).toBe(clients)
  expect(clients).toBeGreaterThan(42_000)
  sources.clients.sessions.pop()
  expect(used()).toBe(before)
})

test('what waits for replicas is used, and no reason to evict keys', () => {
  const before = used()
  const replica = new Session(7, { ...harness.client.peer, outputBytes: 10_000 }, 0)
  replica.link = 'replica'
  sources.clients.sessions.push(replica)
  const { replicas, clients } = gauge.measure(sources)
  expect(replicas).toBeGreaterThan(10_000)
  expect(used() - before).toBe(replicas)
  expect(clients).toBe(0)
})

test('keys that clients cache are used memory', () => {
  const before = used()
  sources.messaging.trackedBytes = 5000
  expect(used() - before).toBe(5000)
})

test("the peak is the most that was used, clients' buffers included", () => {
  const { peer } = harness.client
  sources.clients.sessions.push(new Session(7, { ...peer, outputBytes: 500_000 }, 0))
  const most = gauge.measure(sources).used
  sources.clients.sessions.pop()
  expect(used()).toBeLessThan(most - 500_000)
  expect(gauge.measure(sources).peak).toBe(most)
})
