// A table's entries in the order of their hashes, from any position on: what stateless cursors are made of. Knows
// directories and segments; how the table changes between calls does not matter to it.

import type { Arena, Ref } from './arena.ts'
import type { Directory } from './directory.ts'
import { homeAt, homeSlot, refAt } from './segment.ts'

const TWO_32 = 4294967296

/** What a scan asks of its table. */
export interface Scanned {
  hashOf(ref: Ref): number
}

/** See `Table.scan`. */
export function scanFrom(
  arena: Arena,
  directory: Directory,
  table: Scanned,
  cursor: number,
  count: number,
  visit: (ref: Ref) => void,
): number {
  let position = cursor >>> 0
  let visited = 0
  for (let slots = 0; visited < count && slots < count * 10; slots++) {
    const index = position >>> directory.shift
    const segment = directory.words[directory.at + index]!
    const shape = directory.halves[directory.halvesAt + index]!
    const depth = shape & 0xff
    const slotBits = shape >>> 8
    const mask = (1 << slotBits) - 1
    const home = homeSlot(position | 0, depth, slotBits)
    const step = 2 ** (32 - depth - slotBits)
    const start = Math.floor(position / step) * step
    for (let i = home; ; i = (i + 1) & mask) {
      const itsHome = homeAt(arena, segment, i)
      if (itsHome < 0) break
      if (itsHome !== home) continue
      const ref = refAt(arena, segment, i)
      // A merge since the last call can leave the cursor inside a slot's range.
      if (position > start && table.hashOf(ref) >>> 0 < position) continue
      visit(ref)
      visited++
    }
    position = start + step
    if (position >= TWO_32) return 0
  }
  return position
}
