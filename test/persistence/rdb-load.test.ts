// Files made of bytes, loaded into a keyspace: what is loaded, what is passed over, what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Crc64 } from '../../src/base/crc64.ts'
import { KeptFunctions } from '../../src/persistence/kept-functions.ts'
import { LoadError } from '../../src/persistence/load-source.ts'
import { RdbLoad, type RdbLoadSettings } from '../../src/persistence/rdb-load.ts'
import { ValueHarness } from '../rdb/value-harness.ts'

const directory = mkdtempSync(join(tmpdir(), 'respite-load-'))
const path = join(directory, 'dump.rdb')
afterAll(() => rmSync(directory, { recursive: true }))

/** A file of these records, its checksum behind them. */
function fileOf(body: string, version = '0012'): Buffer {
  const bytes = Buffer.from(`REDIS${version}${body}\xff`, 'latin1')
  const sum = new Uint8Array(8)
  new Crc64().update(bytes).writeTo(sum, 0)
  return Buffer.concat([bytes, sum])
}

class Loader {
  readonly server = new ValueHarness()
  readonly functions = new KeptFunctions()
  readonly report = { keysLoaded: -1, keysExpired: -1, loadedUsedMemory: -1 }
  readonly lines: string[] = []

  /** Loads to the end, or says what is wrong. */
  load(file: Buffer, settings: Partial<RdbLoadSettings> = {}): string {
    writeFileSync(path, file)
    const load = RdbLoad.open(path, {
      keyspace: this.server.keyspace,
      functions: this.functions,
      report: this.report,
      log: {
        notice: (line) => this.lines.push(line),
        warning: (line) => this.lines.push(line),
      },
      checksSum: true,
      ...settings,
    })!
    try {
      while (!load.step(() => true));
      return 'loaded'
    } catch (error) {
      if (error instanceof LoadError) return error.message
      throw error
    } finally {
      load.close()
    }
  }
}

test('keys come with their deadlines, access and database, and the log tells what the file says of itself', () => {
  const loader = new Loader()
  const { server } = loader
  const body =
    '\xfa\x09redis-ver\x057.4.0\xfa\x05ctime\xc0\x00\xfa\x08used-mem\xc2\x00\x00\x20\x00' +
    '\xf5\x04code\xfe\x00\xfb\x02\x01\xfc\x00\x00\x00\x00\x00\x02\x00\x00\xf8\x40\x64\x00\x01a\x01x\x00\x01b\xc0\x07'
  server.run('DBSIZE')
  expect(loader.load(fileOf(body))).toBe('loaded')
  expect(loader.report).toEqual({ keysLoaded: 2, keysExpired: 0, loadedUsedMemory: 2 ** 21 })
  expect(server.show('PEXPIRETIME a')).toBe(`(integer) ${2 ** 41}`)
  expect(server.show('OBJECT IDLETIME a')).toBe('(integer) 100')
  expect(server.show('GET b')).toBe('"7"')
  expect(loader.functions.libraries.map((code) => Buffer.from(code).toString())).toEqual(['code'])
  expect(loader.lines).toContain('Loading RDB produced by version 7.4.0')
  expect(loader.lines).toContain('RDB memory usage when created 2.00 Mb')
  expect(loader.lines).toContain('Done loading RDB, keys loaded: 2, keys expired: 0.')
})
