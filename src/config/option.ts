// What a row of the option tables can say. Knows no particular option and holds no value.
// The tables stand in options-*.ts; how a value is read from text stands in scalar-values.ts and list-values.ts.

/** What is true of an option whatever its type. Absent means no. */
interface OptionFacts {
  /** As CONFIG GET shows it, in lower case. */
  readonly name: string
  /** An older spelling, equally valid; CONFIG GET with a pattern shows both. */
  readonly alias?: string
  /** In canonical spelling: what CONFIG GET replies while nobody has set the option. */
  readonly default: string
  /** Only the file and the command line can set it. */
  readonly immutable?: true
  /** CONFIG GET shows it only when asked by its exact name. */
  readonly hidden?: true
  /** Its value must not be logged. */
  readonly sensitive?: true
  /** CONFIG SET needs the consent of enable-protected-configs. */
  readonly protected?: true
  /** CONFIG SET is refused while the dataset is being loaded. */
  readonly deniedWhileLoading?: true
  /** Its value consists of several words. */
  readonly multiArgument?: true
  /** Meant for debugging and tests. */
  readonly debug?: true
  /** Setting it to the value it has is a change too: what it names may have changed. */
  readonly volatile?: true
}

export interface BooleanOption extends OptionFacts {
  readonly type: 'boolean'
}

export interface IntegerOption extends OptionFacts {
  readonly type: 'integer'
  readonly min: number | bigint
  readonly max: number | bigint
  /** A valid value outside these limits is silently moved to the nearer one. */
  readonly clamp?: readonly [number, number | bigint]
}

/** Bytes, written with or without a unit. */
export interface MemoryOption extends OptionFacts {
  readonly type: 'memory'
  /** Also as a percentage of the memory there is, which is read as the bytes that it comes to. */
  readonly takesPercent?: true
  readonly min: number | bigint
  readonly max: number | bigint
  readonly clamp?: readonly [number, number | bigint]
}

/** Bytes, or a percentage of maxmemory. */
export interface MemoryOrPercentOption extends OptionFacts {
  readonly type: 'memory-or-percent'
}

/** File permissions. */
export interface OctalOption extends OptionFacts {
  readonly type: 'octal'
  readonly min: number
  readonly max: number
}

export interface EnumOption extends OptionFacts {
  readonly type: 'enum'
  readonly values: readonly string[]
  /** Values which mean the same as another, and read back as that other. */
  readonly synonyms?: Readonly<Record<string, string>>
}

/** Any number of the values, the first of which stands for none of the others. */
export interface EnumListOption extends OptionFacts {
  readonly type: 'enum-list'
  readonly values: readonly string[]
  readonly multiArgument: true
  readonly validate?: (words: readonly string[]) => string | undefined
}

export interface StringOption extends OptionFacts {
  readonly type: 'string'
  /** The empty string means that there is no value; CONFIG REWRITE then drops the line. */
  readonly emptyIsUnset?: true
  /** The reason why a value is refused. */
  readonly validate?: (value: string) => string | undefined
}

/** An option with a grammar of its own: list-values.ts has one reader per name. */
export interface SpecialOption extends OptionFacts {
  readonly type: 'special'
}

export type Option =
  | BooleanOption
  | IntegerOption
  | MemoryOption
  | MemoryOrPercentOption
  | OctalOption
  | EnumOption
  | EnumListOption
  | StringOption
  | SpecialOption

export const INT32_MIN = -(2 ** 31)
export const INT32_MAX = 2 ** 31 - 1
export const UINT32_MAX = 2 ** 32 - 1
export const UINT64_MAX = 2n ** 64n - 1n
export const MAX_PORT = 65535
