// DEBUG PROTOCOL: an example of every type of reply, with the values that Redis sends, for tests of clients.

import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { ReplyWriter } from '../resp/writer.ts'

const EXAMPLES: ReadonlyMap<string, (reply: ReplyWriter) => void> = new Map([
  ['string', (reply) => reply.text('Hello World')],
  ['integer', (reply) => reply.integer(12345)],
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: Redis sends 3.141, not pi.
  ['double', (reply) => reply.double(3.141)],
  ['bignum', (reply) => reply.bigNumber('1234567999999999999999999999999999999')],
  ['null', (reply) => reply.null()],
  ['array', (reply) => threeNumbers(reply, 'array')],
  ['set', (reply) => threeNumbers(reply, 'set')],
  ['map', map],
  ['attrib', attribute],
  ['push', push],
  ['verbatim', (reply) => reply.verbatim('txt', 'This is a verbatim\nstring')],
  ['true', (reply) => reply.boolean(true)],
  ['false', (reply) => reply.boolean(false)],
])

const UNKNOWN_TYPE = new ReplyError(
  'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
)
const NO_PUSH = new ReplyError('ERR RESP2 is not supported by this command')

export function protocol({ args, reply }: Context): void {
  const example = EXAMPLES.get(args.word(2))
  if (example === undefined) throw UNKNOWN_TYPE
  example(reply)
}

function threeNumbers(reply: ReplyWriter, head: 'array' | 'set'): void {
  reply[head](3)
  for (let i = 0; i < 3; i++) reply.integer(i)
}

function map(reply: ReplyWriter): void {
  reply.map(3)
  for (let i = 0; i < 3; i++) {
    reply.integer(i)
    reply.boolean(i === 1)
  }
}

/** RESP2 clients get the reply without its attribute. */
function attribute(reply: ReplyWriter): void {
  if (reply.protocol === 3) {
    reply.attribute(1)
    reply.text('key-popularity')
    reply.array(2)
    reply.text('key:123')
    reply.integer(90)
  }
  reply.text('Some real reply following the attribute')
}

function push(reply: ReplyWriter): void {
  if (reply.protocol !== 3) throw NO_PUSH
  reply.push(2)
  reply.text('server-cpu-usage')
  reply.integer(42)
  // Redis: a push answers no request, so the reply proper comes behind it.
  reply.text('Some real reply following the push reply')
}
