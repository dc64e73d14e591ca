import { describe, expect, test } from 'vitest'
import {
  decimalLength,
  INT64_MAX,
  INT64_MIN,
  isCanonicalInt64,
  isInt64,
  parseInt64,
  parseMemory,
  parseSafeInteger,
  writeDecimal,
} from '../../src/base/integers.ts'
import { Random } from '../../src/base/random.ts'

// Digits around the text, so that reading beyond the given range changes the outcome.
function inside<T>(text: string, read: (bytes: Uint8Array, start: number, length: number) => T): T {
  return read(Buffer.from(`77${text}77`, 'latin1'), 2, Buffer.byteLength(text, 'latin1'))
}

const safe = (text: string) => inside(text, parseSafeInteger)
const int64 = (text: string) => inside(text, parseInt64)
const canonical = (text: string) => inside(text, isCanonicalInt64)

function written(value: number): string {
  const out = new Uint8Array(24).fill(0x2e)
  const end = writeDecimal(out, 3, value)
  const text = Buffer.from(out).toString('latin1')
  if (/[^.]/.test(text.slice(0, 3) + text.slice(end)))
    expect.fail(`${value} was written beyond its place: ${text}`)
  return text.slice(3, end)
}

/** The same rule, said with a regular expression and BigInt. */
function modelInt64(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return undefined
  const value = BigInt(text)
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined
}

// biome-ignore format: a list to scan
const NOT_INTEGERS = [
  '', '-', '+', '+1', '-0', '00', '01', '-01', ' 1', '1 ', '1.0', '1e3', '0x1', '--1', '1-', 'a', '1a', '12345678a',
  '123456789a', '1234567890:', '1234567890/', '123456789012345678a', '\x001', '1\x00', '\xff', '-a', ':', '/',
]

/** Powers of ten and of two, their neighbours and negatives: where lengths and precision change. */
function edges(): bigint[] {
  const powers = [...Array(20).keys()].flatMap((i) => [
    10n ** BigInt(i),
    2n ** BigInt(i * 4),
    2n ** BigInt(i * 4 - (i && 1)),
  ])
  const around = powers.flatMap((power) => [power - 2n, power - 1n, power, power + 1n, power + 2n])
  return around.flatMap((value) => [value, -value])
}

describe('parseSafeInteger', () => {
  test('reads every edge up to 2^53 - 1 and refuses what lies beyond', () => {
    for (const value of edges()) {
      const isSafe = Number.isSafeInteger(Number(value)) && BigInt(Number(value)) === value
      expect(safe(String(value)), String(value)).toBe(isSafe ? Number(value) : Number.NaN)
    }
    expect(safe('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(safe('-9007199254740991')).toBe(Number.MIN_SAFE_INTEGER)
    expect(safe('9007199254740992')).toBeNaN()
    expect(safe('-9007199254740992')).toBeNaN()
    expect(safe('9007199254740993')).toBeNaN()
  })

  test('gives 0 and not -0 for zero', () => {
    expect(Object.is(safe('0'), 0)).toBe(true)
  })

  test.each(NOT_INTEGERS)('refuses %j', (text) => {
    expect(safe(text)).toBeNaN()
  })
})

describe('parseInt64 and isCanonicalInt64', () => {
  test('agree with a BigInt model at every edge', () => {
    for (const value of [...edges(), INT64_MIN, INT64_MAX, INT64_MIN - 1n, INT64_MAX + 1n, 10n ** 30n]) {
      const text = String(value)
      expect(int64(text), text).toBe(modelInt64(text))
      expect(canonical(text), text).toBe(modelInt64(text) !== undefined)
    }
  })

  test.each(NOT_INTEGERS)('refuse %j', (text) => {
    expect(int64(text)).toBeUndefined()
    expect(canonical(text)).toBe(false)
  })

  test('agree with the model, and with parseSafeInteger, on random text of digits and near-digits', () => {
    const random = new Random(1)
    const alphabet = '0123456789012345678901234567890123456789-/: '
    for (let i = 0; i < 50_000; i++) {
      let text = random.below(3) === 0 ? '-' : ''
      const pure = random.below(2) === 0
      for (let n = random.below(21); n > 0; n--) text += alphabet[random.below(pure ? 40 : alphabet.length)]
      const expected = modelInt64(text)
      if (int64(text) !== expected) expect.fail(`parseInt64(${text}) is ${int64(text)}, not ${expected}`)
      if (canonical(text) !== (expected !== undefined)) expect.fail(`isCanonicalInt64(${text})`)
      const small = expected !== undefined && expected >= -(2n ** 53n) + 1n && expected < 2n ** 53n
      if (!Object.is(safe(text), small ? Number(expected) : Number.NaN))
        expect.fail(`parseSafeInteger(${text})`)
    }
  })
})

test('isInt64 draws the line at the 64-bit limits', () => {
  expect([INT64_MIN - 1n, INT64_MIN, 0n, INT64_MAX, INT64_MAX + 1n].map(isInt64)).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
})

describe('writeDecimal and decimalLength', () => {
  test('write every edge of the safe range as String does, and touch no byte beside', () => {
    for (const edge of edges()) {
      const value = Number(edge)
      if (!Number.isSafeInteger(value)) continue
      expect(written(value)).toBe(String(value))
      expect(decimalLength(value)).toBe(String(value).length)
    }
    for (const value of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      expect(written(value)).toBe(String(value))
    expect(written(-0)).toBe('0')
    expect(decimalLength(-0)).toBe(1)
  })

  test('write the small numbers and random ones of every magnitude as String does', () => {
    const random = new Random(2)
    const wrong = (value: number) =>
      written(value) !== String(value) || decimalLength(value) !== String(value).length
    for (let value = -1100; value <= 11_000; value++) if (wrong(value)) expect.fail(String(value))
    for (let i = 0; i < 20_000; i++) {
      const value = Math.floor(random.fraction() * 2 ** random.below(54)) * (random.below(2) === 0 ? 1 : -1)
      if (wrong(value)) expect.fail(String(value))
    }
  })
})

describe('parseMemory', () => {
  test.each([
    ['0', 0],
    ['100', 100],
    ['007', 7],
    ['5b', 5],
    ['1k', 1000],
    ['1K', 1000],
    ['1kb', 1024],
    ['1kB', 1024],
    ['3m', 3_000_000],
    ['100mb', 104_857_600],
    ['1g', 1e9],
    ['2GB', 2 * 1024 ** 3],
    ['', 0],
    ['kb', 0],
    ['99999999999999999999', 2 ** 64],
  ])('reads %j as %d bytes', (text, bytes) => {
    expect(parseMemory(text)).toBe(bytes)
  })

  test.each([
    '-1',
    '+1',
    '1tb',
    '1 kb',
    ' 1',
    '1 ',
    '1.5gb',
    '0x10',
    '1e3',
    'kb1',
    '1kbb',
    '1\n',
    '٣',
    '1'.repeat(128),
  ])('refuses %j', (text) => {
    expect(parseMemory(text)).toBeUndefined()
  })
})
