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

test('keys that come twice are refused, wherever they are; with `replaces`, the last one stays', () => {
  const keys = (count: number) => {
    let text = '\xfe\x00'
    for (let i = 0; i < count; i++) text += `\x00\x04${String(i).padStart(4, '0')}\x01v`
    return text
  }
  for (const count of [1, 5, 16, 17, 40]) {
    for (const again of ['0000', String(count - 1).padStart(4, '0')]) {
      const loader = new Loader()
      const body = `${keys(count)}\x00\x04${again}\x01w`
      expect(loader.load(fileOf(body))).toBe('Guru Meditation: Duplicated key found in RDB file')
      expect(loader.lines).toContain(`RDB has duplicated key '${again}' in DB 0`)
      const replacing = new Loader()
      expect(replacing.load(fileOf(body), { replaces: true })).toBe('loaded')
      expect(replacing.server.show(`GET ${again}`)).toBe('"w"')
      expect(replacing.server.show('DBSIZE')).toBe(`(integer) ${count}`)
    }
  }
})

test('what is due is not loaded, unless it is to be kept; values without elements are passed over', () => {
  const due = '\xfc\x01\x00\x00\x00\x00\x00\x00\x00'
  const body = `\xfe\x00${due}\x00\x01a\x01v${due}\x02\x01b\x01\x01m\x02\x01c\x00\x00\x01d\x01v`
  const loader = new Loader()
  loader.server.run('DBSIZE')
  expect(loader.load(fileOf(body))).toBe('loaded')
  expect(loader.server.show('GET d')).toBe('"v"')
  expect(loader.report).toMatchObject({ keysLoaded: 1, keysExpired: 2 })
  expect(loader.lines).toEqual([
    'rdbLoadObject skipping empty key: c',
    'Done loading RDB, keys loaded: 1, keys expired: 2, empty keys skipped: 1.',
  ])
  const keeping = new Loader()
  keeping.server.run('DBSIZE')
  expect(keeping.load(fileOf(body), { keepsExpired: true })).toBe('loaded')
  expect(keeping.server.keyspace.databases[0]!.size).toBe(3)
})

test('what is no file, or damaged, is refused with the place', () => {
  const refused = (file: Buffer, settings: Partial<RdbLoadSettings> = {}) => new Loader().load(file, settings)
  const text = (latin1: string) => Buffer.from(latin1, 'latin1')
  expect(refused(text('REDIX0010'))).toBe('Wrong signature trying to load DB from file')
  expect(refused(text('REDIS0013'))).toBe("Can't handle RDB format version 13")
  expect(refused(text('REDIS0000'))).toBe("Can't handle RDB format version 0")
  expect(refused(text(''))).toBe('Internal error in RDB reading offset 0 -> unexpected end')
  expect(refused(text('REDIS0010\xfe\x00\x0a\x01a\x05abc'))).toContain('offset 15 -> unexpected end')
  expect(refused(fileOf('\xfe\x11'))).toContain('configured to handle more than 1 databases')
  expect(refused(fileOf('\xfe\x00\x63\x01a\x01b'))).toContain('offset 14 -> unknown form of value 99')
  const damaged = fileOf('\xfe\x00\x00\x01a\x01b')
  damaged[15] = 0x63
  expect(refused(damaged)).toContain('Wrong RDB checksum expected: (')
  expect(refused(damaged, { checksSum: false })).toBe('loaded')
  damaged.fill(0, damaged.length - 8)
  const loader = new Loader()
  expect(loader.load(damaged)).toBe('loaded')
  expect(loader.lines[0]).toBe('RDB file was saved with checksum disabled: no check performed.')
  expect(refused(text('REDIS0004\xff'))).toBe('loaded')
})

test('a large file is loaded in pieces and slices, and the table has its final shape at once', () => {
  const count = 30_000
  let body = `\xfe\x00\xfb\x80${String.fromCharCode(0, 0, count >> 8, count & 0xff)}\x00`
  for (let i = 0; i < count; i++) body += `\x00\x05${String(i).padStart(5, '0')}\x14${'v'.repeat(20)}`
  const loader = new Loader()
  expect(loader.load(fileOf(body))).toBe('loaded')
  expect(loader.server.show('DBSIZE')).toBe(`(integer) ${count}`)
  expect(loader.server.show('GET 12345')).toBe(`"${'v'.repeat(20)}"`)
  expect(loader.server.keyspace.databases[0]!.table.slotCount).toBe(65_536)
})
