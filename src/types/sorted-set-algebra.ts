// Unions, intersections and differences of members with scores, whatever type they are of. Knows no key and no command.

import type { SortedSetResult } from './sorted-set-result.ts'
import type { ScoredSource } from './sources.ts'

export type Aggregate = 'sum' | 'min' | 'max'

export interface Input {
  readonly source: ScoredSource
  /** What the scores are multiplied by. */
  readonly weight: number
}

/** Members of any input. */
export function unite(inputs: readonly Input[], aggregate: Aggregate, result: SortedSetResult): void {
  for (const { source, weight } of smallestFirst(inputs)) {
    source.rewind()
    while (source.next()) {
      const { member } = source
      const score = weighted(source.score, weight)
      if (result.find(member)) result.setScore(aggregated(result.score, score, aggregate))
      else result.add(member, score)
    }
  }
  result.settle()
}

/** Members of all inputs. */
export function intersect(inputs: readonly Input[], aggregate: Aggregate, result: SortedSetResult): void {
  const [smallest, ...others] = smallestFirst(inputs)
  if (smallest === undefined) return
  const { source, weight } = smallest
  source.rewind()
  while (source.next()) {
    const { member } = source
    let score = weighted(source.score, weight)
    let isInAll = true
    for (const other of others) {
      const its = other.source.scoreOf(member.bytes, member.start, member.length)
      isInAll = !Number.isNaN(its)
      if (!isInAll) break
      // Redis: here infinity times zero is no number, which makes a sum zero and is neither less nor more.
      score = aggregated(score, its * other.weight, aggregate)
    }
    if (!isInAll) continue
    result.addNew(member, score)
  }
  result.settle()
}

/** How many members all inputs have; counts no further than `limit`, unless that is 0. */
export function countCommon(inputs: readonly Input[], limit: number): number {
  const [smallest, ...others] = smallestFirst(inputs)
  if (smallest === undefined) return 0
  const { source } = smallest
  let count = 0
  source.rewind()
  while (source.next()) if (isInAll(source, others) && ++count === limit) break
  return count
}

function isInAll({ member }: ScoredSource, others: readonly Input[]): boolean {
  const { bytes, start, length } = member
  for (const { source } of others) if (Number.isNaN(source.scoreOf(bytes, start, length))) return false
  return true
}

/** Members of the first input that none of the others has. */
export function subtract(inputs: readonly Input[], result: SortedSetResult): void {
  const [first, ...others] = inputs
  if (first === undefined) return
  const { source } = first
  source.rewind()
  while (source.next()) {
    if (isInAny(source, others)) continue
    const { member, score } = source
    result.addNew(member, score)
  }
  result.settle()
}

function isInAny({ member }: ScoredSource, others: readonly Input[]): boolean {
  const { bytes, start, length } = member
  for (const { source } of others) if (!Number.isNaN(source.scoreOf(bytes, start, length))) return true
  return false
}

/** Redis goes by size, and so sums of more than two scores are rounded in this order. */
function smallestFirst(inputs: readonly Input[]): Input[] {
  return inputs.toSorted((one, other) => one.source.count - other.source.count)
}

/** Redis: infinity times zero is zero. */
function weighted(score: number, weight: number): number {
  const product = score * weight
  return Number.isNaN(product) ? 0 : product
}

/** Redis: infinity minus infinity is zero. */
function aggregated(one: number, other: number, aggregate: Aggregate): number {
  if (aggregate === 'sum') {
    const sum = one + other
    return Number.isNaN(sum) ? 0 : sum
  }
  // Not Math.min and Math.max, which would choose between zeros.
  const isOther = aggregate === 'min' ? other < one : other > one
  return isOther ? other : one
}
