// What used memory is made of: exact where something is counted, in steps where the heap is looked at.

import { beforeEach, expect, test } from 'vitest'
import { Session } from '../../src/command/session.ts'
import { MemoryGauge } from '../../src/monitoring/memory-gauge.ts'
import { Harness } from '../support/harness.ts'
import { infoSources } from '../support/info-sources.ts'

const MEBIBYTE = 1_048_576

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

test('a client that comes counts at once, whatever garbage the heap has, and is gone when it goes', () => {
  const before = used()
  sources.usage.heap += 0.9 * MEBIBYTE
  const { peer } = harness.client
  sources.clients.sessions.push(new Session(7, { ...peer, outputBytes: 40_000, queryBytes: 2_000 }, 0))
  const { used: during, clients } = gauge.measure(sources)
  expect(during - before).toBe(clients)
  expect(clients).toBeGreaterThan(42_000)
  sources.usage.heap += 0.3 * MEBIBYTE
  sources.clients.sessions.pop()
  expect(used()).toBe(before)
})

test('a heap that has grown by much counts, in whole steps', () => {
  const before = used()
  sources.usage.heap += 9 * MEBIBYTE
  expect(used() - before).toBe(8 * MEBIBYTE)
  sources.usage.heap += MEBIBYTE
  expect(used() - before).toBe(8 * MEBIBYTE)
  sources.usage.heap -= 10 * MEBIBYTE
  expect(used()).toBe(before)
})

test('a heap that was never so small was not all needed at the start', () => {
  const before = used()
  sources.usage.heap -= 1000
  expect(used()).toBe(before - 1000)
  sources.usage.heap += 1000
  expect(used()).toBe(before - 1000)
})

test("the peak is the most that was used, clients' buffers included", () => {
  const { peer } = harness.client
  sources.clients.sessions.push(new Session(7, { ...peer, outputBytes: 500_000 }, 0))
  const most = gauge.measure(sources).used
  sources.clients.sessions.pop()
  expect(used()).toBeLessThan(most - 500_000)
  expect(gauge.measure(sources).peak).toBe(most)
})
