import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/command/arguments.ts'
import type { Session } from '../../src/command/session.ts'
import { SlowLog } from '../../src/monitoring/slow-log.ts'
import { FakeClients } from '../support/info-sources.ts'

const CLIENT: Session = new FakeClients().connect()
CLIENT.name = 'bob'

function argumentsOf(...words: string[]): Arguments {
  const args = new Arguments()
  args.load(words.map((word) => Buffer.from(word, 'latin1')))
  return args
}

/** What a log shows of a command. */
function shown(args: Arguments | string): readonly string[] {
  const log = new SlowLog()
  log.record(args, CLIENT, 5000, 12)
  return log.newest(1)[0]!.args
}

describe('a record', () => {
  test('says what was done when by whom, and how long it took', () => {
    const log = new SlowLog()
    log.record(argumentsOf('get', 'a'), CLIENT, 5999, 12.9)
    expect(log.newest(1)).toEqual([
      {
        id: 0,
        time: 5,
        microseconds: 12,
        args: ['get', 'a'],
        clientAddress: '127.0.0.1:50001',
        clientName: 'bob',
      },
    ])
  })

  test('shows 32 arguments at most, the last of which may say how many are missing', () => {
    const words = (count: number) => Array.from({ length: count }, (_, i) => String(i))
    expect(shown(argumentsOf(...words(32)))).toEqual(words(32))
    expect(shown(argumentsOf(...words(33)))).toEqual([...words(31), '... (2 more arguments)'])
    expect(shown(argumentsOf(...words(42)))).toEqual([...words(31), '... (11 more arguments)'])
  })

  test('shows 128 bytes of an argument at most', () => {
    expect(shown(argumentsOf('x'.repeat(128)))).toEqual(['x'.repeat(128)])
    expect(shown(argumentsOf('x'.repeat(300)))).toEqual([`${'x'.repeat(128)}... (172 more bytes)`])
  })

  test('keeps every byte', () => {
    expect(shown(argumentsOf('\x00\xff\r\n'))).toEqual(['\x00\xff\r\n'])
  })

  test('does not show secrets', () => {
    const args = argumentsOf('config', 'set', 'masterauth', 'pass', 'maxmemory', '1', 'requirepass', 'word')
    args.redact(3, 4)
    args.redact(7, 8)
    const words = ['config', 'set', 'masterauth', '(redacted)', 'maxmemory', '1', 'requirepass', '(redacted)']
    expect(shown(args)).toEqual(words)
    args.clear()
    args.load([Buffer.from('ping')])
    expect(shown(args)).toEqual(['ping'])
  })

  test('shows the name of a command whose arguments are gone', () => {
    expect(shown('client|list')).toEqual(['client', 'list'])
  })
})

describe('the log', () => {
  function filled(count: number, maxLength = 128): SlowLog {
    const log = new SlowLog()
    log.maxLength = maxLength
    for (let i = 0; i < count; i++) log.record('ping', CLIENT, 1000, i)
    return log
  }

  test('keeps the newest, newest first', () => {
    const log = filled(500, 3)
    expect(log.length).toBe(3)
    expect(log.newest(2).map((entry) => entry.id)).toEqual([499, 498])
    expect(log.newest(100).map((entry) => entry.id)).toEqual([499, 498, 497])
    expect(log.newest(0)).toEqual([])
  })

  test('drops what is over a shorter length at the next record, as Redis does', () => {
    const log = filled(10)
    log.maxLength = 2
    expect(log.length).toBe(10)
    log.record('ping', CLIENT, 1000, 1)
    expect(log.newest(5).map((entry) => entry.id)).toEqual([10, 9])
  })

  test('records nothing while it is off', () => {
    const log = filled(2)
    log.threshold = -1
    log.record('ping', CLIENT, 1000, 1e9)
    expect(log.length).toBe(2)
    expect(log.thresholdMicroseconds).toBe(Number.POSITIVE_INFINITY)
    log.threshold = 0
    log.maxLength = 0
    log.record('ping', CLIENT, 1000, 1e9)
    expect(log.length).toBe(2)
  })

  test('goes on numbering after a reset', () => {
    const log = filled(5)
    log.reset()
    expect(log.length).toBe(0)
    log.record('ping', CLIENT, 1000, 1)
    expect(log.newest(1)[0]!.id).toBe(5)
  })
})
