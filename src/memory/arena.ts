// Off-heap memory in blocks: pages of 16 MiB, cut into runs of 256 KiB, each run into blocks of one size class.
// Knows nothing of what is in the blocks. Read size-classes.ts first, then this.
//
//   page (SharedArrayBuffer) ┌─ run: 40-byte blocks ─┬─ run: free ─┬─ run: 6 KiB blocks ─┬ … 64 runs
//   ref (32 bits)            = page:11 | run:6 | unit in the run:15, in units of 8 bytes
//
// A run that has lost its last block can serve any class again, and a page that has lost its last run goes back to the
// system: so long-lived servers don't drown in free blocks of sizes nobody asks for any more.
//
// Freezing. While the arena is frozen a reader elsewhere (a worker) may be looking at every block that was allocated at
// the freeze. New blocks then come from fresh runs only, so that one look at a block's run tells whether the reader
// can see it (`isShared`); a shared block that is freed waits in the quarantine.

import { BlockQueue } from './block-queue.ts'
import { createShared, noteDropped } from './shared-buffers.ts'
import { CLASS_COUNT, CLASS_OF_UNITS, CLASS_UNITS, UNIT_BITS, UNIT_BYTES } from './size-classes.ts'

/** Address of a block, as a signed 32-bit number of 8-byte units. 0 is no block. */
export type Ref = number

export const NO_REF = 0

export const PAGE_BITS = 24
/** `ref >>> PAGE_SHIFT` is the page, `ref & UNIT_MASK` the unit in it. */
export const PAGE_SHIFT = PAGE_BITS - UNIT_BITS
export const UNIT_MASK = (1 << PAGE_SHIFT) - 1

const RUN_BITS = 18
const RUN_SHIFT = RUN_BITS - UNIT_BITS
const RUN_UNITS = 1 << RUN_SHIFT
const RUNS_PER_PAGE = 1 << (PAGE_BITS - RUN_BITS)
const MAX_PAGES = 1 << (32 - PAGE_SHIFT)
const NO_RUN = -1
const NO_MEMORY = createShared(0)
const ABSENT_BYTES = new Uint8Array(NO_MEMORY)
const ABSENT_WORDS = new Int32Array(NO_MEMORY)
const ABSENT_HALVES = new Uint16Array(NO_MEMORY)
const ABSENT_DOUBLES = new Float64Array(NO_MEMORY)

const RUN_CAPACITY = Int32Array.from(CLASS_UNITS, (units) =>
  units === 0 ? 0 : Math.floor(RUN_UNITS / units),
)

export class Arena {
  /** The pages, seen as bytes, as 32-bit words, as 16-bit halves and as doubles (one to a unit). Indexed by page. */
  readonly bytes: Uint8Array[] = []
  readonly words: Int32Array[] = []
  readonly halves: Uint16Array[] = []
  readonly doubles: Float64Array[] = []

  /** Whether a reader may be looking at the blocks that `isShared`. */
  frozen = false

  // Per run. `class` 0: the run is free. `free`: the head of the list threaded through its freed blocks.
  // `bump`: the first block never handed out. `next` and `previous`: the list of runs of a class that have room.
  #runClass = new Uint8Array(0)
  #runUsed = new Uint16Array(0)
  #runFree = new Int32Array(0)
  #runBump = new Int32Array(0)
  #runNext = new Int32Array(0)
  #runPrevious = new Int32Array(0)
  #runEpoch = new Int32Array(0)

  /** Per class: the first run with room. */
  readonly #open = new Int32Array(CLASS_COUNT).fill(NO_RUN)
  /** Per class, while frozen: the runs that had room at the freeze. */
  readonly #parked = new Int32Array(CLASS_COUNT).fill(NO_RUN)

  /** Free runs of each page; a page without its memory has all of them. */
  readonly #freeRuns: number[] = []
  /** No page below this one has a free run. */
  #firstFree = 0

  #epoch = 0
  #used = 0
  readonly #quarantine = new BlockQueue()
  #quarantined = 0

  /** Bytes in blocks that are in use: exact. */
  get usedBytes(): number {
    return this.#used
  }

  /** Bytes in blocks that were freed and wait for the reader to finish, or for `drain`. Not part of usedBytes. */
  get quarantinedBytes(): number {
    return this.#quarantined
  }

  /** Bytes of all pages that have memory. The system backs only what has been touched. */
  get reservedBytes(): number {
    let pages = 0
    for (const page of this.bytes) if (page.length > 0) pages++
    return pages * (1 << PAGE_BITS)
  }

  /** Bytes of all runs that serve a class. */
  get openBytes(): number {
    let runs = 0
    for (const cls of this.#runClass) if (cls !== 0) runs++
    return runs * (1 << RUN_BITS)
  }

  /** Likewise, as far as their blocks were ever handed out: what is behind that the system has not backed yet. */
  get touchedBytes(): number {
    let units = 0
    for (let run = 0; run < this.#runClass.length; run++) {
      if (this.#runClass[run] !== 0) units += this.#runBump[run]! - (run << RUN_SHIFT)
    }
    return units * UNIT_BYTES
  }

  /** A block of at least so many bytes (1..MAX_BLOCK_BYTES), with whatever was in it before. */
  alloc(bytes: number): Ref {
    const cls = CLASS_OF_UNITS[(bytes + UNIT_BYTES - 1) >>> UNIT_BITS]!
    let run = this.#open[cls]!
    // Written so that it also catches the undefined of a size that has no class: `#openRun` refuses that.
    if (!(run >= 0)) run = this.#openRun(cls)
    let ref = this.#runFree[run]!
    if (ref !== NO_REF) {
      this.#runFree[run] = this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1]!
    } else {
      ref = this.#runBump[run]!
      this.#runBump[run] = ref + CLASS_UNITS[cls]!
    }
    const used = this.#runUsed[run]! + 1
    this.#runUsed[run] = used
    if (used === RUN_CAPACITY[cls]) this.#unlink(run, cls)
    this.#used += CLASS_UNITS[cls]! << UNIT_BITS
    return ref
  }

  /** Gives a block back; bytes as at `alloc`, or any number of the same class. */
  free(ref: Ref, bytes: number): void {
    const cls = CLASS_OF_UNITS[(bytes + UNIT_BYTES - 1) >>> UNIT_BITS]!
    const size = CLASS_UNITS[cls]! << UNIT_BITS
    this.#used -= size
    if (this.frozen && this.#runEpoch[ref >>> RUN_SHIFT] !== this.#epoch) {
      this.#quarantine.push(ref)
      this.#quarantined += size
      return
    }
    this.#release(ref, cls)
  }

  /** Whether a block of these two sizes is the same block: then a change of size can happen in place. */
  static sameClass(bytes: number, otherBytes: number): boolean {
    return (
      CLASS_OF_UNITS[(bytes + UNIT_BYTES - 1) >>> UNIT_BITS] ===
      CLASS_OF_UNITS[(otherBytes + UNIT_BYTES - 1) >>> UNIT_BITS]
    )
  }

  /** Whether a reader of the frozen state may see this block, so that it must not be changed in place. */
  isShared(ref: Ref): boolean {
    return this.frozen && this.#runEpoch[ref >>> RUN_SHIFT] !== this.#epoch
  }

  /** From now on no block that is in use will change or be reused, until `thaw`. Costs O(size classes). */
  freeze(): void {
    if (this.frozen) throw new Error('the arena is frozen already')
    this.frozen = true
    this.#epoch++
    this.#parked.set(this.#open)
    this.#open.fill(NO_RUN)
  }

  /** The reader has finished. The quarantine is emptied by `drain`, in slices. */
  thaw(): void {
    if (!this.frozen) throw new Error('the arena is not frozen')
    this.frozen = false
    for (let cls = 1; cls < CLASS_COUNT; cls++) {
      const parked = this.#parked[cls]!
      this.#parked[cls] = NO_RUN
      if (parked === NO_RUN) continue
      // An empty run is kept open only if it is the last of its class: now it may be one of two.
      const opened = this.#open[cls]!
      if (opened !== NO_RUN && this.#runUsed[opened] === 0) this.#closeRun(opened, cls)
      this.#append(parked, cls)
      if (this.#runUsed[parked] === 0 && this.#open[cls] !== parked) this.#closeRun(parked, cls)
    }
  }

  #append(run: number, cls: number): void {
    let last = this.#open[cls]!
    if (last === NO_RUN) {
      this.#open[cls] = run
      return
    }
    while (this.#runNext[last] !== NO_RUN) last = this.#runNext[last]!
    this.#runNext[last] = run
    this.#runPrevious[run] = last
  }

  /** Frees up to so many quarantined blocks (none while frozen); true when nothing is left to free. */
  drain(blocks: number): boolean {
    if (this.frozen) return true
    for (let n = 0; n < blocks; n++) {
      if (this.#quarantine.isEmpty()) break
      const ref = this.#quarantine.shift()
      const cls = this.#runClass[ref >>> RUN_SHIFT]!
      this.#quarantined -= CLASS_UNITS[cls]! << UNIT_BITS
      this.#release(ref, cls)
    }
    return this.#quarantine.isEmpty()
  }

  /** The memory of each page, for a reader elsewhere. */
  buffers(): SharedArrayBuffer[] {
    return this.bytes.map((bytes) => bytes.buffer as SharedArrayBuffer)
  }

  /** Gives up to so many bytes of pages back to the system; true when none is left. The arena is then of no more use. */
  discard(bytes: number): boolean {
    for (let left = bytes; left > 0 && this.bytes.length > 0; left -= 1 << PAGE_BITS) {
      this.#dropPage(this.bytes.length - 1)
      this.bytes.pop()
      this.words.pop()
      this.halves.pop()
      this.doubles.pop()
    }
    this.#used = 0
    return this.bytes.length === 0
  }

  #release(ref: Ref, cls: number): void {
    const run = ref >>> RUN_SHIFT
    this.words[ref >>> PAGE_SHIFT]![(ref & UNIT_MASK) << 1] = this.#runFree[run]!
    this.#runFree[run] = ref
    const used = this.#runUsed[run]! - 1
    this.#runUsed[run] = used
    if (used === RUN_CAPACITY[cls]! - 1) {
      this.#link(run, cls)
    } else if (used === 0 && !(this.#open[cls] === run && this.#runNext[run] === NO_RUN)) {
      // The last run of a class stays open, so that alternating alloc and free don't open and close it each time.
      this.#closeRun(run, cls)
    }
  }

  #link(run: number, cls: number): void {
    const head = this.#open[cls]!
    this.#runNext[run] = head
    this.#runPrevious[run] = NO_RUN
    if (head !== NO_RUN) this.#runPrevious[head] = run
    this.#open[cls] = run
  }

  #unlink(run: number, cls: number): void {
    const next = this.#runNext[run]!
    const previous = this.#runPrevious[run]!
    if (next !== NO_RUN) this.#runPrevious[next] = previous
    if (previous !== NO_RUN) this.#runNext[previous] = next
    else this.#open[cls] = next
    this.#runNext[run] = NO_RUN
    this.#runPrevious[run] = NO_RUN
  }

  #openRun(cls: number): number {
    if (!(cls > 0)) throw new RangeError('blocks have 1 to 65536 bytes')
    while (this.#firstFree < this.#freeRuns.length && this.#freeRuns[this.#firstFree] === 0) this.#firstFree++
    const page = this.#firstFree
    if (page === this.#freeRuns.length || this.bytes[page]!.length === 0) this.#backPage(page)
    let run = page * RUNS_PER_PAGE
    while (this.#runClass[run] !== 0 || run === 0) run++
    this.#freeRuns[page]!--
    this.#runClass[run] = cls
    this.#runUsed[run] = 0
    this.#runFree[run] = NO_REF
    this.#runBump[run] = run << RUN_SHIFT
    this.#runEpoch[run] = this.#epoch
    this.#link(run, cls)
    return run
  }

  #closeRun(run: number, cls: number): void {
    this.#unlink(run, cls)
    this.#runClass[run] = 0
    const page = Math.floor(run / RUNS_PER_PAGE)
    const free = ++this.#freeRuns[page]!
    if (page < this.#firstFree) this.#firstFree = page
    if (free === RUNS_PER_PAGE) this.#dropPage(page)
  }

  #dropPage(page: number): void {
    const { length } = this.bytes[page]!
    this.bytes[page] = ABSENT_BYTES
    this.words[page] = ABSENT_WORDS
    this.halves[page] = ABSENT_HALVES
    this.doubles[page] = ABSENT_DOUBLES
    noteDropped(length)
  }

  /** Gives a page its memory; a new page if there is none of this number. */
  #backPage(page: number): void {
    if (page >= MAX_PAGES) throw new Error('the arena is full: 32 GiB')
    const buffer = createShared(1 << PAGE_BITS)
    this.bytes[page] = new Uint8Array(buffer)
    this.words[page] = new Int32Array(buffer)
    this.halves[page] = new Uint16Array(buffer)
    this.doubles[page] = new Float64Array(buffer)
    if (page < this.#freeRuns.length) return
    // Run 0 is never used, so that no block has the address 0; page 0 therefore never goes back either.
    this.#freeRuns.push(page === 0 ? RUNS_PER_PAGE - 1 : RUNS_PER_PAGE)
    this.#growRuns(this.#freeRuns.length * RUNS_PER_PAGE)
  }

  #growRuns(runs: number): void {
    if (runs <= this.#runClass.length) return
    const size = Math.max(runs, this.#runClass.length * 2)
    const grown = (old: Int32Array) => {
      const array = new Int32Array(size)
      array.set(old)
      return array
    }
    const classes = new Uint8Array(size)
    classes.set(this.#runClass)
    this.#runClass = classes
    const used = new Uint16Array(size)
    used.set(this.#runUsed)
    this.#runUsed = used
    this.#runFree = grown(this.#runFree)
    this.#runBump = grown(this.#runBump)
    this.#runNext = grown(this.#runNext)
    this.#runPrevious = grown(this.#runPrevious)
    this.#runEpoch = grown(this.#runEpoch)
  }
}
