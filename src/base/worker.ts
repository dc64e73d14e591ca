// Starts a worker thread from a file of ours, under whatever runs this process: TypeScript under a Node that strips types
// itself, tsx, or vitest; JavaScript in the npm package. Knows nothing of what the workers do.

import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Whether this Node runs TypeScript as it is (22.18 and later). */
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript)

/**
 * A worker running the file at `url`: `startWorker(new URL('./snapshot-worker.ts', import.meta.url), { workerData })`.
 * What goes wrong in it, a missing file included, is its 'error' event. Throws if an older Node has no tsx at hand.
 */
export function startWorker(url: URL, options: WorkerOptions = {}): Worker {
  if (stripsTypes || !url.pathname.endsWith('.ts')) return new Worker(url, options)
  // Workers of Node 20 ignore `--import` and the loader of their parent, so the loader is registered inside.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const program = `import(${loader}).then(tsx => { tsx.register(); return import(${JSON.stringify(url.href)}) })`
  return new Worker(program, { ...options, eval: true, execArgv: options.execArgv ?? [] })
}
