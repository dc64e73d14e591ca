import { describe, expect, test } from 'vitest'
import { needsQuoting, quote, splitArguments } from '../../src/base/quoting.ts'
import { Random } from '../../src/base/random.ts'

/** Bytes as latin1 on both sides. */
function split(line: string): string[] | undefined {
  return splitArguments(Buffer.from(line, 'latin1'))?.map((bytes) => Buffer.from(bytes).toString('latin1'))
}

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('splitArguments', () => {
  // As redis-server 7.4.1 split inline requests.
  test.each([
    ['', []],
    [' \t ', []],
    ['set a 1', ['set', 'a', '1']],
    ['  set\t\va  1 \r\n', ['set', 'a', '1']],
    ['"a b"', ['a b']],
    ["'a b' c", ['a b', 'c']],
    ['"" \'\'', ['', '']],
    ['a"b c"', ['ab c']],
    ["x'y z' w", ['xy z', 'w']],
    ['"\\n\\r\\t\\a\\b"', ['\n\r\t\x07\b']],
    ['"\\x41\\x0a\\xfF"', ['A\n\xff']],
    ['"\\x4" "\\x4G" "\\xzz" "\\X41"', ['x4', 'x4G', 'xzz', 'X41']],
    ['"\\"\\\\\\q\\\'"', ['"\\q\'']],
    ["'it\\'s'", ["it's"]],
    ["'a\\n\\\\ '", ['a\\n\\\\ ']],
    ["'\\''", ["'"]],
    ['a\\nb', ['a\\nb']],
    ['a\fb\v', ['a\fb\v']],
    ['"a"\f"b"\v', ['a', 'b']],
    ['\f a', ['a']],
    ['\xff\xfe', ['\xff\xfe']],
    ['a\x00b', ['a']],
    ['"a"\x00b', ['a']],
    ['\x00a', []],
  ])('splits %j into %j', (line, expected) => {
    expect(split(line)).toEqual(expected)
  })

  test.each([
    '"',
    "'",
    '"a',
    "'a",
    'a"',
    '"a"b',
    "'a'b",
    `'a'"b"`,
    '"\\',
    '"\\"',
    '"a\\',
    "'\\'",
    '"\\x4',
    '"a\x00b"',
  ])('finds the quotes of %j unbalanced', (line) => {
    expect(split(line)).toBeUndefined()
  })

  test('takes a string as UTF-8', () => {
    expect(splitArguments('é "ü"')).toEqual([Uint8Array.of(0xc3, 0xa9), Uint8Array.of(0xc3, 0xbc)])
  })

  test('gives copies: changing the line afterwards changes no argument', () => {
    const line = bytes('abc')
    const [argument] = splitArguments(line)!
    line.fill(0x78)
    expect(Buffer.from(argument!).toString()).toBe('abc')
  })

  test('survives random lines of quotes, backslashes and blanks', () => {
    const random = new Random(8)
    const alphabet = 'ax4 \t\\"\'\n\x00\xff'
    let unbalanced = 0
    for (let i = 0; i < 20_000; i++) {
      const line = Array.from(
        { length: random.below(12) },
        () => alphabet[random.below(alphabet.length)],
      ).join('')
      const found = split(line)
      if (found === undefined) unbalanced++
      else if (found.join('').length > line.length) expect.fail(JSON.stringify(line))
    }
    expect(unbalanced).toBeGreaterThan(1000)
    expect(unbalanced).toBeLessThan(19_000)
  })
})

describe('quote', () => {
  test.each([
    ['', '""'],
    ['abc', '"abc"'],
    ['a b', '"a b"'],
    [`it's`, `"it's"`],
    ['"\\', '"\\"\\\\"'],
    ['\n\r\t\x07\b', '"\\n\\r\\t\\a\\b"'],
    ['\x00\x0b\x0c\x1f\x7f\x80\xff', '"\\x00\\x0b\\x0c\\x1f\\x7f\\x80\\xff"'],
    ['~', '"~"'],
  ])('writes %j as %s', (text, expected) => {
    expect(quote(bytes(text))).toBe(expected)
  })

  test('is undone by splitArguments, for any bytes', () => {
    const random = new Random(9)
    for (let i = 0; i < 3000; i++) {
      const text = String.fromCharCode(...Array.from({ length: random.below(20) }, () => random.below(256)))
      expect(split(`x ${quote(bytes(text))} y`)).toEqual(['x', text, 'y'])
    }
  })
})

describe('needsQuoting', () => {
  test.each(['', ' ', 'a b', 'a\tb', '\n', '"', "'", '\\', '\x00', '\x7f', 'caf\xe9'])(
    'is true for %j',
    (text) => {
      expect(needsQuoting(bytes(text))).toBe(true)
    },
  )

  test('is false only for bytes that splitArguments gives back as they are', () => {
    for (let byte = 0; byte < 256; byte++) {
      const text = `a${String.fromCharCode(byte)}b`
      if (!needsQuoting(bytes(text))) expect(split(text)).toEqual([text])
    }
    for (const text of ['abc', '/var/run:6379', '*', '#x', '$5', '~&*'])
      expect(needsQuoting(bytes(text))).toBe(false)
  })
})
