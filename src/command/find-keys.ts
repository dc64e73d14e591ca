// Finds the keys of a request, by its command's key specs: for COMMAND GETKEYS, access rules and cluster slots.
// The specs are flattened once per command; a search then allocates nothing. Knows nothing of what keys hold.

import { parseSafeInteger } from '../base/integers.ts'
import type { Arguments } from './arguments.ts'
import type { CommandDefinition, KeySpec } from './definition.ts'
import { type FoundKeys, keyFlagBits } from './found-keys.ts'

const NOT_KEY = keyFlagBits(['not_key'])

/** A key spec with all its fields, of which each kind of spec uses some. */
interface FlatSpec {
  readonly flags: number
  /** Where to begin; 0 if that depends on a keyword. */
  readonly index: number
  /** In capitals; '' if there is none. */
  readonly keyword: string
  readonly startFrom: number
  readonly isCounted: boolean
  readonly last: number
  readonly limit: number
  readonly countAt: number
  readonly first: number
  readonly step: number
}

export class KeyFinder {
  /** Whether the command has key arguments at all. */
  readonly hasKeys: boolean
  readonly #specs: readonly FlatSpec[]
  /** Knows more than the specs can say. */
  readonly #findKeys: CommandDefinition['findKeys']

  constructor(definition: CommandDefinition) {
    const specs = definition.keys ?? []
    this.#specs = specs.filter((spec) => spec.begin !== 'unknown' && spec.find !== 'unknown').map(flatten)
    this.#findKeys = definition.findKeys
    this.hasKeys = specs.some((spec) => (keyFlagBits(spec.flags) & NOT_KEY) === 0)
  }

  /** Puts the request's keys into `found`: none, if the request makes no sense as to its keys. */
  find(args: Arguments, found: FoundKeys): void {
    found.clear()
    if (!this.hasKeys) return
    if (this.#findKeys !== undefined) {
      this.#findKeys(args, found)
      return
    }
    for (let i = 0; i < this.#specs.length; i++) {
      const spec = this.#specs[i]!
      if ((spec.flags & NOT_KEY) !== 0 || findBySpec(spec, args, found)) continue
      found.clear()
      return
    }
  }
}

function flatten(spec: KeySpec): FlatSpec {
  const { begin, find } = spec
  const isIndexed = typeof begin === 'object' && 'index' in begin
  const isNamed = typeof begin === 'object' && 'keyword' in begin
  const isRange = typeof find === 'object' && 'last' in find
  const isCounted = typeof find === 'object' && 'countAt' in find
  return {
    flags: keyFlagBits(spec.flags),
    index: isIndexed ? begin.index : 0,
    keyword: isNamed ? begin.keyword : '',
    startFrom: isNamed ? begin.startFrom : 0,
    isCounted,
    last: isRange ? find.last : 0,
    limit: isRange ? find.limit : 0,
    countAt: isCounted ? find.countAt : 0,
    first: isCounted ? find.first : 0,
    step: isRange || isCounted ? find.step : 1,
  }
}

/** False: the request is not what the spec describes. */
function findBySpec(spec: FlatSpec, args: Arguments, found: FoundKeys): boolean {
  let first = spec.index
  if (spec.keyword !== '') {
    first = afterKeyword(args, spec.keyword, spec.startFrom)
    if (first === 0) return true
  }
  let last: number
  if (spec.isCounted) {
    const keys = countIn(args, first + spec.countAt)
    if (keys < 0) return false
    first += spec.first
    last = first + (keys - 1) * spec.step
  } else if (spec.last >= 0) last = first + spec.last
  // A limit of n: keys are the n-th part of the rest, as with XREAD's keys and ids.
  else if (spec.limit > 0) last = first + Math.floor((args.count - first) / spec.limit) + spec.last
  else last = args.count + spec.last
  if (last >= args.count || last < first || first >= args.count) return false
  for (let i = first; i <= last; i += spec.step) found.add(i, spec.flags)
  return true
}

/**
 * The index after the keyword; 0 if it isn't there. From `startFrom` on to the right, or, if that is negative (from the
 * end), to the left. A keyword in the last place has nothing after it and is not looked at.
 */
function afterKeyword(args: Arguments, keyword: string, startFrom: number): number {
  const end = args.count - 1
  if (startFrom > 0) {
    for (let i = startFrom; i < end; i++) if (args.is(i, keyword)) return i + 1
  } else {
    for (let i = args.count + startFrom; i > 1; i--) if (args.is(i, keyword)) return i + 1
  }
  return 0
}

/** The number of keys that an argument gives; -1 if it gives none. */
function countIn(args: Arguments, index: number): number {
  if (index >= args.count) return -1
  const count = parseSafeInteger(args.bytes, args.starts[index]!, args.lengths[index]!)
  return count >= 0 ? count : -1
}
