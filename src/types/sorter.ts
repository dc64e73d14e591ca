// Sorting what SORT sorts: texts by what they or other texts say, as numbers or byte by byte. Stable. Knows where nothing
// comes from: elements are copied in, which also keeps them whatever happens to the store meanwhile.
//
// Every element has a number: its weight, or, where texts are compared, their first bytes as a number. Where the numbers of
// many are equal, they are sorted again by the next bytes.

import { parseDouble } from '../base/doubles.ts'
import { Slice } from '../memory/slice.ts'
import { RadixSort } from './radix-sort.ts'
import { goesOn, PIECE_BYTES, TextColumn } from './text-column.ts'

const INITIAL_ELEMENTS = 1024
/** What a larger sort leaves behind is not kept. */
const KEPT_ELEMENTS = 65_536
/** Less than what any text has. */
const NO_WEIGHT = -1
/** So few are sorted by insertion. */
const FEW = 24
/** For the first few of many: so many candidates more than asked for are collected before they are sorted. */
const CANDIDATES = 2048
const SMALLEST_NORMAL = 2 ** -1022
const HEXADECIMAL_X = 0x78

export interface SortRule {
  /** Compare texts and not numbers. */
  readonly isAlphabetic: boolean
  readonly isDescending: boolean
  /** Elements have texts of their own to be sorted by: `addWeight`. */
  readonly hasWeights: boolean
}

export class Sorter {
  readonly elements = new TextColumn()
  readonly #weights = new TextColumn()
  readonly #slice = new Slice()
  #rule: SortRule = { isAlphabetic: false, isDescending: false, hasWeights: false }
  /** By element. Of a descending sort of numbers negated, so that sorting is always ascending. */
  #numbers = new Float64Array(INITIAL_ELEMENTS)
  /** Elements in their order, with their numbers beside. */
  #order = new Int32Array(INITIAL_ELEMENTS)
  #keys = new Float64Array(INITIAL_ELEMENTS)
  readonly #radix = new RadixSort()
  /** Places that are still to be sorted, in threes: from, to, and how many first bytes of the texts there are the same. */
  readonly #equals: number[] = []

  get count(): number {
    return this.elements.count
  }

  clear(): void {
    this.elements.clear()
    this.#weights.clear()
    if (this.#numbers.length <= KEPT_ELEMENTS) return
    this.#allocate(INITIAL_ELEMENTS)
    this.#radix.forget()
  }

  #allocate(count: number): void {
    this.#numbers = new Float64Array(count)
    this.#order = new Int32Array(count)
    this.#keys = new Float64Array(count)
  }

  // ---- weights

  /** After all elements were added, before their weights are. */
  begin(rule: SortRule): void {
    this.#rule = rule
    const { count } = this
    if (count > this.#numbers.length) this.#allocate(count)
  }

  /** The weight of the next element; undefined: it has none. False if it is no number but should be. */
  addWeight(index: number, weight: Slice | undefined): boolean {
    const { isAlphabetic, isDescending } = this.#rule
    let number: number
    if (isAlphabetic) {
      if (weight === undefined) this.#weights.bulkBytes(this.#slice.bytes, 0, 0)
      else this.#weights.addSlice(weight)
      number = weight === undefined ? NO_WEIGHT : this.#weights.piece(index, 0)
    } else {
      // Redis: a weight that is not there is 0.
      number = weight === undefined ? 0 : numberOf(weight)
      if (Number.isNaN(number)) return false
    }
    this.#numbers[index] = isDescending ? -number : number
    return true
  }

  /** Where elements are their own weights. False if one is no number but should be. */
  weighElements(): boolean {
    const { isAlphabetic, isDescending } = this.#rule
    for (let i = 0; i < this.count; i++) {
      const { elements } = this
      const number = isAlphabetic ? elements.piece(i, 0) : numberOf(elements.read(i, this.#slice))
      if (Number.isNaN(number)) return false
      this.#numbers[i] = isDescending ? -number : number
    }
    return true
  }

  // ---- sorting

  /** Keeps the order that the elements came in, or reverses it. */
  keepOrder(isReversed: boolean): void {
    const { count } = this
    if (count > this.#order.length) this.#allocate(count)
    for (let i = 0; i < count; i++) this.#order[i] = isReversed ? count - 1 - i : i
  }

  /** Sorts so far that the first `wanted` elements are where they belong. */
  sort(wanted: number): void {
    const { count } = this
    const isPartial = wanted * 2 + CANDIDATES < count
    const capacity = isPartial ? wanted * 2 + CANDIDATES : count
    let filled = 0
    // Whether the first `wanted` of those that were looked at are known: then the last of them keeps most others out.
    let isKnown = false
    for (let i = 0; i < count; i++) {
      if (isKnown && !this.#isBefore(i, this.#order[wanted - 1]!)) continue
      this.#order[filled++] = i
      if (!isPartial || filled < capacity) continue
      this.#sortFirst(filled)
      filled = wanted
      isKnown = wanted > 0
    }
    this.#sortFirst(filled)
  }

  /** The element at a place of the order; valid until the next call. */
  elementAt(place: number): Slice {
    return this.elements.read(this.#order[place]!, this.#slice)
  }

  #sortFirst(count: number): void {
    const { isAlphabetic } = this.#rule
    for (let i = 0; i < count; i++) this.#keys[i] = this.#numbers[this.#order[i]!]!
    this.#sortRange(0, count, isAlphabetic ? PIECE_BYTES : 0)
    const equals = this.#equals
    for (;;) {
      const from = equals.pop()
      if (from === undefined) return
      const end = equals.pop()!
      const start = equals.pop()!
      this.#takePieces(start, end, from)
      this.#sortRange(start, end, from + PIECE_BYTES)
    }
  }

  /** Sorts by what the keys say; those that are equal in them, and in so many bytes of their texts, are left for later. */
  #sortRange(start: number, end: number, sameBytes: number): void {
    if (end - start <= FEW) {
      this.#insertionSort(start, end)
      return
    }
    const keys = this.#keys
    this.#radix.sort(keys, this.#order, start, end)
    for (let i = start; i < end; ) {
      const key = keys[i]!
      const first = i++
      while (i < end && keys[i] === key) i++
      if (i - first > 1 && (sameBytes === 0 || goesOn(key))) this.#equals.push(first, i, sameBytes)
    }
  }

  /** Takes the next bytes of the texts for keys. */
  #takePieces(start: number, end: number, from: number): void {
    const column = this.#column
    const { isDescending } = this.#rule
    for (let i = start; i < end; i++) {
      const piece = column.piece(this.#order[i]!, from)
      this.#keys[i] = isDescending ? -piece : piece
    }
  }

  #insertionSort(start: number, end: number): void {
    const order = this.#order
    const keys = this.#keys
    for (let i = start + 1; i < end; i++) {
      const element = order[i]!
      const key = keys[i]!
      let at = i
      while (
        at > start &&
        (keys[at - 1]! > key || (keys[at - 1] === key && this.#compareTexts(element, order[at - 1]!) < 0))
      ) {
        order[at] = order[at - 1]!
        keys[at] = keys[at - 1]!
        at--
      }
      order[at] = element
      keys[at] = key
    }
  }

  #isBefore(element: number, other: number): boolean {
    const key = this.#numbers[element]!
    const otherKey = this.#numbers[other]!
    return key < otherKey || (key === otherKey && this.#compareTexts(element, other) < 0)
  }

  /** Below 0 if an element with the same number comes before another. */
  #compareTexts(element: number, other: number): number {
    const order = this.#column.compare(element, other)
    return this.#rule.isDescending ? -order : order
  }

  /** The texts that decide. Redis: equal weights leave elements where they are, equal numbers let their texts decide. */
  get #column(): TextColumn {
    const { hasWeights, isAlphabetic } = this.#rule
    return isAlphabetic && hasWeights ? this.#weights : this.elements
  }
}

/**
 * The number that a text spells; NaN if none.
 *
 * Redis: what C's strtod takes as a whole, so that blanks in front are fine, no text at all is 0, and a zero byte ends it;
 * but nothing that is too large or too small for a double of full precision.
 */
export function numberOf({ bytes, start, length }: Slice): number {
  const plain = parseDouble(bytes, start, length)
  if (plain !== undefined) return isTooSmall(plain, bytes, start, length) ? Number.NaN : plain + 0
  const zero = bytes.indexOf(0, start)
  const end = zero >= start && zero < start + length ? zero : start + length
  if (end === start) return 0
  let first = start
  while (first < end && isBlank(bytes[first]!)) first++
  const number = parseDouble(bytes, first, end - first)
  return number === undefined || isTooSmall(number, bytes, first, end - first) ? Number.NaN : number + 0
}

/** Decimal digits never are such a number exactly, hexadecimal ones may be. */
function isTooSmall(number: number, bytes: Uint8Array, start: number, length: number): boolean {
  if (number === 0 || Math.abs(number) >= SMALLEST_NORMAL) return false
  for (let i = start; i < start + length; i++) if ((bytes[i]! | 0x20) === HEXADECIMAL_X) return false
  return true
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}
