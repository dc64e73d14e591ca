// Changing where a server listens while it runs: at once, or not at all.

import { createConnection, createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Serve } from '../../src/server/listener.ts'
import { Listeners, type ListenSettings } from '../../src/server/listeners.ts'
import { Log } from '../../src/server/log.ts'

const SETTINGS: ListenSettings = {
  addresses: ['127.0.0.1'],
  port: 0,
  tlsPort: 0,
  unixSocket: '',
  unixSocketMode: 0,
  backlog: 10,
}

async function open(): Promise<{ listeners: Listeners; lines: string[] }> {
  const lines: string[] = []
  const log = new Log(() => 0)
  log.warning = (text) => void lines.push(text)
  const greet: Serve = (socket) => {
    socket.end('hello')
    return { receive: () => {} }
  }
  const listeners = new Listeners(greet, greet, log)
  await listeners.open(SETTINGS)
  onTestFinished(() => listeners.close())
  return { listeners, lines }
}

/** A server of somebody else's, and its port. */
async function somebody(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { server, port: (server.address() as { port: number }).port }
}

async function freePort(): Promise<number> {
  const { server, port } = await somebody()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What the server at an address says, or why it can't be reached. */
function heard(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host })
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.on('end', () => resolve(text))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })
}

test('another port is listened on at once, and the old one is given up', async () => {
  const { listeners } = await open()
  const old = listeners.port
  const port = await freePort()
  expect(listeners.changeTcp({ ...SETTINGS, port })).toBe(true)
  expect(listeners.port).toBe(port)
  expect([await heard(port), await heard(old)]).toEqual(['hello', 'ECONNREFUSED'])
})

test('a port that is taken is refused at once, and the old one stays', async () => {
  const { listeners, lines } = await open()
  const old = listeners.port
  const { port } = await somebody()
  expect(listeners.changeTcp({ ...SETTINGS, port })).toBe(false)
  expect(listeners.port).toBe(old)
  expect(lines).toEqual([
    `Warning: Could not create server TCP listening socket 127.0.0.1:${port}: bind: Address already in use`,
  ])
  expect(await heard(old)).toBe('hello')
})

test('other addresses on the same port, of which one is wrong, leave the old ones open', async () => {
  const { listeners, lines } = await open()
  const old = listeners.port
  expect(listeners.changeTcp({ ...SETTINGS, addresses: ['127.0.0.2', '203.0.113.1'] })).toBe(false)
  expect(lines[0]).toContain('203.0.113.1')
  expect([await heard(old), await heard(old, '127.0.0.2')]).toEqual(['hello', 'ECONNREFUSED'])
})

test('an address that need not be available is passed over', async () => {
  const { listeners, lines } = await open()
  const { port } = listeners
  expect(listeners.changeTcp({ ...SETTINGS, addresses: ['127.0.0.2', '-203.0.113.1'] })).toBe(true)
  expect(lines).toEqual([])
  expect(listeners.port).toBe(port)
  expect([await heard(port), await heard(port, '127.0.0.2')]).toEqual(['ECONNREFUSED', 'hello'])
})

test('port 0 closes all TCP sockets, and another port opens them again', async () => {
  const { listeners } = await open()
  const port = await freePort()
  listeners.changeTcp({ ...SETTINGS, port })
  expect(listeners.changeTcp({ ...SETTINGS, port: 0 })).toBe(true)
  expect(listeners.port).toBe(0)
  expect(await heard(port)).toBe('ECONNREFUSED')
  listeners.changeTcp({ ...SETTINGS, port })
  expect(await heard(port)).toBe('hello')
})

test("a host's name takes longer, and works", async () => {
  const { listeners } = await open()
  const old = listeners.port
  const port = await freePort()
  expect(listeners.changeTcp({ ...SETTINGS, addresses: ['localhost'], port })).toBe(true)
  expect(listeners.port).toBe(old)
  await expect.poll(() => listeners.port).toBe(port)
  expect(await heard(port, 'localhost')).toBe('hello')
})

test('what looks like an address and is none is refused at once', async () => {
  const { listeners, lines } = await open()
  expect(listeners.changeTcp({ ...SETTINGS, addresses: ['999.999.999.999'] })).toBe(false)
  expect(lines[0]).toContain('bind: Name or service not known')
  expect(await heard(listeners.port)).toBe('hello')
})

test('without addresses nobody can connect, until there are some again', async () => {
  const { listeners } = await open()
  const port = await freePort()
  listeners.changeTcp({ ...SETTINGS, port })
  expect(listeners.changeTcp({ ...SETTINGS, port, addresses: [] })).toBe(true)
  expect(await heard(port)).toBe('ECONNREFUSED')
  expect(listeners.changeTcp({ ...SETTINGS, port })).toBe(true)
  expect(await heard(port)).toBe('hello')
})

test('a start needs somewhere to listen', async () => {
  const log = new Log(
    () => 0,
    () => {},
  )
  const serve = () => undefined
  const nowhere = new Listeners(serve, serve, log).open({ ...SETTINGS, addresses: [] })
  await expect(nowhere).rejects.toThrow('Configured to not listen anywhere, exiting.')
})
