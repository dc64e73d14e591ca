// Writing past a socket's stream: what is taken, and what never is.

import { createConnection, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { descriptorOf, NO_DESCRIPTOR, writeDirectly } from '../../src/server/direct-write.ts'
import { until } from '../support/local-server.ts'

/** Both ends of a connection. */
async function connected(): Promise<{ near: Socket; far: Socket }> {
  const accepted: Socket[] = []
  const server = createServer((socket) => accepted.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const far = createConnection(server.address() as { port: number })
  await until(() => accepted.length === 1, 'the connection has been accepted')
  const near = accepted[0]!
  for (const socket of [near, far]) socket.on('error', () => {})
  onTestFinished(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  return { near, far }
}

// If this fails with a new Node, its insides have changed: everything works, but replies take the stream again.
test('a socket shows its descriptor', async () => {
  const { near } = await connected()
  expect(descriptorOf(near)).toBeGreaterThan(2)
})

test('the bytes between two places arrive', async () => {
  const { near, far } = await connected()
  let text = ''
  far.on('data', (chunk) => (text += chunk))
  expect(writeDirectly(near, descriptorOf(near), Buffer.from('--hello--'), 2, 7)).toBe(5)
  await until(() => text === 'hello', 'they have arrived')
})

test('a client that does not read takes a part, then nothing; what it has not taken may follow through the stream', async () => {
  const { near, far } = await connected()
  const bytes = Buffer.alloc(32 * 1024 * 1024, 'x')
  const written = writeDirectly(near, descriptorOf(near), bytes, 0, bytes.length)
  expect(written).toBeGreaterThan(0)
  expect(written).toBeLessThan(bytes.length)
  while (writeDirectly(near, descriptorOf(near), bytes, 0, 1) > 0);
  near.end(bytes.subarray(written))
  let received = 0
  far.on('data', (chunk) => (received += chunk.length))
  await new Promise((resolve) => far.once('end', resolve))
  expect(received).toBeGreaterThanOrEqual(bytes.length)
})

test('without a descriptor nothing is written', async () => {
  const { near } = await connected()
  expect(writeDirectly(near, NO_DESCRIPTOR, Buffer.from('x'), 0, 1)).toBe(0)
})

test('a socket that has been destroyed takes nothing, whoever has its descriptor now', async () => {
  const { near } = await connected()
  const descriptor = descriptorOf(near)
  near.destroy()
  const { near: next, far } = await connected()
  let text = ''
  far.on('data', (chunk) => (text += chunk))
  expect(writeDirectly(near, descriptor, Buffer.from('secret'), 0, 6)).toBe(0)
  expect(writeDirectly(next, descriptorOf(next), Buffer.from('own'), 0, 3)).toBe(3)
  await until(() => text !== '', 'something has arrived')
  expect(text).toBe('own')
})
