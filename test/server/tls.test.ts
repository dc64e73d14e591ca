// TLS: who gets in, by which settings, and that a connection is one like any other. Certificates are made by openssl; where
// it is not installed these tests are skipped.

import { spawnSync } from 'node:child_process'
import { constants } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection, createServer as createTcpServer } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { createServer, type RespiteOptions, type RespiteServer } from '../../src/index.ts'
import { TlsSessions } from '../../src/server/tls-sessions.ts'
import { type Certificates, hasOpenssl, makeCertificates } from '../support/certificates.ts'
import { until } from '../support/local-server.ts'
import { format, RespClient } from '../support/resp-client.ts'

const isThere = hasOpenssl()
let files: Certificates

beforeAll(() => {
  if (!isThere) return
  files = makeCertificates()
  for (const name of ['server', 'client']) files.sign(name)
})

afterAll(() => files?.remove())

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Started {
  readonly server: RespiteServer
  readonly log: string[]
}

async function start(options: RespiteOptions = {}): Promise<Started> {
  const log: string[] = []
  const server = await createServer({
    'tls-port': await freePort(),
    'tls-cert-file': files.path('server.crt'),
    'tls-key-file': files.path('server.key'),
    'tls-ca-cert-file': files.path('ca.crt'),
    log: (line) => log.push(line),
    ...options,
  })
  onTestFinished(() => server.close())
  return { server, log }
}

function identity(name = 'client'): ConnectionOptions {
  return { cert: readFileSync(files.path(`${name}.crt`)), key: readFileSync(files.path(`${name}.key`)) }
}

/** Connects; fails as soon as either side says no. */
async function secure(server: RespiteServer, options: ConnectionOptions = identity()): Promise<TLSSocket> {
  const socket = connectTls({
    port: server.tlsPort,
    host: '127.0.0.1',
    ca: readFileSync(files.path('ca.crt')),
    checkServerIdentity: () => undefined,
    ...options,
  })
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return socket
}

async function connect(server: RespiteServer, options?: ConnectionOptions): Promise<RespClient> {
  return RespClient.over(await secure(server, options))
}

/** The reply to PING, or that there is none: with TLS 1.3 a client hears of its refusal after its handshake. */
async function ping(server: RespiteServer, options?: ConnectionOptions): Promise<string> {
  try {
    return format(await (await connect(server, options)).call('PING'))
  } catch {
    return 'refused'
  }
}

const UPDATE_FAILED = 'Unable to update TLS configuration. Check server logs.'

describe.skipIf(!isThere)('a connection', () => {
  test('is one like any other: values of any size, pipelines, messages, waiting', async () => {
    const { server } = await start()
    const client = await connect(server)
    const value = Buffer.alloc(5_000_000, 'abcdefghij')
    expect(format(await client.call('SET', 'large', value))).toBe('+OK')
    expect(await client.call('GET', 'large')).toEqual({ type: 'bulk', text: value.toString('latin1') })
    const replies = await client.pipeline(Array.from({ length: 5_000 }, (_, i) => ['INCRBY', 'n', String(i)]))
    expect(replies.at(-1)).toEqual({ type: 'integer', value: (4_999 * 5_000) / 2 })
    const subscriber = await connect(server)
    await subscriber.call('SUBSCRIBE', 'c')
    server.call('PUBLISH', 'c', 'hello')
    expect(format(await subscriber.next())).toBe('["message", "c", "hello"]')
    client.send(['BLPOP', 'queue', '0'])
    await until(() => String(server.call('INFO', 'clients')).includes('blocked_clients:1'), 'it waits')
    server.call('RPUSH', 'queue', 'x')
    expect(format(await client.next())).toBe('["queue", "x"]')
  })

  test('that does not read is fed when it reads again', async () => {
    const { server } = await start()
    server.call('SET', 'k', 'x'.repeat(1_000_000))
    const client = await connect(server)
    client.pause()
    for (let i = 0; i < 40; i++) client.send(['GET', 'k'])
    await until(() => /omem=[1-9]/.test(String(server.call('CLIENT', 'LIST'))), 'replies wait')
    client.resume()
    for (let i = 0; i < 40; i++) expect((await client.next()).type).toBe('bulk')
  })

  test('shows its addresses, and INFO the socket', async () => {
    const { server } = await start({ port: await freePort() })
    const client = await connect(server)
    await client.call('CLIENT', 'SETNAME', 'me')
    expect(String(server.call('CLIENT', 'LIST'))).toContain(`laddr=127.0.0.1:${server.tlsPort} `)
    const info = String(server.call('INFO', 'server'))
    expect(info).toContain(`tcp_port:${server.port}`)
    expect(info).toContain(`listener1:name=tls,bind=127.0.0.1,port=${server.tlsPort}`)
  })

  test('is all there is with port 0', async () => {
    const { server } = await start()
    expect([server.port, server.url]).toEqual([0, `rediss://127.0.0.1:${server.tlsPort}`])
    expect(String(server.call('INFO', 'server'))).toContain(`tcp_port:${server.tlsPort}`)
    expect(await ping(server)).toBe('+PONG')
  })

  test('without TLS at its port is ended, and so is one that says nothing when the server ends', async () => {
    const { server, log } = await start()
    const plain = createConnection(server.tlsPort, '127.0.0.1')
    plain.on('error', () => {})
    plain.write('PING\r\n')
    await new Promise((resolve) => plain.once('close', resolve))
    expect(log.join()).toContain('Error accepting a client connection: error:')
    const mute = createConnection(server.tlsPort, '127.0.0.1')
    await new Promise((resolve) => mute.once('connect', resolve))
    const ended = new Promise((resolve) => mute.once('close', resolve))
    mute.on('error', () => {})
    mute.resume()
    await server.close()
    await ended
  })

  test("is refused with an error in Redis's form where there is no room", async () => {
    const { server } = await start({ maxclients: 1 })
    const first = await connect(server)
    await first.call('PING')
    const second = await connect(server)
    expect(format(await second.next())).toBe('(error) ERR max number of clients reached')
  })

  const redisCli = spawnSync('redis-cli', ['--help'], { encoding: 'utf8' })
  const speaksTls = `${redisCli.stdout}${redisCli.stderr}`.includes('--tls')
  test.skipIf(!speaksTls)('of redis-cli --tls works', async () => {
    const { server } = await start()
    const args = ['--tls', '--cacert', 'ca.crt', '--cert', 'client.crt', '--key', 'client.key']
    // The server is in this process: it has to go on meanwhile.
    const { spawn } = await import('node:child_process')
    const cli = spawn('redis-cli', [...args, '-p', String(server.tlsPort), 'SET', 'k', 'v'], {
      cwd: files.directory,
    })
    let output = ''
    cli.stdout.on('data', (chunk) => (output += chunk))
    cli.stderr.on('data', (chunk) => (output += chunk))
    await new Promise((resolve) => cli.once('close', resolve))
    expect(output).toBe('OK\n')
    expect(server.db(0).get('k')).toBe('v')
  })
})

describe.skipIf(!isThere)('who gets in', () => {
  test.each([
    ['yes', 'refused', 'refused', '+PONG'],
    ['optional', '+PONG', 'refused', '+PONG'],
    ['no', '+PONG', '+PONG', '+PONG'],
  ] as const)('tls-auth-clients %s: nobody in particular %s, a stranger %s, a friend %s', async (...row) => {
    const [setting, nobody, stranger, friend] = row
    const { server } = await start({ 'tls-auth-clients': setting })
    expect(await ping(server, {})).toBe(nobody)
    expect(await ping(server, identity('stranger'))).toBe(stranger)
    expect(await ping(server)).toBe(friend)
  })

  test('authorities may be a directory', async () => {
    const directory = files.path('authorities')
    mkdirSync(directory)
    copyFileSync(files.path('ca.crt'), `${directory}/1234abcd.0`)
    writeFileSync(`${directory}/README`, 'not one of them')
    const { server } = await start({ 'tls-ca-cert-file': '', 'tls-ca-cert-dir': directory })
    expect(await ping(server)).toBe('+PONG')
    expect(await ping(server, identity('stranger'))).toBe('refused')
  })

  test('a key may have a passphrase', async () => {
    files.sign('locked', 'open sesame')
    const options = { 'tls-cert-file': files.path('locked.crt'), 'tls-key-file': files.path('locked.key') }
    const { server } = await start({ ...options, 'tls-key-file-pass': 'open sesame' })
    expect(await ping(server)).toBe('+PONG')
    await expect(start({ ...options, 'tls-key-file-pass': 'wrong' })).rejects.toThrow(
      'Failed to configure TLS',
    )
  })
})

describe.skipIf(!isThere)('settings', () => {
  test.each<[string, RespiteOptions, string]>([
    ['no certificate', { 'tls-cert-file': '' }, 'No tls-cert-file configured!'],
    ['no key', { 'tls-key-file': '' }, 'No tls-key-file configured!'],
    [
      'no authority',
      { 'tls-ca-cert-file': '' },
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified',
    ],
    [
      'a file that is not there',
      { 'tls-cert-file': '/no.crt' },
      'Failed to load certificate: /no.crt: No such file',
    ],
    ['an unknown protocol', { 'tls-protocols': 'TLSv9' }, 'Invalid tls-protocols specified.'],
    ['an unknown cipher', { 'tls-ciphers': 'nonsense' }, 'Failed to configure ciphers: nonsense'],
    ['an unknown suite', { 'tls-ciphersuites': 'nonsense' }, 'Failed to configure ciphersuites: nonsense'],
  ])('%s: the server does not start, and the log says why', async (_what, options, message) => {
    const log: string[] = []
    const starting = start({ ...options, log: (line) => log.push(line) })
    await expect(starting).rejects.toThrow('Failed to configure TLS. Check logs for more info.')
    expect(log.join()).toContain(message)
  })

  test('a renewed certificate is taken over by setting its name again, and connections go on', async () => {
    for (const kind of ['crt', 'key'])
      copyFileSync(files.path(`server.${kind}`), files.path(`renewed.${kind}`))
    const cert = files.path('renewed.crt')
    const key = files.path('renewed.key')
    const { server, log } = await start({ 'tls-cert-file': cert, 'tls-key-file': key })
    const shown = async () => (await secure(server)).getPeerX509Certificate()!.subject
    const before = await connect(server)
    expect(await shown()).toBe('CN=server')
    files.sign('renewed')
    expect(await shown()).toBe('CN=server')
    server.call('CONFIG', 'SET', 'tls-cert-file', cert, 'tls-key-file', key)
    expect(await shown()).toBe('CN=renewed')
    writeFileSync(cert, 'broken')
    expect(() => server.call('CONFIG', 'SET', 'tls-cert-file', cert)).toThrow(
      `ERR CONFIG SET failed (possibly related to argument 'tls-cert-file') - ${UPDATE_FAILED}`,
    )
    expect(log.at(-1)).toContain(`Failed to load certificate: ${cert}`)
    expect(() => server.call('CONFIG', 'SET', 'tls-key-file', files.path('client.key'))).toThrow(
      UPDATE_FAILED,
    )
    expect(await shown()).toBe('CN=renewed')
    expect(format(await before.call('PING'))).toBe('+PONG')
  })

  test('protocols and ciphers hold, from the next connection on', async () => {
    const { server } = await start({ 'tls-protocols': 'TLSv1.2' })
    const told = async (options: ConnectionOptions = {}) => {
      const socket = await secure(server, { ...identity(), ...options })
      return `${socket.getProtocol()} ${socket.getCipher().name}`
    }
    expect(await told()).toMatch(/^TLSv1\.2 /)
    await expect(told({ minVersion: 'TLSv1.3' })).rejects.toThrow()
    server.call('CONFIG', 'SET', 'tls-ciphers', 'ECDHE-RSA-AES128-GCM-SHA256')
    expect(await told()).toBe('TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256')
    server.call('CONFIG', 'SET', 'tls-protocols', 'TLSv1.2 TLSv1.3')
    expect(await told()).toMatch(/^TLSv1\.3 /)
    server.call('CONFIG', 'SET', 'tls-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256')
    expect(await told()).toBe('TLSv1.3 TLS_CHACHA20_POLY1305_SHA256')
    expect(await told({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256')
    await expect(told({ maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })).rejects.toThrow()
  })

  test.each([
    ['no', 'AES256'],
    ['yes', 'AES128'],
  ] as const)(
    'tls-prefer-server-ciphers %s: the order of the one side or the other',
    async (setting, cipher) => {
      const ciphers = ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384']
      const { server } = await start({
        'tls-protocols': 'TLSv1.2',
        'tls-ciphers': ciphers.join(':'),
        'tls-prefer-server-ciphers': setting,
      })
      const socket = await secure(server, { ...identity(), ciphers: ciphers.toReversed().join(':') })
      expect(socket.getCipher().name).toContain(cipher)
    },
  )

  test.each([
    ['tickets', true, 0],
    ['tickets', false, 0],
    ['session numbers', true, constants.SSL_OP_NO_TICKET],
    ['session numbers', false, constants.SSL_OP_NO_TICKET],
  ])('sessions are resumed, by %s, as tls-session-caching says: %s', async (_by, caches, secureOptions) => {
    const { server } = await start({ 'tls-session-caching': caches })
    const options: ConnectionOptions = { ...identity(), maxVersion: 'TLSv1.2', secureOptions }
    const first = await secure(server, options)
    const session = first.getSession()
    first.end()
    const second = await secure(server, { ...options, ...(session === undefined ? {} : { session }) })
    expect(second.isSessionReused()).toBe(caches)
  })

  test('the port can be changed, given up and taken again', async () => {
    const { server } = await start({ port: await freePort() })
    const [old, next] = [server.tlsPort, await freePort()]
    server.call('CONFIG', 'SET', 'tls-port', next)
    expect([server.tlsPort, await ping(server)]).toEqual([next, '+PONG'])
    expect(() => server.call('CONFIG', 'SET', 'tls-port', server.port)).toThrow(
      'Unable to listen on this port.',
    )
    expect([server.tlsPort, await ping(server)]).toEqual([next, '+PONG'])
    server.call('CONFIG', 'SET', 'tls-port', 0)
    expect(server.tlsPort).toBe(0)
    server.call('CONFIG', 'SET', 'tls-cert-file', '/no.crt')
    expect(() => server.call('CONFIG', 'SET', 'tls-port', old)).toThrow(UPDATE_FAILED)
    server.call('CONFIG', 'SET', 'tls-port', old, 'tls-cert-file', files.path('server.crt'))
    expect([server.tlsPort, await ping(server)]).toEqual([old, '+PONG'])
  })
})

describe('kept sessions', () => {
  const id = (text: string) => Buffer.from(text)

  test('are so many at most, and live so long', () => {
    const clock = new ManualClock()
    const sessions = new TlsSessions(clock, 2, 10)
    for (const name of ['a', 'b', 'c']) sessions.keep(id(name), id(`data of ${name}`))
    expect(sessions.count).toBe(2)
    expect(sessions.find(id('a'))).toBe(null)
    expect(String(sessions.find(id('b')))).toBe('data of b')
    clock.advance(10_000)
    expect([sessions.find(id('b')), sessions.count]).toEqual([null, 1])
  })

  test('are any number with a limit of 0', () => {
    const sessions = new TlsSessions(new ManualClock(), 0, 10)
    for (let i = 0; i < 1_000; i++) sessions.keep(id(String(i)), id('x'))
    expect(sessions.count).toBe(1_000)
  })
})
