// Seeded chance with a taste: keys that meet each other, values and numbers that lie on edges.
// Knows no command. Everything drawn is a latin1 string, as it goes over the wire.
import { Random } from '../../src/base/random.ts'

const ODD_KEYS = ['', 'bin\r\n\0\xff', 'L'.repeat(300)]
const SMALL_KEYS = [
  'a',
  'b',
  'c',
  'foo',
  'foobar',
  'key:1',
  'key:2',
  'key:[3]',
  'h?llo',
  '{tag}x',
  '12',
  '-1',
]
const BIG_KEYS = ['big', 'big2']

/** All keys a run ever uses, to recognise them among arguments. */
export const KEY_POOL: ReadonlySet<string> = new Set([...ODD_KEYS, ...SMALL_KEYS, ...BIG_KEYS])

/** 2100-01-01, far enough that real time does not matter. */
const YEAR_2100_SECONDS = 4_102_444_800

const NUMBERS_ON_EDGES = [
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775806',
  '-9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999999999',
  '4294967295',
  '4294967296',
  '2147483647',
  '2147483648',
  '-2147483648',
  '9007199254740993',
  '10000',
  '9999',
  '0',
  '-0',
]
const NO_INTEGERS = [
  '',
  ' ',
  ' 1',
  '1 ',
  '+1',
  '01',
  '-01',
  '0x10',
  '1.0',
  '1e5',
  '--1',
  '-',
  'abc',
  '1\0',
  'nan',
]
const FLOATS = [
  ...[
    '3.0e-10',
    '1e5',
    '-1.5e3',
    '0.1',
    '-0.1',
    '0.2',
    '.5',
    '5.',
    '-0',
    '0.0',
    '+1.5',
    '1E2',
    '3.14159265358979',
  ],
  ...[
    '1.123456789012345678901234567890',
    '123456789.987654321',
    '1e17',
    '1e18',
    '1e20',
    '-1e300',
    '1e-20',
    '5e-324',
  ],
  ...[
    '9007199254740993.5',
    '0.00000000000000001',
    '99999999999999999',
    '0x1p3',
    '0xff',
    '1e400',
    '1e4000',
    '1e5000',
  ],
]
const NO_FLOATS = [
  '',
  ' 1',
  '1 ',
  'inf',
  '-inf',
  '+inf',
  'infinity',
  'nan',
  '-nan',
  'abc',
  '1.1.1',
  '1e',
  '1,5',
  '1\0',
  '0x',
]
const GLOBS = [
  ...[
    '*',
    '?',
    'foo*',
    '*bar',
    'f*r',
    'h?llo',
    'h\\?llo',
    'key:[0-9]',
    'key:[12]',
    'key:[^1]',
    'key:\\[3\\]',
  ],
  ...[
    '[a-c]',
    '[c-a]',
    '[^a]',
    '[',
    '[]',
    '[a',
    '[a-',
    '[^',
    '[\\]]',
    '\\',
    'a\\',
    '**',
    '*a*',
    '*?*',
    '{*}*',
    '',
  ],
  ...['*\0*', '*\xff', '-1', '[!a]', 'FOO', '???', 'b\\in*', '*L*L*', 'key:?', '*[0-9]'],
]

export class Draw {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** A whole number in 0..limit-1. */
  below(limit: number): number {
    return this.#random.below(limit)
  }

  /** A whole number in low..high, both included. */
  between(low: number, high: number): number {
    return low + this.#random.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.#random.fraction() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)]!
  }

  /** A list of between low and high results. */
  several<T>(low: number, high: number, one: () => T): T[] {
    return Array.from({ length: this.between(low, high) }, one)
  }

  /** Any key, seldom an odd or a large one. For commands on one key. */
  key(): string {
    return this.chance(0.04) ? this.bigKey() : this.smallKey()
  }

  /** A key whose value never grows beyond some hundred bytes. */
  smallKey(): string {
    return this.chance(0.1) ? this.pick(ODD_KEYS) : this.pick(SMALL_KEYS)
  }

  /** A key whose value may grow to 100 KB, past the sizes at which a store changes its ways. */
  bigKey(): string {
    return this.pick(BIG_KEYS)
  }

  /** Two keys between which a value may travel: large values stay among the large. */
  keyPair(): [string, string] {
    if (this.chance(0.05)) return [this.bigKey(), this.bigKey()]
    return [this.smallKey(), this.smallKey()]
  }

  /** A value of any kind of content: number, text, bytes, nothing. */
  value(): string {
    switch (this.below(10)) {
      case 0:
        return ''
      case 1:
        return this.pick(FLOATS)
      case 2:
      case 3:
        return this.bytes(this.pick([1, 3, 8, 43, 44, 45, 64, 200]))
      case 4:
      case 5:
        return this.text(this.between(1, 60))
      default:
        return this.integer()
    }
  }

  /** Text of few different letters, so that strings have much in common. */
  text(length: number): string {
    return this.#string(length, () => 97 + this.below(4))
  }

  bytes(length: number): string {
    return this.#string(length, () => this.below(256))
  }

  /** Mostly small, sometimes on an edge, sometimes no integer at all. */
  integer(): string {
    const dice = this.below(20)
    if (dice === 0) return this.pick(NO_INTEGERS)
    if (dice <= 3) return this.pick(NUMBERS_ON_EDGES)
    return String(this.between(-20, 100))
  }

  /** An integer that is surely none, or beyond 64 bits. */
  notInteger(): string {
    return this.pick(NO_INTEGERS)
  }

  /** An index into a string: from a little before its start to a little after its end. */
  index(): string {
    const dice = this.below(20)
    if (dice < 2) return this.integer()
    if (dice < 6) return '0'
    if (dice < 9) return '-1'
    return String(dice < 11 ? this.between(-100_000, 100_000) : this.between(-40, 40))
  }

  float(): string {
    const dice = this.below(10)
    if (dice === 0) return this.pick(NO_FLOATS)
    if (dice <= 3) return this.pick(FLOATS)
    if (dice <= 5) return this.integer()
    return String(this.between(-1_000_000, 1_000_000) / this.pick([1, 10, 100, 1000, 7]))
  }

  glob(): string {
    return this.chance(0.3) ? '*' : this.pick(GLOBS)
  }

  /** A word in upper case, or as somebody might write it. */
  word(word: string): string {
    if (!this.chance(0.1)) return word
    if (this.chance(0.5)) return word.toLowerCase()
    return [...word].map((letter) => (this.chance(0.5) ? letter.toLowerCase() : letter)).join('')
  }

  /** Something that is no option of any command. */
  junk(): string {
    return this.pick(['', 'FOO', 'N', 'NXX', 'EXX', '*', '0', '1', '-1', 'a b', '\r\n', 'GET\0'])
  }

  /** A database's number: 0..3, seldom another or none. */
  database(): string {
    if (this.chance(0.92)) return String(this.below(4))
    return this.pick(['15', '16', '-1', '', 'abc', '1.0', ' 1', '4294967296', '9223372036854775808', '01'])
  }

  /**
   * A time to live, far away or never valid. All differ, so that GT and LT never depend on which millisecond a
   * server has reached, and none is so small that a key could expire during the run.
   */
  lifetime(unit: 'seconds' | 'milliseconds'): string {
    if (this.chance(0.1)) return this.#badTime()
    const seconds = 100_000 + this.below(10_000_000)
    return String(unit === 'seconds' ? seconds : seconds * 1000 + this.below(1000))
  }

  /** A moment as Unix time: around the year 2100, long ago, or none. */
  moment(unit: 'seconds' | 'milliseconds'): string {
    if (this.chance(0.08)) return this.#badTime()
    if (this.chance(0.08)) return this.pick(['1', '1000', '1600000000'])
    // Few different ones, so that equal deadlines meet.
    const seconds = YEAR_2100_SECONDS + this.below(5) * 1000
    return String(unit === 'seconds' ? seconds : seconds * 1000 + this.below(2))
  }

  #badTime(): string {
    const never = ['0', '-1', '-1000', '9223372036854775807', '-9223372036854775808']
    return this.chance(0.5)
      ? this.pick(never)
      : this.pick(['abc', '', '1.5', ' 1', '9223372036854775808', '+1'])
  }

  #string(length: number, code: () => number): string {
    let text = ''
    for (let i = 0; i < length; i++) text += String.fromCharCode(code())
    return text
  }
}
