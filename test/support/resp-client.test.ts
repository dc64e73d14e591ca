// The test client: whatever RESP allows is read exactly, whatever it does not allow is refused.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { format, quote, quoteCommand, type Reply } from './reply.ts'
import { ReplyDecoder } from './reply-decoder.ts'
import { encode, RespClient } from './resp-client.ts'

const bulk = (text: string): Reply => ({ type: 'bulk', text })
const integer = (value: number | bigint): Reply => ({ type: 'integer', value })

/** Wire bytes beside the reply they mean. */
const REPLIES: [string, Reply][] = [
  ['+OK\r\n', { type: 'simple', text: 'OK' }],
  ['+\r\n', { type: 'simple', text: '' }],
  ['-ERR no such key\r\n', { type: 'error', text: 'ERR no such key' }],
  [':-12\r\n', integer(-12)],
  [':+12\r\n', integer(12)],
  [':9223372036854775807\r\n', integer(9223372036854775807n)],
  [':-9223372036854775808\r\n', integer(-9223372036854775808n)],
  ['$0\r\n\r\n', bulk('')],
  ['$6\r\na\r\n\0\xff:\r\n', bulk('a\r\n\0\xff:')],
  ['$-1\r\n', { type: 'nil-bulk' }],
  ['*-1\r\n', { type: 'nil-array' }],
  ['_\r\n', { type: 'null' }],
  ['*0\r\n', { type: 'array', items: [] }],
  [
    '*3\r\n:1\r\n*1\r\n$1\r\nx\r\n*0\r\n',
    {
      type: 'array',
      items: [integer(1), { type: 'array', items: [bulk('x')] }, { type: 'array', items: [] }],
    },
  ],
  ['~2\r\n:1\r\n:2\r\n', { type: 'set', items: [integer(1), integer(2)] }],
  ['%0\r\n', { type: 'map', entries: [] }],
  [
    '%2\r\n+a\r\n:1\r\n+b\r\n_\r\n',
    {
      type: 'map',
      entries: [
        [{ type: 'simple', text: 'a' }, integer(1)],
        [{ type: 'simple', text: 'b' }, { type: 'null' }],
      ],
    },
  ],
  [',3.10\r\n', { type: 'double', text: '3.10' }],
  [',-inf\r\n', { type: 'double', text: '-inf' }],
  [',1e-7\r\n', { type: 'double', text: '1e-7' }],
  ['#t\r\n', { type: 'boolean', value: true }],
  ['#f\r\n', { type: 'boolean', value: false }],
  ['(123456789012345678901234567890\r\n', { type: 'big-number', text: '123456789012345678901234567890' }],
  ['=8\r\ntxt:a\r\nb\r\n', { type: 'verbatim', format: 'txt', text: 'a\r\nb' }],
  ['!5\r\nE a\r\n\r\n', { type: 'bulk-error', text: 'E a\r\n' }],
  [
    '>2\r\n+message\r\n$1\r\nx\r\n',
    { type: 'push', items: [{ type: 'simple', text: 'message' }, bulk('x')] },
  ],
  [
    '|1\r\n+ttl\r\n:3\r\n*1\r\n|0\r\n:4\r\n',
    {
      type: 'attributed',
      attributes: [[{ type: 'simple', text: 'ttl' }, integer(3)]],
      reply: { type: 'array', items: [{ type: 'attributed', attributes: [], reply: integer(4) }] },
    },
  ],
]

function decodeAll(...chunks: string[]): Reply[] {
  const decoder = new ReplyDecoder()
  const replies: Reply[] = []
  for (const chunk of chunks) {
    decoder.push(Buffer.from(chunk, 'latin1'))
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) replies.push(reply)
  }
  expect(decoder.isInsideReply).toBe(false)
  return replies
}

describe('ReplyDecoder', () => {
  test.each(REPLIES)('reads %j', (wire, reply) => {
    expect(decodeAll(wire)).toEqual([reply])
  })

  test('reads any reply cut at any byte', () => {
    for (const [wire, reply] of REPLIES) {
      for (let cut = 1; cut < wire.length; cut++) {
        expect(decodeAll(wire.slice(0, cut), wire.slice(cut))).toEqual([reply])
      }
    }
  })

  test('reads a stream of replies byte by byte and all at once', () => {
    const stream = REPLIES.map(([wire]) => wire).join('')
    const expected = REPLIES.map(([, reply]) => reply)
    expect(decodeAll(stream)).toEqual(expected)
    expect(decodeAll(...stream)).toEqual(expected)
  })

  test('reads a large bulk in small pieces in linear time', () => {
    const decoder = new ReplyDecoder()
    const size = 32 << 20
    decoder.push(Buffer.from(`*2\r\n$${size}\r\n`))
    const piece = Buffer.alloc(1024, 'x')
    let early = 0
    for (let sent = 0; sent < size; sent += piece.length) {
      if (decoder.next() !== undefined) early++
      decoder.push(Buffer.from(piece))
    }
    expect(early).toBe(0)
    decoder.push(Buffer.from('\r\n:1\r\n'))
    const reply = decoder.next()
    expect(reply).toEqual({ type: 'array', items: [bulk('x'.repeat(size)), integer(1)] })
  })

  test.each([
    'OK\r\n',
    '+OK\n',
    '\n',
    ':1.5\r\n',
    ':\r\n',
    '$-2\r\n',
    '$1\r\nab\r\n',
    '*x\r\n',
    '*-2\r\n',
    '%-1\r\n',
    ',1,5\r\n',
    ',\r\n',
    '#true\r\n',
    '_x\r\n',
    '(1e3\r\n',
    '=3\r\ntxt\r\n',
    '$?\r\n',
  ])('refuses %j', (wire) => {
    const decoder = new ReplyDecoder()
    decoder.push(Buffer.from(wire))
    expect(() => decoder.next()).toThrow('not a RESP reply')
  })
})

describe('format', () => {
  test('prints different replies differently', () => {
    const printed = REPLIES.filter(([wire]) => wire !== ':+12\r\n').map(([, reply]) => format(reply))
    expect(new Set(printed).size).toBe(printed.length)
  })

  test('quotes bytes as redis-cli does', () => {
    expect(quote('a"\\\r\n\t\0\xff é')).toBe('"a\\"\\\\\\r\\n\\t\\x00\\xff \\xe9"')
    expect(quoteCommand(['SET', 'key:1', '', 'a b'])).toBe('SET key:1 "" "a b"')
  })
})

describe('RespClient', () => {
  let server: Server
  let peer: Promise<Socket>
  let client: RespClient

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    peer = once(server, 'connection').then(([socket]) => socket as Socket)
    client = await RespClient.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  })

  afterEach(async () => {
    await client.destroy()
    server.close()
  })

  test('sends bulk arrays, latin1 strings and buffers byte for byte', async () => {
    const socket = await peer
    client.send(['SET', '\xff', Buffer.from('é')])
    const [sent] = await once(socket, 'data')
    expect(sent).toEqual(
      Buffer.concat([Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\n\xff\r\n', 'latin1'), Buffer.from('$2\r\né\r\n')]),
    )
    expect(encode(['GET', ''])).toEqual(Buffer.from('*2\r\n$3\r\nGET\r\n$0\r\n\r\n'))
  })

  test('gives replies to callers in order and pushes to nobody else', async () => {
    const socket = await peer
    const replies = client.pipeline([['A'], ['B']])
    const push = client.nextPush()
    socket.write('+a\r\n>1\r\n:7\r\n+b\r\n>1\r\n:8\r\n+unasked\r\n')
    expect((await replies).map(format)).toEqual(['+a', '+b'])
    expect(format(await push)).toBe('push[(integer) 7]')
    expect(format(await client.next())).toBe('+unasked')
    expect(client.pushes.map(format)).toEqual(['push[(integer) 8]'])
  })

  test('rejects what is waited for when the connection ends', async () => {
    const socket = await peer
    const reply = client.call('PING')
    socket.end('+PO')
    await expect(reply).rejects.toThrow('closed')
    await client.end()
    await expect(client.call('PING')).rejects.toThrow('closed')
  })

  test('tells which replies of a broken pipeline had come', async () => {
    const socket = await peer
    const replies = client.pipeline([['A'], ['B']])
    socket.end('+a\r\n')
    await expect(replies).rejects.toMatchObject({ replies: [{ type: 'simple', text: 'a' }] })
  })

  test('rejects and hangs up on bytes that are no reply', async () => {
    const socket = await peer
    const reply = client.call('PING')
    socket.write('PONG\r\n')
    await expect(reply).rejects.toThrow('not a RESP reply')
    await client.closed
  })
})
