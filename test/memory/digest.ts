// A number for the content of a store, whatever the order of its entries: to compare across threads.

import { createHash } from 'node:crypto'
import type { EntryReader } from '../../src/memory/entry-reader.ts'
import { Slice } from '../../src/memory/slice.ts'

export class Digest {
  #sum = 0n
  count = 0

  add(key: Uint8Array, type: number, encoding: number, deadline: number, value: Uint8Array): void {
    const hash = createHash('sha1').update(`${key.length} ${type} ${encoding} ${deadline} `)
    this.#sum += hash.update(key).update(value).digest().readBigUInt64LE()
    this.count++
  }

  toString(): string {
    return `${this.count}:${BigInt.asUintN(64, this.#sum).toString(16)}`
  }
}

/** The digest of all entries that a table, frozen or not, visits. */
export function digestOf(table: {
  readonly entries: EntryReader
  each(visit: (ref: number) => void): void
}): string {
  const { entries } = table
  const digest = new Digest()
  const key = new Slice()
  const value = new Slice()
  table.each((ref) => {
    entries.key(ref, key)
    entries.value(ref, value)
    digest.add(
      key.view(),
      entries.typeOf(ref),
      entries.encodingOf(ref),
      entries.deadlineOf(ref),
      value.view(),
    )
  })
  return digest.toString()
}
