// A program for worker.test.ts: starts the echo worker and prints its answer, under whatever runs this file.

import { startWorker } from '../../src/base/worker.ts'

const worker = startWorker(new URL('./echo-worker.ts', import.meta.url), { workerData: { seed: 42 } })
worker.once('message', (answer) => console.log(answer))
