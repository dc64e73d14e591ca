// A table beside a Map that says what ought to be in it, both changed by the same random steps.

import { Random } from '../../src/base/random.ts'
import { NO_REF, type Ref } from '../../src/memory/arena.ts'
import { MAX_DEADLINE, NO_DEADLINE } from '../../src/memory/deadline.ts'
import type { EntryReader } from '../../src/memory/entry-reader.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'

export const SEED = { low: 0x1234567, high: -0x7654321 }

/** What an entry ought to be. Never changed, only replaced: so a copy of the Map is a snapshot. */
export interface Item {
  readonly type: number
  readonly encoding: number
  readonly value: Buffer
  readonly deadline: number
}

export interface Habits {
  /** The keys that steps choose from. */
  readonly keys: readonly Buffer[]
  /** How long values are; small ones if not given. */
  readonly valueLength?: (random: Random) => number
}

const NOISE = Buffer.alloc(1 << 18)
const noise = new Random(99)
for (let at = 0; at < NOISE.length; at += 4) NOISE.writeUInt32LE(noise.uint32(), at)

/** Numbered keys of all lengths up to 24, a few long ones among them. */
export function numberedKeys(count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) => {
    if (n % 1000 === 17) return Buffer.from(`${n}:`.padEnd(40_000, 'long'))
    if (n % 100 === 3) return Buffer.from(`${n}:`.padEnd(230 + (n % 60), 'k'))
    return Buffer.from(`${n}`.padEnd(n % 24, 'x'))
  })
}

export function smallValues(random: Random): number {
  return random.below(60)
}

/** Small mostly; now and then around the largest block, or larger. */
export function allValues(random: Random): number {
  const kind = random.below(1000)
  if (kind < 950) return random.below(60)
  if (kind < 990) return random.below(3000)
  if (kind < 995) return 65_480 + random.below(100)
  return random.below(150_000)
}

export class StoreModel {
  readonly table = new Table(SEED)
  readonly items = new Map<string, Item>()
  readonly #key = new Key(SEED)
  readonly #slice = new Slice()
  readonly #random: Random
  #habits: Habits

  constructor(random: Random, habits: Habits) {
    this.#random = random
    this.#habits = habits
  }

  set habits(habits: Habits) {
    this.#habits = habits
  }

  /** So many steps: of a hundred about `adding` set, `removing` remove, and the rest changes what is there. */
  churn(steps: number, adding: number, removing: number): void {
    const random = this.#random
    const { keys } = this.#habits
    for (let n = 0; n < steps; n++) {
      const bytes = keys[random.below(keys.length)]!
      const kind = random.below(100)
      if (kind < adding) this.set(bytes)
      else if (kind < adding + removing) this.remove(bytes)
      else this.#change(bytes)
    }
  }

  set(bytes: Buffer, item: Item = this.#randomItem()): void {
    const { table } = this
    const { entries } = table
    const key = this.#point(bytes)
    const found = table.find(key)
    const { type, encoding, value, deadline } = item
    const ref =
      found === NO_REF
        ? table.add(key, type, encoding, 0, value.length, deadline)
        : table.replace(key, found, type, encoding, 0, value.length, deadline)
    const place = entries.value(ref, this.#slice)
    place.bytes.set(value, place.start)
    this.items.set(bytes.toString('latin1'), { ...item, deadline: clamp(deadline) })
  }

  remove(bytes: Buffer): void {
    const key = this.#point(bytes)
    const ref = this.table.find(key)
    const name = bytes.toString('latin1')
    if ((ref !== NO_REF) !== this.items.has(name)) throw new Error(`find is wrong about ${name.slice(0, 50)}`)
    if (ref === NO_REF) return
    this.table.remove(key, ref)
    this.items.delete(name)
  }

  #change(bytes: Buffer): void {
    const key = this.#point(bytes)
    const ref = this.table.find(key)
    const name = bytes.toString('latin1')
    const item = this.items.get(name)
    if ((ref !== NO_REF) !== (item !== undefined)) throw new Error(`find is wrong about ${name.slice(0, 50)}`)
    if (item === undefined) return
    const kind = this.#random.below(10)
    if (kind < 4) this.items.set(name, this.#resize(key, ref, item))
    else if (kind < 8) this.items.set(name, this.#setDeadline(key, ref, item))
    else if (kind < 9) this.#rename(key, ref, name, item)
    else this.table.entries.setAccess(ref, this.#random.below(1 << 24))
  }

  /** Another length, or the same, and then some bytes in place. */
  #resize(key: Key, ref: Ref, item: Item): Item {
    const kind = this.#random.below(3)
    const { length } = item.value
    const wanted = [length, length + this.#random.below(20), this.#valueLength()][kind]!
    const moved = this.table.resize(key, ref, wanted)
    const value = Buffer.alloc(wanted)
    item.value.copy(value)
    const place = this.table.entries.value(moved, this.#slice)
    if (!value.equals(place.view())) throw new Error('resize keeps the bytes and adds zeros')
    const at = this.#random.below(wanted + 1)
    const written = this.#noise(Math.min(wanted - at, this.#random.below(30)))
    place.bytes.set(written, place.start + at)
    written.copy(value, at)
    return { ...item, value }
  }

  #setDeadline(key: Key, ref: Ref, item: Item): Item {
    const deadline = this.#deadline()
    this.table.setDeadline(key, ref, deadline)
    return { ...item, deadline: clamp(deadline) }
  }

  #rename(key: Key, ref: Ref, name: string, item: Item): void {
    const bytes = this.#habits.keys[this.#random.below(this.#habits.keys.length)]!
    const newName = bytes.toString('latin1')
    if (this.items.has(newName)) return
    this.table.rename(key, ref, new Key(SEED).point(bytes, 0, bytes.length))
    this.items.delete(name)
    this.items.set(newName, item)
  }

  #point(bytes: Buffer): Key {
    return this.#key.point(bytes, 0, bytes.length)
  }

  #randomItem(): Item {
    return {
      type: this.#random.below(8),
      encoding: this.#random.below(8),
      value: Buffer.from(this.#noise(this.#valueLength())),
      deadline: this.#deadline(),
    }
  }

  #valueLength(): number {
    return (this.#habits.valueLength ?? smallValues)(this.#random)
  }

  #noise(length: number): Buffer {
    const at = this.#random.below(NOISE.length - length)
    return NOISE.subarray(at, at + length)
  }

  #deadline(): number {
    const kind = this.#random.below(10)
    if (kind < 5) return NO_DEADLINE
    return kind < 9 ? 1_700_000_000_000 + this.#random.below(1e6) : 2 ** 63
  }
}

function clamp(deadline: number): number {
  return deadline === NO_DEADLINE ? deadline : Math.min(deadline, MAX_DEADLINE)
}

/** Throws unless these are just the items that a reader finds, each once. */
export function checkItems(
  items: ReadonlyMap<string, Item>,
  reader: { readonly entries: EntryReader; each(visit: (ref: Ref) => void): void },
): void {
  const { entries } = reader
  const slice = new Slice()
  const seen = new Set<string>()
  reader.each((ref) => {
    const { bytes, start, length } = entries.key(ref, slice)
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
    const item = items.get(name)
    if (item === undefined) throw new Error(`${name.slice(0, 50)} ought not to be there`)
    if (seen.has(name)) throw new Error(`${name.slice(0, 50)} is there twice`)
    seen.add(name)
    const isRight =
      entries.typeOf(ref) === item.type &&
      entries.encodingOf(ref) === item.encoding &&
      entries.deadlineOf(ref) === item.deadline &&
      entries.valueLength(ref) === item.value.length &&
      item.value.equals(entries.value(ref, slice).view())
    if (!isRight) throw new Error(`${name.slice(0, 50)} is not what it ought to be`)
  })
  if (seen.size !== items.size) throw new Error(`${items.size - seen.size} entries are missing`)
}
