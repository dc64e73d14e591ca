import { describe, expect, test } from 'vitest'
import { LongDouble, parseLongDouble } from '../../src/base/long-double.ts'
import { Random } from '../../src/base/random.ts'

const parse = (text: string) => parseLongDouble(text) ?? expect.fail(`${text} was refused`)
const shown = (text: string) => parse(text).toHumanString()
const sum = (a: string, b: string) => parse(a).add(parse(b)).toHumanString()

const LARGEST = '1.18973149535723176502e4932'

describe('parseLongDouble and toHumanString', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['3.0', '3'],
    ['100', '100'],
    ['3.0e3', '3000'],
    ['.5', '0.5'],
    ['1.', '1'],
    ['+5', '5'],
    ['-12.750', '-12.75'],
    ['0.1', '0.1'],
    ['0x10', '16'],
    ['-0X.8p1', '-1'],
    ['1e-17', '0.00000000000000001'],
    ['1.5e-17', '0.00000000000000002'],
    ['5e-18', '0'],
    ['-1e-20', '0'],
    ['1e-4945', '0'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551617', '18446744073709551616'],
    ['18446744073709551618', '18446744073709551618'],
    ['36893488147419103233', '36893488147419103232'],
    ['36893488147419103235', '36893488147419103236'],
    ['0.00000000000000001499', '0.00000000000000001'],
    ['0e99999999', '0'],
    ['inf', 'inf'],
    ['-Infinity', '-inf'],
  ])('reads %s and shows %s', (text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  // biome-ignore format: a list to scan
  test.each([
    '', '.', '-', '+-1', ' 1', '1 ', '1\n', '1e', '1e+', '1_0', '0x', '0x.', '0x1p', 'nan', '-nan', 'nan(1)', 'infi',
    '1.2.3', '1e4933', '-1e5000', '1e99999999999999999999', '1.18973149535723176508e4932', '0x1p16384',
    '0x1.ffffffffffffffffp16383', '1e-4960', '1.8225997659412373012e-4951', '0x1p-16446', '1e-99999999999999999999',
  ])('refuses %j', (text) => {
    expect(parseLongDouble(text)).toBeUndefined()
  })

  test('accepts 5,119 bytes and refuses 5,120', () => {
    expect(shown(`${'0'.repeat(5118)}1`)).toBe('1')
    expect(parseLongDouble(`${'0'.repeat(5119)}1`)).toBeUndefined()
  })

  test('knows the limits: the largest number, and the smallest above zero', () => {
    expect(shown(LARGEST)).toMatch(/^118973149535723176502126385303\d{4903}$/)
    expect(shown('0x1.fffffffffffffffep16383')).toBe(shown(LARGEST))
    expect(parse('0x1p-16445').isZero()).toBe(false)
    expect(parse('1.8225997659412373013e-4951').isZero()).toBe(false)
  })

  test('shows every whole number of 64 bits as it is', () => {
    const random = new Random(6)
    for (let i = 0; i < 3000; i++) {
      const value = (BigInt(random.uint32()) << 32n) | BigInt(random.uint32())
      const text = String((i % 2 ? -1n : 1n) * (value >> BigInt(random.below(64))))
      expect(shown(text)).toBe(text === '-0' ? '0' : text)
    }
  })
})

describe('add', () => {
  // Redis 7.4.1 gave these sums to INCRBYFLOAT.
  test.each([
    ['10.5', '0.1', '10.6'],
    ['3.0e3', '200', '3200'],
    ['1', '-0', '1'],
    ['-0', '-0', '0'],
    ['0x10', '0x.8', '16.5'],
    ['1.23', '-1.23', '0'],
    ['9223372036854775807', '1', '9223372036854775808'],
    ['18446744073709551615', '1', '18446744073709551616'],
    ['18446744073709551616', '1', '18446744073709551616'],
    ['18446744073709551616', '3', '18446744073709551620'],
    ['1e-4950', '1e-4950', '0'],
  ])('%s and %s give %s', (a, b, expected) => {
    expect(sum(a, b)).toBe(expected)
    expect(sum(b, a)).toBe(expected)
  })

  test('is exact where 64 bits of mantissa suffice', () => {
    const random = new Random(7)
    for (let i = 0; i < 3000; i++) {
      const bits = BigInt(random.below(30))
      const [a, b] = [random.below(2 ** 45) - 2 ** 44, random.below(2 ** 45) - 2 ** 44] as const
      const total = parse(`${a}`).add(parse(`${b}`))
      expect(total.toHumanString()).toBe(String(a + b))
      // The same with a point in it: a / 2^bits is a decimal that ends.
      const scaled = (value: number) => `${value < 0 ? '-' : ''}0x${Math.abs(value).toString(16)}p-${bits}`
      expect(
        parse(scaled(a))
          .add(parse(scaled(b)))
          .toHumanString(),
      ).toBe(shown(scaled(a + b)))
    }
  })

  test('rounds ties to the even mantissa', () => {
    const two64 = '18446744073709551616'
    expect(sum(two64, '1')).toBe(two64)
    expect(sum(two64, '3')).toBe('18446744073709551620')
    expect(sum(two64, '1.0000000001')).toBe('18446744073709551618')
    expect(sum(two64, '-0.5')).toBe(two64)
    expect(sum(two64, '-0.50000001')).toBe('18446744073709551615')
  })

  test('says that it is not finite when it overflows or meets an infinity', () => {
    expect(parse(LARGEST).add(parse(LARGEST)).isFinite()).toBe(false)
    expect(parse('inf').add(parse('1')).isFinite()).toBe(false)
    expect(parse('inf').add(parse('-inf')).toHumanString()).toBe('nan')
    expect(
      parse(LARGEST)
        .add(parse(`-${LARGEST}`))
        .toHumanString(),
    ).toBe('0')
    expect(LongDouble.ZERO.add(parse(LARGEST)).isFinite()).toBe(true)
  })
})
