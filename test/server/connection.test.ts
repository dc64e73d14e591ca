// Connections over real sockets, read in both ways: requests in pieces, in masses and broken; clients that hang up, are
// thrown out, or do not read.

import { createConnection, Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type LocalServer, startLocalServer, until } from '../support/local-server.ts'
import { encode, format, RespClient } from '../support/resp-client.ts'

const PONG = { type: 'simple', text: 'PONG' }
const OK = { type: 'simple', text: 'OK' }

/** Lets everything that is under way arrive. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Sends bytes, and returns all that comes until the server hangs up. */
async function exchangeBytes(at: LocalServer, bytes: Buffer, closesOwnSide = false): Promise<Buffer> {
  const socket = createConnection(at)
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  socket.on('error', () => {
    // Reset instead of closed: what has been received tells.
  })
  socket.write(bytes)
  if (closesOwnSide) socket.end()
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(received)
}

async function exchange(at: LocalServer, text: string, closesOwnSide = false): Promise<string> {
  return (await exchangeBytes(at, Buffer.from(text, 'latin1'), closesOwnSide)).toString('latin1')
}

describe.each([
  ['the shared buffer, writing past the stream', false],
  ['the stream, and writing through it', true],
])('reading through %s', (_, plainStreams) => {
  let local: LocalServer

  beforeAll(async () => {
    local = await startLocalServer(plainStreams)
  })

  afterAll(() => local.stop())

  async function connect(): Promise<RespClient> {
    const client = await RespClient.connect(local)
    local.clients.push(client)
    return client
  }

  function sessionOf(client: { localPort?: number | undefined }) {
    const found = [...local.server.clients.all()].find((s) => s.peer.address.endsWith(`:${client.localPort}`))
    if (found === undefined) throw new Error('no such connection')
    return found
  }

  describe('requests', () => {
    test('are queued as they came, whatever others have sent since', async () => {
      const clients = [await connect(), await connect()]
      for (const [i, client] of clients.entries()) {
        await client.pipeline([['MULTI'], ['SET', `queued${i}`, `first${i}`], ['GET', `queued${i}`]])
      }
      for (const [i, client] of clients.entries()) {
        await client.pipeline([
          ['APPEND', `queued${i}`, `${'x'.repeat(5000)}${i}`],
          ['STRLEN', `queued${i}`],
        ])
      }
      for (const [i, client] of clients.entries()) {
        const replies = await client.pipeline([
          ['APPEND', `queued${i}`, 'last'],
          ['GETRANGE', `queued${i}`, '-6', '-1'],
          ['EXEC'],
        ])
        expect(format(replies[2]!)).toBe(
          `[+OK, "first${i}", (integer) 5007, (integer) 5007, (integer) 5011, "x${i}last"]`,
        )
      }
    })

    test('find what those before them have left, as if each had been sent alone', async () => {
      const client = await connect()
      const commands = ['0', '1', '2', '3', '4'].flatMap((n) => [
        ['SET', `k${n}`, 'a'],
        ['SET', `k${n}`, 'x'.repeat(70)],
        ['GET', `k${n}`],
        ['RENAME', `k${n}`, 'other'],
        ['GET', `k${n}`],
        ['MSET', `k${n}`, n, 'other', '5', `k${n}`, `${n}0`],
        ['INCR', 'other'],
        ['MGET', 'other', `k${n}`, 'other', 'nothing'],
        ['SELECT', '1'],
        ['INCR', `k${n}`],
        ['SELECT', '0'],
        ['DEL', `k${n}`],
        ['EXISTS', `k${n}`],
      ])
      const together = await client.pipeline([['FLUSHALL'], ...commands])
      await client.call('FLUSHALL')
      for (const [i, command] of commands.entries()) {
        expect(await client.call(...command)).toEqual(together[i + 1])
      }
    })

    test('may be cut anywhere', async () => {
      const client = await connect()
      const bytes = Buffer.concat([
        encode(['SET', 'cut', 'a\r\nb']),
        Buffer.from('GET cut\r\n'),
        encode(['ECHO', 'x'.repeat(120)]),
      ])
      for (let cut = 1; cut < bytes.length; cut++) {
        client.raw(bytes.subarray(0, cut))
        await turn()
        client.raw(bytes.subarray(cut))
        expect(await client.next()).toEqual(OK)
        expect(await client.next()).toEqual({ type: 'bulk', text: 'a\r\nb' })
        expect(await client.next()).toEqual({ type: 'bulk', text: 'x'.repeat(120) })
      }
    })

    test('may come byte by byte', async () => {
      const client = await connect()
      for (const byte of Buffer.concat([encode(['SET', 'slow', 'v']), Buffer.from('get slow\n')])) {
        client.raw(Buffer.from([byte]))
        await turn()
      }
      expect(await client.next()).toEqual(OK)
      expect(await client.next()).toEqual({ type: 'bulk', text: 'v' })
    })

    test('in pieces of one client do not get into those of another', async () => {
      const clients = await Promise.all(Array.from({ length: 10 }, connect))
      const requests = clients.map((_, i) => encode(['ECHO', `${i}`.repeat(50 + i)]))
      for (let at = 0; at < 100; at += 7) {
        clients.forEach((client, i) => void client.raw(requests[i]!.subarray(at, at + 7)))
        await turn()
      }
      for (const [i, client] of clients.entries()) {
        expect(await client.next()).toEqual({ type: 'bulk', text: `${i}`.repeat(50 + i) })
      }
    })

    test('are answered in order, however many come at once', async () => {
      const client = await connect()
      const replies = await client.pipeline(Array.from({ length: 20_000 }, (_, i) => ['ECHO', `${i}`]))
      expect(replies.every((reply, i) => reply.type === 'bulk' && reply.text === `${i}`)).toBe(true)
    })

    test('in masses leave a turn to others after each read', async () => {
      const socket = createConnection(local)
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.resume()
      const total = 3_000_000
      socket.write('PING\r\n'.repeat(total / 6))
      await until(
        () => [...local.server.clients.all()].some((s) => s.peer.address.endsWith(`:${socket.localPort}`)),
        'it is there',
      )
      const { peer } = sessionOf(socket)
      let most = 0
      for (let before = peer.totalBytesIn; before < total; ) {
        await turn()
        most = Math.max(most, peer.totalBytesIn - before)
        before = peer.totalBytesIn
      }
      expect(most).toBeLessThanOrEqual(2 * 65_536)
      socket.destroy()
    })

    test('are read without a break while they are in the middle of a large value', async () => {
      const client = await connect()
      const pauses = vi.spyOn(Socket.prototype, 'pause')
      onTestFinished(() => pauses.mockRestore())
      expect(await client.call('SET', 'large', 'v'.repeat(3_000_000))).toEqual(OK)
      const duringValue = pauses.mock.calls.length
      client.raw('PING\r\n'.repeat(100_000))
      for (let i = 0; i < 100_000; i++) await client.next()
      expect(duringValue).toBe(0)
      expect(pauses.mock.calls.length).toBeGreaterThan(0)
      await client.call('DEL', 'large')
    })

    test('of 100 MB pass, and leave no buffer behind', async () => {
      const client = await connect()
      await client.call('CLIENT', 'SETNAME', `large${plainStreams}`)
      const value = Buffer.alloc(100_000_000, 'v')
      value.write('beginning')
      value.write('end', value.length - 3)
      expect(await client.call('SET', 'large', value)).toEqual(OK)
      const session = [...local.server.clients.all()].find((s) => s.name === `large${plainStreams}`)!
      expect(session.peer.queryFreeBytes).toBe(0)
      expect(local.server.dispatcher.context.args.bytes.length).toBe(0)
      const expected = Buffer.concat([Buffer.from('$100000000\r\n'), value, Buffer.from('\r\n+OK\r\n')])
      expect((await exchangeBytes(local, Buffer.from('GET large\r\nQUIT\r\n'))).equals(expected)).toBe(true)
      await client.call('DEL', 'large')
    })

    test('with large values are taken one after the other, and one buffer serves them', async () => {
      const client = await connect()
      const values = Array.from({ length: 30 }, (_, i) =>
        String.fromCharCode(65 + i).repeat(200_000 + i * 1000),
      )
      const replies = await client.pipeline(values.map((value) => ['ECHO', value]))
      expect(replies.every((reply, i) => reply.type === 'bulk' && reply.text === values[i])).toBe(true)
    })

    test('that are none are told so, after the replies to those before', async () => {
      expect(await exchange(local, 'PING\r\n*1\r\n!4\r\nPING\r\n')).toBe(
        "+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n",
      )
      expect(await exchange(local, '*x\r\n')).toBe('-ERR Protocol error: invalid multibulk length\r\n')
      expect(await exchange(local, '*1\r\n$536870913\r\n')).toBe(
        '-ERR Protocol error: invalid bulk length\r\n',
      )
      expect(await exchange(local, 'PING "\r\n')).toBe(
        '-ERR Protocol error: unbalanced quotes in request\r\n',
      )
      expect(await exchange(local, 'x'.repeat(70_000))).toBe(
        '-ERR Protocol error: too big inline request\r\n',
      )
      expect(await exchange(local, `*${'1'.repeat(70_000)}`)).toBe(
        '-ERR Protocol error: too big mbulk count string\r\n',
      )
    })

    test('that are none are counted as errors', async () => {
      const before = local.server.errors.total
      await exchange(local, '*x\r\n')
      expect(local.server.errors.total).toBe(before + 1)
    })
  })

  describe('in the middle of a pipeline', () => {
    test('HELLO switches the protocol of what follows', async () => {
      const bytes = 'GET none\r\nHELLO 3\r\nGET none\r\nHELLO 2\r\nGET none\r\nQUIT\r\n'
      const received = await exchange(local, bytes)
      expect(received).toMatch(/^\$-1\r\n%7\r\n[\s\S]*\*0\r\n_\r\n\*14\r\n[\s\S]*\*0\r\n\$-1\r\n\+OK\r\n$/)
    })

    test('QUIT is the last to be run', async () => {
      expect(await exchange(local, 'SET quit 1\r\nQUIT\r\nSET quit 2\r\n')).toBe('+OK\r\n+OK\r\n')
      const client = await connect()
      expect(await client.call('GET', 'quit')).toEqual({ type: 'bulk', text: '1' })
    })

    test('QUIT is the last to be run, also of requests that come later', async () => {
      const received = await exchange(local, `QUIT\r\n${encode(['SET', 'quit', 'x'.repeat(200_000)])}`)
      expect(received).toBe('+OK\r\n')
    })

    test('RESET and SELECT hold for what follows', async () => {
      const received = await exchange(
        local,
        'SELECT 3\r\nSET r 3\r\nRESET\r\nGET r\r\nSELECT 3\r\nGET r\r\nQUIT\r\n',
      )
      expect(received).toBe('+OK\r\n+OK\r\n+RESET\r\n$-1\r\n+OK\r\n$1\r\n3\r\n+OK\r\n')
    })

    test('CLIENT REPLY silences, and an empty request uses a skip up', async () => {
      expect(await exchange(local, 'CLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY ON\r\nPING\r\nQUIT\r\n')).toBe(
        '+OK\r\n+PONG\r\n+OK\r\n',
      )
      expect(await exchange(local, 'CLIENT REPLY SKIP\r\n\r\nPING\r\nQUIT\r\n')).toBe('+PONG\r\n+OK\r\n')
      expect(await exchange(local, 'CLIENT REPLY OFF\r\nPING\r\n*x\r\n')).toBe('')
    })

    test('CLIENT KILL of oneself is answered, and nothing after it', async () => {
      expect(await exchange(local, 'PING\r\nCLIENT KILL TYPE master SKIPME no\r\nPING\r\nQUIT\r\n')).toBe(
        '+PONG\r\n:0\r\n+PONG\r\n+OK\r\n',
      )
      const client = await connect()
      const [id] = await client.pipeline([['CLIENT', 'ID']])
      const number = id?.type === 'integer' ? String(id.value) : ''
      expect(await client.call('CLIENT', 'KILL', 'ID', number, 'SKIPME', 'no')).toEqual({
        type: 'integer',
        value: 1,
      })
      await client.closed
    })

    test.each(['POST / HTTP/1.1', 'Host: example.org', 'host:'])('%s ends the connection', async (line) => {
      expect(await exchange(local, `PING\r\n${line}\r\nSET http 1\r\n`)).toBe('')
      const client = await connect()
      expect(await client.call('GET', 'http')).toEqual({ type: 'nil-bulk' })
      expect(local.log.filter((text) => text.includes('SECURITY ATTACK'))).toHaveLength(1)
    })
  })

  describe('clients that leave', () => {
    test('on their own side only still get their replies', async () => {
      expect(await exchange(local, 'PING\r\nPING\r\n', true)).toBe('+PONG\r\n+PONG\r\n')
      const value = 'v'.repeat(10_000_000)
      const client = await connect()
      await client.call('SET', 'goodbye', value)
      const received = await exchange(local, 'GET goodbye\r\nGET goodbye\r\n', true)
      expect(received.length).toBe(2 * (value.length + '$10000000\r\n\r\n'.length))
      await client.call('DEL', 'goodbye')
    })

    test('in the middle of a request are forgotten, and nobody else notices', async () => {
      const other = await connect()
      const before = local.server.clients.count
      const sockets = await Promise.all(
        Array.from({ length: 300 }, async (_, i) => {
          const socket = createConnection(local)
          await new Promise((resolve) => socket.once('connect', resolve))
          socket.on('error', () => {
            // As wanted.
          })
          socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${(i + 1) * 1000}\r\nabc`)
          return socket
        }),
      )
      await until(() => local.server.clients.count === before + 300, 'all have been accepted')
      expect(await other.call('PING')).toEqual(PONG)
      for (const [i, socket] of sockets.entries()) i % 2 === 0 ? socket.resetAndDestroy() : socket.destroy()
      await until(() => local.server.clients.count === before, 'all have gone')
      expect(await other.call('PING')).toEqual(PONG)
    })

    test('while replies are on their way do no harm', async () => {
      const other = await connect()
      await other.call('SET', 'bulky', 'b'.repeat(1_000_000))
      const before = local.server.clients.count
      for (let i = 0; i < 20; i++) {
        const socket = createConnection(local)
        await new Promise((resolve) => socket.once('connect', resolve))
        socket.on('error', () => {
          // As wanted.
        })
        socket.pause()
        socket.write('GET bulky\r\n'.repeat(20))
        await turn()
        await turn()
        socket.resetAndDestroy()
      }
      await until(() => local.server.clients.count === before, 'all have gone')
      expect(await other.call('PING')).toEqual(PONG)
    })

    test('can be killed by others, whatever they are doing', async () => {
      const killer = await connect()
      const victim = createConnection(local)
      victim.on('error', () => {
        // As wanted.
      })
      await new Promise((resolve) => victim.once('connect', resolve))
      victim.write('*2\r\n$4\r\nECHO\r\n$100000\r\nabc')
      await until(() => sessionOf(victim).peer.queryBytes > 0, 'the beginning has arrived')
      const gone = new Promise((resolve) => victim.once('close', resolve))
      expect(await killer.call('CLIENT', 'KILL', 'ADDR', `127.0.0.1:${victim.localPort}`)).toEqual({
        type: 'integer',
        value: 1,
      })
      await gone
    })
  })

  describe('clients that do not read', () => {
    const VALUE = 1_000_000

    function limitOutput(hardBytes: number): void {
      const { outputLimits } = local.server
      const before = outputLimits.normal
      outputLimits.normal = { hardBytes, softBytes: 0, softSeconds: 0 }
      onTestFinished(() => {
        outputLimits.normal = before
      })
    }

    /** Asks for 200 MB and reads nothing. */
    async function ask(): Promise<Socket> {
      const filler = await connect()
      await filler.call('SET', 'flood', 'f'.repeat(VALUE))
      const socket = createConnection({ ...local, highWaterMark: 1_000_000 } as never)
      socket.on('error', () => {
        // As wanted.
      })
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.pause()
      for (let i = 0; i < 200; i++) socket.write('GET flood\r\n')
      return socket
    }

    test('are not read from any more, and go on when they do', async () => {
      const socket = await ask()
      const session = sessionOf(socket)
      await until(() => session.peer.outputBytes > 67_108_864, 'replies pile up')
      for (let i = 0; i < 200; i++) socket.write(`ECHO ${i}\r\n`)
      const other = await connect()
      for (let i = 0; i < 20; i++) expect(await other.call('PING')).toEqual(PONG)
      expect(session.peer.outputBytes).toBeLessThan(70_000_000)
      let received = 0
      let tail = ''
      socket.on('data', (chunk: Buffer) => {
        received += chunk.length
        tail = (tail + chunk.toString('latin1')).slice(-20)
      })
      socket.resume()
      await until(() => tail.endsWith('$3\r\n199\r\n'), 'the last reply has come')
      const echoes = 10 * '$1\r\n0\r\n'.length + 90 * '$2\r\n00\r\n'.length + 100 * '$3\r\n000\r\n'.length
      expect(received).toBe(200 * (VALUE + '$1000000\r\n\r\n'.length) + echoes)
      expect(session.peer.outputBytes).toBe(0)
      socket.destroy()
    })

    test('are cut at their limit, if they have one', async () => {
      limitOutput(30_000_000)
      const socket = await ask()
      const session = sessionOf(socket)
      let most = 0
      await until(() => {
        most = Math.max(most, session.peer.outputBytes)
        return session.isClosing
      }, 'it is cut')
      expect(most).toBeLessThan(31_000_000)
      expect(local.log.at(-1)).toMatch(
        /# Client id=\d+ .* omem=\d+ .*scheduled to be closed ASAP for overcoming of output buffer limits\.\n$/,
      )
      expect(local.server.clients.get(session.id)).toBeUndefined()
      socket.destroy()
    })

    test('are cut before a single reply over the limit is sent, though they read', async () => {
      const client = await connect()
      await client.call('SET', 'toolarge', 'x'.repeat(150_000))
      await client.call('SET', 'notlarge', 'x'.repeat(10_000))
      limitOutput(100_000)
      expect(await exchange(local, 'PING\r\nGET toolarge\r\nPING\r\n')).toBe('')
      expect(await exchange(local, `${'GET notlarge\r\n'.repeat(15)}SET cut no\r\n`)).toBe('')
      expect(await client.call('GET', 'cut')).not.toEqual({ type: 'bulk', text: 'no' })
      expect(await client.call('PING')).toEqual(PONG)
    })

    test('cost what their replies weigh, though each of them is small', async () => {
      const socket = await ask()
      const session = sessionOf(socket)
      await until(() => session.peer.outputBytes > 0, 'replies pile up')
      const before = process.memoryUsage().arrayBuffers
      const connection = local.server.clients.connection(session) as unknown as { send(bytes: Buffer): void }
      for (let i = 0; i < 100_000; i++) connection.send(Buffer.from('$5\r\nhello\r\n'))
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000)
      socket.destroy()
    })
  })

  describe('a pause', () => {
    test('holds writing commands and what comes after them; UNPAUSE lets them go on in order', async () => {
      const [boss, writer, reader] = await Promise.all([connect(), connect(), connect()])
      await boss.call('SET', 'paused', 'before')
      await boss.call('CLIENT', 'PAUSE', '100000', 'WRITE')
      const replies = writer.pipeline([
        ['GET', 'paused'],
        ['SET', 'paused', 'after'],
        ['GET', 'paused'],
        ['PING'],
      ])
      await until(() => local.server.pause.heldCount === 1, 'the writer is held')
      writer.send(['ECHO', 'late'])
      expect(await reader.call('GET', 'paused')).toEqual({ type: 'bulk', text: 'before' })
      expect(format(await reader.call('CLIENT', 'LIST'))).toMatch(/ flags=b .* cmd=set /)
      expect(await boss.call('CLIENT', 'UNPAUSE')).toEqual(OK)
      expect((await replies).map(format)).toEqual(['"before"', '+OK', '"after"', '+PONG'])
      expect(await writer.next()).toEqual({ type: 'bulk', text: 'late' })
      expect(format(await reader.call('CLIENT', 'LIST'))).not.toContain('flags=b')
    })

    test('of ALL holds everything until its time has come', async () => {
      const [boss, other] = await Promise.all([connect(), connect()])
      const start = Date.now()
      boss.send(['CLIENT', 'PAUSE', '120', 'ALL'])
      boss.send(['CLIENT', 'PAUSE', '1', 'WRITE'])
      boss.send(['CLIENT', 'UNPAUSE'])
      expect(await boss.next()).toEqual(OK)
      const pong = await other.call('PING')
      expect(pong).toEqual(PONG)
      expect(Date.now() - start).toBeGreaterThanOrEqual(115)
      expect(await boss.next()).toEqual(OK)
      expect(await boss.next()).toEqual(OK)
      expect(local.server.gates.closed).toBe(0)
    })

    test('forgets who leaves meanwhile', async () => {
      const [boss, leaver] = await Promise.all([connect(), connect()])
      await boss.call('CLIENT', 'PAUSE', '100000', 'WRITE')
      leaver.send(['SET', 'never', '1'])
      await until(() => local.server.pause.heldCount === 1, 'it is held')
      await leaver.destroy()
      await until(() => local.server.pause.heldCount === 0, 'it is forgotten')
      await boss.call('CLIENT', 'UNPAUSE')
      expect(await boss.call('GET', 'never')).toEqual({ type: 'nil-bulk' })
    })
  })

  describe('limits', () => {
    test('before authentication there is room for little', async () => {
      const locked = await startLocalServer(plainStreams, 'requirepass secret')
      expect(await exchange(locked, '*11\r\n')).toBe(
        '-ERR Protocol error: unauthenticated multibulk length\r\n',
      )
      expect(await exchange(locked, '*1\r\n$16385\r\n')).toBe(
        '-ERR Protocol error: unauthenticated bulk length\r\n',
      )
      expect(await exchange(locked, 'PING\r\nAUTH secret\r\nPING\r\nQUIT\r\n')).toBe(
        '-NOAUTH Authentication required.\r\n+OK\r\n+PONG\r\n+OK\r\n',
      )
      await locked.stop()
    })

    test('a query buffer over its limit ends the connection', async () => {
      const limited = await startLocalServer(plainStreams, 'client-query-buffer-limit 1mb')
      expect(await exchange(limited, `*2\r\n$4\r\nECHO\r\n$2000000\r\n${'x'.repeat(1_500_000)}`)).toBe('')
      expect(limited.log.at(-1)).toContain('Closing client that reached max query buffer length: id=')
      await limited.stop()
    })

    test('there are no more clients than maxclients, and a place that gets free is taken', async () => {
      const small = await startLocalServer(plainStreams, 'maxclients 2')
      const first = await RespClient.connect(small)
      const second = await RespClient.connect(small)
      await Promise.all([first.call('PING'), second.call('PING')])
      expect(await exchange(small, 'PING\r\n')).toBe('-ERR max number of clients reached\r\n')
      expect(small.server.clients.rejected).toBe(1)
      await first.destroy()
      await until(() => small.server.clients.count === 1, 'the first has gone')
      expect(await exchange(small, 'PING\r\nQUIT\r\n')).toBe('+PONG\r\n+OK\r\n')
      await second.destroy()
      await small.stop()
    })
  })

  test('a fault of ours while reading costs the client its connection, and its replies go to nobody else', async () => {
    const client = await connect()
    await client.call('PING')
    const faulty = local.server.dispatcher.execute
    local.server.dispatcher.execute = () => {
      local.server.dispatcher.reply.simple('STRAY')
      throw new RangeError('Array buffer allocation failed')
    }
    client.send(['PING'])
    await client.closed
    local.server.dispatcher.execute = faulty
    expect(local.log.at(-1)).toContain('Closing client after an internal error: id=')
    expect(await (await connect()).call('PING')).toEqual(PONG)
  })
})
