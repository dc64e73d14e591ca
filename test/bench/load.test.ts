// The bench's own load: the bytes it sends, and that it notices every reply that is not the right one.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  CommandBlock,
  eachOnce,
  fillWords,
  KEY,
  keyName,
  type Load,
  NUMBER,
  OK_REPLY,
  runLoad,
} from '../../bench/load.ts'

describe('CommandBlock', () => {
  test('writes the number wherever it stands', () => {
    const block = new CommandBlock(['ZADD', 'z', NUMBER, KEY], 2)
    block.setKey(1, 42)
    expect(block.bytes.toString('latin1').match(/\d{12}/g)).toEqual([
      '000000000000',
      '000000000000',
      '000000000042',
      '000000000042',
    ])
  })

  test('sets the key of one command and leaves the others', () => {
    const block = new CommandBlock(fillWords(10, 60), 3)
    block.setKey(1, 123_456_789_012)
    const set = (key: string) =>
      `*5\r\n$3\r\nSET\r\n$16\r\n${key}\r\n$10\r\nxxxxxxxxxx\r\n$2\r\nEX\r\n$2\r\n60\r\n`
    expect(block.bytes.toString()).toBe(set(keyName(0)) + set('key:123456789012') + set(keyName(0)))
    expect(block.first(2).toString()).toBe(set(keyName(0)) + set('key:123456789012'))
  })

  test('overwrites the longer key that stood there before', () => {
    const block = new CommandBlock(['GET', KEY], 1)
    block.setKey(0, 999_999)
    block.setKey(0, 70)
    expect(block.bytes.toString()).toBe(`*2\r\n$3\r\nGET\r\n$16\r\n${keyName(70)}\r\n`)
  })

  test('sends a command without a key as it is', () => {
    const block = new CommandBlock(['PING'], 2)
    block.setKey(1, 5)
    expect(block.bytes.toString()).toBe('*1\r\n$4\r\nPING\r\n'.repeat(2))
  })
})

describe('runLoad', () => {
  let server: Server | undefined

  afterEach(() => server?.close())

  /** A server that calls `onData` with all a connection has received so far; resolves to its port. */
  function serve(onData: (socket: Socket, received: string) => string): Promise<number> {
    const listener = createServer({ noDelay: true }, (socket) => {
      let received = ''
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        received = onData(socket, received + chunk.toString('latin1'))
      })
    })
    server = listener
    return new Promise((resolve) => {
      listener.listen(0, '127.0.0.1', () => resolve((listener.address() as AddressInfo).port))
    })
  }

  const load = (port: number, count: number): Load => ({
    port,
    connections: 3,
    depth: 7,
    words: fillWords(10),
    reply: OK_REPLY,
    next: eachOnce(count),
    signal: new AbortController().signal,
  })

  test('takes any integers for replies where none is the right one, in whatever pieces', async () => {
    let sent = 0
    const port = await serve((socket, received) => {
      const commands = received.match(/element\r\n/g)?.length ?? 0
      const replies = Array.from({ length: commands }, () => `:${++sent * 77}\r\n`).join('')
      socket.write(replies.slice(0, 2))
      setImmediate(() => socket.write(replies.slice(2)))
      return ''
    })
    const words = ['RPUSH', 'list', 'element']
    expect(await runLoad({ ...load(port, 500), words, reply: 1 })).toBe(500)
    expect(sent).toBe(500)
  })

  test('sends every key once, though replies come in pieces', async () => {
    const seen = new Map<string, number>()
    const port = await serve((socket, received) => {
      const keys = received.match(/key:\d{12}(?=\r\n\$10\r\nx{10}\r\n)/g) ?? []
      for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1)
      const replies = OK_REPLY.repeat(keys.length)
      socket.write(replies.slice(0, 3))
      setImmediate(() => socket.write(replies.slice(3)))
      const whole = received.lastIndexOf('x'.repeat(10))
      return whole < 0 ? received : received.slice(whole + 12)
    })
    expect(await runLoad(load(port, 1000))).toBe(1000)
    expect(seen.size).toBe(1000)
    expect(new Set(seen.values())).toEqual(new Set([1]))
    expect([...seen.keys()].sort().at(-1)).toBe(keyName(999))
  })

  test('fails at an error reply and cites it', async () => {
    const port = await serve((socket) => {
      socket.write(`${OK_REPLY}-OOM no room\r\n`)
      return ''
    })
    await expect(runLoad(load(port, 1000))).rejects.toThrow('SET got a wrong reply: "-OOM no room"')
  })

  test('fails at more replies than commands', async () => {
    const port = await serve((socket) => {
      socket.write(OK_REPLY.repeat(8))
      return ''
    })
    await expect(runLoad(load(port, 1000))).rejects.toThrow('wrong reply')
  })

  test('fails when the server hangs up', async () => {
    const port = await serve((socket) => {
      socket.end()
      return ''
    })
    await expect(runLoad(load(port, 1000))).rejects.toThrow('the server closed the connection')
  })
})
