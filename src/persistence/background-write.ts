// Writes a snapshot to a file in a worker thread, so that the server's own thread has nothing to do with it. The file's
// name is the caller's, who renames it when it is whole, and removes it if it never will be.

import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads'
import { startWorker } from '../base/worker.ts'
import type { ImageFileSettings } from './image-file.ts'
import { countParts, type LargePart, largeParts, withoutLarge } from './image-parts.ts'
import type { SnapshotImage } from './snapshot.ts'

/** A file of records, or of commands that make the same dataset. */
export type FileFormat = 'rdb' | 'commands'

export interface WriteRequest {
  readonly image: SnapshotImage
  readonly path: string
  readonly format: FileFormat
  readonly settings: ImageFileSettings
}

/** What the worker is given at first: the image lacks its large values, which follow in so many parts. */
export interface WriteOrder extends WriteRequest {
  readonly parts: number
  /** Where they come. Not the worker's own port: what loads its code may be reading from that before. */
  readonly port: MessagePort
  /** Where it counts the keys that it has written. */
  readonly progress: SharedArrayBuffer
}

export interface Written {
  readonly bytes: number
}

/** The writing was called off. */
export class WriteKilled extends Error {
  constructor() {
    super('the writing was called off')
  }
}

export class BackgroundWrite {
  readonly #progress = new SharedArrayBuffer(4)
  readonly #counter = new Int32Array(this.#progress)
  readonly #later: (work: () => void) => void
  #worker: Worker | undefined = undefined
  #isKilled = false

  /** `later` has something done when requests that wait have had their turn. */
  constructor(later: (work: () => void) => void) {
    this.#later = later
  }

  /** Keys that have been written. */
  get keys(): number {
    return Atomics.load(this.#counter, 0)
  }

  /**
   * Writes the whole file and forces it to the disk. Rejects if that fails or is killed; in any case not before the
   * worker has ended, so that nobody reads the image any more.
   */
  start(request: WriteRequest): Promise<Written> {
    const { image } = request
    const { port1, port2: port } = new MessageChannel()
    const order: WriteOrder = {
      ...request,
      image: withoutLarge(image),
      parts: countParts(image),
      port,
      progress: this.#progress,
    }
    return new Promise((resolve, reject) => {
      const url = new URL('./image-worker.ts', import.meta.url)
      const worker = startWorker(url, { workerData: order, transferList: [port] })
      let written: Written | undefined
      let failure: unknown
      this.#worker = worker
      this.#post(port1, largeParts(image))
      worker.once('message', (message: Written) => {
        written = message
      })
      worker.once('error', (error) => {
        failure = error
      })
      worker.once('exit', (code) => {
        this.#worker = undefined
        if (this.#isKilled) reject(new WriteKilled())
        else if (written !== undefined && failure === undefined) resolve(written)
        else reject(failure ?? new Error(`the writing thread ended with code ${code}`))
      })
    })
  }

  /** Posts one part, and the others when waiting requests have had their turn. */
  #post(port: MessagePort, parts: Iterator<LargePart>): void {
    const part = parts.next()
    if (part.done === true || this.#isKilled || this.#worker === undefined) {
      port.close()
      return
    }
    port.postMessage(part.value)
    this.#later(() => this.#post(port, parts))
  }

  /** Calls the writing off. It has ended when the promise of `start` says so. */
  kill(): void {
    this.#isKilled = true
    void this.#worker?.terminate()
  }
}
