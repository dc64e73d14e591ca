// Which members of a sorted set, whose scores are geohashes, lie inside a shape. They are copied, so that the set may change
// afterwards. Knows no key and no reply.

import { copyBytes, Slice } from '../memory/slice.ts'
import { coverShape, type ScoreRange } from './geo-cover.ts'
import type { GeoShape } from './geo-shape.ts'
import { Place } from './geohash.ts'
import type { SortedSetValue } from './sorted-set.ts'

const FIRST_ROOM = 64
const FIRST_BYTES = 1024
/** Room for more than this is not kept for the next search. */
const KEPT_ROOM = 4096
const KEPT_BYTES = 65_536

/** What a search has found. One object serves all searches. */
export class GeoMatches {
  count = 0
  /** By the order in which they were found. */
  scores: Float64Array = new Float64Array(FIRST_ROOM)
  /** In metres from the centre. */
  distances: Float64Array = new Float64Array(FIRST_ROOM)
  /** Where in `#bytes` the members end. */
  #ends: Float64Array = new Float64Array(FIRST_ROOM)
  #bytes = new Uint8Array(FIRST_BYTES)
  readonly #member = new Slice()
  readonly #place = new Place()

  /**
   * Finds the members inside a shape, range by range as they cover it, each in the order of scores; not more than
   * `limit`.
   */
  search(set: SortedSetValue, shape: GeoShape, limit: number): void {
    this.clear()
    for (const range of coverShape(shape)) {
      if (this.count < limit) this.#searchRange(set, shape, range, limit)
    }
  }

  /** The bytes of a member; valid until the next call. */
  member(index: number): Slice {
    const start = index === 0 ? 0 : this.#ends[index - 1]!
    return this.#member.set(this.#bytes, start, this.#ends[index]! - start)
  }

  clear(): void {
    this.count = 0
    if (this.scores.length > KEPT_ROOM) this.#setRoom(FIRST_ROOM)
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES)
  }

  #searchRange(set: SortedSetValue, shape: GeoShape, { first, end }: ScoreRange, limit: number): void {
    const place = this.#place
    for (let more = set.seek(set.rankOfScore(first, 'before')); more; more = set.next()) {
      const { score } = set
      if (score >= end) return
      place.decode(score)
      const distance = shape.distanceTo(place.longitude, place.latitude)
      if (distance < 0) continue
      this.#add(set.member, score, distance)
      if (this.count >= limit) return
    }
  }

  #add({ bytes, start, length }: Slice, score: number, distance: number): void {
    const index = this.count++
    if (index === this.scores.length) this.#setRoom(2 * index)
    const at = index === 0 ? 0 : this.#ends[index - 1]!
    if (at + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, at + length))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
    }
    copyBytes(bytes, start, this.#bytes, at, length)
    this.scores[index] = score
    this.distances[index] = distance
    this.#ends[index] = at + length
  }

  #setRoom(room: number): void {
    this.scores = withRoom(this.scores, room)
    this.distances = withRoom(this.distances, room)
    this.#ends = withRoom(this.#ends, room)
  }
}

function withRoom(values: Float64Array, room: number): Float64Array {
  const moved = new Float64Array(room)
  moved.set(values.subarray(0, Math.min(room, values.length)))
  return moved
}
