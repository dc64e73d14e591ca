// Blocked clients over real sockets: what waits behind a request that waits, hanging up, being thrown out, time-outs.

import { createConnection } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LocalServer, startLocalServer, until } from '../support/local-server.ts'
import { encode, format, RespClient } from '../support/resp-client.ts'
import { takeCommands } from '../support/take-commands.ts'

let local: LocalServer
let pusher: RespClient
let waiting: RespClient

beforeEach(async () => {
  local = await startLocalServer()
  local.server.registry.add(takeCommands)
  pusher = await connect()
  waiting = await connect()
})

afterEach(() => local.stop())

async function connect(): Promise<RespClient> {
  const client = await RespClient.connect(local)
  local.clients.push(client)
  return client
}

async function next(client: RespClient): Promise<string> {
  return format(await client.next())
}

async function ask(client: RespClient, ...command: string[]): Promise<string> {
  client.raw(encode(command))
  return next(client)
}

function blockedCount(): number {
  return [...local.server.clients.all()].filter((session) => session.isBlocked).length
}

/** Sends requests of which the last to be run waits, and lets that happen. */
async function block(client: RespClient, ...commands: string[][]): Promise<void> {
  const before = blockedCount()
  client.raw(Buffer.concat(commands.map((command) => encode(command))))
  await until(() => blockedCount() > before, 'it is blocked')
}

describe('requests behind one that waits', () => {
  test('are run after it, in order, those in the same piece and those that come later', async () => {
    await block(waiting, ['TAKE', 'k', '0'], ['ECHO', '1'], ['TAKE', 'k', '0'], ['ECHO', '2'])
    waiting.raw(encode(['ECHO', '3']))
    const half = encode(['ECHO', '4'])
    waiting.raw(half.subarray(0, 9))
    expect(await ask(pusher, 'SET', 'k', 'x')).toBe('+OK')
    expect([await next(waiting), await next(waiting)]).toEqual(['"k:x"', '"1"'])
    await until(() => blockedCount() === 1, 'it waits again')
    waiting.raw(half.subarray(9))
    expect(await ask(pusher, 'SET', 'k', 'y')).toBe('+OK')
    const rest = [await next(waiting), await next(waiting), await next(waiting), await next(waiting)]
    expect(rest).toEqual(['"k:y"', '"2"', '"3"', '"4"'])
  })

  test('that come when nothing is kept wait too', async () => {
    await block(waiting, ['TAKE', 'k', '0'])
    waiting.raw(encode(['SET', 'behind', 'x']))
    for (let i = 0; i < 5; i++) expect(await ask(pusher, 'EXISTS', 'behind')).toBe('(integer) 0')
    await ask(pusher, 'SET', 'k', 'x')
    expect([await next(waiting), await next(waiting)]).toEqual(['"k:x"', '+OK'])
  })

  test('and the replies of both sides do not get mixed, in pipelines of thousands', async () => {
    const rounds = 2000
    waiting.raw(
      Buffer.concat(
        Array.from({ length: rounds }, (_, i) =>
          Buffer.concat([encode(['TAKE', 'k', '0']), encode(['ECHO', `w${i}`])]),
        ),
      ),
    )
    pusher.raw(
      Buffer.concat(
        Array.from({ length: rounds }, (_, i) =>
          Buffer.concat([encode(['APPEND', 'k', 'x']), encode(['ECHO', `p${i}`])]),
        ),
      ),
    )
    for (let i = 0; i < rounds; i++) {
      expect(await next(waiting)).toBe('"k:x"')
      expect(await next(waiting)).toBe(`"w${i}"`)
    }
    for (let i = 0; i < rounds; i++) {
      expect((await next(pusher)).startsWith('(integer)')).toBe(true)
      expect(await next(pusher)).toBe(`"p${i}"`)
    }
  })
})

describe('a time-out', () => {
  test('comes in its own time, and does not depend on others', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, connect))
    for (const other of others) other.raw(encode(['TAKE', 'k', '3600']))
    await until(() => blockedCount() === 20, 'the others wait')
    const start = performance.now()
    expect(await ask(waiting, 'TAKE', 'k', '0.05')).toBe('(nil-array)')
    expect(performance.now() - start).toBeGreaterThan(49)
    expect(await ask(pusher, 'INFO', 'clients')).toContain('clients_in_timeout_table:20')
  })

  test('goes on during a pause', async () => {
    await block(waiting, ['TAKE', 'k', '0.05'])
    await ask(pusher, 'CLIENT', 'PAUSE', '100000', 'WRITE')
    expect(await next(waiting)).toBe('(nil-array)')
    await ask(pusher, 'CLIENT', 'UNPAUSE')
  })
})

describe('a blocked client', () => {
  test('that hangs up takes nothing more', async () => {
    await block(waiting, ['TAKE', 'k', '0'])
    waiting.end()
    await until(() => local.server.clients.count === 1, 'it has gone')
    await ask(pusher, 'SET', 'k', 'x')
    expect(await ask(pusher, 'GET', 'k')).toBe('"x"')
  })

  test('that hangs up and whose key comes in the same turn takes nothing more', async () => {
    const socket = createConnection(local)
    socket.write(encode(['TAKE', 'k', '0']))
    await until(() => blockedCount() === 1, 'it is blocked')
    socket.end()
    socket.on('error', () => undefined)
    await until(() => blockedCount() === 0, 'it has been noticed')
    expect(await ask(pusher, 'SET', 'k', 'x')).toBe('+OK')
    expect(await ask(pusher, 'GET', 'k')).toBe('"x"')
  })

  test('is shown, can be unblocked in both ways, and killed', async () => {
    const id = (await ask(waiting, 'CLIENT', 'ID')).replace('(integer) ', '')
    await block(waiting, ['TAKE', 'k', 'j', '60'], ['PING'])
    expect(await ask(pusher, 'CLIENT', 'LIST', 'ID', id)).toMatch(/ flags=b .* cmd=take /)
    const info = await ask(pusher, 'INFO', 'clients')
    expect(info).toContain('blocked_clients:1')
    expect(info).toContain('clients_in_timeout_table:1')
    expect(info).toContain('total_blocking_keys:2')
    expect(info).toContain('total_blocking_keys_on_nokey:0')
    expect(await ask(pusher, 'CLIENT', 'UNBLOCK', id)).toBe('(integer) 1')
    expect([await next(waiting), await next(waiting)]).toEqual(['(nil-array)', '+PONG'])
    expect(await ask(pusher, 'CLIENT', 'UNBLOCK', id)).toBe('(integer) 0')
    await block(waiting, ['TAKE', 'k', '0'])
    expect(await ask(pusher, 'CLIENT', 'UNBLOCK', id, 'error')).toBe('(integer) 1')
    expect(await next(waiting)).toBe('(error) UNBLOCKED client unblocked via CLIENT UNBLOCK')
    await block(waiting, ['TAKE', 'k', '0'])
    expect(await ask(pusher, 'CLIENT', 'KILL', 'ID', id)).toBe('(integer) 1')
    await ask(pusher, 'SET', 'k', 'x')
    expect(await ask(pusher, 'GET', 'k')).toBe('"x"')
    expect(local.server.dispatcher.context.blocked.keyCount).toBe(0)
  })

  test('that a pause holds is no blocked one for CLIENT UNBLOCK', async () => {
    const id = (await ask(waiting, 'CLIENT', 'ID')).replace('(integer) ', '')
    await ask(pusher, 'CLIENT', 'PAUSE', '100000', 'WRITE')
    await block(waiting, ['TAKE', 'k', '0'])
    expect(await ask(pusher, 'CLIENT', 'UNBLOCK', id)).toBe('(integer) 0')
    await ask(pusher, 'CLIENT', 'UNPAUSE')
    await until(() => local.server.dispatcher.context.blocked.keyCount === 1, 'it waits for its key')
    await ask(pusher, 'SET', 'k', 'x')
    expect(await next(waiting)).toBe('"k:x"')
  })

  test('is not idle', async () => {
    await ask(pusher, 'CONFIG', 'SET', 'timeout', '1')
    await block(waiting, ['TAKE', 'k', '0'])
    local.server.clients.get(2)!.lastInteraction -= 100_000
    await new Promise((resolve) => setTimeout(resolve, 300))
    await ask(pusher, 'SET', 'k', 'x')
    expect(await next(waiting)).toBe('"k:x"')
  })
})

test('200 clients that wait are all answered when there is something for each', async () => {
  const clients = await Promise.all(Array.from({ length: 200 }, connect))
  for (const client of clients) client.raw(encode(['TAKE', 'k', '0']))
  await until(() => blockedCount() === 200, 'all are blocked')
  await ask(pusher, 'SET', 'k', 'x'.repeat(200))
  for (const client of clients) expect(await next(client)).toBe('"k:x"')
})
