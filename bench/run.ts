// `npm run bench`: measures Respite beside redis-server and says what it found. The flow alone; options.ts says what can
// be chosen, README.md what the numbers mean.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import path, { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from './chart.ts'
import { exitOnSignals } from './children.ts'
import { measureMemory, memorySteps } from './memory.ts'
import { HELP, OptionError, type Options, parseOptions } from './options.ts'
import { measurePauses, pauseSteps } from './pauses.ts'
import { duration, Progress } from './progress.ts'
import { chartPanels, type Report, reportText } from './report.ts'
import { measureScenarios, scenarioSteps } from './scenarios.ts'
import { findOnPath, parseCommand, redisCommand, respiteCommand, type ServerCommand } from './servers.ts'
import { measureShapes, shapeSteps } from './shapes.ts'
import { type Side, sidesOf, withServer } from './sides.ts'
import { measureSnapshots, snapshotSteps } from './snapshot.ts'
import { measureThroughput, throughputSteps } from './throughput.ts'

const RESULTS = fileURLToPath(new URL('./results', import.meta.url))

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), RESULTS)
  if (options.help) {
    process.stdout.write(HELP)
    return
  }
  const benchmark = benchmarkVersion()
  if (benchmark === undefined && options.tests.length > 0) {
    say('redis-benchmark is not on the PATH: requests per second are left out')
    options.tests = []
  }
  exitOnSignals()
  const start = performance.now()
  const sides = await sidesOf(commandsOf(options), options.port)
  const report = await measure(sides, options, benchmark)
  process.stdout.write(reportText(report))
  for (const file of write(report)) say(`written: ${file}`)
  say(`took ${duration(performance.now() - start)}`)
}

function commandsOf(options: Options): ServerCommand[] {
  const ours = options.server === undefined ? respiteCommand() : parseCommand(options.server)
  if (options.alone) return [ours]
  const other = options.against === undefined ? redisCommand() : parseCommand(options.against)
  if (other !== undefined) return [ours, other]
  say('redis-server is not on the PATH: Respite is measured alone')
  return [ours]
}

async function measure(sides: Side[], options: Options, benchmark: string | undefined): Promise<Report> {
  const hasPauses = options.pauses > 0
  const steps =
    throughputSteps(options) +
    memorySteps(options.memory, sides.length) +
    (options.shapes ? shapeSteps(sides.length) : 0) +
    (options.scenarios ? scenarioSteps(options.rounds, sides.length) : 0) +
    (hasPauses ? pauseSteps(sides.length) : 0) +
    (options.snapshotKeys > 0 ? snapshotSteps(sides.length) : 0)
  const progress = new Progress(steps)
  try {
    const throughput = options.tests.length === 0 ? [] : await throughputOf(sides, options, progress)
    const { rounds, seconds } = options
    const scenarios = options.scenarios ? await measureScenarios(sides, rounds, seconds, progress) : []
    const memory = await measureMemory(sides, options.memory, progress)
    const shapes = options.shapes ? await measureShapes(sides, progress) : []
    const pauses = hasPauses ? await measurePauses(sides, options, progress) : []
    const snapshots = options.snapshotKeys > 0 ? await measureSnapshots(sides, options, progress) : []
    const servers = sides.map((side, i) =>
      i === 1 && side.label === sides[0]?.label ? `${side.label} (2)` : side.label,
    )
    return {
      date: new Date().toISOString(),
      machine: machine(benchmark),
      options: { ...options, out: path.relative(process.cwd(), options.out) },
      servers,
      throughput,
      scenarios,
      memory,
      shapes,
      pauses,
      snapshots,
    }
  } finally {
    progress.end()
  }
}

/** Both servers stay up throughout; the one whose turn it is not idles. */
async function throughputOf(sides: Side[], options: Options, progress: Progress) {
  const [ours, other] = sides as [Side, Side?]
  return withServer(ours, async (first) => {
    if (other === undefined) return measureThroughput([first], options, progress)
    return withServer(other, (second) => measureThroughput([first, second], options, progress))
  })
}

function benchmarkVersion(): string | undefined {
  const file = findOnPath('redis-benchmark')
  return file === undefined ? undefined : execFileSync(file, ['--version'], { encoding: 'utf8' }).trim()
}

function machine(benchmark: string | undefined): Report['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown processor',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    benchmark,
  }
}

/** Writes the JSON and the chart, over those of the run before; says where. */
function write(report: Report): string[] {
  const { out } = report.options
  mkdirSync(out, { recursive: true })
  const json = join(out, 'results.json')
  const written = [json]
  writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  const panels = chartPanels(report)
  if (panels.length > 0) {
    const { machine, date } = report
    const subtitle = `${machine.cpu}, ${machine.cores} cores · Node ${machine.node} · ${date.slice(0, 10)}`
    const svg = join(out, 'results.svg')
    writeFileSync(svg, chart(report.servers.join(' against '), subtitle, panels))
    written.push(svg)
  }
  return written
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Plain errors say all the user needs; any other kind is our own mistake, and its stack says where. */
function complaint(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isPlain = error.constructor === Error || error instanceof OptionError
  return isPlain ? error.message : (error.stack ?? error.message)
}

try {
  await main()
} catch (error) {
  say(`bench: ${complaint(error)}`)
  if (error instanceof OptionError) say('--help lists the options')
  process.exitCode = 1
}
