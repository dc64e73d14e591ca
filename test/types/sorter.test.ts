import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Slice } from '../../src/memory/slice.ts'
import { numberOf, Sorter, type SortRule } from '../../src/types/sorter.ts'

const slice = new Slice()

function sliceOf(text: string): Slice {
  const bytes = Buffer.from(`..${text}.`, 'latin1')
  return slice.set(bytes, 2, bytes.length - 3)
}

function sorted(
  texts: readonly string[],
  rule: Partial<SortRule>,
  weights?: readonly (string | undefined)[],
  wanted = texts.length,
): string[] | undefined {
  const sorter = new Sorter()
  for (const text of texts) sorter.elements.addSlice(sliceOf(text))
  sorter.begin({ isAlphabetic: false, isDescending: false, hasWeights: weights !== undefined, ...rule })
  if (weights === undefined) {
    if (!sorter.weighElements()) return undefined
  } else {
    for (const [i, weight] of weights.entries()) {
      if (!sorter.addWeight(i, weight === undefined ? undefined : sliceOf(weight))) return undefined
    }
  }
  sorter.sort(wanted)
  return Array.from({ length: wanted }, (_, i) => Buffer.from(sorter.elementAt(i).copy()).toString('latin1'))
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))
}

/** What a model makes of it: `Array.sort` is stable. */
function model(texts: readonly string[], { isAlphabetic, isDescending }: Partial<SortRule>): string[] {
  const order = (a: string, b: string) => (isAlphabetic ? 0 : Number(a) - Number(b)) || byBytes(a, b)
  return [...texts].sort((a, b) => (isDescending ? order(b, a) : order(a, b)))
}

const RULES = [
  {},
  { isDescending: true },
  { isAlphabetic: true },
  { isAlphabetic: true, isDescending: true },
] as const

describe.each(RULES)('%o', (rule) => {
  test.each([0, 1, 2, 13, 100, 5000])('%i elements come in the order that a model puts them in', (count) => {
    const random = new Random(count + 1)
    const texts = Array.from({ length: count }, () => {
      const number = random.below(1000)
      return ['', '0', '.0', '.5'][random.below(4)] === '' ? String(number) : `${number}.${random.below(10)}`
    })
    expect(sorted(texts, rule)).toEqual(model(texts, rule))
  })

  test.each([0, 1, 10, 1900])('the first %i of many are those that a model has there', (wanted) => {
    const random = new Random(wanted + 1)
    const texts = Array.from({ length: 8000 }, () => String(random.below(5000) - 2000))
    expect(sorted(texts, rule, undefined, wanted)).toEqual(model(texts, rule).slice(0, wanted))
  })
})

describe('texts', () => {
  test('are ordered by their bytes, whatever the first six are', () => {
    const texts = [
      'abcdefgh',
      'abcdef',
      'abcdefg',
      'abcdefa',
      'abc',
      'abc\0',
      'abc\0\0d',
      '',
      '\xff',
      'a\xffb',
      'B',
    ]
    expect(sorted(texts, { isAlphabetic: true })).toEqual([...texts].sort(byBytes))
  })

  test('with equal weights stay where they were, in either direction', () => {
    const texts = ['z', 'b', 'y', 'a']
    const weights = ['2', '1', '2', '1']
    expect(sorted(texts, { isAlphabetic: true }, weights)).toEqual(['b', 'a', 'z', 'y'])
    expect(sorted(texts, { isAlphabetic: true, isDescending: true }, weights)).toEqual(['z', 'y', 'b', 'a'])
  })

  test('without a weight come first', () => {
    const texts = ['z', 'b', 'y', 'a']
    const weights = ['', undefined, 'x', undefined]
    expect(sorted(texts, { isAlphabetic: true }, weights)).toEqual(['b', 'a', 'z', 'y'])
    expect(sorted(texts, { isAlphabetic: true, isDescending: true }, weights)).toEqual(['y', 'z', 'b', 'a'])
  })

  test('with the same number are ordered by their bytes', () => {
    expect(sorted(['z', 'b', 'y', 'a'], {}, ['1', undefined, '0', '1'])).toEqual(['b', 'y', 'a', 'z'])
    expect(sorted(['1', '01', '1.0', '0x1', '-0', '0'], {})).toEqual(['-0', '0', '01', '0x1', '1', '1.0'])
  })
})

describe('a number', () => {
  test.each([
    ['', 0],
    ['12', 12],
    [' \t12', 12],
    ['3\0abc', 3],
    ['\0', 0],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['0x1p3', 8],
    ['0x1p-1074', 5e-324],
    ['2.3e-308', 2.3e-308],
    ['-0', 0],
  ])('%j is one', (text, number) => {
    expect(numberOf(sliceOf(text))).toBe(number)
  })

  test.each([' ', '1 ', 'nan', '1e400', '1e-400', '5e-324', '1e-310', '0x', 'x', '1e', '1,5'])(
    '%j is none',
    (text) => {
      expect(numberOf(sliceOf(text))).toBeNaN()
      expect(sorted(['1', text], {})).toBeUndefined()
      expect(sorted(['1', '2'], {}, ['1', text])).toBeUndefined()
    },
  )
})

describe.each<Partial<SortRule>>(RULES)('texts that differ late, %o', (rule) => {
  test.each(['a', 'common beginnings of texts: ', '\0\0\0\0\0\0\0'])('after %j', (beginning) => {
    const random = new Random(31)
    const texts = Array.from({ length: 3000 }, () => {
      const letters = Array.from(
        { length: random.below(20) },
        () => ['a', 'b', '\0', '\xff'][random.below(4)]!,
      )
      return beginning.repeat(random.below(3)) + letters.join('')
    })
    expect(sorted(texts, { ...rule, isAlphabetic: true })).toEqual(
      model(texts, { ...rule, isAlphabetic: true }),
    )
  })

  test('as weights, of which some are absent', () => {
    const random = new Random(32)
    const texts = Array.from({ length: 2000 }, (_, i) => String(i))
    const weights = texts.map(() =>
      random.below(5) === 0 ? undefined : 'weight:'.repeat(random.below(3)) + random.below(9),
    )
    const order = (a: string, b: string) => {
      const [one, other] = [weights[Number(a)], weights[Number(b)]]
      if (one === undefined || other === undefined)
        return Number(one !== undefined) - Number(other !== undefined)
      return byBytes(one, other)
    }
    const expected = [...texts].sort((a, b) => (rule.isDescending ? order(b, a) : order(a, b)))
    expect(sorted(texts, { ...rule, isAlphabetic: true }, weights)).toEqual(expected)
  })
})

test('many long texts that are nearly the same', () => {
  const texts = Array.from({ length: 60 }, (_, i) => 'x'.repeat(100_000) + ((i * 7) % 60))
  expect(sorted(texts, { isAlphabetic: true })).toEqual(model(texts, { isAlphabetic: true }))
})

test('many spellings of one number, by their texts', () => {
  const texts = Array.from({ length: 100 }, (_, i) => `${'0'.repeat((i * 37) % 100)}5`)
  expect(sorted(texts, {})).toEqual(model(texts, {}))
  expect(sorted(texts, { isDescending: true })).toEqual(model(texts, { isDescending: true }))
})
