import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import {
  EMPTY_MANIFEST,
  formatManifest,
  ManifestError,
  parseManifest,
} from '../../src/persistence/manifest.ts'

const parse = (text: string) => parseManifest(Buffer.from(text, 'latin1'))
const problem = (text: string) => {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof ManifestError)
      return { reason: error.message, line: error.line, number: error.number }
    throw error
  }
  return undefined
}
const BASE = 'file a.1.base.rdb seq 1 type b\n'
const FIRST = 'file a.1.incr.aof seq 1 type i\n'
const INVALID = 'Invalid AOF manifest file format'

describe('a manifest', () => {
  test('tells base, history and increments', () => {
    const text = `${BASE}file a.2.incr.aof seq 2 type h\nfile a.5.incr.aof seq 5 type i\nfile a.7.incr.aof seq 7 type i\n`
    expect(parse(text)).toEqual({
      base: { name: 'a.1.base.rdb', sequence: 1 },
      history: [{ name: 'a.2.incr.aof', sequence: 2 }],
      increments: [
        { name: 'a.5.incr.aof', sequence: 5 },
        { name: 'a.7.incr.aof', sequence: 7 },
      ],
      baseSequence: 1,
      incrementSequence: 7,
    })
    expect(formatManifest(parse(text))).toBe(text)
  })

  test('quotes names as Redis does', () => {
    const name = ' file seq \n\n.aof .2.base.rdb'
    const text = formatManifest({ ...EMPTY_MANIFEST, base: { name, sequence: 2 } })
    expect(text).toBe('file " file seq \\n\\n.aof .2.base.rdb" seq 2 type b\n')
    expect(parse(text).base?.name).toBe(name)
  })

  test.each([
    ['words in any order', 'seq 1 type b file x\n'],
    ['capitals', 'FILE x SEQ 1 TYPE b\n'],
    ['words that mean nothing', 'file x seq 1 type b k v\n'],
    ['a type with more than a letter', 'file x seq 1 type base\n'],
    ['a number with something behind it', 'file x seq 1x type b\n'],
    ['a carriage return', 'file x seq 1 type b\r\n'],
    ['blanks around', '  file x seq 1 type b \n'],
    ['a comment before', '#hello\nfile x seq 1 type b\n'],
    ['the last of several names', 'file y file x seq 1 type b\n'],
  ])('may have %s', (_, text) => {
    expect(parse(text).base).toEqual({ name: 'x', sequence: 1 })
  })

  test('of comments alone is as good as none', () => {
    expect(parse('#hello\n')).toEqual(EMPTY_MANIFEST)
  })

  test.each([
    ['filx x seq 1 type b\n', INVALID],
    ['file x type b\n', INVALID],
    ['file x seq 1 type b newkey\n', INVALID],
    ['file x seq 0 type b\n', INVALID],
    ['file x seq abc type b\n', INVALID],
    ['file "x seq 1 type b\n', INVALID],
    ['\n', INVALID],
    ['file x seq 1 type x\n', 'Unknown AOF file type'],
    ['file ../x seq 1 type b\n', "File can't be a path, just a filename"],
  ])('is refused: %j', (text, reason) => {
    expect(problem(text)).toEqual({ reason, line: text.trim(), number: 1 })
  })

  test('tells which line is wrong', () => {
    expect(problem(`${BASE}${BASE}`)).toEqual({
      reason: 'Found duplicate base file information',
      line: BASE.trim(),
      number: 2,
    })
    expect(problem(`#x\n${FIRST}${FIRST}`)).toMatchObject({
      reason: 'Found a non-monotonic sequence number',
      number: 3,
    })
    expect(problem(`${BASE}\n${FIRST}`)).toEqual({ reason: INVALID, line: '', number: 2 })
  })

  test('that is empty, or has a line without an end, is refused as a whole', () => {
    expect(problem('')).toEqual({ reason: 'Found an empty AOF manifest', line: undefined, number: 0 })
    const long = { reason: 'The AOF manifest file contains too long line', line: undefined, number: 0 }
    expect(problem(BASE.trim())).toEqual(long)
    expect(problem(`file ${'x'.repeat(1100)} seq 1 type b\n`)).toEqual(long)
  })

  test('that is damaged is read or refused, never anything else: 10,000 of them', () => {
    const random = new Random(7)
    const whole = Buffer.from(`${BASE}${FIRST}file "a b.2.incr.aof" seq 2 type i\nfile h seq 1 type h\n`)
    for (let n = 0; n < 10_000; n++) {
      const bytes = Buffer.from(whole)
      for (let flips = 1 + random.below(4); flips > 0; flips--)
        bytes[random.below(bytes.length)] = random.below(256)
      const cut = random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes
      try {
        const manifest = parseManifest(cut)
        expect(parseManifest(Buffer.from(`#\n${formatManifest(manifest)}`, 'latin1'))).toEqual(manifest)
      } catch (error) {
        expect(error).toBeInstanceOf(ManifestError)
      }
    }
  })
})
