// What redis-benchmark cannot ask: transactions, messages to many subscribers, streams read by consumer groups. Each
// scenario does its work on one server and says how many units that were; the rest is arithmetic.

import type { Progress } from './progress.ts'
import type { ServerProcess } from './servers.ts'
import { inTurn, type Side, withServer } from './sides.ts'
import { requests, Talker } from './talker.ts'

interface Scenario {
  name: string
  /** What is counted. */
  unit: string
  /** Makes what the work needs, works for about so many milliseconds, and says what was done. */
  run: (port: number, milliseconds: number) => Promise<Work>
}

interface Work {
  units: number
  seconds: number
}

export interface ScenarioResult {
  name: string
  unit: string
  /** In the order of the servers, a value per round. */
  servers: { rate: number[]; cpuMicroseconds: number[] }[]
}

const CONNECTIONS = 50
const MESSAGE = 'x'.repeat(32)
const PUBLISHED_AT_ONCE = 16
const READ_AT_ONCE = 10
const ADDED_AT_ONCE = 1000
const ENTRIES = 100_000

const SCENARIOS: readonly Scenario[] = [
  { name: 'MULTI, 10 SET, EXEC', unit: 'transaction', run: transactions },
  { name: 'PUBLISH to 1', unit: 'message', run: (port, ms) => fanOut(port, ms, 1) },
  { name: 'PUBLISH to 100', unit: 'message', run: (port, ms) => fanOut(port, ms, 100) },
  { name: 'PUBLISH to 1,000', unit: 'message', run: (port, ms) => fanOut(port, ms, 1000) },
  { name: 'XREADGROUP and XACK of 10', unit: 'entry', run: consume },
]

export function scenarioSteps(rounds: number, sides: number): number {
  return SCENARIOS.length * rounds * sides
}

export async function measureScenarios(sides: Side[], rounds: number, seconds: number, progress: Progress) {
  const results: ScenarioResult[] = SCENARIOS.map(({ name, unit }) => ({
    name,
    unit,
    servers: sides.map(() => ({ rate: [], cpuMicroseconds: [] })),
  }))
  for (let round = 0; round < rounds; round++) {
    for (const [i, scenario] of SCENARIOS.entries()) {
      for (const side of inTurn(sides, round)) {
        progress.step(`round ${round + 1}/${rounds}: ${scenario.name}: ${side.command.name}`)
        const to = results[i]!.servers[sides.indexOf(side)]!
        await withServer(side, (server) => measure(server, scenario, seconds * 1000, to))
      }
    }
  }
  return results
}

/** A fresh server is warmed up with the same work first. */
async function measure(
  server: ServerProcess,
  scenario: Scenario,
  milliseconds: number,
  to: ScenarioResult['servers'][number],
): Promise<void> {
  await scenario.run(server.port, milliseconds / 2)
  const before = await server.cpuSeconds()
  const { units, seconds } = await scenario.run(server.port, milliseconds)
  const after = await server.cpuSeconds()
  to.rate.push(units / seconds)
  if (before !== undefined && after !== undefined) to.cpuMicroseconds.push(((after - before) * 1e6) / units)
}

async function withTalkers<T>(
  port: number,
  count: number,
  work: (talkers: Talker[]) => Promise<T>,
): Promise<T> {
  const talkers: Talker[] = []
  try {
    for (let i = 0; i < count; i++) talkers.push(await Talker.connect(port))
    return await work(talkers)
  } finally {
    for (const talker of talkers) talker.close()
  }
}

/** Repeats a step until time is up; the units of all. */
async function repeat(milliseconds: number, step: () => Promise<number>): Promise<Work> {
  const start = performance.now()
  let units = 0
  let elapsed = 0
  while (elapsed < milliseconds) {
    units += await step()
    elapsed = performance.now() - start
  }
  return { units, seconds: elapsed / 1000 }
}

/** Several connections, one transaction of each under way. */
function transactions(port: number, milliseconds: number): Promise<Work> {
  const sets = Array.from({ length: 10 }, (_, i) => ['SET', `key:${i}`, 'xxx'])
  const request = Buffer.from(requests(['MULTI'], ...sets, ['EXEC']), 'latin1')
  const replyBytes = `+OK\r\n${'+QUEUED\r\n'.repeat(10)}*10\r\n${'+OK\r\n'.repeat(10)}`.length
  return withTalkers(port, CONNECTIONS, (talkers) =>
    repeat(milliseconds, async () => {
      await Promise.all(
        talkers.map((talker) => {
          talker.send(request)
          return talker.until(talker.received + replyBytes)
        }),
      )
      return talkers.length
    }),
  )
}

/** One publisher, so many subscribers of one channel; what counts is what they have received. */
function fanOut(port: number, milliseconds: number, subscribers: number): Promise<Work> {
  const subscribed = '*3\r\n$9\r\nsubscribe\r\n$7\r\nchannel\r\n:1\r\n'.length
  const message = `*3\r\n$7\r\nmessage\r\n$7\r\nchannel\r\n$${MESSAGE.length}\r\n${MESSAGE}\r\n`.length
  const publish = Buffer.from(requests(['PUBLISH', 'channel', MESSAGE]).repeat(PUBLISHED_AT_ONCE), 'latin1')
  const replyBytes = `:${subscribers}\r\n`.length * PUBLISHED_AT_ONCE
  return withTalkers(port, subscribers + 1, async ([publisher, ...listeners]) => {
    for (const listener of listeners) {
      listener.send(requests(['SUBSCRIBE', 'channel']))
      await listener.until(subscribed)
    }
    let expected = subscribed
    return repeat(milliseconds, async () => {
      publisher!.send(publish)
      expected += message * PUBLISHED_AT_ONCE
      await publisher!.until(publisher!.received + replyBytes)
      await Promise.all(listeners.map((listener) => listener.until(expected)))
      return PUBLISHED_AT_ONCE * subscribers
    })
  })
}

/** A consumer that reads new entries and acknowledges them until there are none left. */
function consume(port: number): Promise<Work> {
  return withTalkers(port, 1, async ([consumer]) => {
    const talker = consumer!
    await talker.ask(requests(['DEL', 'stream']), '\r\n')
    await talker.ask(requests(['XGROUP', 'CREATE', 'stream', 'group', '$', 'MKSTREAM']), '\r\n')
    const add = requests(['XADD', 'stream', '*', 'field', 'value']).repeat(ADDED_AT_ONCE)
    for (let sent = 0; sent < ENTRIES; sent += ADDED_AT_ONCE) {
      await talker.ask(add, '\r\n', 2 * ADDED_AT_ONCE)
    }
    const read = requests([
      ...['XREADGROUP', 'GROUP', 'group', 'me', 'COUNT', `${READ_AT_ONCE}`, 'STREAMS', 'stream', '>'],
    ])
    const start = performance.now()
    for (let done = 0; done < ENTRIES; done += READ_AT_ONCE) {
      const text = await talker.ask(read, 'value\r\n', READ_AT_ONCE)
      await talker.ask(requests(['XACK', 'stream', 'group', ...(text.match(/\d{13}-\d+/g) ?? [])]), '\r\n')
    }
    return { units: ENTRIES, seconds: (performance.now() - start) / 1000 }
  })
}
