// What a container allows, from made-up files of Linux's control groups.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { availableBytes, containerBytes } from '../../src/base/memory-bounds.ts'

const GIB = 2 ** 30
let root: string

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'memory-bounds-'))
})

afterEach(() => fs.rmSync(root, { recursive: true }))

function write(file: string, text: string): void {
  const whole = path.join(root, file)
  fs.mkdirSync(path.dirname(whole), { recursive: true })
  fs.writeFileSync(whole, text)
}

function limit(): number | undefined {
  return containerBytes(root, 8 * GIB)
}

test('version 2, in a namespace of its own: the limit is at the root', () => {
  write('proc/self/cgroup', '0::/\n')
  write('sys/fs/cgroup/memory.max', `${GIB}\n`)
  expect(limit()).toBe(GIB)
})

test('version 2, seen from outside: the least of all groups around', () => {
  write('proc/self/cgroup', '0::/system.slice/a.service\n')
  write('sys/fs/cgroup/system.slice/a.service/memory.max', 'max\n')
  write('sys/fs/cgroup/system.slice/memory.max', `${2 * GIB}\n`)
  expect(limit()).toBe(2 * GIB)
  write('sys/fs/cgroup/system.slice/a.service/memory.max', `${GIB}\n`)
  expect(limit()).toBe(GIB)
})

test('version 1: the path of the memory controller, or the root of the container', () => {
  write('proc/self/cgroup', '9:cpu:/docker/x\n4:memory:/docker/x\n0::/\n')
  write('sys/fs/cgroup/memory/memory.limit_in_bytes', `${GIB}\n`)
  expect(limit()).toBe(GIB)
  write('sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes', `${GIB / 2}\n`)
  expect(limit()).toBe(GIB / 2)
})

test('no limit is none, however it is written, and neither is one beyond the machine', () => {
  expect(limit()).toBeUndefined()
  write('proc/self/cgroup', '4:memory:/\n0::/\n')
  expect(limit()).toBeUndefined()
  write('sys/fs/cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n')
  write('sys/fs/cgroup/memory.max', 'max\n')
  expect(limit()).toBeUndefined()
  write('sys/fs/cgroup/memory.max', `${9 * GIB}\n`)
  expect(limit()).toBeUndefined()
  write('sys/fs/cgroup/memory.max', 'rubbish\n')
  expect(limit()).toBeUndefined()
})

test('there is memory here', () => {
  expect(availableBytes()).toBeGreaterThan(2 ** 20)
  expect(availableBytes()).toBeLessThanOrEqual(os.totalmem())
})
