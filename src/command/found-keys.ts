// The keys of one request: where they are and what is done with each. Filled by find-keys.ts, and by commands whose
// keys depend on their options. Knows no command.

/** What a command does with a key (https://redis.io/docs/latest/develop/reference/key-specs/); as bits, in this order. */
export const KEY_FLAGS = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
] as const

export type KeyFlag = (typeof KEY_FLAGS)[number]

/** Flags as bits: for tables, which are made once. */
export function keyFlagBits(flags: readonly KeyFlag[]): number {
  return flags.reduce((bits, flag) => bits | (1 << KEY_FLAGS.indexOf(flag)), 0)
}

/** The flags of some bits. */
export function keyFlagsOf(bits: number): KeyFlag[] {
  return KEY_FLAGS.filter((_, index) => (bits & (1 << index)) !== 0)
}

const INITIAL_KEYS = 64

/** Reused from request to request: finding keys allocates nothing once there is room. */
export class FoundKeys {
  count = 0
  /** Of each key: its index among the arguments. */
  indexes = new Int32Array(INITIAL_KEYS)
  /** Of each key: its flags, as bits. */
  flags = new Int32Array(INITIAL_KEYS)

  clear(): void {
    this.count = 0
  }

  add(index: number, flags: number): void {
    const { count } = this
    if (count === this.indexes.length) this.#grow()
    this.indexes[count] = index
    this.flags[count] = flags
    this.count = count + 1
  }

  #grow(): void {
    const indexes = new Int32Array(this.indexes.length * 2)
    indexes.set(this.indexes)
    this.indexes = indexes
    const flags = new Int32Array(this.flags.length * 2)
    flags.set(this.flags)
    this.flags = flags
  }
}
