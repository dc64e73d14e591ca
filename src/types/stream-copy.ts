// Copies of streams, in other memory or the same: everything that the record refers to is made anew. Groups and
// consumers keep their serial numbers.

import { NO_REF } from '../memory/arena.ts'
import type { Cell } from '../memory/cell.ts'
import type { Entries } from '../memory/entries.ts'
import { IdTree } from '../memory/id-tree.ts'
import { IdTreeView } from '../memory/id-tree-view.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import { copyBytes, Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import { readWord } from '../memory/table-root.ts'
import { savedTable } from '../memory/table-view.ts'
import { WideId } from '../memory/wide-id.ts'
import { CONSUMER, GROUP, NODE_WORDS, PENDING_WORDS, SERIAL_WORDS, STREAM } from './stream-layout.ts'
import { copyNode } from './stream-place.ts'
import { saveTree } from './stream-record.ts'

/** `to` has the bytes of `from`: replaces what they refer to by copies. */
export function copyStream(from: Cell, to: Cell, seed: HashSeed): void {
  const copier = new Copier(from.entries, to.entries, seed)
  copier.copyNodes(to)
  copier.copyGroups(to)
}

class Copier {
  readonly #from: Entries
  readonly #to: Entries
  readonly #seed: HashSeed
  readonly #id = new WideId()

  constructor(from: Entries, to: Entries, seed: HashSeed) {
    this.#from = from
    this.#to = to
    this.#seed = seed
  }

  copyNodes(stream: Slice): void {
    const tree = this.#copyTree(stream, STREAM.nodes, NODE_WORDS)
    for (let more = tree.first(); more; more = tree.next()) {
      const at = tree.payloadAt
      tree.words[at] = copyNode(this.#from, tree.words[at]!, tree.words[at + 1]!, this.#to)
    }
  }

  copyGroups(stream: Slice): void {
    if (readWord(stream.bytes, stream.start + STREAM.groups) === NO_REF) return
    const table = this.#copyTable(stream, STREAM.groups, (group) => {
      this.#copyTree(group, GROUP.pending, PENDING_WORDS)
      this.#copyConsumers(group)
    })
    table.save(stream.bytes, stream.start + STREAM.groups)
  }

  #copyConsumers(group: Slice): void {
    const serials = new IdTree(SERIAL_WORDS).attach(this.#to.arena, NO_REF, 0)
    const table = this.#copyTable(group, GROUP.consumers, (consumer, ref) => {
      this.#copyTree(consumer, CONSUMER.owned, 0)
      serials.insert(this.#id.set(0, 0, 0, readWord(consumer.bytes, consumer.start + CONSUMER.serial)))
      serials.words[serials.payloadAt] = ref
    })
    table.save(group.bytes, group.start + GROUP.consumers)
    saveTree(serials, group.bytes, group.start + GROUP.serials)
  }

  /** A copy of the table whose root is in a record, with what `finish` does for each of its new values. */
  #copyTable(record: Slice, offset: number, finish: (value: Slice, ref: number) => void): Table {
    const table = Table.unattached(this.#seed).create(this.#to)
    const key = new Key(this.#seed)
    const name = new Slice()
    const old = new Slice()
    savedTable(this.#from, record.bytes, record.start + offset).each((entry) => {
      this.#from.key(entry, name)
      this.#from.value(entry, old)
      const ref = table.add(key.point(name.bytes, name.start, name.length), 0, 0, 0, old.length)
      const value = this.#to.value(ref, new Slice())
      copyBytes(old.bytes, old.start, value.bytes, value.start, old.length)
      finish(value, ref)
    })
    return table
  }

  /** Puts a copy in the place of the tree whose root is in a record. */
  #copyTree(record: Slice, offset: number, payloadWords: number): IdTree {
    const at = record.start + offset
    const view = new IdTreeView(payloadWords)
    view.view(this.#from.words, readWord(record.bytes, at), readWord(record.bytes, at + 4))
    const tree = new IdTree(payloadWords).attach(this.#to.arena, NO_REF, 0)
    tree.appendAll(view, this.#id)
    saveTree(tree, record.bytes, at)
    return tree
  }
}
