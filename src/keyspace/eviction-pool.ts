// The best candidates for eviction that samples have brought so far: so each choice is made among many more keys than
// one sample has. Keeps copies of their names, since an entry's place changes. Knows no policy.

import { copyBytes, type Slice } from '../memory/slice.ts'

const SIZE = 16
/** Longer names get room of their own. */
const NAME_ROOM = 256

/** One candidate. */
export class Candidate {
  score = 0
  database = 0
  bytes = new Uint8Array(NAME_ROOM)
  length = 0
}

export class EvictionPool {
  /** By score, the best last; what is beyond `#count` is left from before. */
  readonly #candidates: Candidate[] = Array.from({ length: SIZE }, () => new Candidate())
  #count = 0

  get count(): number {
    return this.#count
  }

  clear(): void {
    this.#count = 0
  }

  /** Whether there is a place for a candidate with this score. */
  takes(score: number): boolean {
    return this.#count < SIZE || score > this.#candidates[0]!.score
  }

  /** Adds a candidate that it `takes`; the worst one goes if it is full. */
  add(score: number, database: number, name: Slice): void {
    const candidates = this.#candidates
    const isFull = this.#count === SIZE
    // The one whose object is used: the worst, or the first that is not in use.
    let at = isFull ? 0 : this.#count++
    const candidate = candidates[at]!
    if (isFull) {
      while (at + 1 < SIZE && candidates[at + 1]!.score < score) candidates[at] = candidates[++at]!
    } else {
      while (at > 0 && candidates[at - 1]!.score >= score) candidates[at] = candidates[--at]!
    }
    candidates[at] = candidate
    fill(candidate, score, database, name)
  }

  /** Takes the best candidate out; valid until the next `add`. undefined if there is none. */
  take(): Candidate | undefined {
    return this.#count === 0 ? undefined : this.#candidates[--this.#count]
  }
}

function fill(candidate: Candidate, score: number, database: number, name: Slice): void {
  candidate.score = score
  candidate.database = database
  candidate.length = name.length
  const { length } = candidate.bytes
  if (name.length > length || length > NAME_ROOM) {
    candidate.bytes = new Uint8Array(Math.max(NAME_ROOM, name.length))
  }
  copyBytes(name.bytes, name.start, candidate.bytes, 0, name.length)
}
