// Reads the text of one value by its option's type, refuses what the type does not allow, and spells it canonically.
// Text is the only state of an option: two values are equal if their canonical texts are. Strings hold bytes (latin1).

import { INT64_MAX, INT64_MIN, parseInt64, parseMemory } from '../base/integers.ts'
import type { IntegerOption, MemoryOption, OctalOption, Option, StringOption } from './option.ts'
import { UINT64_MAX } from './option.ts'

/** Thrown for a value that its option cannot take. Like ReplyError it carries no stack: it is a user's mistake. */
export class Refusal {
  /** Half a sentence, as a client of Redis expects it. */
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

export const WRONG_NUMBER = 'wrong number of arguments'

/** What `config.number()` and its siblings return, and what a watcher is told. */
export type ConfigValue = number | boolean | string

/**
 * The canonical spelling of one word for a scalar option; throws a Refusal. `availableBytes` tells what percentages of
 * memory are of.
 */
export function readScalar(option: Option, text: string, availableBytes: () => number): string {
  switch (option.type) {
    case 'boolean':
      return readBoolean(text)
    case 'integer':
      return readInteger(option, text)
    case 'memory':
      return readMemory(option, text, availableBytes)
    case 'memory-or-percent':
      return readMemoryOrPercent(text)
    case 'octal':
      return readOctal(option, text)
    case 'enum':
      return readEnum(option.values, option.synonyms, text)
    case 'string':
      return readString(option, text)
    default:
      throw new Error(`${option.name} is not a scalar option`)
  }
}

/** The value which a canonical text stands for. Whole numbers beyond 2^53 lose their last digits here, not in the text. */
export function valueOfText(option: Option, text: string): ConfigValue {
  switch (option.type) {
    case 'boolean':
      return text === 'yes'
    case 'integer':
    case 'memory':
      return Number(text)
    case 'octal':
      return Number.parseInt(text, 8)
    case 'memory-or-percent':
      return text.endsWith('%') ? -Number(text.slice(0, -1)) : Number(text)
    default:
      return text
  }
}

function readBoolean(text: string): string {
  const word = text.toLowerCase()
  if (word !== 'yes' && word !== 'no') throw new Refusal("argument must be 'yes' or 'no'")
  return word
}

function readInteger(option: IntegerOption, text: string): string {
  const value = canonicalInteger(text)
  if (value === undefined) throw new Refusal("argument couldn't be parsed into an integer")
  return clampedInRange(option, value)
}

function readMemory(option: MemoryOption, text: string, availableBytes: () => number): string {
  const percent = option.takesPercent && text.endsWith('%') ? canonicalInteger(text.slice(0, -1)) : undefined
  if (percent !== undefined && percent >= 0n && percent <= 100n) {
    return String((BigInt(Math.floor(availableBytes())) * percent) / 100n)
  }
  const bytes = parseBytes(text)
  if (bytes === undefined) throw new Refusal('argument must be a memory value')
  // Redis: a size beyond 2^63 wraps around where the option is signed, and is then found to be out of range.
  return clampedInRange(option, BigInt(option.max) > INT64_MAX ? bytes : BigInt.asIntN(64, bytes))
}

function readMemoryOrPercent(text: string): string {
  const bytes = parseBytes(text)
  if (bytes !== undefined) return percentOrBytes(BigInt.asIntN(64, bytes))
  const percent = text.endsWith('%') ? canonicalInteger(text.slice(0, -1)) : undefined
  if (percent === undefined || percent < 0n) throw new Refusal('argument must be a memory or percent value')
  return percentOrBytes(-percent)
}

/** Redis: a negative size is a percentage, however it came to be negative. */
function percentOrBytes(value: bigint): string {
  if (value >= 0n) return String(value)
  if (value < -100n) throw new Refusal('percentage argument must be less or equal to 100')
  return `${-value}%`
}

function readOctal(option: OctalOption, text: string): string {
  const value = looseInteger(text, 8)
  if (value === undefined) throw new Refusal("argument couldn't be parsed as an octal number")
  if (value < option.min || value > option.max) {
    throw new Refusal(
      `argument must be between ${option.min.toString(8)} and ${option.max.toString(8)} inclusive`,
    )
  }
  return value.toString(8)
}

export function readEnum(
  values: readonly string[],
  synonyms: Readonly<Record<string, string>> | undefined,
  text: string,
): string {
  const word = text.toLowerCase()
  if (!values.includes(word)) {
    throw new Refusal(`argument(s) must be one of the following: ${values.join(', ')}`)
  }
  return synonyms?.[word] ?? word
}

function readString(option: StringOption, text: string): string {
  const reason = option.validate?.(text)
  if (reason !== undefined) throw new Refusal(reason)
  return text
}

function clampedInRange(option: IntegerOption | MemoryOption, value: bigint): string {
  if (value < option.min || value > option.max) {
    throw new Refusal(`argument must be between ${option.min} and ${option.max} inclusive`)
  }
  if (option.clamp === undefined) return String(value)
  const [lowest, highest] = option.clamp
  if (value < lowest) return String(lowest)
  return String(value > highest ? highest : value)
}

function canonicalInteger(text: string): bigint | undefined {
  const bytes = Buffer.from(text, 'latin1')
  return parseInt64(bytes, 0, bytes.length)
}

/**
 * A whole number as C's strtoll reads it: leading blanks and a plus sign are fine, no text at all is 0, and what does
 * not fit 64 bits becomes the nearest number that does.
 */
export function looseInteger(text: string, radix: 8 | 10): bigint | undefined {
  if (text === '') return 0n
  const match = /^[ \t-\r]*([+-]?)([0-9]+)$/.exec(text)
  if (match === null) return undefined
  const digits = match[2]!
  if (radix === 8 && /[89]/.test(digits)) return undefined
  const magnitude = BigInt(radix === 8 ? `0o${digits}` : digits)
  const value = match[1] === '-' ? -magnitude : magnitude
  if (value > INT64_MAX) return INT64_MAX
  return value < INT64_MIN ? INT64_MIN : value
}

/**
 * A size in bytes as an unsigned 64-bit number, exact where parseMemory rounds. Digits beyond 64 bits mean the largest
 * such number; multiplied by its unit it wraps around, as it does in Redis.
 */
export function parseBytes(text: string): bigint | undefined {
  const rounded = parseMemory(text)
  if (rounded === undefined) return undefined
  if (Number.isSafeInteger(rounded)) return BigInt(rounded)
  const [, digits, unit] = /^(\d*)(.*)$/s.exec(text)!
  const count = BigInt(digits!)
  return BigInt.asUintN(64, (count > UINT64_MAX ? UINT64_MAX : count) * BigInt(parseMemory(`1${unit}`)!))
}
