// LATENCY GRAPH: the samples of an event as columns of characters, the newest at the right, with their age beneath.

import type { LatencyEvent, LatencySample } from './latency-monitor.ts'

const WIDTH = 80
const ROWS = 4
/** What a row of a column shows when it is a third, two thirds, or all of it full. */
const TOPS = ['_', 'o', '#']
const BODY = '|'

/** `now`: milliseconds since the epoch. */
export function latencyGraph(name: string, event: LatencyEvent, now: number): string {
  const samples = event.samples().slice(-WIDTH)
  const values = samples.map((sample) => sample.milliseconds)
  const high = Math.max(...values)
  const low = Math.min(...values)
  const levels = values.map((value) => levelOf(value, low, high))
  const ages = samples.map((sample) => ageOf(sample, now))
  return [
    `${name} - high ${high} ms, low ${low} ms (all time high ${event.worst} ms)`,
    '-'.repeat(WIDTH),
    ...columns(levels, ROWS, (level, row) => characterOf(level, ROWS - 1 - row)),
    '',
    ...columns(ages, Math.max(...ages.map((age) => age.length)), (age, row) => age[row] ?? ' '),
    '',
  ].join('\n')
}

/** How high a column is, in thirds of a row, from 0 for the lowest value to the top for the highest. */
function levelOf(value: number, low: number, high: number): number {
  return high === low ? 0 : Math.round(((value - low) / (high - low)) * (ROWS * TOPS.length - 1))
}

function characterOf(level: number, rowFromBelow: number): string {
  const top = Math.floor(level / TOPS.length)
  if (rowFromBelow > top) return ' '
  return rowFromBelow === top ? TOPS[level % TOPS.length]! : BODY
}

/** Rows of text out of columns. */
function columns<T>(
  all: readonly T[],
  rows: number,
  character: (column: T, row: number) => string,
): string[] {
  const lines: string[] = []
  for (let row = 0; row < rows; row++) lines.push(all.map((column) => character(column, row)).join(''))
  return lines
}

/** `12s`, `3m`, `5h`, `2d`: written downwards, so it has to be short. */
function ageOf(sample: LatencySample, now: number): string {
  const seconds = Math.max(0, Math.floor(now / 1000) - sample.time)
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}
