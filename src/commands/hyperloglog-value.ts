// A HyperLogLog in the store, as commands find and change it: in place, moving it where it grows. Knows no arguments.

import { ReplyError } from '../base/reply-error.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { Database } from '../keyspace/database.ts'
import type { Key } from '../memory/key.ts'
import type { Slice } from '../memory/slice.ts'
import {
  DENSE_BYTES,
  EMPTY_BYTES,
  isDense,
  isHyperLogLog,
  markDense,
  raiseDense,
  writeEmpty,
} from '../types/hyperloglog.ts'
import { Union } from '../types/hyperloglog-registers.ts'
import { CHANGED, CORRUPT, MAX_SPARSE_RANK, SparseChange, UNCHANGED } from '../types/hyperloglog-sparse.ts'
import { STRING, STRING_RAW } from '../types/value-type.ts'
import { checkIsString } from './string-store.ts'

export interface HyperLogLogSettings {
  /** A value that would get longer becomes dense: follows `hll-sparse-max-bytes`. */
  sparseBytes: number
}

export const CORRUPTED = new ReplyError('INVALIDOBJ Corrupted HLL object detected')
const NOT_ONE = new ReplyError('WRONGTYPE Key is not a valid HyperLogLog string value.')

/** Refuses an entry that is there but holds no HyperLogLog. */
export function checkIsHyperLogLog(context: Context, entry: Entry): void {
  checkIsString(context, entry)
  if (entry !== ABSENT && !isHyperLogLog(context.db.value(entry))) throw NOT_ONE
}

/** One value at a time, opened for changes. Says of none that the key has changed: that is the command's business. */
export class OpenHyperLogLog {
  readonly #settings: HyperLogLogSettings
  readonly #change = new SparseChange()
  readonly #union = new Union()
  #db: Database | undefined = undefined
  #key: Key | undefined = undefined
  #value: Slice | undefined = undefined

  constructor(settings: HyperLogLogSettings) {
    this.#settings = settings
  }

  /** Opens what `entry` says is there; creates an empty one if that is nothing. Returns where it lies. */
  open({ db }: Context, key: Key, entry: Entry): Slice {
    this.#db = db
    this.#key = key
    this.#change.begin()
    if (entry === ABSENT) {
      const room = db.put(key, ABSENT, STRING, STRING_RAW, EMPTY_BYTES)
      writeEmpty(room)
      this.#value = room
      return room
    }
    const value = db.value(entry)
    this.#value = db.mayOverwrite(entry, STRING_RAW) ? value : db.resize(key, entry, value.length, STRING_RAW)
    return this.#value
  }

  /** Where the value lies: `raise` and `makeDense` may have moved it. */
  get value(): Slice {
    return this.#value!
  }

  /** Raises a register to a rank. CORRUPT: the value has no such register. */
  raise(register: number, rank: number): typeof UNCHANGED | typeof CHANGED | typeof CORRUPT {
    const value = this.#value!
    if (isDense(value)) return raiseDense(value, register, rank) ? CHANGED : UNCHANGED
    if (rank > MAX_SPARSE_RANK) return this.#raiseAsDense(register, rank)
    const change = this.#change
    const outcome = change.plan(value, register, rank)
    if (outcome !== CHANGED) return outcome
    const { growthAtFirst, growth } = change
    const { length } = value
    // Redis: joining neighbours comes too late to stay within the limit.
    if (growthAtFirst > 0 && length + growthAtFirst > this.#settings.sparseBytes) {
      return this.#raiseAsDense(register, rank)
    }
    if (growth > 0) this.#resize(length + growth)
    change.apply(this.#value!, length)
    if (growth < 0) this.#resize(length + growth)
    return CHANGED
  }

  /** Changes to the dense encoding; false if the registers make no sense. */
  makeDense(): boolean {
    const union = this.#union
    union.clear()
    if (!union.add(this.#value!)) return false
    this.fill(union)
    return true
  }

  /** Takes over the registers of a union, in the dense encoding. */
  fill(union: Union): void {
    this.#resize(DENSE_BYTES)
    markDense(this.#value!)
    union.writeTo(this.#value!)
  }

  #raiseAsDense(register: number, rank: number): typeof UNCHANGED | typeof CHANGED | typeof CORRUPT {
    if (!this.makeDense()) return CORRUPT
    return raiseDense(this.#value!, register, rank) ? CHANGED : UNCHANGED
  }

  #resize(length: number): void {
    const db = this.#db!
    const key = this.#key!
    if (length !== this.#value!.length) this.#value = db.resize(key, db.findAnyway(key), length, STRING_RAW)
  }
}
