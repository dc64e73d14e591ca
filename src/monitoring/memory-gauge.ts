// How much memory the server uses, and for what. The dataset's share is exact: the store counts its bytes. So is what
// connections hold in buffers. The rest is on the JS heap, which is sampled by a timer since asking takes microseconds:
// what it took at the start, a fixed sum for each connection, and what it has grown by beyond that, in steps.

import { CONNECTION_BYTES, memoryOf } from '../command/client-line.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ClientFigures } from './figures.ts'
import type { ProcessUsage } from './process-usage.ts'

export interface MemorySources {
  readonly keyspace: Keyspace
  readonly clients: ClientFigures
  readonly usage: ProcessUsage
}

/** Bytes unless said otherwise. */
export interface MemoryFigures {
  /** All that the server uses: dataset, heap, connections. */
  readonly used: number
  readonly peak: number
  /** What it uses without data and clients: the least that was seen of it, for the heap is never without garbage. */
  readonly startup: number
  /** Resident memory of the process. */
  readonly resident: number
  /** Connections with their buffers: of replicas, and of all others. */
  readonly replicas: number
  readonly clients: number
  /** Tables, without the entries in them. */
  readonly tables: number
  /** Entries, and all that is used besides. */
  readonly dataset: number
  readonly overhead: number
  readonly keys: number
  readonly store: StoreFigures
}

/** What the store has taken for its data. */
export interface StoreFigures {
  readonly used: number
  /** With what lies free between blocks that are in use, and is good for blocks of their sizes only. */
  readonly touched: number
}

/**
 * What the heap has grown by is counted in whole steps. Below one it is code that is compiled when first run and garbage
 * that has outlived two small collections: with a handful of clients coming and going they move it by 0.2-1.5 MB.
 */
const HEAP_STEP_BYTES = 4_194_304

export class MemoryGauge {
  #peak = 0
  #startup = Number.POSITIVE_INFINITY
  #heap = 0
  #resident = 0

  /** Looks at the process; to be called by a timer. */
  sample(sources: MemorySources): void {
    this.#look(sources.usage)
    this.#notePeak(this.#idleBytes(sources))
  }

  measure(sources: MemorySources): MemoryFigures {
    const { keyspace } = sources
    if (this.#resident === 0) this.#look(sources.usage)
    const { replicas, clients, buffers } = connections(sources)
    const used = this.#idleBytes(sources) + buffers
    this.#notePeak(used)
    let tables = 0
    let keys = 0
    for (const db of keyspace.databases) {
      tables += db.tableBytes
      keys += db.size
    }
    const dataset = keyspace.usedBytes - tables
    return {
      used,
      peak: this.#peak,
      startup: this.#startup,
      resident: this.#resident,
      replicas,
      clients,
      tables,
      dataset,
      overhead: used - dataset,
      keys,
      store: storeFigures(sources),
    }
  }

  #look(usage: ProcessUsage): void {
    this.#heap = usage.heapBytes()
    if (this.#heap < this.#startup) this.#startup = this.#heap
    this.#resident = usage.residentBytes()
  }

  /** All but the buffers of connections. */
  #idleBytes({ keyspace, clients }: MemorySources): number {
    const connected = clients.count * CONNECTION_BYTES
    const growth = Math.max(0, this.#heap - this.#startup - connected)
    return this.#startup + connected + growth - (growth % HEAP_STEP_BYTES) + keyspace.usedBytes
  }

  #notePeak(used: number): void {
    if (used > this.#peak) this.#peak = used
  }
}

/** What connections take; `buffers` is the part of it that is not on the JS heap, where the rest is counted. */
function connections(sources: MemorySources): { replicas: number; clients: number; buffers: number } {
  let replicas = 0
  let clients = 0
  let buffers = 0
  for (const session of sources.clients.all()) {
    buffers += memoryOf(session) - CONNECTION_BYTES
    if (session.link === 'replica') replicas += memoryOf(session)
    else clients += memoryOf(session)
  }
  return { replicas, clients, buffers }
}

function storeFigures({ keyspace }: MemorySources): StoreFigures {
  const figures = { used: 0, touched: 0 }
  for (const db of keyspace.databases) {
    const { arena, large } = db.table.entries
    figures.used += arena.usedBytes + large.usedBytes
    figures.touched += arena.touchedBytes + large.usedBytes
  }
  return figures
}
