// How full a table is, and how evenly its entries lie. What other hash tables call a chain are here the entries that have
// one home slot: a search may have to look at all of them. Knows directories and segments only.

import type { Arena } from './arena.ts'
import type { Directory } from './directory.ts'
import { homeAt, MAX_SLOT_BITS, slotBitsOf } from './segment.ts'

export interface TableStatistics {
  slots: number
  count: number
  /** Home slots that have so many entries, by that number; the last is not 0. */
  readonly chains: number[]
}

/** Slots of all segments. */
export function slotsOf(arena: Arena, directory: Directory): number {
  let slots = 0
  directory.eachSegment((segment) => {
    slots += 1 << slotBitsOf(arena, segment)
  })
  return slots
}

export function tableStatistics(arena: Arena, directory: Directory): TableStatistics {
  const statistics: TableStatistics = { slots: 0, count: 0, chains: [] }
  const lengths = new Uint16Array(1 << MAX_SLOT_BITS)
  directory.eachSegment((segment) => {
    const slots = 1 << slotBitsOf(arena, segment)
    lengths.fill(0, 0, slots)
    for (let slot = 0; slot < slots; slot++) {
      const home = homeAt(arena, segment, slot)
      if (home < 0) continue
      lengths[home]!++
      statistics.count++
    }
    statistics.slots += slots
    for (let slot = 0; slot < slots; slot++) addChain(statistics.chains, lengths[slot]!)
  })
  return statistics
}

function addChain(chains: number[], length: number): void {
  while (chains.length <= length) chains.push(0)
  chains[length]!++
}
