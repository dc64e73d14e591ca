// Replies as JavaScript values: whatever the writer can write.

import { expect, test } from 'vitest'
import { ReplyValues, type Value } from '../../src/resp/reply-value.ts'
import { ReplyWriter } from '../../src/resp/writer.ts'

class Failure {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const CASES: [string, (reply: ReplyWriter) => void, Value<Failure>, Value<Failure>][] = [
  ['simple', (reply) => reply.simple('OK'), 'OK', 'OK'],
  ['error', (reply) => reply.error('ERR no'), new Failure('ERR no'), new Failure('ERR no')],
  ['integer', (reply) => reply.integer(-7), -7, -7],
  ['big integer', (reply) => reply.bigInteger(2n ** 62n), 2n ** 62n, 2n ** 62n],
  ['bulk', (reply) => reply.buffer(Buffer.from('a\r\nü')), 'a\r\nü', 'a\r\nü'],
  ['empty bulk', (reply) => reply.buffer(Buffer.alloc(0)), '', ''],
  ['null', (reply) => reply.null(), null, null],
  ['null array', (reply) => reply.nullArray(), null, null],
  ['double', (reply) => reply.double(-0.5), '-0.5', -0.5],
  ['infinity', (reply) => reply.double(Number.NEGATIVE_INFINITY), '-inf', Number.NEGATIVE_INFINITY],
  ['boolean', (reply) => reply.boolean(true), 1, true],
  [
    'big number',
    (reply) => reply.bigNumber('12345678901234567890'),
    '12345678901234567890',
    12345678901234567890n,
  ],
  ['verbatim', (reply) => reply.verbatim('txt', 'hi'), 'hi', 'hi'],
  ['empty array', (reply) => reply.array(0), [], []],
]

test.each([2, 3] as const)('every kind of reply, RESP%d', (protocol) => {
  const reply = new ReplyWriter()
  reply.protocol = protocol
  for (const [, write] of CASES) write(reply)
  reply.array(2)
  reply.set(1)
  reply.integer(1)
  reply.map(1)
  reply.simple('__proto__')
  reply.null()
  const values = new ReplyValues(Buffer.from(reply.take()), (text) => new Failure(text))
  for (const [what, , resp2, resp3] of CASES)
    expect(values.next(), what).toEqual(protocol === 2 ? resp2 : resp3)
  const last = values.next() as Value<Failure>[]
  expect(last[0]).toEqual(protocol === 2 ? [1] : new Set([1]))
  expect(protocol === 2 ? last[1] : Object.entries(last[1]!)).toEqual(
    protocol === 2 ? ['__proto__', null] : [['__proto__', null]],
  )
  expect(values.isAtEnd).toBe(true)
})
