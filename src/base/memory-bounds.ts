// How much memory there is for this process: what its container allows (control groups of Linux, either version), or the
// machine has. The only place that asks the system for it.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** No control group allows more than this: versions of Linux write large numbers for "no limit". */
const NO_LIMIT = 2 ** 62

/** The limit of the container, undefined if there is none below what the machine has. */
export function containerBytes(root = '/', machineBytes = os.totalmem()): number | undefined {
  const limits = [...groups(root)].map(readLimit)
  const least = Math.min(...limits.filter((bytes) => bytes !== undefined))
  return least < machineBytes ? least : undefined
}

/** What there is to be used, in bytes. */
export function availableBytes(): number {
  return containerBytes() ?? os.totalmem()
}

/** The files that limit this process: of its group and of all groups around that, as far as they can be seen. */
function* groups(root: string): Iterable<string> {
  const mount = path.join(root, 'sys/fs/cgroup')
  for (const line of readText(path.join(root, 'proc/self/cgroup')).split('\n')) {
    // hierarchy:controllers:path
    const [, controllers, ...rest] = line.split(':')
    if (controllers === undefined) continue
    const isUnified = controllers === ''
    if (!isUnified && !controllers.split(',').includes('memory')) continue
    const top = isUnified ? mount : path.join(mount, 'memory')
    const file = isUnified ? 'memory.max' : 'memory.limit_in_bytes'
    for (let group = rest.join(':'); ; group = path.dirname(group)) {
      yield path.join(top, group, file)
      if (group === '/' || group === '.' || group === '') break
    }
  }
}

function readLimit(file: string): number | undefined {
  const text = readText(file).trim()
  const bytes = text === '' || text === 'max' ? Number.NaN : Number(text)
  return bytes > 0 && bytes < NO_LIMIT ? bytes : undefined
}

/** '' if there is no such file. */
function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1')
  } catch {
    // Other systems, and containers without /sys, have none.
    return ''
  }
}
