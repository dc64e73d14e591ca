// The append-only file of a whole server: on and off, rewriting, what waits for the disk, what a failing disk does.

import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { LoadError } from '../../src/persistence/load-source.ts'
import { Log } from '../../src/server/log.ts'
import { Server } from '../../src/server/server.ts'
import { until } from '../support/local-server.ts'
import { format, RespClient } from '../support/resp-client.ts'

let directory: string
let log: string[]
let server: Server
let client: RespClient
const others: RespClient[] = []

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'respite-test-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await stop()
  fs.rmSync(directory, { recursive: true, force: true })
})

async function start(settings = 'appendonly yes'): Promise<void> {
  const config = new Config({ directory })
  const common = `port 0\nbind 127.0.0.1\nsave ""\nenable-debug-command yes\nauto-aof-rewrite-percentage 0\n`
  loadConfigText(config, common + settings, { product: 'a test', include: () => [] })
  log = []
  server = new Server({ config, log: new Log(Date.now, (line) => log.push(line)), seed: 1 })
  await server.listen()
  await server.load()
  client = await connect()
}

async function connect(): Promise<RespClient> {
  const other = await RespClient.connect({ host: '127.0.0.1', port: server.listeners.port })
  others.push(other)
  return other
}

async function stop(): Promise<void> {
  for (const other of others.splice(0)) await other.destroy()
  await server.close()
}

async function restart(settings?: string): Promise<void> {
  await stop()
  await start(settings)
}

const ask = async (command: string, by = client) => format(await by.call(...command.split(' ')))
const digest = () => digestOfKeyspace(server.keyspace).hex
const path = (name: string) => join(directory, 'appendonlydir', name)
const manifest = () => fs.readFileSync(path('appendonly.aof.manifest'), 'latin1')
const increment = (sequence = 1) => fs.readFileSync(path(`appendonly.aof.${sequence}.incr.aof`), 'latin1')
const rewritten = () =>
  until(() => !server.persistence.isRewriting && !server.persistence.isRewriteScheduled, 'a rewrite')
const filesOf = (sequence: number) =>
  `file appendonly.aof.${sequence}.base.rdb seq ${sequence} type b\nfile appendonly.aof.${sequence}.incr.aof seq ${sequence} type i\n`

async function write(): Promise<void> {
  await ask('MSET a 1 b 2 c 3')
  await ask('RPUSH list x y z')
  await client.pipeline([['MULTI'], ['INCR', 'a'], ['SET', 'd', '4', 'EX', '1000'], ['EXEC']])
  await ask('SPOP nothing')
  await ask('SELECT 3')
  await ask('SADD set 1 2 3 4 5')
  await ask('SPOP set 2')
  await ask('SELECT 0')
}

describe('a server that appends', () => {
  test.each(['always', 'everysec', 'no'])(
    'has everything again after a restart, with appendfsync %s',
    async (policy) => {
      await start(`appendonly yes\nappendfsync ${policy}`)
      await write()
      const before = digest()
      await restart()
      expect(digest()).toBe(before)
      expect(manifest()).toBe(filesOf(1))
    },
  )

  test('has what it acknowledges in the file by then', async () => {
    for (const policy of ['always', 'everysec', 'no']) {
      await start(`appendonly yes\nappendfsync ${policy}`)
      for (let n = 0; n < 30; n++) {
        await ask(`SET ${policy} value${n}`)
        expect(increment()).toContain(`value${n}`)
      }
      await stop()
    }
    await start()
  })

  test('lets replies wait for the disk under always, and nobody else', async () => {
    await start('appendonly yes\nappendfsync always')
    const ended: (() => void)[] = []
    vi.spyOn(fs, 'fdatasync').mockImplementation((_, done) => void ended.push(() => done(null)))
    const other = await connect()
    const replies: string[] = []
    const first = ask('SET a 1').then((reply) => replies.push(reply))
    await until(() => ended.length === 1, 'the first group')
    const second = ask('INCR a', other).then((reply) => replies.push(reply))
    await until(() => server.dispatcher.executed >= 2, 'the second request')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(replies).toEqual([])
    ended[0]!()
    await first
    await until(() => ended.length === 2, 'the second group')
    expect(replies).toEqual(['+OK'])
    ended[1]!()
    await second
    expect(replies).toEqual(['+OK', '(integer) 2'])
  })

  test('starts with nothing where there is an RDB file and no log, as Redis does', async () => {
    await start('appendonly no')
    await write()
    await ask('SAVE')
    await restart('appendonly yes')
    expect(await ask('DBSIZE')).toBe('(integer) 0')
  })

  test('goes on with a log of one file', async () => {
    fs.writeFileSync(join(directory, 'appendonly.aof'), '*3\r\n$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\r\n')
    await start()
    expect(await ask('GET k')).toBe('"v"')
    expect(manifest()).toBe('file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n')
    expect(fs.existsSync(join(directory, 'appendonly.aof'))).toBe(false)
  })

  test('does not start with a wrong manifest', async () => {
    fs.mkdirSync(join(directory, 'appendonlydir'))
    fs.writeFileSync(path('appendonly.aof.manifest'), 'file x seq 1 type x\n')
    await expect(start()).rejects.toThrow(LoadError)
    expect(log.join('')).toContain('Reading the manifest file, at line 1')
  })
})

describe('rewriting', () => {
  test.each(['yes', 'no'])('leaves a base and an empty increment: RDB preamble %s', async (preamble) => {
    await start(`appendonly yes\naof-use-rdb-preamble ${preamble}`)
    await write()
    const before = digest()
    expect(await ask('BGREWRITEAOF')).toBe('+Background append only file rewriting started')
    await rewritten()
    expect(increment(2)).toBe('')
    expect(manifest()).toContain(
      `file appendonly.aof.2.base.${preamble === 'yes' ? 'rdb' : 'aof'} seq 2 type b`,
    )
    expect(await ask('DEBUG LOADAOF')).toBe('+OK')
    expect(digest()).toBe(before)
    await until(() => fs.readdirSync(join(directory, 'appendonlydir')).length === 3, 'history to go')
    await ask('SET more 1')
    const after = digest()
    await restart()
    expect(digest()).toBe(after)
  })

  test('that fails leaves everything, and one increment more', async () => {
    await start()
    await write()
    const before = digest()
    for (const sequence of [2, 3, 4]) {
      await ask('CONFIG SET rdb-key-save-delay 10000000')
      await ask('BGREWRITEAOF')
      expect(await ask('BGREWRITEAOF')).toContain('already in progress')
      server.durability.jobs.kill('rewrite')
      await rewritten()
      expect(manifest()).toContain(`file appendonly.aof.${sequence}.incr.aof seq ${sequence} type i`)
    }
    expect(manifest()).toContain('file appendonly.aof.1.base.rdb seq 1 type b')
    await ask('CONFIG SET rdb-key-save-delay 0')
    await ask('DEBUG LOADAOF')
    expect(digest()).toBe(before)
    await ask('BGREWRITEAOF')
    await rewritten()
    expect(manifest()).toBe(
      'file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.5.incr.aof seq 5 type i\n',
    )
  })

  test('waits for a BGSAVE', async () => {
    await start()
    await ask('SET a 1')
    await ask('CONFIG SET rdb-key-save-delay 300000')
    await ask('BGSAVE')
    expect(await ask('BGREWRITEAOF')).toBe('+Background append only file rewriting scheduled')
    expect(server.persistence.isRewriteScheduled).toBe(true)
    await ask('CONFIG SET rdb-key-save-delay 0')
    await rewritten()
    expect(manifest()).toBe(filesOf(2))
  })

  test('keeps history where it is told to', async () => {
    await start()
    await ask('CONFIG SET aof-disable-auto-gc yes')
    for (let n = 0; n < 2; n++) {
      await ask('BGREWRITEAOF')
      await rewritten()
    }
    expect(manifest().match(/\S+ seq \d type h/g)).toEqual([
      'appendonly.aof.2.incr.aof seq 2 type h',
      'appendonly.aof.2.base.rdb seq 2 type h',
      'appendonly.aof.1.incr.aof seq 1 type h',
      'appendonly.aof.1.base.rdb seq 1 type h',
    ])
    await ask('CONFIG SET aof-disable-auto-gc no')
    expect(manifest()).toBe(filesOf(3))
  })

  test('begins by itself when the log has grown', async () => {
    await start()
    await ask('CONFIG SET auto-aof-rewrite-min-size 1kb')
    await ask('CONFIG SET auto-aof-rewrite-percentage 100')
    await ask(`SET a ${'x'.repeat(2000)}`)
    await until(() => server.persistence.rewrites > 0, 'a rewrite')
    await rewritten()
    expect(manifest()).toBe(filesOf(2))
  })
})

describe('CONFIG SET appendonly', () => {
  test('yes brings what was there before, and what has changed meanwhile', async () => {
    await start('appendonly no')
    await write()
    expect(await ask('CONFIG SET appendonly yes')).toBe('+OK')
    await ask('SET meanwhile 1')
    await rewritten()
    expect(manifest()).toBe(filesOf(1))
    const before = digest()
    await restart()
    expect(digest()).toBe(before)
  })

  test('no ends it, and yes begins anew', async () => {
    await start()
    await ask('SET a 1')
    await ask('CONFIG SET appendonly no')
    await ask('SET b 1')
    expect(increment()).not.toContain('b')
    await ask('CONFIG SET appendonly yes')
    await rewritten()
    expect(manifest()).toBe(filesOf(2))
    await restart()
    expect(await ask('MGET a b')).toContain('"1"')
  })
})

describe('WAITAOF', () => {
  test('replies when the disk has it', async () => {
    await start()
    await ask('SET a 1')
    expect(await ask('WAITAOF 1 0 5000')).toContain('(integer) 1')
    expect(await ask('WAITAOF 0 1 10')).toContain('(integer) 0')
  })

  test('is refused without a log, also while it waits', async () => {
    await start('appendonly no')
    const refusal = '(error) ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.'
    expect(await ask('WAITAOF 1 0 10')).toBe(refusal)
    await restart('appendonly yes\nappendfsync no')
    await ask('SET a 1')
    const waiting = ask('WAITAOF 1 0 0')
    await until(() => [...server.clients.all()].some((session) => session.isBlocked), 'the request')
    const other = await connect()
    await ask('CONFIG SET appendonly no', other)
    expect(await waiting).toBe(refusal)
  })
})

describe('a disk that is full', () => {
  test('refuses writes until it has room again, and leaves the file whole', async () => {
    await start('appendonly yes\nappendfsync no')
    await ask('SET a 1')
    const realWrite = fs.writeSync
    let isFull = true
    vi.spyOn(fs, 'writeSync').mockImplementation(((
      fd: number,
      bytes: Buffer,
      from: number,
      length: number,
    ) => {
      if (!isFull) return realWrite(fd, bytes, from, length)
      // Half of it is written first.
      if (length > 20) return realWrite(fd, bytes, from, 10)
      throw Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28 })
    }) as typeof fs.writeSync)
    await ask('SET b 2')
    expect(await ask('SET c 3')).toBe(
      '(error) MISCONF Errors writing to the AOF file: No space left on device',
    )
    expect(await ask('GET b')).toBe('"2"')
    expect(server.persistence.lastWriteSucceeded).toBe(false)
    isFull = false
    await until(() => server.persistence.lastWriteSucceeded, 'room on the disk')
    expect(await ask('SET d 4')).toBe('+OK')
    vi.restoreAllMocks()
    const before = digest()
    await restart()
    expect(digest()).toBe(before)
    expect(log.join('')).not.toContain('Truncating')
  })
})
