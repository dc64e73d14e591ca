// Walks the entries of a stream between two ids, in either direction, passing over deleted ones. Reads only: a stream as
// it is, or as it was at a freeze.

import type { EntryReader } from '../memory/entry-reader.ts'
import type { IdTreeView } from '../memory/id-tree-view.ts'
import { Slice } from '../memory/slice.ts'
import { StreamId } from './stream-id.ts'
import { StreamNode } from './stream-node.ts'
import { nodeAt } from './stream-place.ts'

export class StreamCursor {
  /** The node of the current entry: its pairs are read from here. */
  readonly node = new StreamNode()
  readonly #first = new StreamId()
  readonly #last = new StreamId()
  readonly #slice = new Slice()
  #reader: EntryReader | undefined = undefined
  #nodes: IdTreeView | undefined = undefined
  #isBackwards = false
  /** Whether an entry has been visited; before, where to start is told by the tree alone. */
  #isInNode = false
  /** Whether any entry may be between the two ids. */
  #hasNode = false

  /** The id of the current entry. */
  get id(): StreamId {
    return this.node.entryId
  }

  /** Begins before the first entry from `first` on; it will go to `last`. The tree is walked by nobody else meanwhile. */
  forwards(reader: EntryReader, nodes: IdTreeView, first: StreamId, last: StreamId): this {
    this.#begin(reader, nodes, first, last)
    this.#isBackwards = false
    this.#hasNode = nodes.seekBack(first) || nodes.first()
    return this
  }

  /** Begins behind the last entry up to `last`; it will go back to `first`. */
  backwards(reader: EntryReader, nodes: IdTreeView, first: StreamId, last: StreamId): this {
    this.#begin(reader, nodes, first, last)
    this.#isBackwards = true
    this.#hasNode = nodes.seekBack(last)
    return this
  }

  #begin(reader: EntryReader, nodes: IdTreeView, first: StreamId, last: StreamId): void {
    this.#reader = reader
    this.#nodes = nodes
    this.#first.copyFrom(first)
    this.#last.copyFrom(last)
    this.#isInNode = false
  }

  /** Goes to the next entry, if there is one in the range. */
  next(): boolean {
    while (this.#hasNode) {
      if (!this.#step()) {
        this.#leaveNode()
        continue
      }
      const { entryId, isDeleted } = this.node
      if (this.#isBackwards) {
        if (entryId.compare(this.#first) < 0) return this.#end()
        if (!isDeleted && entryId.compare(this.#last) <= 0) return true
      } else {
        if (entryId.compare(this.#last) > 0) return this.#end()
        if (!isDeleted && entryId.compare(this.#first) >= 0) return true
      }
    }
    return false
  }

  #step(): boolean {
    const { node } = this
    if (this.#isInNode) return this.#isBackwards ? node.previousEntry() : node.nextEntry()
    this.#isInNode = true
    const nodes = this.#nodes!
    const at = nodes.payloadAt
    const { bytes, start } = nodeAt(this.#reader!, nodes.words[at]!, nodes.words[at + 1]!, this.#slice)
    nodes.readId(node.id)
    node.open(bytes, start)
    return this.#isBackwards ? node.lastEntry() : node.skipTo(this.#first)
  }

  #leaveNode(): void {
    const nodes = this.#nodes!
    this.#isInNode = false
    this.#hasNode = this.#isBackwards ? nodes.previous() : nodes.next()
  }

  #end(): false {
    this.#hasNode = false
    return false
  }
}
