// The writing that goes on in the background: at most one job at a time, as Redis has at most one child. Takes the snapshot
// that a job writes, follows its progress, and gives the snapshot's memory back. What the file is for is the caller's business.

import type { Clock } from '../base/clock.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import { BackgroundWrite, type WriteRequest } from '../persistence/background-write.ts'
import { Snapshot } from '../persistence/snapshot.ts'

/** What is being written: RDB file, append-only file, or a copy for replicas. */
export type JobKind = 'save' | 'rewrite' | 'replica'

/** Of those that are to start as soon as nothing else runs, the first one in this order does. */
const ORDER: readonly JobKind[] = ['replica', 'rewrite', 'save']

export interface JobResult {
  readonly bytes: number
  /** Most bytes that were kept because the snapshot showed them. */
  readonly keptBytes: number
}

interface Job {
  readonly kind: JobKind
  readonly snapshot: Snapshot
  readonly writing: BackgroundWrite
}

export class BackgroundJobs {
  readonly #keyspace: Keyspace
  readonly #status: PersistenceStatus
  readonly #clock: Clock
  readonly #scheduled = new Map<JobKind, () => void>()
  #job: Job | undefined = undefined
  /** Settled when the last job has ended and whoever wanted it has been told. */
  #ending: Promise<unknown> = Promise.resolve()

  constructor(keyspace: Keyspace, status: PersistenceStatus, clock: Clock) {
    this.#keyspace = keyspace
    this.#status = status
    this.#clock = clock
  }

  /** What is running. */
  get running(): JobKind | undefined {
    return this.#job?.kind
  }

  get isBusy(): boolean {
    return this.#job !== undefined
  }

  /**
   * Begins to write the dataset as it is at this moment. Nothing else may be running. Rejects if it fails or is killed;
   * in any case not before nobody reads the snapshot any more, and then the next job may begin.
   */
  write(kind: JobKind, request: Omit<WriteRequest, 'image'>): Promise<JobResult> {
    if (this.#job !== undefined) throw new Error(`${this.#job.kind} is running`)
    const began = this.#clock.monotonic()
    const snapshot = Snapshot.take(this.#keyspace)
    this.#status.lastSnapshotMicroseconds = Math.round((this.#clock.monotonic() - began) * 1000)
    this.#status.snapshots++
    const writing = new BackgroundWrite(setImmediate)
    this.#job = { kind, snapshot, writing }
    this.#reset(snapshot.image.keys)
    const result = this.#run(this.#job, request)
    this.#ending = result.catch(() => {})
    return result
  }

  async #run({ snapshot, writing }: Job, request: Omit<WriteRequest, 'image'>): Promise<JobResult> {
    try {
      const { bytes } = await writing.start({ ...request, image: snapshot.image })
      this.follow()
      return { bytes, keptBytes: this.#status.keptBytesPeak }
    } finally {
      this.#job = undefined
      snapshot.release()
      this.#reset(0)
    }
  }

  /** Calls off what is running, if it is of this kind. It has ended when its promise says so. */
  kill(kind: JobKind): boolean {
    if (this.#job?.kind !== kind) return false
    this.#job.writing.kill()
    return true
  }

  /** Calls off whatever is running or waiting; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.#scheduled.clear()
    this.#job?.writing.kill()
    await this.#ending
  }

  /** Lets `start` be called, from `startScheduled`, when nothing is running. A kind is scheduled once. */
  schedule(kind: JobKind, start: () => void): void {
    this.#scheduled.set(kind, start)
  }

  isScheduled(kind: JobKind): boolean {
    return this.#scheduled.has(kind)
  }

  /** False if it was not scheduled. */
  unschedule(kind: JobKind): boolean {
    return this.#scheduled.delete(kind)
  }

  /** Starts what has been waiting for its turn: to be called from time to time. */
  startScheduled(): void {
    for (const kind of ORDER) {
      if (this.isBusy) return
      const start = this.#scheduled.get(kind)
      if (start === undefined) continue
      this.#scheduled.delete(kind)
      start()
    }
  }

  /** Notes how far the running job is: to be called from time to time. */
  follow(): void {
    if (this.#job === undefined) return
    const { snapshot, writing } = this.#job
    const status = this.#status
    status.keysProcessed = writing.keys
    status.keptBytes = snapshot.keptBytes
    status.keptBytesPeak = Math.max(status.keptBytesPeak, status.keptBytes)
    status.keptBytesAt = this.#clock.now()
  }

  #reset(keys: number): void {
    const status = this.#status
    status.keysTotal = keys
    status.keysProcessed = 0
    status.keptBytes = 0
    status.keptBytesPeak = 0
    status.keptBytesAt = -1
  }
}
