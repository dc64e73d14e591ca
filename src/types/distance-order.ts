// Puts things in the order of their distances, or finds the first few of that order. Equal ones stay in the order in which
// they are given. Knows not what is how far from what.

export type DistanceOrder = 'nearest' | 'farthest'

/**
 * The indexes of the first `wanted` of `count` distances, nearest or farthest first. O(count * log(wanted)).
 */
export function orderByDistance(
  distances: Float64Array,
  count: number,
  order: DistanceOrder,
  wanted: number,
): Uint32Array {
  const sign = order === 'nearest' ? 1 : -1
  if (wanted >= count) return sorted(distances, sign, ascending(count))
  return sorted(distances, sign, firstOf(distances, count, sign, wanted))
}

function ascending(count: number): Uint32Array {
  const indexes = new Uint32Array(count)
  for (let i = 0; i < count; i++) indexes[i] = i
  return indexes
}

/** A merge sort from below: of runs of one, of two, of four. */
function sorted(distances: Float64Array, sign: number, indexes: Uint32Array): Uint32Array {
  const { length } = indexes
  let from: Uint32Array = indexes
  let to: Uint32Array = new Uint32Array(length)
  for (let run = 1; run < length; run *= 2) {
    for (let start = 0; start < length; start += 2 * run) {
      const middle = Math.min(start + run, length)
      const end = Math.min(middle + run, length)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        const takesLeft =
          right >= end || (left < middle && sign * (distances[from[left]!]! - distances[from[right]!]!) <= 0)
        to[at] = takesLeft ? from[left++]! : from[right++]!
      }
    }
    const spare = from
    from = to
    to = spare
  }
  return from
}

/** The indexes of those that come first, in rising order. */
function firstOf(distances: Float64Array, count: number, sign: number, wanted: number): Uint32Array {
  // A heap whose top is the last of those that have come first so far.
  const heap = ascending(wanted)
  for (let root = (wanted >> 1) - 1; root >= 0; root--) sink(heap, root, distances, sign)
  for (let index = wanted; index < count; index++) {
    // One that is as far as the top comes after it, as its index is higher.
    if (sign * (distances[index]! - distances[heap[0]!]!) >= 0) continue
    heap[0] = index
    sink(heap, 0, distances, sign)
  }
  return heap.sort()
}

/** Moves the index at a place of the heap down to where it belongs. */
function sink(heap: Uint32Array, root: number, distances: Float64Array, sign: number): void {
  const index = heap[root]!
  let at = root
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isAfter(heap[child + 1]!, heap[child]!, distances, sign)) child++
    if (isAfter(index, heap[child]!, distances, sign)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = index
}

function isAfter(one: number, other: number, distances: Float64Array, sign: number): boolean {
  const difference = sign * (distances[one]! - distances[other]!)
  return difference > 0 || (difference === 0 && one > other)
}
