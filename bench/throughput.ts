// Requests per second and CPU per command of each server, by redis-benchmark, in alternation. Knows no table and no chart.

import { eachOnce, fillWords, OK_REPLY, runLoad } from './load.ts'
import type { Options } from './options.ts'
import type { Progress } from './progress.ts'
import { runBenchmark } from './redis-benchmark.ts'
import type { ServerProcess } from './servers.ts'
import { inTurn } from './sides.ts'
import { type Fill, POINT_RANGE, WORKLOADS } from './workloads.ts'

/** What one server did in one test at one depth, round by round. */
export interface Measurements {
  rps: number[]
  /** Server CPU per command in microseconds; empty where the system does not tell. */
  cpuMicroseconds: number[]
}

export interface ThroughputResult {
  test: string
  depth: number
  requests: number
  /** In the order of the servers. */
  servers: Measurements[]
}

/** Warming up goes on until one run has lasted this long. */
const WARM_SECONDS = 0.35
const FIRST_REQUESTS = 20_000
const MOST_GROWTH = 8

export function throughputSteps(options: Options): number {
  const slow = options.tests.filter(isSlow).length
  return (slow + (options.tests.length - slow) * options.depths.length) * (options.rounds + 1)
}

/** Of commands that take milliseconds a pipeline tells nothing new. */
function isSlow(test: string): boolean {
  return (WORKLOADS[test]?.first ?? FIRST_REQUESTS) < 100
}

/**
 * All tests at all depths, `rounds` times over. The rounds are the outer loop: the medians of one test are drawn from
 * the whole length of the run, so that a spell of noise costs each of them a round and none of them all.
 */
export async function measureThroughput(servers: ServerProcess[], options: Options, progress: Progress) {
  for (const server of servers) await prefill(server, options)
  const results: ThroughputResult[] = []
  for (const depth of options.depths) {
    for (const test of options.tests) {
      if (isSlow(test) && depth !== options.depths[0]) continue
      progress.step(`warming up ${test} P=${depth}`)
      const requests = await warmUp(servers, options, test, depth)
      results.push({ test, depth, requests, servers: servers.map(() => ({ rps: [], cpuMicroseconds: [] })) })
    }
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const result of results) {
      progress.step(`round ${round + 1}/${options.rounds}: ${result.test} P=${result.depth}`)
      await measureRound(servers, options, result, round)
    }
  }
  return results
}

async function measureRound(
  servers: ServerProcess[],
  options: Options,
  result: ThroughputResult,
  round: number,
) {
  const pairs = servers.map((server, i) => ({ server, to: result.servers[i] as Measurements }))
  for (const { server, to } of inTurn(pairs, round)) {
    const before = await server.cpuSeconds()
    const run = await benchmark(server, options, result)
    const after = await server.cpuSeconds()
    to.rps.push(run.rps)
    // With other tests in the same run, the CPU spent cannot be told apart.
    if (before === undefined || after === undefined || run.hadCompany) continue
    to.cpuMicroseconds.push(((after - before) * 1e6) / result.requests)
  }
}

/** Every key that GET may ask for exists, whichever tests were chosen, and so does what the workloads work on. */
async function prefill(server: ServerProcess, options: Options): Promise<void> {
  const load = { connections: 4, depth: 100, port: server.port, signal: server.gone }
  await runLoad({ ...load, words: fillWords(3), reply: OK_REPLY, next: eachOnce(options.keyspace) })
  const fills = new Set(options.tests.flatMap((test) => WORKLOADS[test]?.fills ?? []))
  for (const fill of fills) await fillValue(server, fill)
}

async function fillValue(server: ServerProcess, { words, count, first = 0 }: Fill): Promise<void> {
  const { port, gone: signal } = server
  if (words.some((word) => word.includes('__rand_int__'))) {
    await runBenchmark({
      test: words,
      depth: 100,
      clients: 4,
      keyspace: POINT_RANGE,
      requests: count,
      port,
      signal,
    })
    return
  }
  // One connection: the elements of a list come in their order.
  const load = { connections: 1, depth: 250, port, signal }
  await runLoad({ ...load, words, reply: 1, next: eachOnce(count, first) })
}

/** Runs the test on each server until it is warm; says how many requests take about `seconds` on the two together. */
async function warmUp(
  servers: ServerProcess[],
  options: Options,
  test: string,
  depth: number,
): Promise<number> {
  const rates: number[] = []
  for (const server of servers) rates.push(await warmRate(server, options, test, depth))
  if (options.requests !== undefined) return options.requests
  // The same number for both, or the two command lines would differ: hence the mean of the rates.
  const mean = Math.exp(rates.reduce((sum, rate) => sum + Math.log(rate), 0) / rates.length)
  return roundUp(mean * options.seconds)
}

async function warmRate(
  server: ServerProcess,
  options: Options,
  test: string,
  depth: number,
): Promise<number> {
  for (let requests = WORKLOADS[test]?.first ?? FIRST_REQUESTS; ; ) {
    const { rps } = await benchmark(server, options, { test, depth, requests })
    if (requests / rps >= WARM_SECONDS) return rps
    requests = Math.ceil(Math.min(requests * MOST_GROWTH, Math.max(requests * 1.5, rps * WARM_SECONDS * 1.3)))
  }
}

function benchmark(
  server: ServerProcess,
  options: Options,
  what: { test: string; depth: number; requests: number },
) {
  const { clients } = options
  const workload = WORKLOADS[what.test]
  const test = workload?.command ?? what.test
  const keyspace = workload?.range ?? options.keyspace
  return runBenchmark({ ...what, test, clients, keyspace, port: server.port, signal: server.gone })
}

/** Two leading digits: a number a person can type again. */
export function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / unit) * unit
}
