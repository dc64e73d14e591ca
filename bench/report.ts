// What a run found, as text for the terminal, and what of it goes into the chart. Pure: measures and writes nothing.

import type { Bar, Panel } from './chart.ts'
import type { MemoryResult } from './memory.ts'
import type { Options } from './options.ts'
import type { PauseResult, PhaseResult } from './pauses.ts'
import type { ScenarioResult } from './scenarios.ts'
import type { ShapeResult } from './shapes.ts'
import type { SnapshotResult } from './snapshot.ts'
import { median, ratio } from './statistics.ts'
import type { ThroughputResult } from './throughput.ts'

export interface Report {
  date: string
  machine: {
    cpu: string
    cores: number
    memoryGiB: number
    system: string
    node: string
    benchmark: string | undefined
  }
  options: Options
  /** Names with versions: ours, then the one it is compared with, if any. */
  servers: string[]
  throughput: ThroughputResult[]
  scenarios: ScenarioResult[]
  memory: MemoryResult[]
  shapes: ShapeResult[]
  pauses: PauseResult[]
  /** In the order of the servers; none if it was not measured. */
  snapshots: SnapshotResult[]
}

const UNKNOWN = '–'

/** The tables of everything that was measured. */
export function reportText(report: Report): string {
  const { machine } = report
  const head = `${report.servers.join(' against ')}\n${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${report.date}`
  const parts = [
    head,
    throughputText(report),
    cpuText(report),
    scenariosText(report),
    memoryText(report),
    shapesText(report),
    pausesText(report),
    snapshotsText(report),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function throughputText(report: Report): string {
  if (report.throughput.length === 0) return ''
  const { clients, keyspace, rounds } = report.options
  const head = ['', ...report.servers, ...comparing(report, 'ratio', 'of rounds')]
  const rows = report.throughput.map((result) => {
    const spread = ratioSpread(result)
    const range = spread === undefined ? UNKNOWN : `${fixed(spread.low)}–${fixed(spread.high)}`
    const rates = result.servers.map((server) => grouped(median(server.rps)))
    return [nameOf(result), ...rates, ...comparing(report, times(spread?.value), range)]
  })
  return `Requests per second: redis-benchmark -c ${clients} -r ${keyspace}, medians of ${rounds} rounds; more is better\n${table([head, ...rows])}`
}

function cpuText(report: Report): string {
  const isKnown = report.throughput.some((result) =>
    result.servers.some((server) => server.cpuMicroseconds.length > 0),
  )
  if (!isKnown) return ''
  const head = ['', ...report.servers, ...comparing(report, 'ratio')]
  const rows = report.throughput.map((result) => {
    const costs = result.servers.map((server) => median(server.cpuMicroseconds))
    return [
      nameOf(result),
      ...costs.map((cost) => fixed(cost, 3)),
      ...comparing(report, times(ratio(costs[0], costs[1]))),
    ]
  })
  return `Server CPU per command in microseconds, all threads; less is better\n${table([head, ...rows])}`
}

function scenariosText(report: Report): string {
  if (report.scenarios.length === 0) return ''
  const rates = report.servers.map((server) => `per second: ${server}`)
  const costs = report.servers.map((server) => `CPU: ${server}`)
  const head = ['', ...rates, ...comparing(report, 'ratio'), ...costs, ...comparing(report, 'ratio')]
  const rows = report.scenarios.map(({ name, unit, servers }) => {
    const rate = servers.map((server) => median(server.rate))
    const cpu = servers.map((server) => median(server.cpuMicroseconds))
    return [
      `${name}, per ${unit}`,
      ...rate.map((value) => grouped(value)),
      ...comparing(report, times(ratio(rate[0], rate[1]))),
      ...cpu.map((value) => fixed(value, 3)),
      ...comparing(report, times(ratio(cpu[0], cpu[1]))),
    ]
  })
  return `Transactions, messages received, and entries read and acknowledged: more per second is better, less server CPU (microseconds) too\n${table([head, ...rows])}`
}

function memoryText(report: Report): string {
  if (report.memory.length === 0) return ''
  const head = ['', ...report.servers, ...comparing(report, 'ratio')]
  const rows = report.memory.map(({ keys, hasTtl, bytesPerKey }) => {
    const quotient = times(ratio(bytesPerKey[0], bytesPerKey[1]))
    return [
      memoryName(keys, hasTtl),
      ...bytesPerKey.map((bytes) => fixed(bytes, 1)),
      ...comparing(report, quotient),
    ]
  })
  return `Bytes per key (16-byte key, 10-byte value), resident over the empty server; less is better\n${table([head, ...rows])}`
}

function shapesText(report: Report): string {
  if (report.shapes.length === 0) return ''
  const head = ['', ...report.servers, ...comparing(report, 'ratio')]
  const rows = report.shapes.map(({ name, unit, bytesEach }) => [
    `${name}, per ${unit}`,
    ...bytesEach.map((bytes) => fixed(bytes, 1)),
    ...comparing(report, times(ratio(bytesEach[0], bytesEach[1]))),
  ])
  return `Bytes of collections, resident over the empty server; less is better\n${table([head, ...rows])}`
}

function pausesText(report: Report): string {
  if (report.pauses.length === 0) return ''
  const head = ['', 'p50', 'p99', 'longest', 'less waiting', 'commands/s', 'busy', 'pings']
  const rows = report.pauses.flatMap(({ phase, servers }) =>
    servers.map((server, i) => [`${phase}: ${report.servers[i]}`, ...pauseCells(server)]),
  )
  const { pauseKeys, pauses } = report.options
  return `Milliseconds to a reply as a pinging connection sees them, ${grouped(pauseKeys)} keys: while filled, and in ${pauses} s of random overwrites; less is better\n${table([head, ...rows])}`
}

function snapshotsText(report: Report): string {
  if (report.snapshots.length === 0) return ''
  const head = [
    '',
    'seconds',
    'at rest',
    'longest',
    'less waiting',
    'before',
    'commands/s',
    'of before',
    'extra MiB',
  ]
  const rows = report.snapshots.map(({ seconds, idleSeconds, before, during, extraBytes }, i) => [
    report.servers[i]!,
    ...[seconds, idleSeconds, during.maxMs, during.maxOwnMs, before.maxMs].map((value) => fixed(value)),
    grouped(during.commandsPerSecond),
    times(ratio(during.commandsPerSecond, before.commandsPerSecond)),
    extraBytes === undefined ? UNKNOWN : grouped(extraBytes / 2 ** 20),
  ])
  return `BGSAVE of ${grouped(report.options.snapshotKeys)} keys and five collections under full write load and at rest: seconds, and milliseconds to a reply as a pinging connection sees them; less is better\n${table([head, ...rows])}`
}

function pauseCells(server: PhaseResult): string[] {
  const times = [server.p50Ms, server.p99Ms, server.maxMs, server.maxOwnMs].map((ms) => fixed(ms))
  const busy = server.busy === undefined ? UNKNOWN : `${Math.round(server.busy * 100)} %`
  return [...times, grouped(server.commandsPerSecond), busy, grouped(server.pings)]
}

/** The panels of the chart: ratios if two servers were measured, requests per second if one was; and the pauses. */
export function chartPanels(report: Report): Panel[] {
  const [, other] = report.servers
  const panels = other === undefined ? [ratePanel(report)] : ratioPanels(report, other)
  return [...panels, pausePanel(report)].filter((panel) => panel.bars.some((group) => group.some(Boolean)))
}

function ratioPanels(report: Report, other: string): Panel[] {
  const { throughput, memory } = report
  const line = { value: 1, label: other }
  return [
    {
      title: `Requests per second, as multiples of ${other}’s`,
      note: 'longer is better; whiskers: lowest and highest of the rounds',
      ...grid(throughput, (result) => ratioSpread(result)),
      format: times,
      line,
    },
    {
      title: `Commands per second of server CPU, as multiples of ${other}’s`,
      note: 'longer is better; what redis-benchmark can deliver is no limit here',
      ...grid(throughput, ({ servers: [ours, theirs] }) => {
        const value = ratio(median(theirs?.cpuMicroseconds ?? []), median(ours?.cpuMicroseconds ?? []))
        return value === undefined ? undefined : { value }
      }),
      format: times,
      line,
    },
    {
      title: `Transactions, messages and entries per second of server CPU, as multiples of ${other}’s`,
      note: 'longer is better',
      groups: report.scenarios.map(({ name }) => name),
      series: report.scenarios.length === 0 ? [] : ['per second of CPU'],
      bars: report.scenarios.map(({ servers: [ours, theirs] }) => [
        barOf(ratio(median(theirs?.cpuMicroseconds ?? []), median(ours?.cpuMicroseconds ?? []))),
      ]),
      format: times,
      line,
    },
    {
      title: `Memory per key, as a share of ${other}’s`,
      note: 'shorter is better',
      groups: unique(memory.map(({ keys }) => `${short(keys)} keys`)),
      series: memory.length === 0 ? [] : ['without TTL', 'with TTL'],
      bars: chunks(memory, 2).map((pair) =>
        pair.map(({ bytesPerKey: [ours, theirs] }) => barOf(ratio(ours, theirs))),
      ),
      format: times,
      line,
    },
    {
      title: `Memory of collections, as a share of ${other}’s`,
      note: 'shorter is better; many small ones, or one of a million elements',
      groups: report.shapes.map(({ name }) => name.replace(' of ', ': ')),
      series: report.shapes.length === 0 ? [] : ['resident size'],
      bars: report.shapes.map(({ bytesEach: [ours, theirs] }) => [barOf(ratio(ours, theirs))]),
      format: times,
      line,
    },
  ]
}

function ratePanel(report: Report): Panel {
  const rates = grid(report.throughput, (result) => barOf(median(result.servers[0]?.rps ?? [])))
  return { title: 'Requests per second', note: 'longer is better', ...rates, format: short, line: undefined }
}

function pausePanel(report: Report): Panel {
  return {
    title: 'Longest wait for the reply to a PING, in milliseconds',
    note: 'shorter is better; less the time the server waited for a core',
    groups: report.pauses.map(({ phase }) =>
      phase === 'fill' ? 'while filled' : 'during random overwrites',
    ),
    series: report.servers,
    bars: report.pauses.map(({ servers }) =>
      servers.map(({ maxMs, maxOwnMs }) => ({ value: maxOwnMs ?? maxMs })),
    ),
    format: (ms) => ms.toFixed(1),
    line: undefined,
  }
}

/** Tests as groups, depths as series. */
function grid(results: ThroughputResult[], barFor: (result: ThroughputResult) => Bar | undefined) {
  const tests = unique(results.map((result) => result.test))
  const depths = unique(results.map((result) => result.depth))
  const bars = tests.map((test) =>
    depths.map((depth) => {
      const result = results.find((each) => each.test === test && each.depth === depth)
      return result === undefined ? undefined : barFor(result)
    }),
  )
  return { groups: tests.map(titleOf), series: depths.map((depth) => `P=${depth}`), bars }
}

/** The ratio of the medians, and the lowest and highest ratio that a single round gave. */
export function ratioSpread(
  result: ThroughputResult,
): { value: number; low: number; high: number } | undefined {
  const [ours, theirs] = result.servers
  const value = ratio(median(ours?.rps ?? []), median(theirs?.rps ?? []))
  if (ours === undefined || theirs === undefined || value === undefined) return undefined
  const rounds = ours.rps.map((rps, i) => rps / (theirs.rps[i] ?? Number.NaN)).filter(Number.isFinite)
  return { value, low: Math.min(value, ...rounds), high: Math.max(value, ...rounds) }
}

/** Cells that only make sense beside a second server. */
function comparing(report: Report, ...cells: string[]): string[] {
  return report.servers.length > 1 ? cells : []
}

/** Columns as wide as their widest cell; the first flush left, numbers flush right. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ')
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n')
}

function nameOf(result: ThroughputResult): string {
  return `${titleOf(result.test)} P=${result.depth}`
}

/** As redis-benchmark's users know the test: PING_MBULK is the PING that clients send. */
function titleOf(test: string): string {
  if (test === 'ping_mbulk') return 'PING'
  return test === 'mset' ? 'MSET (10 keys)' : test.toUpperCase()
}

function memoryName(keys: number, hasTtl: boolean): string {
  return `${short(keys)} keys${hasTtl ? ' with TTL' : ''}`
}

function barOf(value: number | undefined): Bar | undefined {
  return value === undefined ? undefined : { value }
}

function times(value: number | undefined): string {
  return value === undefined ? UNKNOWN : `${fixed(value)}×`
}

function fixed(value: number | undefined, digits = 2): string {
  return value === undefined ? UNKNOWN : value.toFixed(digits)
}

function grouped(value: number | undefined): string {
  return value === undefined ? UNKNOWN : Math.round(value).toLocaleString('en-US')
}

/** 1500000 as 1.5M, 200000 as 200k. */
export function short(value: number): string {
  const [unit, letter] = value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, '']
  return `${Number((value / unit).toPrecision(3))}${letter}`
}

function unique<T>(values: T[]): T[] {
  return [...new Set(values)]
}

function chunks<T>(values: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  )
}
