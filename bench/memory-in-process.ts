// What the store alone costs: memory per key, time per operation, and the longest stall, without server and sockets.
//
//   npx tsx bench/memory-in-process.ts [--keys 17000000] [--value 10] [--ttl] [--overwrites 5000000]
//
// A stall is the longest time that one batch of 64 operations took; one read of a pipelining client is about that.
// On a shared machine trust the CPU times: the others count what other processes were given.

import { parseArgs } from 'node:util'
import { Random } from '../src/base/random.ts'
import { NO_REF } from '../src/memory/arena.ts'
import { Key } from '../src/memory/key.ts'
import { Slice } from '../src/memory/slice.ts'
import { Table } from '../src/memory/table.ts'

const { values: options } = parseArgs({
  options: {
    keys: { type: 'string', default: '17000000' },
    value: { type: 'string', default: '10' },
    overwrites: { type: 'string', default: '5000000' },
    ttl: { type: 'boolean', default: false },
  },
})

const KEYS = Number(options.keys)
const VALUE_BYTES = Number(options.value)
const OVERWRITES = Number(options.overwrites)
const BATCH = 64
const DAY_MS = 86_400_000

const random = new Random(1)
const seed = { low: random.uint32(), high: random.uint32() }
const table = new Table(seed)
const key = new Key(seed)
const slice = new Slice()
const keyBytes = Buffer.from('key:000000000000')
const now = Date.now()

function pointAt(number: number): void {
  for (let at = 15, rest = number; at >= 4; at--) {
    keyBytes[at] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  key.point(keyBytes, 0, 16)
}

function set(number: number): void {
  pointAt(number)
  const found = table.find(key)
  const deadline = options.ttl ? now + random.below(DAY_MS) : undefined
  const ref =
    found === NO_REF
      ? table.add(key, 0, 0, 0, VALUE_BYTES, deadline)
      : table.replace(key, found, 0, 0, 0, VALUE_BYTES, deadline)
  const { bytes, start } = table.entries.value(ref, slice)
  for (let i = 0; i < VALUE_BYTES; i++) bytes[start + i] = 0x78
}

function get(number: number): void {
  pointAt(number)
  const ref = table.find(key)
  if (ref === NO_REF) throw new Error(`key ${number} is missing`)
  if (table.entries.value(ref, slice).length !== VALUE_BYTES) throw new Error(`key ${number} is damaged`)
}

function remove(number: number): void {
  pointAt(number)
  table.remove(key, table.find(key))
}

/** Node 23.9 and later can tell this thread's time from that of the compiler's and the collector's threads. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage }

/** Milliseconds of processor time: unlike time on the wall, it does not count what other processes were given. */
function cpuMilliseconds(): number {
  const { user, system } = threadCpuUsage?.call(process) ?? process.cpuUsage()
  return (user + system) / 1000
}

/** Runs an operation so many times and prints what it took. */
function measure(name: string, count: number, run: (n: number) => void): void {
  let worst = 0
  let worstCpu = 0
  const started = performance.now()
  const startedCpu = cpuMilliseconds()
  let before = started
  let beforeCpu = startedCpu
  for (let done = 0; done < count; ) {
    for (const end = Math.min(done + BATCH, count); done < end; done++) run(done)
    const after = performance.now()
    const afterCpu = cpuMilliseconds()
    worst = Math.max(worst, after - before)
    worstCpu = Math.max(worstCpu, afterCpu - beforeCpu)
    before = after
    beforeCpu = afterCpu
    if (done % 1_048_576 === 0) process.stderr.write(`\r${name} ${Math.round((done / count) * 100)} %  `)
  }
  const each = (milliseconds: number) => ((milliseconds * 1e6) / count).toFixed(0).padStart(5)
  process.stderr.write('\r')
  console.log(
    `${name.padEnd(16)} ${each(before - started)} ns each (${each(beforeCpu - startedCpu)} of CPU), ` +
      `longest stall ${worst.toFixed(1)} ms (${worstCpu.toFixed(1)} of CPU)`,
  )
}

const emptyRss = process.memoryUsage.rss()
const perKey = (bytes: number) => (bytes / KEYS).toFixed(1)
measure('fill', KEYS, set)
const { arena } = table.entries
console.log(
  `${table.count} keys, bytes per key: RSS ${perKey(process.memoryUsage.rss() - emptyRss)}, ` +
    `blocks ${perKey(table.entries.usedBytes)}, pages ${perKey(arena.reservedBytes)}; ` +
    `slots filled ${((100 * table.count) / table.slotCount).toFixed(1)} %`,
)
measure('random read', OVERWRITES, () => get(random.below(KEYS)))
measure('random overwrite', OVERWRITES, () => set(random.below(KEYS)))
const freezeStarted = performance.now()
table.freeze()
console.log(`freeze ${(performance.now() - freezeStarted).toFixed(2)} ms`)
measure('overwrite frozen', OVERWRITES, () => set(random.below(KEYS)))
const thawStarted = performance.now()
table.entries.thaw()
console.log(
  `thaw ${(performance.now() - thawStarted).toFixed(2)} ms, ${arena.quarantinedBytes} B wait to be drained`,
)
measure('drain 100 blocks', 2 * Math.ceil(OVERWRITES / 100), () => table.entries.drain(100))
measure('remove all', KEYS, remove)
console.log(
  `left: ${table.count} keys, ${table.entries.usedBytes} B in blocks, ${arena.reservedBytes} B in pages`,
)
