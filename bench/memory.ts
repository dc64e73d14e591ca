// Memory per key: what a fresh server's resident size grows by when it is filled. Knows no table and no chart.

import { eachOnce, fillWords, KEY, OK_REPLY, runLoad } from './load.ts'
import type { Progress } from './progress.ts'
import type { ServerProcess } from './servers.ts'
import { inTurn, type Side, withServer } from './sides.ts'

export interface MemoryResult {
  keys: number
  hasTtl: boolean
  /** In the order of the servers; undefined where the system does not tell. */
  bytesPerKey: (number | undefined)[]
}

export const VALUE_BYTES = 10
/** A day: nothing expires while it is measured. */
const TTL_SECONDS = 86_400
const SETTLE_STEP_MS = 250
const SETTLE_STEPS = 20

export function memorySteps(counts: readonly number[], sides: number): number {
  return counts.length * 2 * sides
}

export async function measureMemory(sides: Side[], counts: readonly number[], progress: Progress) {
  const results: MemoryResult[] = []
  for (const keys of counts) {
    for (const hasTtl of [false, true]) {
      const result: MemoryResult = { keys, hasTtl, bytesPerKey: sides.map(() => undefined) }
      for (const side of inTurn(sides, results.length)) {
        progress.step(`memory of ${keys} keys${hasTtl ? ' with TTL' : ''}: ${side.command.name}`)
        result.bytesPerKey[sides.indexOf(side)] = await withServer(side, (server) => measure(server, result))
      }
      results.push(result)
    }
  }
  return results
}

async function measure(server: ServerProcess, { keys, hasTtl }: MemoryResult): Promise<number | undefined> {
  const empty = await settledBytes(server)
  const load = { port: server.port, connections: 4, depth: 250, signal: server.gone }
  const words = fillWords(VALUE_BYTES, hasTtl ? TTL_SECONDS : undefined)
  await runLoad({ ...load, words, reply: OK_REPLY, next: eachOnce(keys) })
  // Each key is read once: that shows that all are there, and lets Redis end a rehash under way, whose second table
  // would count against it although it is about to go.
  const value = 'x'.repeat(VALUE_BYTES)
  await runLoad({
    ...load,
    words: ['GET', KEY],
    reply: `$${VALUE_BYTES}\r\n${value}\r\n`,
    next: eachOnce(keys),
  })
  const full = await settledBytes(server)
  return empty === undefined || full === undefined ? undefined : (full - empty) / keys
}

/** Resident bytes once they stand still for a second, or after five seconds. */
export async function settledBytes(server: ServerProcess): Promise<number | undefined> {
  let last = server.residentBytes()
  for (let step = 0, still = 0; step < SETTLE_STEPS && still < 1000 / SETTLE_STEP_MS; step++) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS))
    const now = server.residentBytes()
    still = now === last ? still + 1 : 0
    last = now
  }
  return last
}
