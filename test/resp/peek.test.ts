// Keys of requests that are not parsed yet: what is found must be what the parser will find.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { UpcomingKeys } from '../../src/memory/upcoming-keys.ts'
import { PARSED, RequestParser } from '../../src/resp/parser.ts'
import { peekKeys } from '../../src/resp/peek.ts'
import { Request } from '../../src/resp/request.ts'

const SEED = { low: 1, high: 2 }
const LIMITS = { maxBulkBytes: 1_000_000, authenticated: true }

function encoded(...args: string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}

/** The first arguments of all requests in the bytes, as they parse. */
function firstArguments(bytes: Buffer): [start: number, length: number][] {
  const parser = new RequestParser(new Request())
  const found: [number, number][] = []
  while (parser.next(bytes, bytes.length, LIMITS) === PARSED) {
    const { starts, lengths, count } = parser.request
    if (count > 1) found.push([starts[1]!, lengths[1]!])
  }
  return found
}

/** How many of these places, from the first on, are upcoming keys. */
function known(keys: UpcomingKeys, bytes: Buffer, places: [number, number][]): number {
  let count = 0
  while (count < places.length && keys.take(bytes, ...places[count]!) !== undefined) count++
  return count
}

function peek(text: string) {
  const bytes = Buffer.from(text, 'latin1')
  const keys = new UpcomingKeys(SEED)
  const to = peekKeys(bytes, 0, bytes.length, keys)
  return { to, keys, bytes, length: bytes.length }
}

test('the first argument of each request is found', () => {
  const { keys, bytes, to, length } = peek(encoded('GET', 'one') + encoded('SET', 'second-key', 'value'))
  expect(known(keys, bytes, firstArguments(bytes))).toBe(2)
  expect(to).toBe(length)
})

test('a request without arguments has no key and is passed over', () => {
  const { keys, bytes } = peek(encoded('PING') + encoded('GET', 'k'))
  expect(known(keys, bytes, firstArguments(bytes))).toBe(1)
})

test('sixteen are enough, and it tells where the seventeenth request is', () => {
  const request = encoded('GET', 'some-key')
  const { keys, bytes, to } = peek(request.repeat(40))
  expect(known(keys, bytes, firstArguments(bytes))).toBe(16)
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
  const { keys, bytes, to, length } = peek(encoded('GET', 'seen') + text + encoded('GET', 'hidden'))
  expect(known(keys, bytes, firstArguments(bytes))).toBe(1)
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
    const keys = new UpcomingKeys(SEED)
    const to = peekKeys(bytes, 0, end, keys)
    expect(to).toBeLessThanOrEqual(end)
    const places = firstArguments(bytes.subarray(0, end))
    const count = known(keys, bytes, places)
    // All that it has looked at is known: a damaged request it must not have read otherwise than the parser.
    if (to < end) expect(count).toBe(16)
  }
})
