// A process of its own that pings a server without end and times each reply. Started by pauses.ts with the server's
// port and process id; told over IPC when a phase begins and ends. It shares no event loop with the load.

import { connect } from 'node:net'
import { setPriority } from 'node:os'
import { HOST } from './ask.ts'
import { waitedForCoreMs } from './process-usage.ts'
import { Histogram } from './statistics.ts'

export interface PingSummary {
  pings: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** The longest once the time is taken off in which the server stood in the queue for a core; undefined if unknown. */
  maxOwnMs: number | undefined
}

export type PingerOrder = 'begin' | 'end'
export type PingerReport = 'ready' | 'begun' | PingSummary

const PING = '*1\r\n$4\r\nPING\r\n'
const LINE_FEED = 10
/** Only what could matter is looked into: /proc is read for pings above this. */
const NOTABLE_US = 500

const [port, serverPid] = process.argv.slice(2).map(Number) as [number, number]
const socket = connect({ port, host: HOST, noDelay: true })

let histogram = new Histogram()
let maxOwnMs = 0
let isEnding = false
let sentAt = 0
let waitedMs = waitedForCoreMs(serverPid)

function report(message: PingerReport): void {
  process.send?.(message)
}

function ping(): void {
  waitedMs = waitedForCoreMs(serverPid)
  sentAt = performance.now()
  socket.write(PING)
}

function onPong(): void {
  const us = (performance.now() - sentAt) * 1000
  histogram.record(us)
  if (us > NOTABLE_US) maxOwnMs = Math.max(maxOwnMs, us / 1000 - waitedSince())
  else maxOwnMs = Math.max(maxOwnMs, us / 1000)
  // The ping under way when the phase was ended still counts: it may be the long one.
  if (isEnding) summarise()
  // setImmediate, or a fast server's replies would keep orders from being read.
  setImmediate(ping)
}

function waitedSince(): number {
  const now = waitedForCoreMs(serverPid)
  return now === undefined || waitedMs === undefined ? 0 : now - waitedMs
}

function summarise(): void {
  isEnding = false
  report({
    pings: histogram.count,
    p50Ms: histogram.percentileMs(0.5),
    p99Ms: histogram.percentileMs(0.99),
    maxMs: histogram.maxMs,
    maxOwnMs: waitedMs === undefined ? undefined : maxOwnMs,
  })
}

function begin(): void {
  histogram = new Histogram()
  maxOwnMs = 0
  report('begun')
}

try {
  // On few cores the load would keep the pinger from running, and its own waits would pass for pauses.
  setPriority(-10)
} catch {
  // Not allowed to: measured with the ordinary priority.
}

process.on('message', (order: PingerOrder) => {
  if (order === 'begin') begin()
  else isEnding = true
})
process.on('disconnect', () => process.exit(0))
socket.once('connect', () => {
  report('ready')
  ping()
})
socket.on('data', (chunk) => {
  if (chunk[chunk.length - 1] === LINE_FEED) onPong()
})
socket.on('error', (error) => {
  console.error(`pinger: ${error.message}`)
  process.exit(1)
})
socket.on('close', () => process.exit(1))
