// The time in which data are loaded, as clients see it, and DEBUG RELOAD.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LoadError } from '../../src/persistence/load-source.ts'
import { LoadingStopped } from '../../src/server/loading.ts'
import { type LocalServer, startLocalServer } from '../support/local-server.ts'
import { format, RespClient } from '../support/resp-client.ts'

const KEYS = 400
let directory: string
let path: string
let server: LocalServer
let client: RespClient

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'respite-loading-'))
  path = join(directory, 'dump.rdb')
})

afterEach(async () => {
  await client.destroy()
  await server.stop()
  rmSync(directory, { recursive: true })
})

async function start(settings = ''): Promise<void> {
  server = await startLocalServer(false, `dir ${directory}\nenable-debug-command yes\nsave ""\n${settings}`)
  client = await RespClient.connect(server, 2)
}

const show = async (line: string) => format(await client.call(...line.split(' ')))

/** A file without a checksum. */
function writeKeys(count: number, version = '0010'): void {
  let text = `REDIS${version}\xfe\x00`
  for (let i = 0; i < count; i++) text += `\x00\x04${String(i).padStart(4, '0')}\x01v`
  writeFileSync(path, Buffer.from(`${text}\xff\0\0\0\0\0\0\0\0`, 'latin1'))
}

test('while data are loaded clients are told so, and served what needs none', async () => {
  writeKeys(KEYS)
  await start('key-load-delay 1000\n')
  const loading = server.server.load()
  await new Promise((resolve) => setImmediate(resolve))
  expect(await show('GET 0001')).toBe('(error) LOADING Redis is loading the dataset in memory')
  expect(await show('PING')).toContain('LOADING')
  expect(await show('CONFIG SET appendonly yes')).toContain('LOADING')
  expect(await show('DEBUG RELOAD')).toContain('LOADING')
  const info = await show('INFO persistence')
  expect(info).toContain('loading:1')
  expect(info).toMatch(/loading_total_bytes:\d{4}/)
  expect(info).toMatch(/loading_loaded_bytes:[1-9]/)
  expect(await show('CONFIG SET key-load-delay 0')).toBe('+OK')
  await loading
  expect(await show('GET 0001')).toBe('"v"')
  expect(await show('DBSIZE')).toBe(`(integer) ${KEYS}`)
  const after = await show('INFO persistence')
  expect(after).toContain('loading:0')
  expect(after).toContain(`rdb_last_load_keys_loaded:${KEYS}`)
  expect(after).toContain('rdb_changes_since_last_save:0')
  const log = server.log.join('')
  expect(log).toContain('RDB file was saved with checksum disabled: no check performed.')
  expect(log).toContain(`Done loading RDB, keys loaded: ${KEYS}, keys expired: 0.`)
  expect(log).toMatch(/DB loaded from disk: \d+\.\d{3} seconds/)
})

test('without a file there is nothing to load, and with a damaged one nothing is served', async () => {
  await start()
  await server.server.load()
  expect(await show('DBSIZE')).toBe('(integer) 0')
  writeKeys(3, '0013')
  await expect(server.server.load()).rejects.toThrow(LoadError)
  expect(server.log.join('')).toContain("Can't handle RDB format version 13")
  writeFileSync(path, 'REDIS0010\xfe\x00\x00\x01', 'latin1')
  await expect(server.server.load()).rejects.toThrow(LoadError)
  expect(server.log.join('')).toContain('Short read or OOM loading DB. Unrecoverable error, aborting now.')
})

test('a server that is closed while it loads stops loading', async () => {
  writeKeys(KEYS)
  await start('key-load-delay 1000\n')
  const loading = server.server.load()
  const stopped = expect(loading).rejects.toThrow(LoadingStopped)
  await new Promise((resolve) => setImmediate(resolve))
  await server.server.close()
  await stopped
  expect(server.server.keyspace.databases[0]!.size).toBeLessThan(KEYS)
})

test('DEBUG RELOAD saves and loads everything, or what its words leave of this', async () => {
  await start()
  await show('MSET a 1 b 2')
  await show('RPUSH l 1 2 3')
  const digest = await show('DEBUG DIGEST')
  expect(await show('DEBUG RELOAD')).toBe('+OK')
  expect(await show('DEBUG DIGEST')).toBe(digest)
  await show('SET a changed')
  await show('SET c 3')
  expect(await show('DEBUG RELOAD NOSAVE NOFLUSH MERGE')).toBe('+OK')
  expect(await show('MGET a b c')).toBe('["1", "2", "3"]')
  expect(await show('DEBUG RELOAD NOSAVE')).toBe('+OK')
  expect(await show('DEBUG DIGEST')).toBe(digest)
  expect(await show('DEBUG RELOAD NOSAVE NOFLUSH')).toContain('Error trying to load the RDB dump')
  expect(await show('DEBUG DIGEST')).toBe(digest)
  expect(await show('DEBUG RELOAD TWICE')).toContain('only supports the MERGE, NOFLUSH and NOSAVE options.')
})

test('DEBUG RELOAD of a damaged file leaves nothing, unless checksums are switched off', async () => {
  await start()
  await show('SET key value')
  await show('DEBUG RELOAD')
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('value')] = 0x56
  writeFileSync(path, bytes)
  expect(await show('DEBUG RELOAD NOSAVE')).toContain('Error trying to load the RDB dump')
  expect(await show('DBSIZE')).toBe('(integer) 0')
  expect(server.log.join('')).toContain('Wrong RDB checksum expected: (')
  await show('DEBUG SET-SKIP-CHECKSUM-VALIDATION 1')
  expect(await show('DEBUG RELOAD NOSAVE')).toBe('+OK')
  expect(await show('GET key')).toBe('"Value"')
})
