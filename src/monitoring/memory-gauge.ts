// How much memory the server uses, and for what: the bytes of the dataset, which the store counts, and of connections with
// their buffers. What the JS heap takes is the program's and in no relation to data: it is resident memory, not used
// memory, as a program's text is in Redis.

import { memoryOf } from '../command/client-line.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ClientFigures, MessagingFigures } from './figures.ts'
import type { ProcessUsage } from './process-usage.ts'

export interface MemorySources {
  readonly keyspace: Keyspace
  readonly clients: ClientFigures
  readonly messaging: MessagingFigures
  readonly usage: ProcessUsage
}

/** Bytes unless said otherwise. */
export interface MemoryFigures {
  /** All that is used: dataset, connections, what they track. */
  readonly used: number
  readonly peak: number
  /** What it used when it was new: tables without entries. */
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

export class MemoryGauge {
  #peak = 0
  #startup = -1
  #resident = 0

  /** Looks at the process, and whether this is a peak; to be called by a timer. */
  sample(sources: MemorySources): void {
    this.#look(sources)
    this.#notePeak(usedBytes(sources))
  }

  measure(sources: MemorySources): MemoryFigures {
    const { keyspace } = sources
    if (this.#resident === 0) this.#look(sources)
    const { replicas, clients } = connections(sources)
    const used = usedBytes(sources) + replicas
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
      startup: Math.min(this.#startup, used),
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

  #look({ usage, keyspace }: MemorySources): void {
    if (this.#startup < 0) this.#startup = keyspace.usedBytes
    this.#resident = usage.residentBytes()
  }

  #notePeak(used: number): void {
    if (used > this.#peak) this.#peak = used
  }
}

/** What `maxmemory` is about: all but what waits for replicas. */
function usedBytes({ keyspace, clients, messaging }: MemorySources): number {
  return keyspace.usedBytes + clients.memoryBytes + messaging.trackedBytes
}

function connections({ clients: directory }: MemorySources): { replicas: number; clients: number } {
  let replicas = 0
  let clients = 0
  for (const session of directory.all()) {
    if (session.link === 'replica') replicas += memoryOf(session)
    else clients += memoryOf(session)
  }
  return { replicas, clients }
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
