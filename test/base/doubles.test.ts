import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  APPROXIMATE,
  approximateDecimal,
  format17,
  formatDouble,
  MAX_DOUBLE_LENGTH,
  parseDouble,
  parseLeniently,
  writeDouble,
} from '../../src/base/doubles.ts'
import { Random } from '../../src/base/random.ts'

// Digits around the text, so that reading beyond the given range changes the outcome.
function parse(text: string): number | undefined {
  return parseDouble(Buffer.from(`7${text}7`, 'latin1'), 1, text.length)
}

/** Doubles of many kinds: any bit pattern, amounts, small fractions, powers, subnormals. The same on every run. */
function* sample(count: number): Generator<number> {
  const random = new Random(4)
  const view = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < count; i++) {
    const kind = i % 6
    if (kind === 0) {
      view.setUint32(0, random.uint32())
      view.setUint32(4, random.uint32())
      const any = view.getFloat64(0)
      yield Number.isFinite(any) ? any : 0.5
    } else if (kind === 1) yield random.below(1e9) / 100
    else if (kind === 2) yield random.fraction() * 1000 - 500
    else if (kind === 3) yield random.below(1e6) * Number(`1e${random.below(600) - 310}`)
    else if (kind === 4) yield 2 ** (random.below(2098) - 1074)
    else yield 100_000_000_000_000 + random.below(1e12) / 8
  }
}

describe('parseDouble', () => {
  test.each([
    ['0', 0],
    ['-0', -0],
    ['-0.0', -0],
    ['3.0', 3],
    ['1.', 1],
    ['.5', 0.5],
    ['+5', 5],
    ['-12.75', -12.75],
    ['0.1', 0.1],
    ['1e3', 1000],
    ['1E-2', 0.01],
    ['1e+2', 100],
    ['123456789012345678', 123456789012345677n],
    ['9007199254740993', 9007199254740992],
    ['9007199254740993.00000000000000000000000000001', 9007199254740994],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['4e-324', 5e-324],
    ['1e-320', 1e-320],
    ['0e999999999', 0],
    ['0x10', 16],
    ['-0X1.8p3', -12],
    ['0x.8p1', 1],
    ['0x1p-1074', 5e-324],
    ['0x1.fffffffffffff7p1023', Number.MAX_VALUE],
    ['0x1.00000000000008p0', 1],
    ['0x1.000000000000081p0', 1 + 2 ** -52],
    ['0x1.00000000000018p0', 1 + 2 ** -51],
    ['0x0p99999', 0],
    ['0x1.8p-1074', 1e-323],
    ['inf', Number.POSITIVE_INFINITY],
    ['+INF', Number.POSITIVE_INFINITY],
    ['-iNfInItY', Number.NEGATIVE_INFINITY],
  ])('reads %j as %d', (text, value) => {
    expect(parse(text)).toBe(Number(value))
  })

  // biome-ignore format: a list to scan
  test.each([
    '', '.', '-', '+', '+-1', '--1', ' 1', '1 ', '\t1', '1\n', '1\x00', '1e', '1e+', '1e1.5', '1_0', '1,5', '1d', '1f',
    'e5', '.e5', '1..2', '1.2.3', '0b1', '0x', '0x.', '0xp1', '0x1p', '0x1p+', '0xg', 'nan', '-NaN', 'nan(1)', 'infi',
    'infinityx', 'in', '1e400', '-1e400', '1e-400', '0x1p1024', '0x1.fffffffffffff8p1023', '0x1p-1075', '0x1p-99999',
    '1e99999999999999999999',
  ])('refuses %j', (text) => {
    expect(parse(text)).toBeUndefined()
  })

  test('reads back what String writes, for numbers of every kind', () => {
    for (const value of sample(20_000)) {
      if (!Object.is(parse(String(value)), value)) expect.fail(String(value))
    }
  })

  test('agrees with Number on random decimals, whichever way they are read', () => {
    const random = new Random(5)
    const digits = (most: number) => String(random.below(10 ** random.below(most + 1)))
    for (let i = 0; i < 20_000; i++) {
      const text = `${i % 2 ? '-' : ''}${digits(12)}.${'0'.repeat(random.below(4))}${digits(8)}`
      if (!Object.is(parse(text), Number(text))) expect.fail(text)
    }
  })

  test('answers for long text without delay: digits are read, a million of them are refused', () => {
    expect(parse('1'.repeat(300))).toBe(Number('1'.repeat(300)))
    expect(parse(`0.${'0'.repeat(300)}1`)).toBe(1e-301)
    expect(parse(`${'0'.repeat(100_000)}x`)).toBeUndefined()
    expect(parse(`0x${'0'.repeat(100_000)}1`)).toBe(1)
    expect(parse('1'.repeat(2_000_000))).toBeUndefined()
  })
})

describe('formatDouble', () => {
  // What Redis 7.4.1 replied to ZSCORE; -0, inf and nan as its other replies spell them.
  test.each([
    ['0', '0'],
    ['-0', '-0'],
    ['3', '3'],
    ['-17', '-17'],
    ['1e15', '1000000000000000'],
    ['9007199254740992', '9007199254740992'],
    ['1e17', '100000000000000000'],
    ['4611686018427387904', '4611686018427387904'],
    ['-4611686018427387904', '-4611686018427387904'],
    ['4611686018427389000', '4611686018427389000'],
    ['9223372036854775807', '9223372036854776000'],
    ['9e18', '9e+18'],
    ['1e19', '1e+19'],
    ['1.5e20', '1.5e+20'],
    ['12345678901234567890', '12345678901234567000'],
    ['1e22', '1e+22'],
    ['1e23', '99999999999999990000000'],
    ['5e22', '49999999999999996000000'],
    ['123e20', '12300000000000001000000'],
    ['0.1', '0.1'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['1234567.125', '1234567.125'],
    ['12345678912345.675', '12345678912345.676'],
    ['0.0095', '0.0095'],
    ['0.00001', '0.00001'],
    ['0.000001', '0.000001'],
    ['0.00000123456', '1.23456e-6'],
    ['1e-7', '1e-7'],
    ['1.23456789e-7', '1.23456789e-7'],
    ['1e-8', '1e-8'],
    ['1.5e300', '1.5e+300'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['2.5e-308', '2.5e-308'],
    ['5e-324', '5e-324'],
    ['Infinity', 'inf'],
    ['-Infinity', '-inf'],
    ['NaN', 'nan'],
  ])('writes %s as %s', (value, text) => {
    expect(formatDouble(Number(value))).toBe(text)
  })

  test('gives the very digits the reference implementation of Grisu2 gave for 60,000 doubles', () => {
    const hash = createHash('sha1')
    for (const value of sample(60_000)) hash.update(`${formatDouble(value)}\n`)
    expect(hash.digest('hex')).toBe('2094a590fbc7f6aca9a8525192b49308eea2303c')
  })

  test('writes text that reads back as the same double, and fits its room', () => {
    const out = new Uint8Array(MAX_DOUBLE_LENGTH + 2)
    for (const value of sample(20_000)) {
      const end = writeDouble(out, 1, -value)
      const text = Buffer.from(out.subarray(1, end)).toString('latin1')
      if (!Object.is(Number(text), -value) || end > MAX_DOUBLE_LENGTH + 1) expect.fail(`${-value}: ${text}`)
      if (text !== formatDouble(-value)) expect.fail(text)
    }
  })
})

describe('format17', () => {
  test.each([
    ['0', '0'],
    ['-0', '-0'],
    ['3', '3'],
    ['100', '100'],
    ['0.1', '0.10000000000000001'],
    ['0.5', '0.5'],
    ['-0.0001', '-0.0001'],
    ['0.00001', '1.0000000000000001e-05'],
    ['1e16', '10000000000000000'],
    ['12345678901234567', '12345678901234568'],
    ['1e17', '1e+17'],
    ['1e21', '1e+21'],
    ['1e100', '1e+100'],
    ['1.5e300', '1.5000000000000001e+300'],
    ['5e-324', '4.9406564584124654e-324'],
    ['1e-8', '1e-08'],
    // Exactly between two numbers of 17 digits: the even one.
    ['100000000000000.125', '100000000000000.12'],
    ['100000000000000.375', '100000000000000.38'],
    ['Infinity', 'inf'],
    ['-Infinity', '-inf'],
    ['NaN', 'nan'],
  ])('writes %s as %s', (value, text) => {
    expect(format17(Number(value))).toBe(text)
  })

  test('gives what printf gave for 60,000 doubles', () => {
    const hash = createHash('sha1')
    for (const value of sample(60_000)) hash.update(`${format17(value)}\n`)
    expect(hash.digest('hex')).toBe('8c84d454504d3f1e3a84e8dcdd7924e60212ed42')
  })
})

describe('parseLeniently', () => {
  const lenient = (given: string) => parseLeniently(Buffer.from(`7${given}7`, 'latin1'), 1, given.length)

  test.each([
    ['', 0],
    ['\0 whatever', 0],
    ['1.5', 1.5],
    [' \t\n1.5', 1.5],
    ['-2\0x', -2],
    ['-0', -0],
    ['1e400', Number.POSITIVE_INFINITY],
    ['-1e400', Number.NEGATIVE_INFINITY],
    ['1e-400', 0],
    ['5e-324', 5e-324],
    ['0x10', 16],
    ['-0x.8p1', -1],
    ['0x1p5000', Number.POSITIVE_INFINITY],
    ['+inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['12345678901234567890', Number('12345678901234567890')],
  ])('reads %j as %d', (given, value) => {
    expect(lenient(given)).toBe(value)
  })

  test.each([' ', '1 ', 'nan', 'abc', '1e', '0x', '--1', '1,5', ' \0', '(1'])('refuses %j', (given) => {
    expect(lenient(given)).toBeUndefined()
  })
})

describe('approximateDecimal', () => {
  const about = (given: string) => approximateDecimal(Buffer.from(`7${given}7`, 'latin1'), 1, given.length)

  test('is as near to the number as it says, or nothing', () => {
    let read = 0
    for (const value of sample(60_000)) {
      const text = formatDouble(value)
      const found = about(text)
      if (Number.isNaN(found)) continue
      read++
      expect(Math.abs(found - value), text).toBeLessThanOrEqual(Math.abs(value) * APPROXIMATE)
    }
    expect(read).toBeGreaterThan(20_000)
  })

  test.each(['1e5', 'inf', '1.2.3', '12345678901234567890', 'x'])('leaves %s to others', (given) => {
    expect(about(given)).toBeNaN()
  })
})
