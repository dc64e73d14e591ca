// The reply writer: each type in both protocols, byte for byte, and what it does with its buffer.

import { beforeEach, describe, expect, test } from 'vitest'
import { Slice } from '../../src/memory/slice.ts'
import { type Protocol, REPLY_BUFFER_BYTES, ReplyWriter } from '../../src/resp/writer.ts'
import { ReplyDecoder } from '../support/reply-decoder.ts'

let reply: ReplyWriter

beforeEach(() => {
  reply = new ReplyWriter()
})

function written(say: (reply: ReplyWriter) => void, protocol: Protocol): string {
  reply.protocol = protocol
  say(reply)
  return reply.take().toString('latin1')
}

type Row = [name: string, say: (reply: ReplyWriter) => void, resp2: string, resp3: string]

/** What looks the same in both protocols. */
function same(name: string, say: (reply: ReplyWriter) => void, text: string): Row {
  return [name, say, text, text]
}

const ROWS: Row[] = [
  same('ok', (r) => r.ok(), '+OK\r\n'),
  same('simple', (r) => r.simple('PONG'), '+PONG\r\n'),
  same('simple of bytes', (r) => r.simple('\xe9\0'), '+\xe9\0\r\n'),
  same('error', (r) => r.error('ERR no'), '-ERR no\r\n'),
  same('error with line breaks', (r) => r.error('ERR a\r\nb\n'), '-ERR a  b\r\n'),
  same('integer', (r) => r.integer(42), ':42\r\n'),
  same('integer 0', (r) => r.integer(0), ':0\r\n'),
  same('integer below 0', (r) => r.integer(-9_007_199_254_740_991), ':-9007199254740991\r\n'),
  same('bigInteger', (r) => r.bigInteger(-(2n ** 63n)), ':-9223372036854775808\r\n'),
  same('bulk', (r) => r.bulk(new Slice().set(Buffer.from('xa\r\nby'), 1, 4)), '$4\r\na\r\nb\r\n'),
  same('empty bulk', (r) => r.bulk(new Slice()), '$0\r\n\r\n'),
  same('buffer', (r) => r.buffer(Buffer.from([0, 255])), '$2\r\n\0\xff\r\n'),
  same('text', (r) => r.text('h\xe9'), '$2\r\nh\xe9\r\n'),
  same('long text', (r) => r.text('ab\xff'.repeat(20)), `$60\r\n${'ab\xff'.repeat(20)}\r\n`),
  same('bulkInteger', (r) => r.bulkInteger(-7), '$2\r\n-7\r\n'),
  same('array', (r) => r.array(2), '*2\r\n'),
  same('empty array', (r) => r.array(0), '*0\r\n'),
  ['null', (r) => r.null(), '$-1\r\n', '_\r\n'],
  ['nullArray', (r) => r.nullArray(), '*-1\r\n', '_\r\n'],
  ['map', (r) => r.map(3), '*6\r\n', '%3\r\n'],
  ['set', (r) => r.set(3), '*3\r\n', '~3\r\n'],
  ['push', (r) => r.push(3), '*3\r\n', '>3\r\n'],
  ['double', (r) => r.double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
  ['whole double', (r) => r.double(3), '$1\r\n3\r\n', ',3\r\n'],
  ['infinity', (r) => r.double(Number.NEGATIVE_INFINITY), '$4\r\n-inf\r\n', ',-inf\r\n'],
  ['true', (r) => r.boolean(true), ':1\r\n', '#t\r\n'],
  ['false', (r) => r.boolean(false), ':0\r\n', '#f\r\n'],
  [
    'bigNumber',
    (r) => r.bigNumber('-12345678901234567890'),
    '$21\r\n-12345678901234567890\r\n',
    '(-12345678901234567890\r\n',
  ],
  ['verbatim', (r) => r.verbatim('txt', 'a\nb'), '$3\r\na\nb\r\n', '=7\r\ntxt:a\nb\r\n'],
]

describe.each([2, 3] as const)('in RESP%i', (protocol) => {
  test.each(ROWS)('%s', (_, say, resp2, resp3) => {
    expect(written(say, protocol)).toBe(protocol === 2 ? resp2 : resp3)
  })
})

test('attributes are for RESP3 only', () => {
  expect(written((r) => r.attribute(1), 3)).toBe('|1\r\n')
  reply.protocol = 2
  expect(() => reply.attribute(1)).toThrow('RESP2')
})

test('raw bytes are passed on', () => {
  expect(written((r) => r.raw(Buffer.from('+A\r\n')), 2)).toBe('+A\r\n')
})

describe('errors', () => {
  test('are counted, and the last one is kept as it was sent', () => {
    reply.error('ERR one')
    reply.ok()
    reply.error('WRONGTYPE two\n')
    expect(reply.errors).toBe(2)
    expect(reply.lastError).toBe('WRONGTYPE two')
  })
})

describe('the buffer', () => {
  test('is used again after what was written has been taken', () => {
    reply.ok()
    const first = reply.take()
    expect(first.toString()).toBe('+OK\r\n')
    reply.simple('XY')
    expect(first.toString()).toBe('+XY\r\n')
  })

  test('is left to who has taken the bytes after giveUp', () => {
    reply.ok()
    const first = reply.take()
    reply.giveUp()
    reply.simple('XY')
    expect(first.toString()).toBe('+OK\r\n')
  })

  test('grows for a large reply, and is dropped by trim', () => {
    const large = Buffer.alloc(1_000_000, 'x')
    reply.ok()
    reply.buffer(large)
    expect(reply.bytes.length).toBeGreaterThan(1_000_000)
    expect(
      reply.take().equals(Buffer.concat([Buffer.from('+OK\r\n$1000000\r\n'), large, Buffer.from('\r\n')])),
    ).toBe(true)
    reply.trim()
    expect(reply.bytes.length).toBe(REPLY_BUFFER_BYTES)
  })

  // Each kind of reply checks for room by itself: all of them meet the end of the buffer at every distance here.
  test.each(ROWS)('grows in time for: %s', (_, say) => {
    const expected = written(say, 3)
    for (let room = 0; room <= 100; room++) {
      reply.giveUp()
      reply.length = REPLY_BUFFER_BYTES - room
      say(reply)
      expect(reply.take().toString('latin1', REPLY_BUFFER_BYTES - room)).toBe(expected)
    }
  })
})

test('what is written can be read back, for strings of many lengths', () => {
  for (const length of [0, 1, 9, 10, 31, 32, 33, 63, 64, 65, 99, 100, 4095, 70_000]) {
    reply.text('a'.repeat(length))
    reply.simple('b'.repeat(length))
    const decoder = new ReplyDecoder()
    decoder.push(Buffer.from(reply.take()))
    expect(decoder.next()).toEqual({ type: 'bulk', text: 'a'.repeat(length) })
    expect(decoder.next()).toEqual({ type: 'simple', text: 'b'.repeat(length) })
  }
})
