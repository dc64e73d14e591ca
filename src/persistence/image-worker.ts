// The worker that writes a snapshot to a file, in the form that it is told, and forces it to the disk.

import fs from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { WriteOrder } from './background-write.ts'
import { writeCommands } from './command-writer.ts'
import { writeImage } from './image-file.ts'
import { addPart, type LargePart } from './image-parts.ts'

const { image, parts, port, path, format, settings, progress } = workerData as WriteOrder
const counter = new Int32Array(progress)
let missing = parts

function write(): void {
  port.close()
  const fd = fs.openSync(path, 'w')
  try {
    const writeAll = format === 'rdb' ? writeImage : writeCommands
    const bytes = writeAll(image, fd, settings, (keys) => Atomics.store(counter, 0, keys))
    parentPort!.postMessage({ bytes })
  } finally {
    fs.closeSync(fd)
  }
}

port.on('message', (part: LargePart) => {
  addPart(image, part)
  if (--missing === 0) write()
})
if (missing === 0) write()
