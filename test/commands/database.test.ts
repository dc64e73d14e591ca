import { beforeEach, describe, expect, test } from 'vitest'
import type { ContentObserver } from '../../src/keyspace/observers.ts'
import { KeyHarness } from '../support/key-harness.ts'

let server: KeyHarness
let show: (command: string) => string

beforeEach(() => {
  server = new KeyHarness()
  show = (command) => server.show(command)
})

/** Notes what it is told about whole databases, and how many keys they had at that moment. */
function observeContents(): string[] {
  const lines: string[] = []
  const observer: ContentObserver = {
    keyChanged() {},
    flushing: (databases) => {
      lines.push(`flushing ${databases.map(({ index, size }) => `${index}:${size}`).join(' ')}`)
    },
    swapping: (one, other) => {
      lines.push(`swapping ${one.index}:${one.size} ${other.index}:${other.size}`)
    },
  }
  server.keyspace.observers.watch = observer
  return lines
}

describe('FLUSHDB and FLUSHALL', () => {
  test.each(['', ' SYNC', ' async'])('empty one database or all of them%s', (how) => {
    server.run('MSET a 1 b 2')
    server.in(5, 'SET c 3')
    expect(show(`FLUSHDB${how}`)).toBe('+OK')
    expect(show('DBSIZE')).toBe('(integer) 0')
    expect(server.in(5, 'DBSIZE')).toBe('(integer) 1')
    server.run('SET a 1')
    expect(show(`FLUSHALL${how}`)).toBe('+OK')
    expect(show('DBSIZE')).toBe('(integer) 0')
    expect(server.in(5, 'DBSIZE')).toBe('(integer) 0')
  })

  test('what is set afterwards is all there is', () => {
    for (let i = 0; i < 3000; i++) server.run(`SET key:${i} x EX 100`)
    server.run('FLUSHDB')
    server.run('SET a 1')
    expect(show('KEYS *')).toBe('["a"]')
    expect(show('TTL a')).toBe('(integer) -1')
  })

  test('count the keys as changes and are propagated even if there were none', () => {
    server.run('MSET a 1 b 2')
    server.recordPropagation()
    const { dirty } = server.keyspace
    server.run('FLUSHALL ASYNC')
    expect(server.keyspace.dirty - dirty).toBe(2)
    server.run('FLUSHDB')
    expect(server.propagated.map(({ command }) => command)).toEqual([['FLUSHALL', 'ASYNC'], ['FLUSHDB']])
  })

  test('observers hear of it while the keys are still there, and once for all databases', () => {
    server.run('MSET a 1 b 2')
    const lines = observeContents()
    server.run('FLUSHDB')
    server.run('SET a 1')
    server.run('FLUSHALL')
    expect(lines[0]).toBe('flushing 0:2')
    expect(lines[1]).toMatch(/^flushing 0:1 1:0 2:0( \d+:0){13}$/)
    expect(lines.length).toBe(2)
  })

  test('refuse what is not an option', () => {
    for (const command of ['FLUSHALL NOW', 'FLUSHDB SYNC ASYNC', 'FLUSHALL ASYNC ASYNC', 'FLUSHDB ""']) {
      expect(show(command)).toBe('(error) ERR syntax error')
    }
  })

  test('the memory is given back bit by bit', () => {
    for (let i = 0; i < 200; i++) server.run(['SET', `key:${i}`, 'v'.repeat(100_000)])
    server.run('FLUSHALL')
    expect(server.keyspace.usedBytes).toBe(new KeyHarness().keyspace.usedBytes)
    let portions = 1
    while (!server.keyspace.reclaim()) portions++
    expect(portions).toBeGreaterThan(1)
    expect(server.keyspace.reclaim()).toBe(true)
  })
})

describe('SWAPDB', () => {
  test('exchanges what two databases hold', () => {
    server.run('SET a 0')
    server.in(1, 'MSET a 1 b 1')
    expect(show('SWAPDB 0 1')).toBe('+OK')
    expect(show('DBSIZE')).toBe('(integer) 2')
    expect(show('GET a')).toBe('"1"')
    expect(server.in(1, 'GET a')).toBe('"0"')
  })

  test('observers hear of it before it happens; with itself there is nothing to hear', () => {
    server.run('SET a 0')
    const lines = observeContents()
    server.run('SWAPDB 0 1')
    server.run('SWAPDB 1 1')
    expect(lines).toEqual(['swapping 0:1 1:0'])
  })

  test('is a change, even of a database with itself', () => {
    server.recordPropagation()
    server.run('SWAPDB 3 3')
    expect(server.propagated).toEqual([{ database: 0, command: ['SWAPDB', '3', '3'] }])
  })

  test('says which index is wrong', () => {
    expect(show('SWAPDB x 1')).toBe('(error) ERR invalid first DB index')
    expect(show('SWAPDB 1 x')).toBe('(error) ERR invalid second DB index')
    expect(show('SWAPDB 99999999999 1')).toBe('(error) ERR invalid first DB index')
    expect(show('SWAPDB 0 16')).toBe('(error) ERR DB index is out of range')
    expect(show('SWAPDB -1 0')).toBe('(error) ERR DB index is out of range')
  })
})

test('DBSIZE counts expired keys that nobody has met yet', () => {
  server.run('SET a 1 PX 1')
  server.clock.advance(1)
  expect(show('DBSIZE')).toBe('(integer) 1')
  server.run('GET a')
  expect(show('DBSIZE')).toBe('(integer) 0')
})
