// A server inside another program: that it starts and ends without a trace, its clock, chance, looks inside, faults.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CommandError, createServer, type RespiteOptions, type RespiteServer } from '../../src/index.ts'
import { until } from '../support/local-server.ts'
import { format, RespClient } from '../support/resp-client.ts'
import { ROOT } from '../support/source-code.ts'

async function start(options: RespiteOptions = {}): Promise<RespiteServer> {
  const server = await createServer(options)
  onTestFinished(() => server.close())
  return server
}

async function connect(server: RespiteServer): Promise<RespClient> {
  const client = await RespClient.connect(server.address)
  onTestFinished(() => client.destroy())
  return client
}

async function ask(client: RespClient, ...words: string[]): Promise<string> {
  return format(await client.call(...words))
}

describe('start and end', () => {
  test('a server listens on a free port of the loopback interface', async () => {
    const server = await start()
    expect(server.port).toBeGreaterThan(1023)
    expect(server.address).toEqual({ host: '127.0.0.1', port: server.port })
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`)
    expect(await ask(await connect(server), 'PING')).toBe('+PONG')
  })

  test('several know nothing of each other', async () => {
    const [one, two] = [await start(), await start()]
    one.call('SET', 'k', 'one')
    expect(two.db(0).keys()).toEqual([])
    expect(one.port).not.toBe(two.port)
  })

  test.skipIf(process.platform === 'win32')('a unix socket is enough', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'respite-test-')), 'socket')
    const server = await start({ unixsocket: path })
    expect([server.port, server.address, server.url]).toEqual([0, { path }, `unix://${path}`])
    expect(await ask(await connect(server), 'PING')).toBe('+PONG')
  })

  test('a port that is taken is told of', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1')
    await until(() => other.listening, 'the port is taken')
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    await expect(createServer({ port })).rejects.toThrow(
      `Respite can't listen on 127.0.0.1:${port}: Address already in use`,
    )
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown option', { maxmemmory: 1 }, "Respite has no option 'maxmemmory'"],
    ['a wrong value', { maxmemory: 'lots' }, "Option 'maxmemory': argument must be a memory value"],
    [
      'a value that is none of several',
      { appendfsync: 'never' },
      "Option 'appendfsync': argument(s) must be one of the following: everysec, always, no",
    ],
  ])('%s is told of', async (_what, options, message) => {
    await expect(createServer(options as RespiteOptions)).rejects.toThrow(message)
  })

  test('options are those of redis.conf, several words as text or as an array', async () => {
    const server = await start({
      databases: 2,
      maxmemory: '100mb',
      'client-output-buffer-limit': ['pubsub', 1, 2, 3],
      appendonly: false,
      requirepass: undefined,
    })
    expect(server.call('CONFIG', 'GET', 'maxmemory')).toEqual({ maxmemory: '104857600' })
    expect(server.call('CONFIG', 'GET', 'client-output-buffer-limit')).toEqual({
      'client-output-buffer-limit': 'normal 0 0 0 slave 268435456 67108864 60 pubsub 1 2 3',
    })
    expect(() => server.db(2)).toThrow('There is no database 2: there are 2')
  })

  // A process of its own: whatever is left keeps it from ending, or has printed or written something.
  test('nothing is left after the end: no handle, no file, no output', () => {
    const directory = mkdtempSync(join(tmpdir(), 'respite-test-'))
    const program = `
      const { createServer } = await import(${JSON.stringify(`${ROOT}/src/index.ts`)})
      const { createConnection } = await import('node:net')
      const server = await createServer()
      const client = createConnection(server.address)
      client.on('error', () => {})
      client.write('BLPOP nothing 100\\r\\n')
      await new Promise((resolve) => setTimeout(resolve, 50))
      server.call('SET', 'k', 'v')
      await server.close()
      await new Promise((resolve) => client.once('close', resolve))
      await new Promise((resolve) => setImmediate(resolve))
      const handles = process.getActiveResourcesInfo().filter((name) => !/TTY|Pipe|Immediate/.test(name))
      if (handles.length > 0) console.log(handles)`
    const tsx = import.meta.resolve('tsx')
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', tsx, '--input-type=module', '-e', program],
      { cwd: directory, encoding: 'utf8', timeout: 30_000 },
    )
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(readdirSync(directory)).toEqual([])
  })

  test('data are kept where that is asked for, and read only then', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'respite-test-'))
    const first = await createServer({ dir })
    first.call('SET', 'k', 'v')
    first.call('SAVE')
    await first.close()
    expect(readdirSync(dir)).toEqual(['dump.rdb'])
    expect((await start({ dir })).db(0).get('k')).toBe('v')
    const here = process.cwd()
    process.chdir(dir)
    onTestFinished(() => process.chdir(here))
    expect((await start()).db(0).get('k')).toBe(null)
    expect((await start({ save: '60 1' })).db(0).get('k')).toBe('v')
    writeFileSync(join(dir, 'dump.rdb'), 'REDIS0011 and then nothing')
    await expect(createServer({ dir })).rejects.toThrow()
  })

  test('the log goes where it is asked for', async () => {
    const lines: string[] = []
    const server = await start({ log: (line) => lines.push(line), 'enable-debug-command': 'yes' })
    server.call('DEBUG', 'LOG', 'hello')
    expect(lines.at(-1)).toMatch(/# DEBUG LOG: hello\n$/)
    const file = join(mkdtempSync(join(tmpdir(), 'respite-test-')), 'log')
    const other = await start({ logfile: file, 'enable-debug-command': 'yes' })
    other.call('DEBUG', 'LOG', 'hello')
    expect(existsSync(file)).toBe(true)
  })

  test('closing twice is fine', async () => {
    const server = await createServer()
    await Promise.all([server.close(), server.close()])
  })
})

describe('the clock', () => {
  test('moved, lets keys expire at once, with their events', async () => {
    const server = await start({ 'notify-keyspace-events': 'Ex' })
    const client = await connect(server)
    await client.call('SUBSCRIBE', '__keyevent@0__:expired')
    server.call('SET', 'k', 'v', 'EX', 60)
    server.clock.advance(59_000)
    expect(server.db(0).get('k')).toBe('v')
    server.clock.advance(1_000)
    expect(server.db(0).exists('k')).toBe(false)
    expect(format(await client.next())).toBe('["message", "__keyevent@0__:expired", "k"]')
  })

  test('moved, ends the waits of blocked clients', async () => {
    const server = await start()
    const client = await connect(server)
    client.send(['BLPOP', 'nothing', '100'])
    await until(() => String(server.call('CLIENT', 'LIST')).includes('cmd=blpop'), 'it waits')
    server.clock.advance(99_000)
    expect(String(server.call('CLIENT', 'LIST'))).toContain('cmd=blpop')
    server.clock.advance(1_000)
    expect(format(await client.next())).toBe('(nil-array)')
  })

  test('stands still from the time that it is given', async () => {
    const server = await start({ now: 1_700_000_000_000 })
    expect(server.call('TIME')).toEqual(['1700000000', '0'])
    expect(server.call('XADD', 's', '*', 'f', 'v')).toBe('1700000000000-0')
    server.clock.set(1_800_000_000_000)
    expect(server.call('XADD', 's', '*', 'f', 'v')).toBe('1800000000000-0')
    server.clock.resume()
    await until(() => server.clock.now() > 1_800_000_000_000, 'it runs again')
    server.clock.stop()
    const stopped = server.clock.now()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(server.clock.now()).toBe(stopped)
    expect(() => server.clock.advance(-1)).toThrow(RangeError)
  })
})

test('chance repeats with its seed', async () => {
  const draw = async (seed: number) => {
    const server = await createServer({ seed })
    for (let i = 0; i < 200; i++) server.call('SET', `k${i}`, i)
    const drawn = [server.call('SCAN', 0), ...Array.from({ length: 20 }, () => server.call('RANDOMKEY'))]
    await server.close()
    return drawn
  }
  expect(await draw(7)).toEqual(await draw(7))
  expect(await draw(7)).not.toEqual(await draw(8))
})

describe('a look inside', () => {
  test('reads each type of value', async () => {
    const server = await start({ now: 1_700_000_000_000 })
    const db = server.db(0)
    server.call('SET', 'string', 'grün', 'EX', 10)
    server.call('SETBIT', 'bytes', 7, 1)
    server.call('HSET', 'hash', 'a', '1', '__proto__', '2')
    server.call('RPUSH', 'list', 'a', 'b', 'c')
    server.call('SADD', 'set', 'x', 'y')
    server.call('ZADD', 'zset', 2.5, 'two', '-inf', 'low')
    server.call('XADD', 'stream', '1-1', 'f', 'v')
    expect(db.get('string')).toBe('grün')
    expect(db.get('nothing')).toBe(null)
    expect(db.getBytes('bytes')).toEqual(new Uint8Array([1]))
    expect(db.getBytes('nothing')).toBe(null)
    expect([db.ttl('string'), db.pttl('string'), db.ttl('hash'), db.ttl('nothing')]).toEqual([
      10, 10_000, -1, -2,
    ])
    expect(Object.entries(db.hgetall('hash'))).toEqual([
      ['a', '1'],
      ['__proto__', '2'],
    ])
    expect([db.hget('hash', 'a'), db.hget('hash', 'b'), db.hgetall('nothing')]).toEqual(['1', null, {}])
    expect([db.lrange('list'), db.lrange('list', 1, 1), db.llen('list')]).toEqual([['a', 'b', 'c'], ['b'], 3])
    expect([db.smembers('set'), db.sismember('set', 'x'), db.scard('set')]).toEqual([new Set('xy'), true, 2])
    expect(db.zrange('zset')).toEqual([
      { member: 'low', score: Number.NEGATIVE_INFINITY },
      { member: 'two', score: 2.5 },
    ])
    expect([db.zscore('zset', 'two'), db.zcard('zset')]).toEqual([2.5, 2])
    expect(db.xrange('stream')).toEqual([{ id: '1-1', fields: [['f', 'v']] }])
    expect(db.xlen('stream')).toBe(1)
    expect(db.keys()).toEqual(['bytes', 'hash', 'list', 'set', 'stream', 'string', 'zset'])
    expect([db.keys('s*'), db.size]).toEqual([['set', 'stream', 'string'], 7])
    expect(db.keys().map((key) => db.type(key))).toEqual('string hash list set stream string zset'.split(' '))
    expect([db.encoding('list'), db.encoding('nothing'), db.type('nothing')]).toEqual([
      'listpack',
      null,
      'none',
    ])
    expect(() => db.lrange('hash')).toThrow(CommandError)
    expect(() => db.lrange('hash')).toThrow('WRONGTYPE')
  })

  test('leaves no trace: nothing expires, counts or is told', async () => {
    const server = await start({
      now: 1_700_000_000_000,
      'notify-keyspace-events': 'KEAm',
      'enable-debug-command': 'yes',
    })
    const client = await connect(server)
    await client.call('PSUBSCRIBE', '*')
    server.call('SELECT', 3)
    server.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
    server.call('HSET', 'hash', 'f', 'v', 'g', 'w')
    server.call('HPEXPIRE', 'hash', 5, 'FIELDS', 1, 'f')
    server.call('SET', 'k', 'v', 'PX', 5)
    server.call('PUBLISH', 'begin', '')
    while (!format(await client.next()).includes('"begin"'));
    const before = [server.call('INFO', 'stats'), server.call('INFO', 'commandstats')]
    server.clock.advance(10)
    const db = server.db(3)
    expect([db.get('k'), db.exists('k'), db.hgetall('hash'), db.size]).toEqual([null, false, { g: 'w' }, 1])
    expect(server.call('DBSIZE')).toBe(2)
    const figures = (text: unknown) => String(text).match(/(expired_keys|keyspace_\w+):.*/g)
    expect(figures(server.call('INFO', 'stats'))).toEqual(figures(before[0]))
    expect(String(server.call('INFO', 'commandstats'))).not.toContain('cmdstat_hgetall')
    server.call('PUBLISH', 'end', 'of it')
    expect(format(await client.next())).toContain('"end"')
  })

  test.each(['small', 'large'])('idle time stays as it is, of a %s value', async (size) => {
    const server = await start({ now: 1_700_000_000_000 })
    for (let i = 0; i < (size === 'small' ? 1 : 1000); i++) server.call('SADD', 'k', `m${i}`)
    server.clock.advance(50_000)
    server.db(0).smembers('k')
    expect(server.call('OBJECT', 'IDLETIME', 'k')).toBe(50)
  })
})

describe('commands at once', () => {
  test('reply with values of their own kind', async () => {
    const server = await start()
    server.call('RPUSH', 'l', 'a', new Uint8Array([0xc3, 0xbc]), 3, 2n ** 63n - 1n)
    expect(server.call('LRANGE', 'l', 0, -1)).toEqual(['a', 'ü', '3', '9223372036854775807'])
    expect(server.call('INCRBY', 'n', 2n ** 62n)).toBe(2n ** 62n)
    expect(server.call('SISMEMBER', 's', 'x')).toBe(0)
    expect(server.call('HGETALL', 'h')).toEqual({})
    expect(server.call('EXISTS', 'l')).toBe(1)
    expect(() => server.call('INCR', 'l')).toThrow('WRONGTYPE Operation against a key')
    expect(() => server.call('NOTHING')).toThrow("ERR unknown command 'NOTHING'")
  })

  test('never wait, and serve those who do', async () => {
    const server = await start()
    const [first, second] = [await connect(server), await connect(server)]
    for (const client of [first, second]) {
      client.send(['BLPOP', 'queue', '0'])
      await until(() => server.call('INFO', 'clients') !== '', 'it waits')
    }
    await until(() => String(server.call('INFO', 'clients')).includes('blocked_clients:2'), 'both wait')
    expect(server.call('BLPOP', 'queue', 0)).toBe(null)
    expect(server.call('RPUSH', 'queue', 'one')).toBe(1)
    expect(format(await first.next())).toBe('["queue", "one"]')
    expect(String(server.call('INFO', 'clients'))).toContain('blocked_clients:1')
    expect(server.call('RPUSH', 'queue', 'two')).toBe(1)
    expect(format(await second.next())).toBe('["queue", "two"]')
  })

  test('may come between the requests of others and their replies', async () => {
    const server = await start({
      fault: ({ command }) => {
        // The reply to an earlier request of the same pipeline waits to be sent.
        if (command === 'incr') queueMicrotask(() => server.call('SET', 'seen', 'yes'))
        return undefined
      },
    })
    const client = await connect(server)
    const replies = await client.pipeline([
      ['SET', 'a', '1'],
      ['INCR', 'a'],
      ['GET', 'a'],
    ])
    expect(replies.map(format)).toEqual(['+OK', '(integer) 2', '"2"'])
    expect(server.db(0).get('seen')).toBe('yes')
  })

  test('transactions are possible', async () => {
    const server = await start()
    server.call('MULTI')
    server.call('SET', 'k', 'v')
    server.call('INCR', 'k')
    const [ok, failure] = server.call('EXEC') as unknown[]
    expect(ok).toBe('OK')
    expect(failure).toBeInstanceOf(CommandError)
  })
})

describe('faults', () => {
  test('errors, for one command', async () => {
    const server = await start({
      fault: ({ command, args }) =>
        command === 'config|get' || args[1] === 'broken' ? { error: 'LOADING try later' } : undefined,
    })
    const client = await connect(server)
    expect(await ask(client, 'GET', 'broken')).toBe('(error) LOADING try later')
    expect(await ask(client, 'CONFIG', 'GET', 'port')).toBe('(error) LOADING try later')
    expect(await ask(client, 'GET', 'whole')).toBe('(nil-bulk)')
    server.fault = undefined
    expect(await ask(client, 'GET', 'broken')).toBe('(nil-bulk)')
  })

  test('a dropped request has not run, a dropped reply is of one that has', async () => {
    let drop: 'request' | 'reply' = 'request'
    const server = await start({ fault: ({ command }) => (command === 'incr' ? { drop } : undefined) })
    for (const kind of ['request', 'reply'] as const) {
      drop = kind
      const client = await connect(server)
      const sent = client.pipeline([
        ['SET', 'before', kind],
        ['INCR', kind],
        ['SET', 'after', 'yes'],
      ])
      await expect(sent).rejects.toThrow('closed')
      await client.closed
    }
    expect(server.db(0).keys()).toEqual(['before', 'reply'])
  })

  test("a delay is one of the server's clock, and keeps the order", async () => {
    const server = await start({
      now: 1_700_000_000_000,
      fault: ({ command }) => (command === 'incr' ? { delay: 500 } : undefined),
    })
    const [slow, other] = [await connect(server), await connect(server)]
    const replies = slow.pipeline([
      ['SET', 'k', '1'],
      ['INCR', 'k'],
      ['GET', 'k'],
    ])
    await until(() => server.db(0).exists('k'), 'the first has run')
    expect(await ask(other, 'GET', 'k')).toBe('"1"')
    server.clock.advance(499)
    expect(await ask(other, 'GET', 'k')).toBe('"1"')
    server.clock.advance(1)
    expect((await replies).map(format)).toEqual(['+OK', '(integer) 2', '"2"'])
  })

  test('a delay passes by itself where the clock runs', async () => {
    const server = await start({ fault: ({ command }) => (command === 'ping' ? { delay: 20 } : undefined) })
    const begun = performance.now()
    expect(await ask(await connect(server), 'PING')).toBe('+PONG')
    expect(performance.now() - begun).toBeGreaterThan(15)
  })
})
