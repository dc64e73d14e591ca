// Gives a tree of ids back to its arena, a slice at a time, with what its payloads refer to.

import { NO_REF, PAGE_SHIFT, type Ref, UNIT_MASK } from './arena.ts'
import type { Entries } from './entries.ts'
import { nodeBytes } from './id-tree.ts'
import { BRANCH_WORDS, countOf, freeOf, ID_WORDS, levelOf } from './id-tree-view.ts'
import type { Disposal } from './table-disposal.ts'

/** Frees what a payload refers to, which lies at `words[at]`; says how many blocks that were. */
export type PayloadDisposal = (entries: Entries, words: Int32Array, at: number) => number

export class IdTreeDisposal implements Disposal {
  readonly entries: Entries
  readonly #leafWords: number
  readonly #freePayload: PayloadDisposal | undefined
  /** Nodes still to be freed, those above others before them; and how far the last one, a leaf, has got. */
  readonly #nodes: Ref[] = []
  #slot = 0

  /** A tree that its owner has forgotten. */
  constructor(entries: Entries, root: Ref, payloadWords: number, freePayload?: PayloadDisposal) {
    this.entries = entries
    this.#leafWords = ID_WORDS + payloadWords
    this.#freePayload = freePayload
    if (root !== NO_REF) this.#nodes.push(root)
  }

  run(blocks: number): boolean {
    const { arena } = this.entries
    for (let left = blocks; this.#nodes.length > 0; ) {
      if (left <= 0) return false
      const ref = this.#nodes[this.#nodes.length - 1]!
      const words = arena.words[ref >>> PAGE_SHIFT]!
      const w = (ref & UNIT_MASK) << 1
      const head = words[w]!
      const base = w + 1 + freeOf(head) * (levelOf(head) === 0 ? this.#leafWords : BRANCH_WORDS)
      if (levelOf(head) > 0) {
        this.#nodes.pop()
        for (let i = 0; i < countOf(head); i++) this.#nodes.push(words[base + i * BRANCH_WORDS + ID_WORDS]!)
      } else {
        left -= this.#freePayloads(words, base, countOf(head), left)
        if (this.#slot < countOf(head) && this.#freePayload !== undefined) continue
        this.#nodes.pop()
        this.#slot = 0
      }
      arena.free(ref, nodeBytes(head, this.#leafWords))
      left--
    }
    return true
  }

  /** Goes on with a leaf until so many blocks are freed; says how many were. */
  #freePayloads(words: Int32Array, base: number, count: number, most: number): number {
    const free = this.#freePayload
    if (free === undefined) return 0
    let freed = 0
    for (; this.#slot < count && freed < most; this.#slot++) {
      freed += free(this.entries, words, base + this.#slot * this.#leafWords + ID_WORDS)
    }
    return freed
  }
}
