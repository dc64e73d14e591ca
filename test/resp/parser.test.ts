// The request parser: against a naive one that reads whole texts, with requests cut anywhere and damaged in any way.

import { describe, expect, test } from 'vitest'
import { splitArguments } from '../../src/base/quoting.ts'
import { Random } from '../../src/base/random.ts'
import { FAILED, INCOMPLETE, type ParserLimits, RequestParser } from '../../src/resp/parser.ts'
import { Request } from '../../src/resp/request.ts'

interface Outcome {
  requests: string[][]
  /** '' if there was none. */
  error: string
  /** Bytes that were left over, as an incomplete request. */
  left: number
}

const LIMITS: ParserLimits = { maxBulkBytes: 1000, authenticated: true }

/** Parses bytes that arrive in pieces, cut where `cuts` says. */
function parse(bytes: Buffer, cuts: readonly number[] = [], limits = LIMITS): Outcome {
  const parser = new RequestParser(new Request(2))
  const outcome: Outcome = { requests: [], error: '', left: 0 }
  for (const end of [...cuts, bytes.length]) {
    // What lies behind the end is another request's: it must not be looked at.
    const visible = Buffer.alloc(bytes.length, '\r\n$1')
    bytes.copy(visible, 0, 0, end)
    for (;;) {
      const result = parser.next(visible, end, limits)
      if (result === INCOMPLETE) break
      if (result === FAILED) return { ...outcome, error: parser.error }
      outcome.requests.push(wordsOf(parser.request))
    }
  }
  outcome.left = bytes.length - parser.needed
  return outcome
}

function wordsOf(request: Request): string[] {
  return request.toArrays().map((arg) => Buffer.from(arg).toString('latin1'))
}

function parseText(text: string, limits = LIMITS): Outcome {
  return parse(Buffer.from(text, 'latin1'), [], limits)
}

/** The same, written as plainly as can be: a whole text, no state. */
function parseNaively(text: string): Outcome {
  const outcome: Outcome = { requests: [], error: '', left: 0 }
  let at = 0
  while (at < text.length) {
    const read = text[at] === '*' ? readArray(text, at) : readInline(text, at)
    if (typeof read === 'string') return { ...outcome, error: read }
    if (read === undefined) break
    outcome.requests.push(read.words)
    at = read.end
  }
  return { ...outcome, left: text.length - at }
}

type Read = { words: string[]; end: number } | string | undefined

function readInline(text: string, at: number): Read {
  const newline = text.indexOf('\n', at)
  if (newline < 0 || text.slice(at, newline).includes('\0')) {
    return text.length - at > 65_536 ? 'too big inline request' : undefined
  }
  const words = splitArguments(Buffer.from(text.slice(at, newline).replace(/\r$/, ''), 'latin1'))
  if (words === undefined) return 'unbalanced quotes in request'
  return { words: words.map((word) => Buffer.from(word).toString('latin1')), end: newline + 1 }
}

function readArray(text: string, at: number): Read {
  const head = readNumber(text, at, 'too big mbulk count string')
  if (head === undefined || typeof head === 'string') return head
  if (Number.isNaN(head.value) || head.value > 2 ** 31 - 1) return 'invalid multibulk length'
  const words: string[] = []
  let position = head.end
  while (words.length < head.value) {
    const length = readNumber(text, position, 'too big bulk count string')
    if (length === undefined || typeof length === 'string') return length
    if (text[position] !== '$') return `expected '$', got '${text[position]}'`
    if (!(length.value >= 0 && length.value <= LIMITS.maxBulkBytes)) return 'invalid bulk length'
    position = length.end + length.value + 2
    if (position > text.length) return undefined
    words.push(text.slice(length.end, length.end + length.value))
  }
  return { words, end: position }
}

function readNumber(
  text: string,
  at: number,
  tooLong: string,
): { value: number; end: number } | string | undefined {
  const cr = text.indexOf('\r', at)
  if (cr < 0 || cr + 1 >= text.length) return text.length - at > 65_536 ? tooLong : undefined
  const digits = text.slice(at + 1, cr)
  return { value: /^(0|-?[1-9][0-9]{0,14})$/.test(digits) ? Number(digits) : Number.NaN, end: cr + 2 }
}

const SAMPLES = [
  '*1\r\n$4\r\nPING\r\n',
  '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\nhello\r\nworld\r\n',
  `*2\r\n$4\r\nECHO\r\n$150\r\n${'x'.repeat(150)}\r\n`,
  '*2\r\n$0\r\n\r\n$1\r\n\0\r\n',
  '*0\r\n',
  '*-10\r\n',
  'PING\r\n',
  '  set  "a b\\x41\\n" \'c d\'\n',
  '\r\n',
  '\n',
]

describe('a request', () => {
  test.each([
    ['*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n', [['GET', 'a\r\n']]],
    ['*1\r\n$0\r\n\r\n', [['']]],
    ['PING\r\nPING\n', [['PING'], ['PING']]],
    ['SET "a b" \'c\' "\\x00\\n"\r\n', [['SET', 'a b', 'c', '\0\n']]],
    ['*0\r\n*-1\r\n*-10\r\n\r\nPING\r\n', [[], [], [], [], ['PING']]],
    // Redis skips whatever stands for a line feed.
    ['*1\rX$4\rXPINGxx', [['PING']]],
  ])('%j is %j', (text, requests) => {
    expect(parseText(text)).toEqual({ requests, error: '', left: 0 })
  })

  test.each([
    ['*\r\n', 'invalid multibulk length'],
    ['*a\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['* 1\r\n', 'invalid multibulk length'],
    ['*1 \r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    [`*${'1'.repeat(1000)}\r\n`, 'invalid multibulk length'],
    ['*1\r\nPING\r\n', "expected '$', got 'P'"],
    ['*1\r\n\xff\r\n', "expected '$', got '\xff'"],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$04\r\n', 'invalid bulk length'],
    ['*1\r\n$1001\r\n', 'invalid bulk length'],
    ['*1\r\n$blabla\r\n', 'invalid bulk length'],
    ['PING "a\r\n', 'unbalanced quotes in request'],
    ["PING 'a'b\r\n", 'unbalanced quotes in request'],
    ['x'.repeat(65_537), 'too big inline request'],
    [`*${'1'.repeat(65_536)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(65_536)}`, 'too big bulk count string'],
  ])('is none in %j: %s', (text, error) => {
    expect(parseText(text)).toEqual({ requests: [], error, left: 0 })
  })

  test.each([
    '*',
    '*1',
    '*1\r',
    '*2147483647\r\n',
    '*1\r\n',
    '*1\r\n$4\r\nPI',
    'PING',
    '"',
    'x'.repeat(65_536),
  ])('is incomplete in %j', (text) => {
    expect(parseText(text)).toEqual({ requests: [], error: '', left: text.length })
  })

  test('with a zero byte in it is no inline request, like in Redis, which reads on', () => {
    expect(parseText('PING \0\r\nPING\r\n')).toEqual({ requests: [], error: '', left: 14 })
    expect(parseText(`\0${'payload\n'.repeat(9000)}`).error).toBe('too big inline request')
  })
})

describe('before authentication', () => {
  const limits: ParserLimits = { maxBulkBytes: 1_000_000, authenticated: false }

  test('a request has ten arguments at most', () => {
    expect(parseText('*10\r\n', limits).error).toBe('')
    expect(parseText('*11\r\n', limits).error).toBe('unauthenticated multibulk length')
  })

  test('an argument has 16 KB at most', () => {
    expect(parseText('*1\r\n$16384\r\n', limits).error).toBe('')
    expect(parseText('*1\r\n$16385\r\n', limits).error).toBe('unauthenticated bulk length')
  })
})

describe('a stream of requests', () => {
  const text = SAMPLES.join('')
  const bytes = Buffer.from(text, 'latin1')
  const whole = parseNaively(text)

  test('gives each of them', () => {
    expect(whole.requests).toHaveLength(SAMPLES.length)
    expect(parse(bytes)).toEqual(whole)
  })

  test('gives the same when it is cut anywhere', () => {
    for (let cut = 0; cut <= bytes.length; cut++) expect(parse(bytes, [cut])).toEqual(whole)
  })

  test('gives the same byte by byte', () => {
    expect(parse(bytes, Array.from(bytes.keys()))).toEqual(whole)
  })

  test('asks for as many bytes as the request needs at least', () => {
    const parser = new RequestParser(new Request())
    const request = Buffer.from('*2\r\n$3\r\nGET\r\n$900\r\n')
    expect(parser.next(request, request.length, LIMITS)).toBe(INCOMPLETE)
    expect(parser.wanted).toBe(request.length + 902)
  })
})

describe('damaged streams', () => {
  test.each([1, 2, 3, 4])('are read as the naive parser reads them (seed %i)', (seed) => {
    const random = new Random(seed)
    for (let round = 0; round < 3000; round++) {
      const bytes = damagedStream(random)
      const cuts = Array.from({ length: random.below(4) }, () => random.below(bytes.length + 1)).sort(
        (a, b) => a - b,
      )
      const expected = parseNaively(bytes.toString('latin1'))
      const found = parse(bytes, cuts)
      expect({ text: bytes.toString('latin1'), ...found }).toEqual({
        text: bytes.toString('latin1'),
        ...expected,
        left: expected.error === '' ? expected.left : 0,
      })
    }
  })
})

const TELLING = '*$-+0129 \r\n"\'\\\0\xffPx'

function damagedStream(random: Random): Buffer {
  const picked = Array.from({ length: 1 + random.below(4) }, () => SAMPLES[random.below(SAMPLES.length)]!)
  const bytes = [...Buffer.from(picked.join(''), 'latin1')]
  for (let n = random.below(4); n > 0; n--) {
    const at = random.below(bytes.length)
    const byte = TELLING.charCodeAt(random.below(TELLING.length))
    const kind = random.below(3)
    if (kind === 0) bytes[at] = byte
    else if (kind === 1) bytes.splice(at, 0, byte)
    else if (bytes.length > 1) bytes.splice(at, 1 + random.below(3))
  }
  return Buffer.from(bytes)
}

describe('parsing in a buffer that moves', () => {
  test('goes on after what was read has been shifted', () => {
    const parser = new RequestParser(new Request())
    const first = Buffer.from('*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhe', 'latin1')
    parser.next(first, first.length, LIMITS)
    expect(parser.next(first, first.length, LIMITS)).toBe(INCOMPLETE)
    const from = parser.needed
    expect(first.subarray(from).toString()).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhe')
    const rest = Buffer.concat([first.subarray(from), Buffer.from('llo\r\n')])
    parser.shift(from)
    parser.next(rest, rest.length, LIMITS)
    expect(wordsOf(parser.request)).toEqual(['SET', 'k', 'hello'])
  })

  test('can begin the last request again', () => {
    const parser = new RequestParser(new Request())
    const bytes = Buffer.from('*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n')
    parser.next(bytes, bytes.length, LIMITS)
    parser.next(bytes, bytes.length, LIMITS)
    parser.reset(parser.start)
    expect(parser.needed).toBe(14)
    parser.next(bytes, bytes.length, LIMITS)
    expect(wordsOf(parser.request)).toEqual(['QUIT'])
  })
})
