// A worker for worker.test.ts: says what it was given, through another TypeScript file.

import { parentPort, workerData } from 'node:worker_threads'
import { Random } from '../../src/base/random.ts'

interface Given {
  seed: number
}

const { seed }: Given = workerData
parentPort!.postMessage(new Random(seed).uint32())
