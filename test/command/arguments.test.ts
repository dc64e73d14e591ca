import { describe, expect, test } from 'vitest'
import { ReplyError } from '../../src/base/reply-error.ts'
import { Arguments } from '../../src/command/arguments.ts'

function args(...words: string[]): Arguments {
  const made = new Arguments(1)
  made.load(words.map((word) => Buffer.from(word, 'latin1')))
  return made
}

/** The text of the error that is thrown. */
function errorOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return error instanceof ReplyError ? error.message : String(error)
  }
  return undefined
}

describe('an argument', () => {
  const some = args('SET', 'k\xff\0', 'Value', '')

  test('is its bytes, as a place, a view, a copy or a string', () => {
    const slice = some.slice(1)
    expect([...slice.bytes.subarray(slice.start, slice.start + slice.length)]).toEqual([107, 255, 0])
    expect([...some.view(1)]).toEqual([107, 255, 0])
    expect([...some.copy(1)]).toEqual([107, 255, 0])
    expect(some.string(1)).toBe('k\xff\0')
    expect(some.string(3)).toBe('')
  })

  test('is copied where it has to outlive the request', () => {
    const request = args('X', 'abc')
    const copy = request.copy(1)
    const view = request.view(1)
    request.bytes.fill(0)
    expect(Buffer.from(copy).toString()).toBe('abc')
    expect([...view]).toEqual([0, 0, 0])
  })

  test('is a word in any case', () => {
    expect(some.is(0, 'SET')).toBe(true)
    expect(some.is(2, 'VALUE')).toBe(true)
    expect(some.is(2, 'VALUES')).toBe(false)
    expect(some.is(2, 'VALU')).toBe(false)
    expect(some.is(3, '')).toBe(true)
    expect(some.word(2)).toBe('value')
  })

  test('is not a word that differs in what is no letter', () => {
    expect(args('[').is(0, '{')).toBe(false)
    expect(args('{').is(0, '[')).toBe(false)
    expect(args('\x11').is(0, '1')).toBe(false)
  })
})

describe('a number', () => {
  test.each([
    ['0', 0],
    ['-1', -1],
    ['9007199254740991', 9007199254740991],
    ['9223372036854775807', 2 ** 63],
    ['-9223372036854775808', -(2 ** 63)],
  ])('%s is read', (text, value) => {
    expect(args(text).integer(0)).toBe(value)
    expect(args(text).int64(0)).toBe(BigInt(text))
  })

  test.each(['', '+1', ' 1', '1 ', '01', '-0', '1.0', '0x1', '1e3', '--1', '9223372036854775808', 'one'])(
    '%j is refused',
    (text) => {
      const message = 'ERR value is not an integer or out of range'
      expect(errorOf(() => args(text).integer(0))).toBe(message)
      expect(errorOf(() => args(text).int64(0))).toBe(message)
    },
  )

  test('is refused in the words of the command', () => {
    const error = new ReplyError('ERR odd count')
    expect(errorOf(() => args('x').integer(0, error))).toBe('ERR odd count')
    expect(errorOf(() => args('x').int64(0, error))).toBe('ERR odd count')
  })
})
