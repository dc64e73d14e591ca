// MIGRATE between servers of this process, and against listeners that answer late, wrongly or not at all.
import net from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type LocalServer, startLocalServer, until } from '../support/local-server.ts'
import { format, RespClient } from '../support/resp-client.ts'

let here: LocalServer
let there: LocalServer
let client: RespClient
let other: RespClient
let target: RespClient

beforeAll(async () => {
  here = await startLocalServer()
  there = await startLocalServer()
})
afterAll(async () => {
  await here.stop()
  await there.stop()
})
beforeEach(async () => {
  client = await RespClient.connect(here, 2)
  other = await RespClient.connect(here, 2)
  target = await RespClient.connect(there, 2)
  await client.call('FLUSHALL')
  await target.call('FLUSHALL')
})
afterEach(async () => {
  for (const one of [client, other, target]) await one.destroy()
})

async function show(who: RespClient, line: string): Promise<string> {
  return format(await who.call(...line.split(' ').map((word) => (word === '""' ? '' : word))))
}

/** A listener that hands over each connection's bytes and lets the test answer. */
async function listenFor(onBytes: (socket: net.Socket, bytes: string) => void) {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (bytes) => onBytes(socket, bytes.toString('latin1')))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port, sockets, close }
}

describe('a move', () => {
  test('brings value and deadline, and removes the key here', async () => {
    const { port } = there
    await show(client, 'RPUSH l a b c')
    await show(client, 'SET s v PX 100000')
    expect(await show(client, `MIGRATE 127.0.0.1 ${port} l 0 5000`)).toBe('+OK')
    expect(await show(client, `MIGRATE 127.0.0.1 ${port} s 3 5000`)).toBe('+OK')
    expect(await show(target, 'LRANGE l 0 -1')).toBe('["a", "b", "c"]')
    expect(await show(client, 'DBSIZE')).toBe('(integer) 0')
    await show(target, 'SELECT 3')
    expect(Number(/\d+/.exec(await show(target, 'PTTL s'))![0])).toBeGreaterThan(90_000)
    expect(here.server.clients.migrationLinks).toBe(1)
  })

  test('of several keys passes over those that are not there, and leaves those that were refused', async () => {
    const { port } = there
    await show(client, 'MSET a 1 b 2 c 3')
    await show(target, 'SET b x')
    expect(await show(client, `MIGRATE 127.0.0.1 ${port} "" 0 5000 KEYS a b no c`)).toBe(
      '(error) ERR Target instance replied with error: BUSYKEY Target key name already exists.',
    )
    expect(await show(client, 'EXISTS a c')).toBe('(integer) 0')
    expect(await show(client, `MIGRATE 127.0.0.1 ${port} b 0 5000 COPY REPLACE`)).toBe('+OK')
    expect(await show(client, 'GET b')).toBe('"2"')
    expect(await show(target, 'MGET a b c')).toBe('["1", "2", "3"]')
    expect(await show(client, `MIGRATE 127.0.0.1 ${port} no 0 5000`)).toBe('+NOKEY')
  })

  test('takes along what is changed, and takes back what is removed, while it is under way', async () => {
    const heard: string[] = []
    const listener = await listenFor(async (socket, bytes) => {
      heard.push(bytes)
      if (heard.length === 1) {
        await show(other, 'SET a changed')
        await show(other, 'DEL b')
      }
      socket.write('+OK\r\n'.repeat(bytes.match(/\*\d\r\n/g)!.length))
    })
    await show(client, 'MSET a 1 b 2 c 3')
    const words = `MIGRATE 127.0.0.1 ${listener.port} "" 0 5000 KEYS a b c`
    expect(await show(client, words)).toBe('+OK')
    const all = heard.join('')
    expect(all.slice(all.lastIndexOf('*5'))).toContain('changed')
    expect(all.slice(all.lastIndexOf('*5'))).toContain('REPLACE')
    expect(all).toContain('*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n')
    expect(await show(client, 'EXISTS a b c')).toBe('(integer) 0')
    await listener.close()
  })

  test('lets others go on meanwhile, and ends when its time is up', async () => {
    const listener = await listenFor(() => {})
    await show(client, 'SET a 1')
    const moving = show(client, `MIGRATE 127.0.0.1 ${listener.port} a 0 200`)
    expect(await show(other, 'GET a')).toBe('"1"')
    expect(await moving).toBe('(error) IOERR error or timeout reading to target instance')
    expect(await show(client, 'GET a')).toBe('"1"')
    await listener.close()
  })

  test('to somebody who speaks another protocol fails, and the key stays', async () => {
    const listener = await listenFor((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n\r\n\r\n'))
    await show(client, 'SET a 1')
    expect(await show(client, `MIGRATE 127.0.0.1 ${listener.port} a 0 2000`)).toBe(
      '(error) IOERR error or timeout reading to target instance',
    )
    expect(await show(client, 'GET a')).toBe('"1"')
    await listener.close()
    expect(await show(client, `MIGRATE 127.0.0.1 ${listener.port} a 0 2000`)).toBe(
      '(error) IOERR error or timeout writing to target instance',
    )
  })

  test('over a kept connection that the other side has given up is tried anew', async () => {
    let accepted = 0
    const listener = await listenFor((socket, bytes) => {
      if (bytes.startsWith('*')) accepted++
      socket.write('+OK\r\n'.repeat(bytes.match(/\*\d\r\n/g)?.length ?? 0))
    })
    await show(client, 'MSET a 1 b 2')
    expect(await show(client, `MIGRATE 127.0.0.1 ${listener.port} a 0 2000`)).toBe('+OK')
    for (const socket of listener.sockets) socket.destroy()
    expect(await show(client, `MIGRATE 127.0.0.1 ${listener.port} b 0 2000`)).toBe('+OK')
    expect(accepted).toBe(2)
    await listener.close()
  })

  test('that its client does not wait for any more changes nothing', async () => {
    const listener = await listenFor(() => {})
    await show(client, 'SET a 1')
    const id = /\d+/.exec(await show(client, 'CLIENT ID'))![0]
    void client.call('MIGRATE', '127.0.0.1', String(listener.port), 'a', '0', '60000').catch(() => {})
    await until(() => listener.sockets.size > 0, 'a connection')
    expect(await show(other, `CLIENT KILL ID ${id}`)).toBe('(integer) 1')
    for (const socket of listener.sockets) socket.write('+OK\r\n+OK\r\n')
    expect(await show(other, 'GET a')).toBe('"1"')
    await listener.close()
  })
})

test('a transaction cannot wait: the key stays', async () => {
  await show(client, 'SET a 1')
  await show(client, 'MULTI')
  await show(client, `MIGRATE 127.0.0.1 ${there.port} a 0 1000`)
  expect(await show(client, 'EXEC')).toContain('IOERR')
  expect(await show(client, 'GET a')).toBe('"1"')
})

test.each([
  ['a x 100', 'value is not an integer'],
  ['a 0 x', 'value is not an integer'],
  ['a 0 1 FOO', 'syntax error'],
  ['a 0 1 AUTH', 'syntax error'],
  ['a 0 1 AUTH2 u', 'syntax error'],
  ['a 0 1 KEYS b', 'the key argument must be set to the empty string'],
])('%s is refused', async (rest, reason) => {
  expect(await show(client, `MIGRATE 127.0.0.1 1 ${rest}`)).toContain(reason)
})
