// Accepting sockets, and the two ways of reading from them.

import fs from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type ListenOptions, listen, portOf } from '../../src/server/listener.ts'
import { until } from '../support/local-server.ts'

interface Accepted {
  readonly socket: Socket
  readonly path: string | undefined
  text: string
  hasEnded: boolean
  readonly buffers: Set<ArrayBufferLike>
}

/** Listens, and notes who comes and what they send, and in which buffers it arrives. */
async function open(where: Partial<ListenOptions>): Promise<{ port: number; accepted: Accepted[] }> {
  const accepted: Accepted[] = []
  const server = await listen({ backlog: 10, ...where }, (socket, path) => {
    const one: Accepted = { socket, path, text: '', hasEnded: false, buffers: new Set() }
    accepted.push(one)
    socket.on('end', () => {
      one.hasEnded = true
    })
    return {
      receive: (bytes, length) => {
        one.text += bytes.toString('latin1', 0, length)
        one.buffers.add(bytes.buffer)
      },
    }
  })
  onTestFinished(() => {
    for (const { socket } of accepted) socket.destroy()
    server.close()
  })
  return { port: where.path === undefined ? portOf(server) : 0, accepted }
}

function connect(where: { port: number } | { path: string }): Socket {
  const socket = createConnection(where)
  onTestFinished(() => void socket.destroy())
  return socket
}

async function sendFromTwo(plainStreams: boolean): Promise<Accepted[]> {
  const { port, accepted } = await open({ host: '127.0.0.1', port: 0, plainStreams })
  for (const text of ['one', 'two']) {
    connect({ port }).write(text)
    await until(() => accepted.some((one) => one.text === text), `${text} has been received`)
  }
  return accepted
}

// If this fails with a new Node, its insides have changed: everything works, but each read makes a buffer again.
test('sockets share one read buffer', async () => {
  const [one, two] = await sendFromTwo(false)
  expect([...one!.buffers]).toEqual([...two!.buffers])
  expect([...one!.buffers][0]).toBe([...two!.buffers][0])
  expect(one!.buffers.size).toBe(1)
})

test('without it each read has a buffer of its own', async () => {
  const [one, two] = await sendFromTwo(true)
  expect([...one!.buffers][0]).not.toBe([...two!.buffers][0])
})

test.each([false, true])('a socket can be paused and goes on (plain streams: %s)', async (plainStreams) => {
  const { port, accepted } = await open({ host: '127.0.0.1', port: 0, plainStreams })
  const client = connect({ port })
  client.write('before ')
  await until(() => accepted[0]?.text === 'before ', 'the first piece has been received')
  accepted[0]!.socket.pause()
  client.write('during ')
  // Nothing to wait for: what must not happen would have happened within this.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(accepted[0]!.text).toBe('before ')
  accepted[0]!.socket.resume()
  await until(() => accepted[0]!.text === 'before during ', 'the rest has been received')
})

test.each([false, true])(
  'the end of what a client sends is heard of (plain streams: %s)',
  async (plainStreams) => {
    const { port, accepted } = await open({ host: '127.0.0.1', port: 0, plainStreams })
    const client = connect({ port })
    client.end('bye')
    await until(() => accepted[0]?.hasEnded === true, 'it has ended')
    expect(accepted[0]!.text).toBe('bye')
    // Its own side is still open.
    accepted[0]!.socket.end('answer')
    let answer = ''
    client.on('data', (chunk) => (answer += chunk))
    await until(() => answer === 'answer', 'the answer has come')
  },
)

test.each([false, true])('a unix socket says so (plain streams: %s)', async (plainStreams) => {
  const path = join(fs.mkdtempSync(join(tmpdir(), 'respite-test-')), 'socket')
  const { accepted } = await open({ path, plainStreams })
  connect({ path }).write('hello')
  await until(() => accepted[0]?.text === 'hello', 'it has been received')
  expect(accepted[0]!.path).toBe(path)
})

test('a port that is taken is an error', async () => {
  const { port } = await open({ host: '127.0.0.1', port: 0 })
  await expect(open({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
