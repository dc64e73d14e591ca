// What the process costs the machine: CPU time, resident memory, turns of the event loop. The only file
// here that asks Node and the system; what it finds is for INFO and MEMORY to tell.

import os from 'node:os'
import { performance } from 'node:perf_hooks'

/** CPU time in microseconds. */
export interface CpuTimes {
  readonly user: number
  readonly system: number
}

/** Turns of the event loop and the time in which it was not waiting. */
export interface LoopTimes {
  readonly turns: number
  readonly busyMicroseconds: number
}

export interface ProcessUsage {
  readonly systemBytes: number
  cpu(): CpuTimes
  /** The command thread alone; undefined where Node can't tell. */
  mainThreadCpu(): CpuTimes | undefined
  loop(): LoopTimes
  /** Resident memory: takes 30 us, for it reads a file. */
  residentBytes(): number
}

// Node 23.9 and later, 22.19 and later.
type ThreadCpu = { threadCpuUsage?: () => CpuTimes }
// Node 22.8 and later, 20.18 and later.
type LoopMetrics = { uvMetricsInfo?: { loopCount: number } }

export const processUsage: ProcessUsage = {
  systemBytes: os.totalmem(),
  cpu: () => process.cpuUsage(),
  mainThreadCpu: () => (process as ThreadCpu).threadCpuUsage?.(),
  loop: () => ({
    turns: (performance.nodeTiming as LoopMetrics).uvMetricsInfo?.loopCount ?? 0,
    busyMicroseconds: Math.floor(performance.eventLoopUtilization().active * 1000),
  }),
  residentBytes: () => process.memoryUsage.rss(),
}
