// A snapshot's image on its way to a worker, in parts: posting n shared buffers in one message takes time that grows with
// the square of n (10 s for 100,000 large values), and nobody else is served meanwhile. Knows no worker.

import type { DatabaseImage, SnapshotImage } from './snapshot.ts'

/** Large values of a database, by the place of the database in the image; the next ones in the order of their handles. */
export interface LargePart {
  readonly place: number
  readonly buffers: readonly Uint8Array[]
}

/** Takes about a millisecond to post. */
const BUFFERS_AT_ONCE = 256

/** The image without its large values. */
export function withoutLarge(image: SnapshotImage): SnapshotImage {
  return { ...image, databases: image.databases.map((database) => withLarge(database, [])) }
}

function withLarge({ index, table }: DatabaseImage, buffers: Uint8Array[]): DatabaseImage {
  const { memory } = table
  const large = { buffers, lengths: memory.large.lengths }
  return { index, table: { ...table, memory: { ...memory, large } } }
}

export function countParts(image: SnapshotImage): number {
  let parts = 0
  for (const { table } of image.databases) {
    parts += Math.ceil(table.memory.large.buffers.length / BUFFERS_AT_ONCE)
  }
  return parts
}

export function* largeParts(image: SnapshotImage): Generator<LargePart> {
  for (const [place, { table }] of image.databases.entries()) {
    const { buffers } = table.memory.large
    for (let first = 0; first < buffers.length; first += BUFFERS_AT_ONCE) {
      yield { place, buffers: buffers.slice(first, first + BUFFERS_AT_ONCE) }
    }
  }
}

export function addPart(image: SnapshotImage, { place, buffers }: LargePart): void {
  image.databases[place]!.table.memory.large.buffers.push(...buffers)
}
