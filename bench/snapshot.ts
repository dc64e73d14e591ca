// What BGSAVE costs: how long it takes, at rest and under full write load, the longest reply a bystander waits for
// meanwhile, how much slower writes get, and how much memory it takes. Knows no table.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from './ask.ts'
import { eachOnce, fillWords, KEY, type Load, NUMBER, OK_REPLY, runLoad } from './load.ts'
import { VALUE_BYTES } from './memory.ts'
import type { Options } from './options.ts'
import { Pinger, randomUntil } from './pauses.ts'
import type { PingSummary } from './pinger.ts'
import type { Progress } from './progress.ts'
import type { ServerProcess } from './servers.ts'
import { type Side, withServer } from './sides.ts'

export interface LoadedPhase extends PingSummary {
  commandsPerSecond: number
}

export interface SnapshotResult {
  seconds: number
  idleSeconds: number
  /** Under the same load without saving. */
  before: LoadedPhase
  during: LoadedPhase
  extraBytes: number | undefined
}

const BASE_SECONDS = 5
const POLL_MS = 20
const DEPTH = 50
/** A collection's share of the keys. */
const SHARE = 5

/** What fills a collection, and then goes on changing it; with the lines of each reply. */
const COLLECTIONS: readonly { words: string[]; lines: number }[] = [
  { words: ['RPUSH', 'list', KEY], lines: 1 },
  { words: ['SADD', 'set', KEY], lines: 1 },
  { words: ['HSET', 'hash', KEY, 'x'.repeat(VALUE_BYTES)], lines: 1 },
  { words: ['ZADD', 'sorted set', NUMBER, KEY], lines: 1 },
  { words: ['XADD', 'stream', '*', 'field', KEY], lines: 2 },
]

export function snapshotSteps(sides: number): number {
  return 4 * sides
}

export async function measureSnapshots(
  sides: Side[],
  options: Options,
  progress: Progress,
): Promise<SnapshotResult[]> {
  const results: SnapshotResult[] = []
  for (const side of sides) {
    const directory = mkdtempSync(join(tmpdir(), 'respite-bench-'))
    const { command } = side
    const saving = { ...side, command: { ...command, words: [...command.words, '--dir', directory] } }
    try {
      results.push(await withServer(saving, (server) => measure(server, command.name, options, progress)))
      side.label = saving.label
    } finally {
      rmSync(directory, { recursive: true })
    }
  }
  return results
}

async function measure(
  server: ServerProcess,
  name: string,
  { snapshotKeys: keys, clients }: Options,
  progress: Progress,
): Promise<SnapshotResult> {
  progress.step(`snapshot: filling ${name}`)
  await fill(server, keys)
  progress.step(`snapshot at rest: ${name}`)
  const idleSeconds = await save(server)
  const pinger = await Pinger.start(server)
  try {
    progress.step(`writes without a snapshot: ${name}`)
    const before = await underLoad(server, pinger, clients, keys, randomUntil(keys, BASE_SECONDS))
    progress.step(`snapshot under load: ${name}`)
    const resident = server.residentBytes()
    let peak = resident ?? 0
    let isSaved = false
    const saved = save(server, () => {
      peak = Math.max(peak, server.residentBytes() ?? 0)
    }).finally(() => {
      isSaved = true
    })
    const random = randomUntil(keys, Number.POSITIVE_INFINITY)
    const during = await underLoad(server, pinger, clients, keys, () => (isSaved ? -1 : random()))
    const copied = Number(await field(server, 'rdb_last_cow_size'))
    const extraBytes = resident === undefined ? undefined : Math.max(peak - resident, copied)
    return { seconds: await saved, idleSeconds, before, during, extraBytes }
  } finally {
    pinger.stop()
  }
}

async function fill(server: ServerProcess, keys: number): Promise<void> {
  const load = { port: server.port, connections: 4, depth: 250, signal: server.gone }
  await runLoad({ ...load, words: fillWords(VALUE_BYTES), reply: OK_REPLY, next: eachOnce(keys) })
  for (const { words, lines } of COLLECTIONS) {
    await runLoad({ ...load, words, reply: lines, next: eachOnce(Math.ceil(keys / SHARE)) })
  }
}

/** Until `next` says -1: overwrites of keys by most connections, changes of the collections by two each. */
async function underLoad(
  server: ServerProcess,
  pinger: Pinger,
  connections: number,
  keys: number,
  next: () => number,
): Promise<LoadedPhase> {
  const load = { port: server.port, depth: DEPTH, signal: server.gone, next }
  const inCollections = (): number => {
    const key = next()
    return key < 0 ? key : key % Math.ceil(keys / SHARE)
  }
  const loads: Load[] = [
    { ...load, connections, words: fillWords(VALUE_BYTES), reply: OK_REPLY },
    ...COLLECTIONS.map(({ words, lines }) => ({
      ...load,
      connections: 2,
      words,
      reply: lines,
      next: inCollections,
    })),
  ]
  await pinger.ask('begin')
  const start = performance.now()
  const commands = await Promise.all(loads.map((each) => runLoad(each)))
  const seconds = (performance.now() - start) / 1000
  const summary = (await pinger.ask('end')) as PingSummary
  return { ...summary, commandsPerSecond: commands.reduce((sum, count) => sum + count, 0) / seconds }
}

/** BGSAVE from start to end, in seconds; `onPoll` is called while it lasts. */
async function save(server: ServerProcess, onPoll: () => void = () => {}): Promise<number> {
  const start = performance.now()
  await ask(server.port, 'BGSAVE')
  do {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    onPoll()
  } while ((await field(server, 'rdb_bgsave_in_progress')) === '1')
  const seconds = (performance.now() - start) / 1000
  if ((await field(server, 'rdb_last_bgsave_status')) !== 'ok') throw new Error('BGSAVE has failed')
  return seconds
}

async function field(server: ServerProcess, name: string): Promise<string | undefined> {
  const info = await ask(server.port, 'INFO', 'persistence')
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(info)?.[1]
}
