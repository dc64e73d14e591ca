// All databases at one moment, for a reader in whatever thread. Taking one costs milliseconds at most and copies nothing:
// while it lasts, what it shows is replaced instead of changed. Knows no format and no file.

import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Entries } from '../memory/entries.ts'
import type { Table } from '../memory/table.ts'
import type { TableImage } from '../memory/table-view.ts'

export interface DatabaseImage {
  readonly index: number
  readonly table: TableImage
}

/** Plain data, which can be posted to a worker. */
export interface SnapshotImage {
  /** Those that are not empty. */
  readonly databases: readonly DatabaseImage[]
  /** Keys of all of them. */
  readonly keys: number
  /** Whether any hash has fields with deadlines, which only the newest version of the format can say. */
  readonly hasFieldDeadlines: boolean
  /** The moment, in milliseconds since the epoch. */
  readonly now: number
  /** How access clocks are to be read: as counters, which decay by one in so many minutes, or as times. */
  readonly isFrequency: boolean
  readonly decayMinutes: number
}

export class Snapshot {
  readonly image: SnapshotImage
  readonly #keyspace: Keyspace
  readonly #frozen: readonly Entries[]
  #isReleased = false

  private constructor(keyspace: Keyspace, image: SnapshotImage, frozen: readonly Entries[]) {
    this.#keyspace = keyspace
    this.image = image
    this.#frozen = frozen
  }

  /** Freezes all databases. `release` must follow. Throws if they are frozen already. */
  static take(keyspace: Keyspace): Snapshot {
    const tables = keyspace.databases.map((db) => db.table)
    if (tables.some((table) => table.entries.frozen)) throw new Error('there is a snapshot already')
    const frozen: Entries[] = []
    const image = imageOf(keyspace, (table) => {
      frozen.push(table.entries)
      return table.freeze()
    })
    return new Snapshot(keyspace, image, frozen)
  }

  /** Bytes that are in use no more and kept because the snapshot shows them. */
  get keptBytes(): number {
    let bytes = 0
    for (const entries of this.#frozen) bytes += entries.keptBytes
    return bytes
  }

  /** All readers of the image have finished, or their threads have ended. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    const inUse = new Set(this.#keyspace.databases.map((db) => db.table.entries))
    // What has been flushed meanwhile is on its way back to the system, and nobody writes there.
    for (const entries of this.#frozen) if (inUse.has(entries)) entries.thaw()
    this.#keyspace.onReclaimable?.()
  }
}

/** The databases as they are, for a reader that has finished before anything changes. */
export function imageOfNow(keyspace: Keyspace): SnapshotImage {
  return imageOf(keyspace, (table) => table.image())
}

function imageOf(keyspace: Keyspace, image: (table: Table) => TableImage): SnapshotImage {
  const used = keyspace.databases.filter((db) => db.size > 0)
  return {
    databases: used.map((db) => ({ index: db.index, table: image(db.table) })),
    keys: used.reduce((sum, db) => sum + db.size, 0),
    hasFieldDeadlines: used.some((db) => db.innerDeadlineCount > 0),
    now: keyspace.now,
    isFrequency: keyspace.access.isFrequency,
    decayMinutes: keyspace.access.decayMinutes,
  }
}
