// Where keys are, as COMMAND told it before there were key specs: first, last and step. Clients written for Redis 6
// still read it; what it can't express is marked `movablekeys`.

import type { KeySpec } from './definition.ts'

export interface LegacyRange {
  readonly first: number
  /** Negative: from the end. */
  readonly last: number
  readonly step: number
}

const NONE: LegacyRange = { first: 0, last: 0, step: 0 }

/** Whether some keys lie where first, last and step don't tell. */
export function hasMovableKeys(keys: readonly KeySpec[]): boolean {
  return !keys.every((spec) => rangeOf(spec) !== undefined)
}

/** The range of the specs that are ranges from an index, if one follows on the other; else of the first of them. */
export function legacyRange(keys: readonly KeySpec[]): LegacyRange {
  const ranges = keys.map(rangeOf).filter((range) => range !== undefined)
  let whole = ranges[0]
  if (whole === undefined) return NONE
  for (const next of ranges.slice(1)) {
    if (whole.step !== 1 || next.step !== 1 || next.first !== whole.last + 1) break
    whole = { first: whole.first, last: next.last, step: 1 }
  }
  return whole
}

function rangeOf(spec: KeySpec): LegacyRange | undefined {
  const { begin, find } = spec
  if (typeof begin !== 'object' || !('index' in begin)) return undefined
  if (typeof find !== 'object' || !('last' in find)) return undefined
  return { first: begin.index, last: find.last < 0 ? find.last : begin.index + find.last, step: find.step }
}
