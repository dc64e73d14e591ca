import { describe, expect, test } from 'vitest'
import { stringEncoding, textEncoding } from '../../src/types/string.ts'
import { STRING_EMBSTR, STRING_INT, STRING_RAW } from '../../src/types/value-type.ts'

function encodingOf(text: string): number {
  // Not at the start of its buffer, as arguments are not either.
  const bytes = Buffer.from(`1${text}1`, 'latin1')
  return stringEncoding(bytes, 1, text.length)
}

describe('the encoding of a string', () => {
  test.each(['0', '-1', '12345', '9223372036854775807', '-9223372036854775808'])(
    '%s is an integer',
    (text) => {
      expect(encodingOf(text)).toBe(STRING_INT)
    },
  )

  test.each(['', '-0', '01', '+1', ' 1', '1 ', '1.0', '9223372036854775808', '-9223372036854775809', 'abc'])(
    '"%s" is short text, as it would not come back the same from a number',
    (text) => {
      expect(encodingOf(text)).toBe(STRING_EMBSTR)
    },
  )

  test('text is embedded up to 44 bytes', () => {
    expect(encodingOf('x'.repeat(44))).toBe(STRING_EMBSTR)
    expect(encodingOf('x'.repeat(45))).toBe(STRING_RAW)
    expect(textEncoding(44)).toBe(STRING_EMBSTR)
    expect(textEncoding(45)).toBe(STRING_RAW)
  })
})
