import { describe, expect, test } from 'vitest'
import { globMatch } from '../../src/base/glob.ts'
import { Random } from '../../src/base/random.ts'

// Stars around both, so that reading beyond the given ranges changes the outcome.
function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const patternBytes = Buffer.from(`*${pattern}*`, 'latin1')
  const textBytes = Buffer.from(`*${text}*`, 'latin1')
  return globMatch(patternBytes, 1, patternBytes.length - 2, textBytes, 1, textBytes.length - 2, ignoreCase)
}

type Element = 'star' | ((byte: string) => boolean)

/** The rules once more, the slow and plain way: a list of elements, then every possible length for every star. */
function model(pattern: string, text: string): boolean {
  if (text === '') return pattern === ''
  return tryAll(elementsOf(pattern), text)
}

function tryAll(elements: Element[], text: string): boolean {
  if (elements.length === 0) return text === ''
  const [first, ...rest] = elements
  if (first !== 'star') return text !== '' && first!(text[0]!) && tryAll(rest, text.slice(1))
  for (let taken = 0; taken <= text.length; taken++) if (tryAll(rest, text.slice(taken))) return true
  return false
}

function elementsOf(pattern: string): Element[] {
  const elements: Element[] = []
  for (let rest = pattern; rest !== ''; ) {
    const isSet = rest[0] === '['
    const token = (isSet ? /^\[\^?(?:\\.|[^\]]-.|[^\]])*\]?/ : /^(?:\\.|.)/).exec(rest)![0]
    if (isSet) elements.push(setElement(token))
    else if (token === '*') elements.push('star')
    else if (token === '?') elements.push(() => true)
    else elements.push((byte) => byte === token.at(-1))
    rest = rest.slice(token.length)
  }
  return elements
}

function setElement(token: string): Element {
  const isNegated = token[1] === '^'
  const items = token.slice(isNegated ? 2 : 1).match(/\\.|[^\]]-.|[^\]]/g) ?? []
  return (byte) => items.some((item) => isInItem(item, byte)) !== isNegated
}

function isInItem(item: string, byte: string): boolean {
  if (item.length < 3) return byte === item.at(-1)
  const [low, high] = [item[0]!, item[2]!].sort()
  return byte >= low! && byte <= high!
}

describe('globMatch', () => {
  test.each([
    ['', '', true],
    ['', 'a', false],
    ['a', '', false],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['abcd', 'abc', false],
    ['*', 'anything', true],
    ['a*', 'a', true],
    ['*a', 'banana', true],
    ['a**c', 'abbc', true],
    ['h?llo', 'hallo', true],
    ['h?llo', 'hllo', false],
    ['h[ae]llo', 'hello', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-c]llo', 'hbllo', true],
    ['h[c-a]llo', 'hbllo', true],
    ['h[a-c]llo', 'hdllo', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['[\\]]', ']', true],
    ['[\\a]', 'a', true],
    ['*a*b*c*', '__a_b__c', true],
    ['*a*b*c*', '__a_c__b', false],
    ['caf\xe9', 'caf\xe9', true],
  ])('matching %j against %j gives %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  test('lets a class without its bracket last to the end of the pattern', () => {
    expect(matches('[abc', 'b')).toBe(true)
    expect(matches('[abc', 'd')).toBe(false)
    expect(matches('[', 'a')).toBe(false)
    expect(matches('[^', 'a')).toBe(true)
    expect(matches('[\\', '\\')).toBe(true)
  })

  test('lets an empty class match nothing and its negation anything', () => {
    expect(matches('[]', 'a')).toBe(false)
    expect(matches('[^]', 'a')).toBe(true)
  })

  test('takes a bracket after a dash as the end of the range', () => {
    expect(matches('[a-]', '_')).toBe(true)
    expect(matches('[a-]', '-')).toBe(false)
    expect(matches('[a-]x]', '_')).toBe(true)
  })

  test('never matches empty text with a star', () => {
    expect(matches('*', '')).toBe(false)
    expect(matches('**', '')).toBe(false)
  })

  test('folds case only when asked, and never for an escaped byte in a class', () => {
    expect(matches('MaxMemory', 'maxmemory')).toBe(false)
    expect(matches('MaxMemory', 'maxmemory', true)).toBe(true)
    expect(matches('max[MN]emory', 'maxmemory', true)).toBe(true)
    expect(matches('max[L-N]emory', 'maxmemory', true)).toBe(true)
    expect(matches('max[\\M]emory', 'maxmemory', true)).toBe(false)
    expect(matches('[Z-a]', 'z', true)).toBe(false)
    expect(matches('\xc9', '\xe9', true)).toBe(false)
  })

  test('agrees with a recursive model on random patterns of special bytes', () => {
    const random = new Random(3)
    const word = (alphabet: string, most: number) =>
      Array.from({ length: random.below(most + 1) }, () => alphabet[random.below(alphabet.length)]).join('')
    let matched = 0
    for (let i = 0; i < 40_000; i++) {
      const pattern = random.below(3) === 0 ? word('ab*', 8) : word('ab*?[]^-\\', 8)
      const text = random.below(2) === 0 ? word('ab', 6) : word('ab*?[]^-\\', 4)
      const expected = model(pattern, text)
      if (expected) matched++
      if (matches(pattern, text) !== expected)
        expect.fail(`${pattern} against ${text} should give ${expected}`)
    }
    expect(matched).toBeGreaterThan(2000)
  })

  test('answers at once for patterns whose every star could be tried', () => {
    expect(matches(`${'a*'.repeat(5000)}b`, 'a'.repeat(10_000))).toBe(false)
    expect(matches(`${'a*'.repeat(5000)}b`, `${'a'.repeat(10_000)}b`)).toBe(true)
    expect(matches('*?'.repeat(5000), 'a'.repeat(9999))).toBe(true)
  })
})
