// Starts a worker thread from a file of ours, under whatever runs this process: TypeScript under a Node that strips types
// itself, tsx, or vitest; JavaScript in the npm package. Knows nothing of what the workers do.

import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Whether this Node runs TypeScript as it is (22.18 and later). */
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript)

/** Where tsx is, if workers need it: looked for at the start, since finding it stops the thread for 20-90 ms. */
const loader =
  stripsTypes || !import.meta.url.endsWith('.ts') ? undefined : import.meta.resolve('tsx/esm/api')

/**
 * A worker running the file at `url`: `startWorker(new URL('./snapshot-worker.ts', import.meta.url), { workerData })`.
 * What goes wrong in it, a missing file included, is its 'error' event.
 */
export function startWorker(url: URL, options: WorkerOptions = {}): Worker {
  if (loader === undefined || !url.pathname.endsWith('.ts')) return new Worker(url, options)
  // Workers of Node 20 ignore `--import` and the loader of their parent, so the loader is registered inside.
  const program = `import(${JSON.stringify(loader)}).then(tsx => { tsx.register(); return import(${JSON.stringify(url.href)}) })`
  return new Worker(program, { ...options, eval: true, execArgv: options.execArgv ?? [] })
}
