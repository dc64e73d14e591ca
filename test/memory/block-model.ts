// An arena's blocks and what ought to be in them: each is filled with a pattern of its own, so that any overlap shows.

import type { Random } from '../../src/base/random.ts'
import { Arena, PAGE_SHIFT, type Ref, UNIT_MASK } from '../../src/memory/arena.ts'
import { blockBytes, MAX_BLOCK_BYTES } from '../../src/memory/size-classes.ts'

export interface Block {
  readonly ref: Ref
  readonly bytes: number
  readonly pattern: number
}

export class BlockModel {
  readonly arena = new Arena()
  readonly live: Block[] = []
  readonly #random: Random
  #pattern = 0

  constructor(random: Random) {
    this.#random = random
  }

  get liveBytes(): number {
    return this.live.reduce((sum, { bytes }) => sum + blockBytes(bytes), 0)
  }

  /** Small sizes mostly, every size sometimes. */
  size(): number {
    const kind = this.#random.below(100)
    if (kind < 70) return 1 + this.#random.below(128)
    if (kind < 97) return 1 + this.#random.below(2048)
    return 1 + this.#random.below(MAX_BLOCK_BYTES)
  }

  alloc(bytes = this.size()): Block {
    const ref = this.arena.alloc(bytes)
    if (ref === 0) throw new Error('the arena handed out address 0')
    this.#pattern = (this.#pattern + 0x9e3779b1) | 0
    const block = { ref, bytes, pattern: this.#pattern }
    const first = (ref & UNIT_MASK) << 1
    this.arena.words[ref >>> PAGE_SHIFT]!.fill(block.pattern, first, first + (blockBytes(bytes) >>> 2))
    this.live.push(block)
    return block
  }

  /** Frees a block of the list, after checking it; returns it. */
  free(index = this.#random.below(this.live.length)): Block {
    const block = this.live[index]!
    this.check(block)
    this.live[index] = this.live[this.live.length - 1]!
    this.live.pop()
    this.arena.free(block.ref, block.bytes)
    return block
  }

  check({ ref, bytes, pattern }: Block): void {
    const words = this.arena.words[ref >>> PAGE_SHIFT]!
    const first = (ref & UNIT_MASK) << 1
    for (let w = first; w < first + (blockBytes(bytes) >>> 2); w++) {
      if (words[w] !== pattern) throw new Error(`the block at ${ref} (${bytes} bytes) was overwritten`)
    }
  }

  checkAll(): void {
    for (const block of this.live) this.check(block)
  }

  /** So many steps, allocating `growth` of ten times. */
  churn(steps: number, growth: number): void {
    for (let n = 0; n < steps; n++) {
      if (this.live.length === 0 || this.#random.below(10) < growth) this.alloc()
      else this.free()
    }
  }
}
