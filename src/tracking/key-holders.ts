// Which clients hold which keys in a cache of their own: a table outside the heap like that of a database, whose values
// are the numbers of clients, in ascending order. Knows no client.

import { NO_REF } from '../memory/arena.ts'
import { NO_DEADLINE } from '../memory/entries.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import { Slice } from '../memory/slice.ts'
import { Table } from '../memory/table.ts'
import type { Chance } from '../memory/table-random.ts'

/** A client's number in a value: 48 bits, the most significant first. */
const ID_BYTES = 6
const TWO_32 = 2 ** 32

export class KeyHolders {
  /** Pairs of a key and a client. */
  items = 0
  readonly #seed: HashSeed
  readonly #value = new Slice()
  readonly #found = new Slice()
  /** Made when it is needed: it takes a page. */
  #table: Table | undefined = undefined

  constructor(seed: HashSeed) {
    this.#seed = seed
  }

  /** Keys that somebody holds. */
  get keys(): number {
    return this.#table === undefined ? 0 : this.#table.count
  }

  /** Bytes of the table with all that is in it. */
  get usedBytes(): number {
    return this.#table === undefined ? 0 : this.#table.entries.usedBytes
  }

  /** A client holds a key. */
  add(key: Key, id: number): void {
    this.#table ??= new Table(this.#seed)
    const table = this.#table
    const ref = table.find(key)
    if (ref === NO_REF) {
      const placed = table.add(key, 0, 0, 0, ID_BYTES, NO_DEADLINE)
      writeId(table.entries.value(placed, this.#value), 0, id)
      this.items++
      return
    }
    const value = table.entries.value(ref, this.#value)
    const { length } = value
    const at = placeOf(value, id)
    if (at < length && readId(value, at) === id) return
    const { bytes, start } = table.entries.value(table.resize(key, ref, length + ID_BYTES), value)
    bytes.copyWithin(start + at + ID_BYTES, start + at, start + length)
    writeId(value, at, id)
    this.items++
  }

  /** Takes a key out; `onHolder` is told who held it. */
  take(key: Key, onHolder: (id: number) => void): void {
    const table = this.#table
    const ref = table === undefined ? NO_REF : table.find(key)
    if (ref === NO_REF) return
    const held = table!.entries.value(ref, this.#value).copy()
    table!.remove(key, ref)
    this.items -= held.length / ID_BYTES
    this.#found.set(held, 0, held.length)
    for (let at = 0; at < held.length; at += ID_BYTES) onHolder(readId(this.#found, at))
  }

  /** A copy of a random key that somebody holds; undefined if there is none. */
  random(chance: Chance): Key | undefined {
    const table = this.#table
    const ref = table === undefined ? NO_REF : table.random(chance)
    if (ref === NO_REF) return undefined
    const bytes = table!.entries.key(ref, this.#value).copy()
    return new Key(this.#seed).point(bytes, 0, bytes.length)
  }

  clear(): void {
    this.#table = undefined
    this.items = 0
  }
}

/** Where the number stands in a value, or belongs. */
function placeOf(value: Slice, id: number): number {
  let low = 0
  let high = value.length / ID_BYTES
  while (low < high) {
    const middle = (low + high) >>> 1
    if (readId(value, middle * ID_BYTES) < id) low = middle + 1
    else high = middle
  }
  return low * ID_BYTES
}

function readId({ bytes, start }: Slice, at: number): number {
  const i = start + at
  const high = (bytes[i]! << 8) | bytes[i + 1]!
  const low = ((bytes[i + 2]! << 24) | (bytes[i + 3]! << 16) | (bytes[i + 4]! << 8) | bytes[i + 5]!) >>> 0
  return high * TWO_32 + low
}

function writeId({ bytes, start }: Slice, at: number, id: number): void {
  const high = Math.floor(id / TWO_32)
  const low = id % TWO_32
  let i = start + at
  bytes[i++] = high >>> 8
  bytes[i++] = high
  bytes[i++] = low >>> 24
  bytes[i++] = low >>> 16
  bytes[i++] = low >>> 8
  bytes[i] = low
}
