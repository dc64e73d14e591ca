// Arguments of requests that are not parsed yet: what is found must be what the parser will find.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { PARSED, RequestParser } from '../../src/resp/parser.ts'
import { Peek } from '../../src/resp/peek.ts'
import { Request } from '../../src/resp/request.ts'

const MOST = 16
/** The other argument that is looked for. */
const OTHER = 3
const LIMITS = { maxBulkBytes: 1_000_000, authenticated: true }

function encoded(...args: string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}

/** Of all requests with arguments the first one and the one of index OTHER, as they parse. */
function parsedArguments(bytes: Buffer): { start: number; length: number; other: number }[] {
  const parser = new RequestParser(new Request())
  const found: { start: number; length: number; other: number }[] = []
  while (parser.next(bytes, bytes.length, LIMITS) === PARSED) {
    const { starts, lengths, count } = parser.request
    if (count > 1)
      found.push({ start: starts[1]!, length: lengths[1]!, other: count > OTHER ? starts[OTHER]! : -1 })
  }
  return found
}

/** How many requests were found, all of which must be what they parse as. */
function known(peek: Peek, bytes: Buffer): number {
  const parsed = parsedArguments(bytes)
  for (let i = 0; i < peek.count; i++) {
    const other = peek.otherLengths[i]! < 0 ? -1 : peek.otherStarts[i]!
    expect({ start: peek.starts[i], length: peek.lengths[i], other }).toEqual(parsed[i])
  }
  return peek.count
}

function peek(text: string) {
  const bytes = Buffer.from(text, 'latin1')
  const found = new Peek(MOST)
  const to = found.look(bytes, 0, bytes.length, OTHER)
  return { to, found, bytes, length: bytes.length }
}

test('the first argument of each request is found', () => {
  const { found, bytes, to, length } = peek(encoded('GET', 'one') + encoded('SET', 'second-key', 'value'))
  expect(known(found, bytes)).toBe(2)
  expect(to).toBe(length)
})

test('a request without arguments has no key and is passed over', () => {
  const { found, bytes } = peek(encoded('PING') + encoded('GET', 'k'))
  expect(known(found, bytes)).toBe(1)
})

test('sixteen are enough, and it tells where the seventeenth request is', () => {
  const request = encoded('GET', 'some-key')
  const { found, bytes, to } = peek(request.repeat(40))
  expect(known(found, bytes)).toBe(16)
  expect(to).toBe(16 * request.length)
})

test.each([
  ['an incomplete request', '*2\r\n$3\r\nGET\r\n$99\r\nabc'],
  ['an inline request', 'GET key\r\n'],
  ['a long argument', encoded('GET', 'x'.repeat(100))],
  ['more than nine arguments', encoded('DEL', ...'abcdefghijkl')],
  ['rubbish', '*2\r\n$x\r\nGET\r\n'],
  ['a count that is none', '*\xff\r\n$3\r\nGET\r\n'],
])('%s ends the look', (_, text) => {
  const { found, bytes, to, length } = peek(encoded('GET', 'seen') + text + encoded('GET', 'hidden'))
  expect(known(found, bytes)).toBe(1)
  expect(to).toBe(length)
})

test('whatever is found in any bytes is what the parser finds, and a cut anywhere does no harm', () => {
  const random = new Random(1)
  for (let n = 0; n < 2000; n++) {
    const text = Array.from({ length: random.below(30) }, () =>
      encoded(...Array.from({ length: 1 + random.below(4) }, () => 'x'.repeat(random.below(120)))),
    ).join('')
    const bytes = Buffer.from(text)
    const end = random.below(bytes.length + 1)
    if (end > 0 && random.below(3) === 0) bytes[random.below(end)] = random.below(256)
    const found = new Peek(MOST)
    const to = found.look(bytes, 0, end, OTHER)
    expect(to).toBeLessThanOrEqual(end)
    const count = known(found, bytes.subarray(0, end))
    // All that it has looked at is known: a damaged request it must not have read otherwise than the parser.
    if (to < end) expect(count).toBe(MOST)
  }
})

test('it tells whether the first arguments are all the same', () => {
  const { found, bytes } = peek(encoded('GET', 'key1') + encoded('SET', 'key1', 'value'))
  expect(found.isAlways(bytes, Buffer.from('xkey1'), 1, 4)).toBe(true)
  expect(found.isAlways(bytes, Buffer.from('xkey1'), 0, 5)).toBe(false)
  expect(found.isAlways(bytes, Buffer.from('key2'), 0, 4)).toBe(false)
  const other = peek(encoded('GET', 'key1') + encoded('SET', 'Key1', 'value'))
  expect(other.found.isAlways(other.bytes, Buffer.from('key1'), 0, 4)).toBe(false)
})
