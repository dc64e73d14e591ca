// Walks a whole ordered index and throws at the first thing that is not as it must be.

import type { Ref } from '../../src/memory/arena.ts'
import type { Entries } from '../../src/memory/entries.ts'
import type { OrderedIndex } from '../../src/memory/ordered-index.ts'
import {
  capacityOf,
  childAt,
  countOf,
  INNER_SLOTS,
  itemAt,
  LEAF_SLOTS,
  nodeBytes,
  totalAt,
} from '../../src/memory/ordered-node.ts'
import { blockBytes } from '../../src/memory/size-classes.ts'

export interface TreeShape {
  readonly nodes: number
  readonly bytes: number
  /** Share of the leaves' slots that are used. */
  readonly fill: number
}

function demand(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`ordered index: ${what}`)
}

export function checkOrderedIndex(entries: Entries, tree: OrderedIndex): TreeShape {
  const { arena } = entries
  const shape = { nodes: 0, bytes: 0, leaves: 0, items: 0 }
  const visit = (node: Ref, level: number): number => {
    const isLeaf = level === tree.height - 1
    const isRoot = level === 0
    const count = countOf(arena, node)
    const capacity = capacityOf(arena, node)
    const full = isLeaf ? LEAF_SLOTS : INNER_SLOTS
    demand(count > 0, 'no node is empty')
    demand(count <= capacity && capacity <= full, 'a node has no more slots than it has room for')
    demand(isRoot || capacity === full, 'only a root is small')
    demand(!isRoot || isLeaf || count > 1, 'a root has children')
    demand(isLeaf || isRoot || count >= INNER_SLOTS * 0.4, 'inner nodes are not nearly empty')
    shape.nodes++
    shape.bytes += blockBytes(nodeBytes(capacity, isLeaf))
    if (isLeaf) {
      shape.leaves++
      shape.items += count
      return count
    }
    let total = 0
    for (let slot = 0; slot < count; slot++) {
      const child = childAt(arena, node, slot)
      const below = visit(child, level + 1)
      demand(below === totalAt(arena, node, slot), 'totals count the items below')
      const [first, noted] = [itemAt(arena, child, 0), itemAt(arena, node, slot)]
      demand(Object.is(first.score, noted.score) && first.member === noted.member, 'the first item is noted')
      total += below
    }
    return total
  }
  const items = tree.height === 0 ? 0 : visit(tree.root, 0)
  demand(items === tree.count, 'count is the number of items')
  return { nodes: shape.nodes, bytes: shape.bytes, fill: shape.items / (shape.leaves * LEAF_SLOTS) }
}
