// The worker of frozen-table.test.ts: digests the frozen table that it was given, as often as it is asked.

import { parentPort, workerData } from 'node:worker_threads'
import { FrozenTable, type TableImage } from '../../src/memory/table-view.ts'
import { digestOf } from './digest.ts'

const image: TableImage = workerData
const table = new FrozenTable(image)

parentPort!.on('message', () => {
  parentPort!.postMessage(digestOf(table))
})
