// What the operating system says of a process: memory, CPU, time spent waiting for a core. /proc where there is one,
// `ps` elsewhere; undefined where neither answers. Knows no server.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Resident bytes of the process. */
export function residentBytes(pid: number): number | undefined {
  const status = read(`/proc/${pid}/status`)
  const kilobytes = status === undefined ? run('ps', ['-o', 'rss=', '-p', `${pid}`]) : residentLine(status)
  const value = Number.parseInt(kilobytes ?? '', 10)
  return Number.isNaN(value) ? undefined : value * 1024
}

/** User and system seconds of all threads of the process since it started, to a clock tick (10 ms). */
export function cpuSeconds(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`)
  return stat === undefined ? undefined : cpuTicks(stat) / ticksPerSecond()
}

/**
 * Milliseconds the main thread was ready to run and had no core. The difference across a slow reply tells a pause
 * of the server from one of a busy machine.
 */
export function waitedForCoreMs(pid: number): number | undefined {
  const nanoseconds = Number(read(`/proc/${pid}/schedstat`)?.split(' ')[1])
  return Number.isNaN(nanoseconds) ? undefined : nanoseconds / 1e6
}

/** utime + stime of a line of /proc/PID/stat. The second field, the name, may itself hold blanks and brackets. */
export function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** Is `pid` the process `ancestor` or started by it, over any number of steps? */
export function descendsFrom(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; ) {
    if (at === ancestor) return true
    const stat = read(`/proc/${at}/stat`)
    if (stat === undefined) return false
    at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  }
  return false
}

let ticks: number | undefined

function ticksPerSecond(): number {
  ticks ??= Number.parseInt(run('getconf', ['CLK_TCK']) ?? '100', 10)
  return ticks
}

function residentLine(status: string): string | undefined {
  return /^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // No /proc on this system, or no such process any more.
    return undefined
  }
}

function run(file: string, args: string[]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    // The tool is missing, or the process has gone.
    return undefined
  }
}
