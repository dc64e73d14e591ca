// Frees streams and groups bit by bit. Knows where their parts are, and nothing of what they mean.

import { NO_REF } from '../memory/arena.ts'
import type { Entries } from '../memory/entries.ts'
import { IdTreeDisposal } from '../memory/id-tree-disposal.ts'
import { Slice } from '../memory/slice.ts'
import { type Disposal, TableDisposal } from '../memory/table-disposal.ts'
import { readWord } from '../memory/table-root.ts'
import { savedTable } from '../memory/table-view.ts'
import { CONSUMER, GROUP, NODE_WORDS, PENDING_WORDS, SERIAL_WORDS, STREAM } from './stream-layout.ts'
import { freeNode } from './stream-place.ts'

/** So many blocks are freed before it is looked again what else there is. */
const STEP = 64

/** Frees several things, one after the other. */
class Parts implements Disposal {
  readonly entries: Entries
  readonly #parts: Disposal[] = []

  constructor(entries: Entries) {
    this.entries = entries
  }

  /** What is added last goes first; while one part is freed, it may add others. */
  add(part: Disposal): void {
    this.#parts.push(part)
  }

  run(blocks: number): boolean {
    for (let left = blocks; left > 0 && this.#parts.length > 0; left -= STEP) {
      const part = this.#parts[this.#parts.length - 1]!
      if (part.run(Math.min(left, STEP))) this.#parts.splice(this.#parts.indexOf(part), 1)
    }
    return this.#parts.length === 0
  }
}

/** A stream at a place, with all its groups; its owner has forgotten it. */
export function disposeStream(entries: Entries, bytes: Uint8Array, start: number): Disposal {
  const parts = new Parts(entries)
  if (readWord(bytes, start + STREAM.groups) !== NO_REF) {
    parts.add(new TableDisposal(entries, bytes, start + STREAM.groups))
    const slice = new Slice()
    savedTable(entries, bytes, start + STREAM.groups).each((ref) => {
      const group = entries.value(ref, slice)
      addGroup(parts, group.bytes, group.start)
    })
  }
  const nodes = readWord(bytes, start + STREAM.nodes)
  parts.add(
    new IdTreeDisposal(entries, nodes, NODE_WORDS, (_entries, words, at) => {
      freeNode(entries, words[at]!, words[at + 1]!)
      return 1
    }),
  )
  return parts
}

/** A group at a place, likewise. */
export function disposeGroup(entries: Entries, bytes: Uint8Array, start: number): Disposal {
  const parts = new Parts(entries)
  addGroup(parts, bytes, start)
  return parts
}

function addGroup(parts: Parts, bytes: Uint8Array, start: number): void {
  const { entries } = parts
  const slice = new Slice()
  parts.add(new TableDisposal(entries, bytes, start + GROUP.consumers))
  parts.add(new IdTreeDisposal(entries, readWord(bytes, start + GROUP.pending), PENDING_WORDS))
  const serials = readWord(bytes, start + GROUP.serials)
  parts.add(
    new IdTreeDisposal(entries, serials, SERIAL_WORDS, (_entries, words, at) => {
      const consumer = entries.value(words[at]!, slice)
      const owned = readWord(consumer.bytes, consumer.start + CONSUMER.owned)
      if (owned !== NO_REF) parts.add(new IdTreeDisposal(entries, owned, 0))
      return 1
    }),
  )
}
