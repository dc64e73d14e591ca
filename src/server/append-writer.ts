// Writes what has been appended to the log to its file, before replies leave, and forces it to the disk as `appendfsync`
// asks. Replies wait where they have to, the event loop never: the disk is waited for in libuv's threads. Knows neither
// which file it is nor what is written.
//
//   always     written, forced to the disk, then the replies of all requests that are in it; those that come meanwhile are
//              run, and make the next group
//   everysec   written, then the replies; forced to the disk once a second. While that is going on a write may have to wait
//              for the disk: so it is done in a thread too, and replies wait for it
//   no         written, then the replies

import fs from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { sleep } from '../base/sleep.ts'
import { reasonOf } from '../base/system-error.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import type { PersistenceStatus } from '../monitoring/persistence-status.ts'
import { AppendLog } from '../persistence/append-log.ts'
import { APPEND_ERROR, type Gates } from './gates.ts'
import type { Log } from './log.ts'
import type { ReplyBarrier } from './reply-queue.ts'

export type SyncPolicy = 'always' | 'everysec' | 'no'

export interface AppendWriterParts {
  readonly clock: Clock
  readonly log: Log
  readonly gates: Gates
  readonly latency: LatencyMonitor
  readonly status: PersistenceStatus
  /** Whether the disk is not to be forced now: `no-appendfsync-on-rewrite`. */
  readonly sparesDisk: () => boolean
  /** What was acknowledged can't be kept: nothing more may be. */
  readonly onLost: () => void
}

const SYNC_INTERVAL_MS = 1000
/** Redis: a write waits no longer for the disk to be done with the last second's. */
const MOST_DELAY_MS = 2000
const RETRY_MS = 1000
const LOG_INTERVAL_MS = 30_000
const LONGEST_WAIT_MS = 5000
const NO_FILE = -1

export class AppendWriter implements ReplyBarrier {
  readonly buffer = new AppendLog()
  policy: SyncPolicy = 'everysec'
  /** DEBUG AOF-FLUSH-SLEEP: microseconds before each write. */
  sleepMicroseconds = 0
  /** Replies that have been waiting may leave. */
  onSettled: (() => void) | undefined = undefined
  /** More has reached the disk: `syncedTo` says how much. */
  onSynced: (() => void) | undefined = undefined
  /** Of all that was ever appended, so many bytes are on the disk. */
  syncedTo = 0
  readonly #parts: AppendWriterParts
  #fd = NO_FILE
  /** What is in the file, all of it whole. */
  #fileBytes = 0
  #writtenTo = 0
  /** Replies wait, for a write or for the disk. */
  #isBusy = false
  #awaitsSync = false
  /** Bytes on their way to the file in a thread. */
  #inFlight = 0
  /** Bytes of a write that was not finished. */
  #partial = 0
  /** Files that nothing is written to any more, and that have not been forced to the disk since. */
  #retired: number[] = []
  #isSyncing = false
  #syncBegan = 0
  #delayedAt = 0
  /** Between two times that the disk is forced under `everysec`; and whether something waits for the next. */
  #interval: NodeJS.Timeout | undefined = undefined
  #retry: NodeJS.Timeout | undefined = undefined
  #hasSyncFailed = false
  #loggedAt = Number.NEGATIVE_INFINITY
  #idle: (() => void)[] = []

  constructor(parts: AppendWriterParts) {
    this.#parts = parts
  }

  get isOpen(): boolean {
    return this.#fd !== NO_FILE
  }

  get isIdle(): boolean {
    return !this.#isBusy && !this.#hasToSettle
  }

  get #hasToSettle(): boolean {
    if (this.#fd === NO_FILE) return false
    return this.buffer.length > 0 || (this.policy === 'always' && this.hasUnsynced)
  }

  get hasUnsynced(): boolean {
    return this.syncedTo < this.#writtenTo
  }

  // ---- files

  /** From now on everything goes to this file, which is this writer's and holds so many bytes. Only while not busy. */
  open(fd: number, bytes: number): void {
    this.retire()
    this.#fd = fd
    this.#fileBytes = bytes
    this.buffer.beginFile()
  }

  /** Writes what is left, and lets go of the file; it is forced to the disk and closed in the background. */
  retire(): void {
    if (this.#fd === NO_FILE) return
    if (this.buffer.length > 0) this.#write()
    this.#retired.push(this.#fd)
    this.#fd = NO_FILE
    if (this.policy !== 'always') this.#sync()
  }

  /** What was appended is not wanted any more, and the file neither. */
  abandon(): void {
    this.buffer.clear()
    this.#writtenTo = this.buffer.appended
    if (this.#fd === NO_FILE) return
    this.#retired.push(this.#fd)
    this.#fd = NO_FILE
    this.#sync()
  }

  /** Failures are forgotten: there is nothing to write to. */
  reset(): void {
    this.#hasSyncFailed = false
    this.#parts.status.lastWriteSucceeded = true
    this.#setGate('')
    clearTimeout(this.#retry)
    this.#retry = undefined
  }

  /** Writes everything and forces it to the disk, while everybody waits. False: that failed, and the log says why. */
  finish(): boolean {
    if (this.#fd === NO_FILE) return true
    this.#waitForThread()
    const isWritten = this.buffer.length === 0 || this.#write()
    try {
      for (const fd of this.#retired) fs.fsyncSync(fd)
      fs.fsyncSync(this.#fd)
      this.#noteSynced(this.#writtenTo)
    } catch (error) {
      this.#parts.log.warning(`Fail to fsync the AOF file: ${reasonOf(error)}`)
      return false
    }
    return isWritten
  }

  /** For what is on its way to the file: its callback can't come while this thread waits. */
  #waitForThread(): void {
    for (let waited = 0; this.#inFlight > 0 && waited < LONGEST_WAIT_MS; waited++) {
      if (fs.fstatSync(this.#fd).size >= this.#fileBytes + this.#inFlight) return
      sleep(1)
    }
  }

  close(): void {
    clearTimeout(this.#interval)
    clearTimeout(this.#retry)
    this.#interval = undefined
    this.#retry = undefined
  }

  /** Calls back when no write is on its way: at once, as a rule. */
  whenIdle(act: () => void): void {
    if (this.#isBusy) this.#idle.push(act)
    else act()
  }

  // ---- before replies leave

  settle(): boolean {
    if (this.#isBusy) return true
    if (!this.#hasToSettle) return false
    if (this.policy === 'always') return this.#settleAlways()
    if (this.policy === 'everysec' && this.#isSyncing) {
      this.#writeLater()
      return true
    }
    if (this.#write()) this.#syncInTime()
    return false
  }

  #settleAlways(): boolean {
    if (this.buffer.length > 0 && !this.#write()) return true
    if (this.#parts.sparesDisk()) return false
    this.#isBusy = true
    this.#awaitsSync = true
    this.#sync()
    return true
  }

  #settled(): void {
    this.#isBusy = false
    this.#awaitsSync = false
    const waiting = this.#idle
    if (waiting.length > 0) {
      this.#idle = []
      for (const act of waiting) act()
    }
    this.onSettled?.()
  }

  // ---- writing

  /** False: it failed. */
  #write(): boolean {
    const { latency, clock, status } = this.#parts
    const { buffer } = this
    const { length } = buffer
    const began = latency.threshold > 0 ? clock.monotonic() : 0
    this.#sleep()
    try {
      this.#writeTo(this.#fd, buffer.single, length)
    } catch (error) {
      this.#failed(error)
      return false
    }
    if (latency.threshold > 0) latency.note('aof-write', clock.monotonic() - began, clock.now())
    buffer.clear()
    this.#written(length)
    status.bufferedBytes = 0
    return true
  }

  #writeTo(fd: number, single: Buffer | undefined, length: number): void {
    if (single !== undefined) this.#writePiece(fd, single, length)
    else for (const piece of this.buffer.pieces()) this.#writePiece(fd, piece, piece.length)
  }

  #writePiece(fd: number, piece: Buffer, length: number): void {
    for (let done = 0; done < length; ) {
      const written = fs.writeSync(fd, piece, done, length - done)
      done += written
      this.#partial += written
    }
  }

  #written(bytes: number): void {
    const { status, log } = this.#parts
    this.#partial = 0
    this.#fileBytes += bytes
    this.#writtenTo += bytes
    status.appendedBytes += bytes
    if (status.lastWriteSucceeded) return
    status.lastWriteSucceeded = true
    log.warning('AOF write error looks solved. The server can write again.')
    this.#setGate('')
  }

  /** While the disk is being forced: in a thread, as it may be made to wait. */
  #writeLater(): void {
    const { clock, log, status } = this.#parts
    const now = clock.monotonic()
    const since = Math.max(this.#syncBegan, this.#delayedAt)
    if (now - since >= MOST_DELAY_MS) {
      this.#delayedAt = now
      status.delayedSyncs++
      log.notice(
        'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to complete, this may slow down the server.',
      )
    }
    const pieces = this.buffer.take()
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
    this.#isBusy = true
    this.#inFlight = length
    this.#sleep()
    fs.writev(this.#fd, pieces, (error, written) => {
      this.#inFlight = 0
      if (error === null && written === length) this.#written(length)
      else {
        // Once more, to hear what is wrong.
        this.#partial = error === null ? written : 0
        if (this.#takeBack()) {
          this.buffer.putBack(pieces)
          this.#write()
        } else this.buffer.putBack([Buffer.concat(pieces).subarray(written)])
      }
      this.#settled()
      this.#syncInTime()
    })
  }

  #failed(error: unknown): void {
    const { log, status, onLost } = this.#parts
    const reason = reasonOf(error)
    this.#tell(reason)
    const partial = this.#partial
    if (!this.#takeBack()) this.buffer.drop(partial)
    if (this.policy === 'always') {
      log.warning("Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...")
      this.#isBusy = true
      onLost()
      return
    }
    status.lastWriteSucceeded = false
    status.bufferedBytes = this.buffer.length
    this.#setGate(reason)
    this.#retry ??= setTimeout(() => this.#writeAgain(), RETRY_MS)
  }

  #tell(reason: string): void {
    const { log, clock } = this.#parts
    const now = clock.now()
    if (now - this.#loggedAt <= LOG_INTERVAL_MS) return
    this.#loggedAt = now
    const partial = this.#partial
    log.warning(
      partial === 0
        ? `Error writing to the AOF file: ${reason}`
        : `Short write while writing to the AOF file: (nwritten=${partial}, expected=${this.buffer.length})`,
    )
  }

  /** Takes half a write back, so that the file stays whole. False: that failed too. */
  #takeBack(): boolean {
    const partial = this.#partial
    this.#partial = 0
    if (partial === 0) return true
    try {
      fs.ftruncateSync(this.#fd, this.#fileBytes)
      return true
    } catch (error) {
      this.#parts.log.warning(
        `Could not remove short write from the append-only file. The server may refuse to load it the next time it starts. ftruncate: ${reasonOf(error)}`,
      )
      this.#fileBytes += partial
      this.#writtenTo += partial
      return false
    }
  }

  #writeAgain(): void {
    this.#retry = undefined
    if (!this.settle()) this.onSettled?.()
  }

  #sleep(): void {
    if (this.sleepMicroseconds > 0) sleep(this.sleepMicroseconds / 1000)
  }

  // ---- forcing the disk

  /** Under `everysec`: now, or when a second has passed since the last time. */
  #syncInTime(): void {
    if (this.policy !== 'everysec' || this.#interval !== undefined) return
    this.#sync()
    this.#interval = setTimeout(this.#nextSecond, SYNC_INTERVAL_MS)
  }

  readonly #nextSecond = (): void => {
    this.#interval = undefined
    if (this.hasUnsynced && this.#fd !== NO_FILE) this.#syncInTime()
  }

  #sync(): void {
    const { status, clock, sparesDisk } = this.#parts
    if (this.#isSyncing || (sparesDisk() && !this.#awaitsSync)) return
    const retired = this.#retired
    this.#retired = []
    if (this.#fd === NO_FILE && retired.length === 0) return
    const to = this.#writtenTo
    this.#isSyncing = true
    this.#syncBegan = clock.monotonic()
    status.pendingSyncs = 1
    this.#syncNext(this.#fd === NO_FILE ? retired : [...retired, this.#fd], retired.length, 0, to)
  }

  /** Forces one file after the other, and closes those that are of no more use: the first `retired`. */
  #syncNext(files: readonly number[], retired: number, index: number, to: number): void {
    const fd = files[index]!
    fs.fdatasync(fd, (error) => {
      if (index < retired) fs.close(fd)
      if (error !== null) this.#syncEnded(error, to)
      else if (index + 1 < files.length) this.#syncNext(files, retired, index + 1, to)
      else this.#syncEnded(undefined, to)
    })
  }

  #syncEnded(error: NodeJS.ErrnoException | undefined, to: number): void {
    const { status, latency, clock } = this.#parts
    this.#isSyncing = false
    status.pendingSyncs = 0
    if (latency.threshold > 0 && this.#awaitsSync) {
      latency.note('aof-fsync-always', clock.monotonic() - this.#syncBegan, clock.now())
    }
    if (error === undefined) this.#noteSynced(to)
    else if (!this.#syncFailed(error)) return
    // Under `always`, a sync that had begun before this group was written says nothing about it.
    if (error === undefined && this.#awaitsSync && this.hasUnsynced) this.#sync()
    else if (this.#awaitsSync) this.#settled()
    // Something was retired meanwhile.
    if (this.#retired.length > 0) this.#sync()
  }

  #noteSynced(to: number): void {
    this.syncedTo = to
    if (this.#hasSyncFailed) {
      this.#hasSyncFailed = false
      this.#setGate('')
    }
    this.onSynced?.()
  }

  /** False: that is the end. */
  #syncFailed(error: NodeJS.ErrnoException): boolean {
    const { log, onLost } = this.#parts
    const reason = reasonOf(error)
    if (this.policy === 'always') {
      log.warning(
        `Can't persist AOF for fsync error when the AOF fsync policy is 'always': ${reason}. Exiting...`,
      )
      onLost()
      return false
    }
    if (!this.#hasSyncFailed) log.warning(`Fail to fsync the AOF file: ${reason}`)
    this.#hasSyncFailed = true
    this.#setGate(reason)
    return true
  }

  #setGate(reason: string): void {
    const { gates, status } = this.#parts
    if (status.lastWriteSucceeded && !this.#hasSyncFailed) gates.open(APPEND_ERROR)
    else gates.closeForAppendError(reason)
  }
}
