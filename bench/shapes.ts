// Memory of collections: what a fresh server's resident size grows by when it is filled with many small ones or with a
// large one. Knows no table and no chart.

import { ask } from './ask.ts'
import { eachOnce, KEY, NUMBER, runLoad } from './load.ts'
import { settledBytes } from './memory.ts'
import type { Progress } from './progress.ts'
import type { ServerProcess } from './servers.ts'
import { inTurn, type Side, withServer } from './sides.ts'

interface Shape {
  name: string
  /** What the bytes are counted by: a collection, or an element of a large one. */
  unit: 'key' | 'element'
  count: number
  /** KEY and NUMBER stand for the key or the element, and its number. */
  words: string[]
  /** Of how many lines a reply is: 1, unless it is a bulk string. */
  replyLines?: number
}

export interface ShapeResult {
  name: string
  unit: 'key' | 'element'
  /** In the order of the servers; undefined where the system does not tell. */
  bytesEach: (number | undefined)[]
}

const MANY = 100_000
const LARGE = 1_000_000
const WARMING = 20_000

/** Numbers below 100,000 that don't follow each other: a different one for each index. */
function scattered(index: number): string {
  return String((index * 48_271 + 12_345) % 100_000)
}

function repeated(times: number, make: (index: number) => string[]): string[] {
  return Array.from({ length: times }, (_, index) => make(index)).flat()
}

/** Ten bytes that are no number. */
function element(index: number): string {
  return `element:${String(index).padStart(2, '0')}`
}

function many(name: string, words: string[]): Shape {
  return { name, unit: 'key', count: MANY, words }
}

function large(name: string, words: string[]): Shape {
  return { name, unit: 'element', count: LARGE, words }
}

const SHAPES: readonly Shape[] = [
  many('hashes of 10 fields', ['HSET', KEY, ...repeated(10, (i) => [`field:${i}`, element(i)])]),
  many('lists of 20', ['RPUSH', KEY, ...repeated(20, (i) => [element(i)])]),
  many('sets of 20 integers', ['SADD', KEY, ...repeated(20, (i) => [scattered(i)])]),
  many('sets of 20 strings', ['SADD', KEY, ...repeated(20, (i) => [element(i)])]),
  many('sorted sets of 20', ['ZADD', KEY, ...repeated(20, (i) => [scattered(i), element(i)])]),
  large('hash of 1M', ['HSET', 'large', KEY, 'x'.repeat(10)]),
  large('list of 1M', ['RPUSH', 'large', KEY]),
  large('set of 1M', ['SADD', 'large', KEY]),
  { ...large('stream of 1M', ['XADD', 'large', '*', 'field', KEY]), replyLines: 2 },
  large('sorted set of 1M', ['ZADD', 'large', NUMBER, KEY]),
]

export function shapeSteps(sides: number): number {
  return SHAPES.length * sides
}

export async function measureShapes(sides: Side[], progress: Progress): Promise<ShapeResult[]> {
  const results: ShapeResult[] = []
  for (const shape of SHAPES) {
    const { name, unit } = shape
    const result: ShapeResult = { name, unit, bytesEach: sides.map(() => undefined) }
    for (const side of inTurn(sides, results.length)) {
      progress.step(`memory of ${name}: ${side.command.name}`)
      result.bytesEach[sides.indexOf(side)] = await withServer(side, (server) => measure(server, shape))
    }
    results.push(result)
  }
  return results
}

/**
 * The server has done the same work before, on data that are gone again: otherwise the size would grow by what it takes
 * to warm up, which for Node is the machine code of the commands.
 */
async function measure(server: ServerProcess, shape: Shape): Promise<number | undefined> {
  const { words, count, replyLines = 1 } = shape
  const load = {
    port: server.port,
    connections: 4,
    depth: 100,
    signal: server.gone,
    words,
    reply: replyLines,
  }
  await runLoad({ ...load, next: eachOnce(WARMING) })
  await ask(server.port, 'FLUSHALL')
  const empty = await settledBytes(server)
  await runLoad({ ...load, next: eachOnce(count) })
  const full = await settledBytes(server)
  return empty === undefined || full === undefined ? undefined : (full - empty) / count
}
