// Runs redis-benchmark once and reads its CSV. Knows no server: a port is all it needs.

import { spawn } from 'node:child_process'
import { HOST } from './ask.ts'
import { tie } from './children.ts'

export interface BenchmarkRun {
  port: number
  /** The name of one of its own tests, or the words of any command. */
  test: string | string[]
  depth: number
  clients: number
  keyspace: number
  requests: number
  /** Ends the run: redis-benchmark itself would retry a dead server for ever. */
  signal: AbortSignal
}

export interface CsvRow {
  /** As redis-benchmark prints it: `MSET (10 keys)`. */
  name: string
  requestsPerSecond: number
}

/** No single run may take longer; the slowest sensible one takes a few seconds. */
const PATIENCE_MS = 300_000

/** The requests per second of one test, and whether others had to run beside it (lrange_100 first fills a list). */
export async function runBenchmark(run: BenchmarkRun): Promise<{ rps: number; hadCompany: boolean }> {
  const rows = parseCsv(await output(run))
  const row = typeof run.test === 'string' ? rowOf(rows, run.test) : rows[0]
  if (row === undefined) {
    const got = rows.map((each) => each.name).join(', ') || 'no result at all'
    throw new Error(`redis-benchmark -t ${run.test} gave ${got}: is it the name of one test?`)
  }
  return { rps: row.requestsPerSecond, hadCompany: rows.length > 1 }
}

/** The rows of `--csv` output. A header, warnings and blank lines are passed over, whatever the version prints. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  for (const line of text.split(/[\r\n]+/)) {
    const [name, rate] = [...line.matchAll(/"((?:[^"]|"")*)"/g)].map((match) => match[1] as string)
    const requestsPerSecond = Number.parseFloat(rate ?? '')
    if (name === undefined || !Number.isFinite(requestsPerSecond)) continue
    rows.push({ name: name.replaceAll('""', '"'), requestsPerSecond })
  }
  return rows
}

/** The row whose name begins with the test's word: `mset` is `MSET (10 keys)`, but `LPUSH (needed to …)` no lrange. */
export function rowOf(rows: readonly CsvRow[], test: string): CsvRow | undefined {
  return rows.find((row) => row.name.split(' ')[0]?.toLowerCase() === test)
}

function output(run: BenchmarkRun): Promise<string> {
  const args = ['-h', HOST, '-p', run.port, '-c', run.clients, '-r', run.keyspace, '-P', run.depth]
  args.push('-n', run.requests, '--csv')
  if (typeof run.test === 'string') args.push('-t', run.test)
  else args.push(...run.test)
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(PATIENCE_MS)])
  const child = tie(spawn('redis-benchmark', args.map(String), { stdio: ['ignore', 'pipe', 'pipe'], signal }))
  let printed = ''
  let complaints = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  child.stderr.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-2000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(signal.aborted ? signal.reason : error))
    child.once('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`redis-benchmark ended with ${code}: ${complaints.trim()}`))
    })
  })
}
