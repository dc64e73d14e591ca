// Looks through a listpack that came from elsewhere: whether it can be kept as it lies, since its elements are written as
// they would be here, and those that must not come twice don't. Knows no type of value.

import { Element } from './element.ts'
import {
  END,
  INT_64,
  int32At,
  isIntegerCode,
  type Listpack,
  readInt32,
  spanAt,
  textHeadBytes,
  textLengthAt,
} from './listpack.ts'

const ZERO = 0x30
const NINE = 0x39
const MINUS = 0x2d
/** No integer has a longer text, and none is looked at closer. */
const INT64_TEXT_BYTES = 20
const FEWEST_PLACES = 64
/** More elements are not kept in one piece anyway. */
const MOST_ELEMENTS = 0xfffe
/** A golden section of 2^32: spreads numbers that are close to each other. */
const SPREAD = 0x9e3779b1 | 0
const FNV_PRIME = 0x01000193

export class ListpackSurvey {
  /** Bytes of the longest element; integers count as the longest there are. */
  longest = 0
  count = 0
  /** Places of elements by their hashes: a table with linear probing, 0 where nothing is. */
  #places = new Uint32Array(FEWEST_PLACES)
  #mask = 0
  readonly #one = new Element()
  readonly #other = new Element()

  /** Whether the listpack, which is sound, can be kept. Of every `step` elements the first must be unlike all such; 0: none. */
  isClean(list: Listpack, step: number): boolean {
    const { bytes, start, count } = list
    this.longest = 0
    this.count = count
    if (count > MOST_ELEMENTS || (bytes[start + 4]! | (bytes[start + 5]! << 8)) !== count) return false
    if (step > 0 && count % step !== 0) return false
    if (step > 0) this.#clear(count / step)
    let turn = 0
    for (let p = start + list.first; count > 0 && bytes[p] !== END; p += spanAt(bytes, p)) {
      if (!this.#isCleanAt(bytes, p)) return false
      if (step === 0) continue
      if (turn === 0 && !this.#isNew(list, p - start)) return false
      turn = turn + 1 === step ? 0 : turn + 1
    }
    return true
  }

  /** Text that spells an integer would not be found. */
  #isCleanAt(bytes: Uint8Array, p: number): boolean {
    if (isIntegerCode(bytes[p]!)) {
      if (this.longest < INT64_TEXT_BYTES) this.longest = INT64_TEXT_BYTES
      return true
    }
    const length = textLengthAt(bytes, p)
    if (this.longest < length) this.longest = length
    if (length === 0 || length > INT64_TEXT_BYTES) return true
    const text = p + textHeadBytes(bytes[p]!)
    const first = bytes[text]!
    if ((first < ZERO || first > NINE) && first !== MINUS) return true
    return !this.#one.point(bytes, text, length).isInteger
  }

  #clear(elements: number): void {
    let places = FEWEST_PLACES
    while (places < elements * 2) places *= 2
    if (this.#places.length < places) this.#places = new Uint32Array(places)
    else this.#places.fill(0, 0, places)
    this.#mask = places - 1
  }

  #isNew(list: Listpack, at: number): boolean {
    const hash = hashAt(list.bytes, list.start + at)
    for (let i = hash & this.#mask; ; i = (i + 1) & this.#mask) {
      const place = this.#places[i]!
      if (place === 0) {
        this.#places[i] = at
        return true
      }
      if (list.read(place, this.#one).equals(list.read(at, this.#other))) return false
    }
  }
}

/** The same for the same integer, however it is encoded. */
function hashAt(bytes: Uint8Array, p: number): number {
  const code = bytes[p]!
  let hash: number
  if (code === INT_64) {
    const low = readInt32(bytes, p + 1)
    hash = low ^ Math.imul(readInt32(bytes, p + 5) ^ (low >> 31), FNV_PRIME)
  } else if (isIntegerCode(code)) hash = int32At(bytes, p)
  else {
    const text = p + textHeadBytes(code)
    const end = text + textLengthAt(bytes, p)
    hash = end - text
    for (let i = text; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME)
  }
  hash = Math.imul(hash, SPREAD)
  return hash ^ (hash >>> 15)
}
