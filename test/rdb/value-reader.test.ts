// Forms that nobody writes any more, bytes that come in small pieces, values as they were at a freeze.
import { describe, expect, test } from 'vitest'
import { Crc64 } from '../../src/base/crc64.ts'
import { Random } from '../../src/base/random.ts'
import { Key } from '../../src/memory/key.ts'
import { FrozenTable } from '../../src/memory/table-view.ts'
import { ValueBuilder } from '../../src/persistence/value-builder.ts'
import { RdbInput } from '../../src/rdb/input.ts'
import { RdbOutput } from '../../src/rdb/output.ts'
import { ValueReader } from '../../src/rdb/value-reader.ts'
import { type RdbVersion, ValueWriter } from '../../src/rdb/value-writer.ts'
import { drawValue } from '../support/value-drawing.ts'
import { ValueHarness } from './value-harness.ts'

function payload(form: number, ...body: (number[] | string)[]): Buffer {
  const parts = body.map((part) => Buffer.from(part as string, 'latin1'))
  const bytes = Buffer.concat([Buffer.of(form), ...parts, Buffer.alloc(10)])
  bytes[bytes.length - 10] = 6
  new Crc64().update(bytes, 0, bytes.length - 8).writeTo(bytes, bytes.length - 8)
  return bytes
}

/** A string of less than 64 bytes, its length in front. */
function short(bytes: number[]): number[] {
  return [bytes.length, ...bytes]
}

function text(word: string): number[] {
  return [...Buffer.from(word, 'latin1')]
}

/** A ziplist of entries without what each says of the one before. */
function ziplist(...entries: number[][]): number[] {
  let before = 0
  const body = entries.flatMap((entry) => {
    const whole = [before, ...entry]
    before = whole.length
    return whole
  })
  const bytes = 10 + body.length + 1
  const tail = 10 + body.length - before
  return short([bytes, 0, 0, 0, tail, 0, 0, 0, entries.length, 0, ...body, 0xff])
}

const A = [1, ...text('a')]
const SEVEN = [0xf8]
const MINUS_TWO = [0xfe, 0xfe]
const INT_16 = [0xc0, 0x39, 0x30]
const INT_24 = [0xf0, 0xff, 0xff, 0xff]
const INT_32 = [0xd0, 0, 0, 1, 0]
const INT_64 = [0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80]

function restored(bytes: Uint8Array, question: string): string {
  const server = new ValueHarness()
  const reply = server.show(['RESTORE', 'k', '0', bytes])
  return reply === '+OK' ? server.show(question) : reply
}

describe('forms of former versions', () => {
  const all = 'LRANGE k 0 -1'

  test('lists of strings, and ziplists', () => {
    expect(restored(payload(1, [2], short(text('a')), [0xc0, 5]), all)).toBe('["a", "5"]')
    const list = ziplist(A, SEVEN, MINUS_TWO, INT_16, INT_24, INT_32, INT_64)
    const texts = '["a", "7", "-2", "12345", "-1", "65536", "-9223372036854775808"]'
    expect(restored(payload(10, list), all)).toBe(texts)
    expect(restored(payload(14, [2], ziplist(A), ziplist(SEVEN)), all)).toBe('["a", "7"]')
  })

  test('sorted sets with scores as text', () => {
    const body = [[4], short(text('a')), short(text('1.5')), short(text('b')), [254], short(text('c')), [255]]
    const more = [short(text('d')), short(text('-3'))]
    const shown = '["c", "-inf", "d", "-3", "a", "1.5", "b", "inf"]'
    expect(restored(payload(3, ...body, ...more), 'ZRANGE k 0 -1 WITHSCORES')).toBe(shown)
    expect(restored(payload(12, ziplist(A, SEVEN)), 'ZSCORE k a')).toBe('"7"')
    expect(restored(payload(3, [1], short(text('a')), [253]), all)).toBe('(error) ERR Bad data format')
  })

  test('hashes that are ziplists or zipmaps', () => {
    expect(restored(payload(13, ziplist(A, SEVEN)), 'HGET k a')).toBe('"7"')
    const zipmap = short([
      2,
      ...short(text('f')),
      1,
      2,
      ...text('v'),
      0,
      0,
      ...short(text('g')),
      2,
      0,
      ...text('xy'),
      255,
    ])
    expect(restored(payload(9, zipmap), 'HGETALL k')).toBe('["f", "v", "g", "xy"]')
  })

  test('are refused where they lack something or have it twice', () => {
    const refused = '(error) ERR Bad data format'
    expect(restored(payload(13, ziplist(A)), 'HLEN k')).toBe(refused)
    expect(restored(payload(13, ziplist(A, A, A, A)), 'HLEN k')).toBe(refused)
    expect(restored(payload(12, ziplist(A, SEVEN, A)), 'ZCARD k')).toBe(refused)
    expect(restored(payload(2, [2], short(text('a')), short(text('a'))), 'SCARD k')).toBe(refused)
    expect(restored(payload(1, [0]), all)).toBe(refused)
    expect(restored(payload(0, short(text('a')), [0]), 'GET k')).toBe(refused)
    expect(restored(payload(7, [1, 2, 3]), all)).toBe(refused)
  })
})

/** The value of key `v`, in its form. */
function written(
  server: ValueHarness,
  version: RdbVersion,
  table = server.keyspace.databases[0]!.table,
): Buffer {
  return writtenBy(table, keyRef(server), version)
}

function keyRef(server: ValueHarness): number {
  return server.keyspace.databases[0]!.findAnyway(new Key(server.keyspace.seed).point(Buffer.from('v'), 0, 1))
}

function writtenBy(from: Pick<FrozenTable, 'entries'>, ref: number, version: RdbVersion): Buffer {
  const output = new RdbOutput()
  const writer = new ValueWriter(output, version)
  output.byte(writer.formOf(from.entries, ref))
  writer.write(from.entries, ref)
  return Buffer.from(output.bytes.subarray(0, output.length))
}

function drawn(random: Random, server: ValueHarness): boolean {
  server.run('FLUSHALL')
  for (const command of drawValue(random, 'v')) server.run(command)
  return server.show('EXISTS v') === '(integer) 1'
}

test('values come back the same from pieces of any size, in every version', () => {
  const random = new Random(7)
  const server = new ValueHarness()
  const db = server.keyspace.databases[0]!
  const name = Buffer.from('w')
  const builder = new ValueBuilder(server.keyspace)
  for (let i = 0; i < 120; i++) {
    if (!drawn(random, server)) continue
    for (const version of [10, 11, 12] as const) {
      const bytes = written(server, version)
      const most = 1 + random.below(random.below(2) === 0 ? 10 : 5000)
      let at = 0
      const input = new RdbInput().open(() => {
        const from = at
        at += 1 + random.below(most)
        return from < bytes.length ? Uint8Array.from(bytes.subarray(from, at)) : undefined
      })
      builder.begin(db, new Key(server.keyspace.seed).point(name, 0, 1))
      const form = input.byte()
      expect(new ValueReader(input).read(form, builder)).toBe(true)
      expect([i, server.digest('w')]).toEqual([i, server.digest('v')])
      expect([input.isAtEnd, input.offset]).toEqual([true, bytes.length])
      expect(input.checksum.value).toBe(new Crc64().update(bytes).value)
      builder.abandon()
    }
  }
})

test('what a frozen reader writes is the value at the freeze, whatever happens to it', () => {
  const random = new Random(11)
  const server = new ValueHarness()
  for (let i = 0; i < 60; i++) {
    if (!drawn(random, server)) continue
    const { table } = server.keyspace.databases[0]!
    const ref = keyRef(server)
    const before = written(server, 12)
    const frozen = new FrozenTable(table.freeze())
    // Most fail, as the value is of another type; some change it.
    const changes = [
      'APPEND v x',
      'RPUSH v x',
      'LPOP v 3',
      'SADD v x 1',
      'SPOP v',
      'HSET v x 1',
      'ZADD v 1 x',
      'ZPOPMIN v 2',
    ]
    for (const command of [...changes, 'XADD v * a b', 'XTRIM v MAXLEN 1', 'XGROUP CREATE v new 0', 'DEL v'])
      server.run(command)
    expect(writtenBy(frozen, ref, 12).equals(before)).toBe(true)
    table.entries.thaw()
  }
})
