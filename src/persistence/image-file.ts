// A whole RDB file of a snapshot, written to an open descriptor, in whatever thread: what is read is in shared pages.
// Knows no names of files, and not whether anybody else is writing to the databases.

import { Crc64 } from '../base/crc64.ts'
import { AccessClock } from '../keyspace/access.ts'
import type { Ref } from '../memory/arena.ts'
import { FrozenTable } from '../memory/table-view.ts'
import { type AccessRecord, FileWriter } from '../rdb/file-writer.ts'
import { VERSION_7_0, VERSION_7_4 } from '../rdb/format.ts'
import { RdbOutput } from '../rdb/output.ts'
import { FileSink } from './file-sink.ts'
import { KeyDelay } from './key-delay.ts'
import type { DatabaseImage, SnapshotImage } from './snapshot.ts'

/** Plain data, which can be posted to a worker. */
export interface ImageFileSettings {
  /** `rdbcompression`. */
  readonly compresses: boolean
  /** `rdbchecksum`. */
  readonly hasChecksum: boolean
  /** Whether the disk is made to keep up, so that the end has little left to wait for. */
  readonly syncsOnTheWay: boolean
  /** What the file says of itself: names and values. */
  readonly notes: readonly (readonly [name: string, value: string])[]
  /** Libraries of functions, each its code. */
  readonly functions: readonly Uint8Array[]
  readonly access: AccessRecord
  /** Seconds since the epoch that a file of commands begins with; undefined: none. */
  readonly notedSeconds?: number | undefined
  /** `rdb-key-save-delay`: microseconds for each key; -n: one microsecond for every n keys. */
  readonly keyDelay: number
}

/** Directory slots that are written between two looks at the progress: some thousands of keys. */
const SLOTS_AT_ONCE = 4
const CHECKSUM_BYTES = 8

/** Writes the file, and forces it to the disk; returns its bytes. `onProgress` hears how many keys are written. */
export function writeImage(
  image: SnapshotImage,
  fd: number,
  settings: ImageFileSettings,
  onProgress: (keys: number) => void,
): number {
  return new ImageFile(image, fd, settings, onProgress).write()
}

class ImageFile {
  readonly #image: SnapshotImage
  readonly #sink: FileSink
  readonly #settings: ImageFileSettings
  readonly #onProgress: (keys: number) => void
  readonly #output = new RdbOutput()
  readonly #writer: FileWriter
  readonly #checksum = new Crc64()
  readonly #access: AccessClock
  readonly #delay: KeyDelay
  #keys = 0

  constructor(
    image: SnapshotImage,
    fd: number,
    settings: ImageFileSettings,
    onProgress: (keys: number) => void,
  ) {
    this.#image = image
    this.#sink = new FileSink(fd, settings.syncsOnTheWay)
    this.#settings = settings
    this.#onProgress = onProgress
    this.#output.compresses = settings.compresses
    this.#output.onFull = (bytes) => this.#take(bytes)
    this.#writer = new FileWriter(this.#output, image.hasFieldDeadlines ? VERSION_7_4 : VERSION_7_0)
    this.#access = new AccessClock(() => 0)
    this.#access.isFrequency = image.isFrequency
    this.#access.decayMinutes = image.decayMinutes
    this.#access.tick(image.now)
    this.#delay = new KeyDelay(settings.keyDelay)
  }

  write(): number {
    const writer = this.#writer
    writer.header()
    for (const [name, value] of this.#settings.notes) writer.note(name, value)
    for (const code of this.#settings.functions) writer.functions(code)
    for (const database of this.#image.databases) this.#writeDatabase(database)
    writer.end()
    this.#output.flush()
    this.#writeChecksum()
    this.#sink.sync()
    this.#onProgress(this.#keys)
    return this.#sink.bytes
  }

  #writeDatabase({ index, table }: DatabaseImage): void {
    const frozen = new FrozenTable(table)
    this.#writer.database(index, frozen.count, frozen.deadlineCount)
    const write = this.#entryWriter(frozen)
    for (let slot = 0; slot < frozen.directorySlots; slot += SLOTS_AT_ONCE) {
      frozen.eachFrom(slot, SLOTS_AT_ONCE, write)
      this.#onProgress(this.#keys)
    }
  }

  #entryWriter({ entries }: FrozenTable): (ref: Ref) => void {
    const writer = this.#writer
    const access = this.#access
    const delay = this.#delay
    const { access: record } = this.#settings
    return (ref) => {
      writer.deadline(entries.deadlineOf(ref))
      if (record === 'idle') writer.idle(access.idleSeconds(entries.accessOf(ref)))
      else if (record === 'frequency') writer.frequency(access.frequency(entries.accessOf(ref)))
      writer.entry(entries, ref)
      this.#keys++
      if (delay.isSet) {
        delay.wait()
        this.#onProgress(this.#keys)
      }
    }
  }

  #writeChecksum(): void {
    const checksum = new Uint8Array(CHECKSUM_BYTES)
    if (this.#settings.hasChecksum) this.#checksum.writeTo(checksum, 0)
    this.#sink.write(checksum)
  }

  #take(bytes: Uint8Array): void {
    if (this.#settings.hasChecksum) this.#checksum.update(bytes)
    this.#sink.write(bytes)
  }
}
