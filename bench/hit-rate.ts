// `npx tsx bench/hit-rate.ts [--port N] [--seconds N] [--policies a,b]`: how often a cache that is too small for all keys has
// the one that is asked for. Both servers get the same trace, at the same pace (their access clocks tell whole seconds):
// keys by Zipf's law, each asked for and, if it is missing, set. Twice: with a limit at which the same number of keys
// fits into either, and with the same limit for both.

import { parseArgs } from 'node:util'
import { Random } from '../src/base/random.ts'
import { ask } from './ask.ts'
import { Talk } from './hit-rate-talk.ts'
import { table } from './report.ts'
import { parseInfo, redisCommand, respiteCommand } from './servers.ts'
import { type Side, sidesOf, withServer } from './sides.ts'

const UNIVERSE = 100_000
const FITTING = 10_000
const EXPONENT = 0.99
const VALUE = 'x'.repeat(64)
const BATCH = 100
const BATCHES_PER_SECOND = 300
const SEED = 1

/** Numbers of keys, popular ones more often. */
class Zipf {
  readonly #random = new Random(SEED)
  readonly #sums = new Float64Array(UNIVERSE)
  /** So that neighbours in popularity are no neighbours otherwise. */
  readonly #order = new Int32Array(UNIVERSE)

  constructor() {
    let sum = 0
    for (let rank = 0; rank < UNIVERSE; rank++) {
      sum += 1 / (rank + 1) ** EXPONENT
      this.#sums[rank] = sum
      this.#order[rank] = rank
    }
    for (let i = UNIVERSE - 1; i > 0; i--) {
      const j = this.#random.below(i + 1)
      const other = this.#order[j]!
      this.#order[j] = this.#order[i]!
      this.#order[i] = other
    }
  }

  next(): number {
    const wanted = this.#random.fraction() * this.#sums[UNIVERSE - 1]!
    let low = 0
    let high = UNIVERSE - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return this.#order[low]!
  }
}

function keyName(n: number): string {
  return `key:${String(n).padStart(12, '0')}`
}

async function usedBytes(port: number): Promise<number> {
  return Number(parseInfo(await ask(port, 'INFO', 'memory')).get('used_memory'))
}

/** What a server uses when it has as many keys as are to fit. */
async function bytesThatFit(side: Side): Promise<number> {
  return withServer(side, async ({ port }) => {
    const talk = await Talk.open(port)
    for (let n = 0; n < FITTING; n += BATCH) {
      await talk.all(Array.from({ length: BATCH }, (_, i) => ['SET', keyName(n + i), VALUE]))
    }
    talk.close()
    return usedBytes(port)
  })
}

interface Outcome {
  readonly hits: number
  readonly keys: number
}

/** Hits in percent, of the second half of the trace: by then the cache has settled. */
async function measure(side: Side, policy: string, limit: number, seconds: number): Promise<Outcome> {
  return withServer(side, async ({ port }) => {
    await ask(port, 'CONFIG', 'SET', 'maxmemory', String(limit))
    await ask(port, 'CONFIG', 'SET', 'maxmemory-policy', policy)
    const talk = await Talk.open(port)
    const zipf = new Zipf()
    const batches = seconds * BATCHES_PER_SECOND
    const start = performance.now()
    let hits = 0
    for (let batch = 0; batch < batches; batch++) {
      const keys = Array.from({ length: BATCH }, () => keyName(zipf.next()))
      const found = await talk.all(keys.map((key) => ['GET', key]))
      const missing = keys.filter((_, i) => !found[i])
      if (missing.length > 0) await talk.all(missing.map((key) => ['SET', key, VALUE]))
      if (batch >= batches / 2) hits += BATCH - missing.length
      const ahead = start + ((batch + 1) * 1000) / BATCHES_PER_SECOND - performance.now()
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead))
    }
    talk.close()
    const keys = Number(await ask(port, 'DBSIZE'))
    return { hits: (hits * 100) / ((batches / 2) * BATCH), keys }
  })
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      seconds: { type: 'string', default: '20' },
      policies: { type: 'string', default: 'allkeys-lru,allkeys-lfu' },
    },
  })
  const redis = redisCommand()
  if (redis === undefined) throw new Error('there is no redis-server on the PATH to compare with')
  const port = values.port === undefined ? undefined : Number(values.port)
  const [ours, theirs] = (await sidesOf([respiteCommand(), redis], port)) as [Side, Side]
  const fitting = { ours: await bytesThatFit(ours), theirs: await bytesThatFit(theirs) }
  const rows: string[][] = []
  for (const policy of values.policies.split(',')) {
    const run = (side: Side, limit: number) => measure(side, policy, limit, Number(values.seconds))
    const redisOutcome = await run(theirs, fitting.theirs)
    for (const [what, limit] of [
      [`${FITTING} keys fit`, fitting.ours],
      ['same maxmemory', fitting.theirs],
    ] as const) {
      const outcome = await run(ours, limit)
      rows.push([policy, what, ...columns(outcome, limit), ...columns(redisOutcome, fitting.theirs)])
    }
  }
  const head = ['policy', 'limits', ...[ours, theirs].flatMap(({ label }) => [label, 'keys', 'maxmemory'])]
  process.stdout.write(`${table([head, ...rows])}\n`)
}

function columns({ hits, keys }: Outcome, limit: number): string[] {
  return [`${hits.toFixed(2)} %`, String(keys), String(limit)]
}

await main()
