// What the bench makes of command lines, INFO, replies and the system's accounts.

import { describe, expect, test } from 'vitest'
import { encodeRequest, readReply } from '../../bench/ask.ts'
import { cpuSeconds, cpuTicks, descendsFrom, residentBytes } from '../../bench/process-usage.ts'
import { parseCommand, parseInfo, wordsFor } from '../../bench/servers.ts'
import { inTurn } from '../../bench/sides.ts'
import { roundUp } from '../../bench/throughput.ts'

describe('parseCommand', () => {
  test('splits at blanks and keeps quoted words together', () => {
    const { words } = parseCommand(`./redis-server  --save "" --dir '/a b'`)
    expect(words).toEqual(['./redis-server', '--save', '', '--dir', '/a b'])
  })

  test('names a script after its file, a program after itself', () => {
    expect(parseCommand('node --import tsx src/main.ts').name).toBe('main')
    expect(parseCommand('/opt/valkey/valkey-server').name).toBe('valkey-server')
  })

  test('refuses an empty command', () => {
    expect(() => parseCommand('  ')).toThrow('empty command')
  })
})

describe('wordsFor', () => {
  test('puts port and no persistence behind the command', () => {
    const words = wordsFor(parseCommand('redis-server'), 7000)
    expect(words).toEqual(['redis-server', '--port', '7000', '--save', '', '--appendonly', 'no'])
  })

  test('only fills the port in where the command has a place for it', () => {
    expect(wordsFor(parseCommand('node server.mjs {port}'), 7000)).toEqual(['node', 'server.mjs', '7000'])
  })
})

describe('readReply', () => {
  test.each([
    ['+PONG\r\n', { text: 'PONG', isError: false }],
    ['-ERR no\r\n', { text: 'ERR no', isError: true }],
    ['$4\r\na\r\nb\r\n', { text: 'a\r\nb', isError: false }],
    ['$-1\r\n', { text: '', isError: false }],
  ])('reads %j', (received, reply) => {
    expect(readReply(received)).toEqual(reply)
  })

  test('waits for the rest of a reply', () => {
    for (const part of ['', '+PO', '$4', '$4\r\nabc']) expect(readReply(part)).toBeUndefined()
  })
})

test('encodeRequest makes an array of bulk strings', () => {
  expect(encodeRequest(['SET', 'k', ''])).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n')
})

test('parseInfo keeps colons of a value and skips comments', () => {
  const info = parseInfo('# Server\r\nredis_version:7.0.15\r\nexecutable:/a:b\r\n\r\n')
  expect([...info]).toEqual([
    ['redis_version', '7.0.15'],
    ['executable', '/a:b'],
  ])
})

describe('process accounts', () => {
  test('are read past a name with blanks and brackets', () => {
    expect(cpuTicks('42 (a) R (b) S 1 2 3 4 5 6 7 8 9 10 130 25 0 0')).toBe(155)
  })

  test('of this very process are plausible where the system gives them', () => {
    expect(residentBytes(process.pid)).toBeGreaterThan(5e6)
    const spent = process.cpuUsage()
    const known = cpuSeconds(process.pid)
    if (known !== undefined) expect(known).toBeCloseTo((spent.user + spent.system) / 1e6, 0)
  })

  test('a process descends from itself, and none from one that is not there', () => {
    expect(descendsFrom(process.pid, process.pid)).toBe(true)
    expect(descendsFrom(process.pid, 2 ** 30)).toBe(false)
  })
})

test('the servers take turns at being first', () => {
  const sides = ['a', 'b']
  expect([0, 1, 2].map((round) => inTurn(sides, round).join(''))).toEqual(['ab', 'ba', 'ab'])
  expect(sides).toEqual(['a', 'b'])
})

test('request counts are rounded up to two digits', () => {
  expect([7, 99, 101, 234_567, 990_001].map(roundUp)).toEqual([7, 99, 110, 240_000, 1_000_000])
})
