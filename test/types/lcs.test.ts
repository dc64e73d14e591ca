import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Slice } from '../../src/memory/slice.ts'
import { lcsBytes, lcsLength, lcsStretches } from '../../src/types/lcs.ts'

function sliceOf(text: string): Slice {
  const bytes = Buffer.from(`#${text}#`, 'latin1')
  return new Slice().set(bytes, 1, text.length)
}

/** The table of the textbook, cell by cell. */
function tableOf(a: string, b: string): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i]![j] =
        a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!)
    }
  }
  return table
}

/** Pairs of equal positions, from the ends, shortening b where both ways are as good. */
function pairsOf(a: string, b: string): string[] {
  const table = tableOf(a, b)
  const pairs: string[] = []
  for (let i = a.length, j = b.length; i > 0 && j > 0; ) {
    if (a[i - 1] === b[j - 1]) pairs.push(`${--i},${--j}`)
    else if (table[i - 1]![j]! > table[i]![j - 1]!) i--
    else j--
  }
  return pairs
}

function text(random: Random, length: number, letters: string): string {
  return Array.from({ length }, () => letters[random.below(letters.length)]).join('')
}

describe('the longest common subsequence', () => {
  test('is that of the textbook, for texts of all lengths around those of words', () => {
    const random = new Random(9)
    for (let round = 0; round < 1500; round++) {
      const letters = ['ab', 'abcd', 'abcdefghijklmnop\xff\0'][random.below(3)]!
      const a = text(random, random.below(100), letters)
      const b = text(random, random.below(100), letters)
      const pairs = pairsOf(a, b)
      const stretches = lcsStretches(sliceOf(a), sliceOf(b))
      const shown = stretches.flatMap((stretch) =>
        Array.from({ length: stretch.length }, (_, k) => {
          const last = stretch.length - 1 - k
          return `${stretch.a + last},${stretch.b + last}`
        }),
      )
      expect(shown).toEqual(pairs)
      expect(lcsLength(sliceOf(a), sliceOf(b))).toBe(pairs.length)
      const expected = pairs.map((pair) => a[Number(pair.split(',')[0])]).reverse()
      expect(Buffer.from(lcsBytes(sliceOf(a), stretches)).toString('latin1')).toBe(expected.join(''))
    }
  })

  test('comes in stretches that are as long as can be, the last first', () => {
    expect(lcsStretches(sliceOf('ohmytext'), sliceOf('mynewtext'))).toEqual([
      { a: 4, b: 5, length: 4 },
      { a: 2, b: 0, length: 2 },
    ])
  })

  test('of a text with itself is one stretch', () => {
    const same = 'x'.repeat(1000)
    expect(lcsStretches(sliceOf(same), sliceOf(same))).toEqual([{ a: 0, b: 0, length: 1000 }])
  })

  test('with nothing is nothing', () => {
    expect(lcsStretches(sliceOf(''), sliceOf('abc'))).toEqual([])
    expect(lcsLength(sliceOf('abc'), sliceOf(''))).toBe(0)
    expect(lcsBytes(sliceOf('abc'), [])).toHaveLength(0)
  })
})
