import { describe, expect, test } from 'vitest'
import { ValueHarness } from '../rdb/value-harness.ts'

const OK = '+OK'

function server(...commands: string[]): ValueHarness {
  const harness = new ValueHarness()
  for (const command of commands) harness.run(command)
  return harness
}

describe('DUMP', () => {
  test('is null without a key', () => {
    expect(server().show('DUMP k')).toBe('(nil-bulk)')
  })

  test('is what redis-server 7.0 says of a short string', () => {
    expect(server('SET k v').dump('k').toString('hex')).toBe('0001760a009108ceb219388ace')
  })

  test('needs version 12 for fields with deadlines, and keeps them', () => {
    for (const fields of ['f v g w', `f v g ${'w'.repeat(100)}`]) {
      const harness = server(`HSET h ${fields}`, 'HPEXPIRE h 5000 FIELDS 1 f')
      const payload = harness.dump('h')
      expect(payload.readUInt16LE(payload.length - 10)).toBe(12)
      expect(harness.show(['RESTORE', 'i', '0', payload])).toBe(OK)
      expect(harness.show('HPTTL i FIELDS 2 f g')).toBe('[(integer) 5000, (integer) -1]')
      expect(harness.digest('i')).toBe(harness.digest('h'))
      expect(harness.keyspace.databases[0]!.innerDeadlineCount).toBe(2)
      harness.run('DEL i')
      expect(harness.keyspace.databases[0]!.innerDeadlineCount).toBe(1)
    }
  })
})

describe('RESTORE', () => {
  test('of a list whose inner chunks are compressed, which is written as any other', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `text:${i}`)
    const [plain, compressed] = [0, 1].map((depth) => {
      const harness = server()
      harness.keyspace.types.limits.listCompressDepth = depth
      harness.run(['RPUSH', 'l', ...texts])
      const { usedBytes } = harness.keyspace.databases[0]!.table.entries
      expect(harness.show(['RESTORE', 'm', '0', harness.dump('l')])).toBe(OK)
      expect(harness.digest('m')).toBe(harness.digest('l'))
      expect(harness.show('LRANGE m 0 -1')).toBe(harness.show('LRANGE l 0 -1'))
      expect(harness.show('LINDEX m 1500')).toBe('"text:1500"')
      return { dump: harness.dump('l'), digest: harness.digest('l'), usedBytes }
    })
    expect(compressed!.dump).toEqual(plain!.dump)
    expect(compressed!.digest).toBe(plain!.digest)
    expect(compressed!.usedBytes).toBeLessThan(plain!.usedBytes)
  })

  const payload = server('SET k v').dump('k')

  test('refuses what Redis refuses, in its order', () => {
    const harness = server('SET k v')
    const refusals: [string[], string][] = [
      [['k', '-1', 'x'], 'BUSYKEY Target key name already exists.'],
      [['l', '-1', 'x'], 'ERR Invalid TTL value, must be >= 0'],
      [['l', 'x', 'x'], 'ERR value is not an integer or out of range'],
      [['l', '0', 'x'], 'ERR DUMP payload version or checksum are wrong'],
      [['l', '0', 'x', 'IDLETIME', '-1'], 'ERR Invalid IDLETIME value, must be >= 0'],
      [['l', '0', 'x', 'FREQ', '256'], 'ERR Invalid FREQ value, must be >= 0 and <= 255'],
      [['l', '0', 'x', 'FREQ', '5', 'IDLETIME', '4'], 'ERR syntax error'],
      [['l', '0', 'x', 'IDLETIME'], 'ERR syntax error'],
      [['k', '0', 'x', 'REPLACE'], 'ERR DUMP payload version or checksum are wrong'],
    ]
    for (const [words, error] of refusals)
      expect(harness.show(['RESTORE', ...words])).toBe(`(error) ${error}`)
    expect(harness.show('GET k')).toBe('"v"')
  })

  test('replaces when asked to, and gives a deadline', () => {
    const harness = server('RPUSH k a')
    expect(harness.show(['RESTORE', 'k', '1000', payload, 'REPLACE'])).toBe(OK)
    expect(harness.show('GET k')).toBe('"v"')
    expect(harness.show('PTTL k')).toBe('(integer) 1000')
  })

  test('takes a moment with ABSTTL; one that is past removes what it would have replaced', () => {
    const harness = server('SET k old')
    harness.recordPropagation()
    expect(harness.show(['RESTORE', 'k', '1', payload, 'ABSTTL', 'REPLACE'])).toBe(OK)
    expect(harness.show('EXISTS k')).toBe('(integer) 0')
    expect(harness.propagated.map(({ command }) => command)).toEqual([['DEL', 'k']])
    harness.propagated = []
    expect(harness.show(['RESTORE', 'k', '1', payload, 'ABSTTL'])).toBe(OK)
    expect(harness.propagated).toEqual([])
  })

  test('is propagated with the moment of its deadline', () => {
    const harness = server()
    harness.recordPropagation()
    harness.run(['RESTORE', 'k', '1000', payload])
    const text = payload.toString('latin1')
    const moment = String(harness.clock.now() + 1000)
    expect(harness.propagated.map(({ command }) => command)).toEqual([
      ['RESTORE', 'k', moment, text, 'ABSTTL'],
    ])
  })

  test('notes the idle time', () => {
    const harness = server()
    harness.run(['RESTORE', 'k', '0', payload, 'IDLETIME', '100'])
    expect(harness.show('OBJECT IDLETIME k')).toBe('(integer) 100')
  })
})
