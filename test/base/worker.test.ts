import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { startWorker } from '../../src/base/worker.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./start-echo-worker.ts', import.meta.url))
const root = new URL('../..', import.meta.url)
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript)
const expected = new Random(42).uint32()

test('a worker written in TypeScript starts under vitest', async () => {
  const worker = startWorker(new URL('./echo-worker.ts', import.meta.url), { workerData: { seed: 42 } })
  const answer = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  expect(answer).toBe(expected)
})

test('a worker written in TypeScript starts under tsx, and under a Node that strips types', async () => {
  const loaders = stripsTypes ? [[], ['--import', 'tsx']] : [['--import', 'tsx']]
  for (const loader of loaders) {
    const { stdout } = await run(process.execPath, [...loader, program], { cwd: fileURLToPath(root) })
    expect(stdout.trim()).toBe(String(expected))
  }
})

test('an error in a worker reaches whoever started it', async () => {
  const worker = startWorker(new URL('./no-such-worker.ts', import.meta.url))
  const error = await new Promise<Error>((resolve) => worker.once('error', resolve))
  expect(error.message).toContain('no-such-worker.ts')
})
