import { beforeEach, describe, expect, test } from 'vitest'
import { recordEvents } from '../support/events.ts'
import { KeyHarness } from '../support/key-harness.ts'

let server: KeyHarness
let show: (command: string) => string

beforeEach(() => {
  server = new KeyHarness()
  show = (command) => server.show(command)
})

const SWITCHING =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'

describe('OBJECT', () => {
  test('ENCODING names the encoding', () => {
    server.run(`MSET int 123 embstr text raw ${'x'.repeat(45)}`)
    for (const name of ['int', 'embstr', 'raw']) expect(show(`OBJECT ENCODING ${name}`)).toBe(`"${name}"`)
  })

  test('every subcommand says nil for what is missing or expired', () => {
    server.run('SET due x PX 1')
    server.clock.advance(1)
    for (const subcommand of ['ENCODING', 'FREQ', 'IDLETIME', 'REFCOUNT']) {
      expect(show(`OBJECT ${subcommand} nothing`)).toBe('(nil-bulk)')
      expect(show(`OBJECT ${subcommand} due`)).toBe('(nil-bulk)')
    }
  })

  test('IDLETIME counts the seconds since the last access, and is none itself', () => {
    server.run('SET a 1')
    server.clock.advance(10_500)
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 10')
    server.clock.advance(1000)
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 11')
    server.run('GET a')
    expect(show('OBJECT IDLETIME a')).toBe('(integer) 0')
  })

  test('IDLETIME and FREQ need their policy', () => {
    server.run('SET a 1')
    expect(show('OBJECT FREQ a')).toBe(
      `(error) ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHING}`,
    )
    server.keyspace.access.isFrequency = true
    expect(show('OBJECT IDLETIME a')).toBe(
      `(error) ERR An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHING}`,
    )
  })

  test('FREQ starts at five, grows with use and decays with time', () => {
    server.keyspace.access.isFrequency = true
    server.clock.advance(60_000)
    server.run('SET a 1')
    expect(show('OBJECT FREQ a')).toBe('(integer) 5')
    for (let i = 0; i < 1000; i++) server.run('GET a')
    const reply = server.run('OBJECT FREQ a')
    const grown = reply.type === 'integer' ? Number(reply.value) : 0
    expect(grown).toBeGreaterThan(6)
    expect(grown).toBeLessThan(60)
    server.clock.advance(3 * 60_000)
    expect(show('OBJECT FREQ a')).toBe(`(integer) ${grown - 3}`)
  })

  test('REFCOUNT is that of a shared object for small integers', () => {
    server.run('MSET zero 0 small 9999 large 10000 negative -1 text abc')
    expect(show('OBJECT REFCOUNT zero')).toBe('(integer) 2147483647')
    expect(show('OBJECT REFCOUNT small')).toBe('(integer) 2147483647')
    for (const name of ['large', 'negative', 'text']) {
      expect(show(`OBJECT REFCOUNT ${name}`)).toBe('(integer) 1')
    }
  })

  test('counts hits and misses without an event', () => {
    server.run('SET a 1')
    const events = recordEvents(server.keyspace)
    const { stats } = server.keyspace
    const before = { ...stats }
    server.run('OBJECT ENCODING a')
    server.run('OBJECT ENCODING b')
    expect([stats.hits - before.hits, stats.misses - before.misses]).toEqual([1, 1])
    expect(events).toEqual([])
  })

  test('an unknown subcommand and a missing key are errors', () => {
    expect(show('OBJECT SHAPE a')).toBe("(error) ERR unknown subcommand 'SHAPE'. Try OBJECT HELP.")
    expect(show('OBJECT ENCODING')).toBe(
      "(error) ERR wrong number of arguments for 'object|encoding' command",
    )
  })

  test('HELP names every subcommand', () => {
    const help = show('OBJECT HELP')
    expect(help).toMatch(/^\[\+OBJECT <subcommand>/)
    for (const word of ['ENCODING key', 'FREQ key', 'IDLETIME key', 'REFCOUNT key', 'HELP']) {
      expect(help).toContain(`+${word}`)
    }
  })
})

describe('MEMORY USAGE', () => {
  test('grows with key and value', () => {
    const usage = (name: string) => {
      const reply = server.run(['MEMORY', 'USAGE', name])
      return reply.type === 'integer' ? Number(reply.value) : Number.NaN
    }
    server.run('SET a 1')
    server.run(['SET', 'b'.repeat(1000), '1'])
    server.run(['SET', 'c', 'x'.repeat(500_000)])
    expect(usage('a')).toBeLessThan(40)
    expect(usage('b'.repeat(1000))).toBeGreaterThan(1000)
    expect(usage('c')).toBeGreaterThan(500_000)
    expect(usage('c')).toBeLessThan(501_000)
  })

  test('says nil for what is missing, and shows what an expired key still takes', () => {
    expect(show('MEMORY USAGE nothing')).toBe('(nil-bulk)')
    server.run('SET a 1 PX 1')
    server.clock.advance(1)
    expect(server.run('MEMORY USAGE a').type).toBe('integer')
    expect(show('DBSIZE')).toBe('(integer) 1')
  })

  test('options are looked at before the key', () => {
    server.run('SET a 1')
    expect(server.run('MEMORY USAGE a SAMPLES 0').type).toBe('integer')
    expect(show('MEMORY USAGE nothing SAMPLES -1')).toBe('(error) ERR syntax error')
    expect(show('MEMORY USAGE nothing SAMPLES')).toBe('(error) ERR syntax error')
    expect(show('MEMORY USAGE nothing FOO')).toBe('(error) ERR syntax error')
    expect(show('MEMORY USAGE nothing SAMPLES x')).toBe('(error) ERR value is not an integer or out of range')
  })
})
