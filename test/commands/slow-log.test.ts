import { beforeEach, describe, expect, test } from 'vitest'
import { slowLogCommands } from '../../src/commands/slow-log.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from '../support/harness.ts'

let server: Harness

beforeEach(() => {
  server = new Harness([stringCommands])
  server.registry.add(slowLogCommands(server.slowLog))
  server.slowLog.threshold = 0
})

function show(command: string): string {
  return server.show(command)
}

describe('SLOWLOG GET', () => {
  test('shows number, time, duration, command and client, newest first', () => {
    server.client.name = 'bob'
    show('SET a b')
    show('GET a')
    const [newest, older] = ['[(integer) 1, (integer) 1700000000, (integer) 0, ["GET", "a"]', '[(integer) 0']
    expect(show('SLOWLOG GET')).toMatch(newest!)
    expect(show('SLOWLOG GET 1')).toBe(
      '[[(integer) 2, (integer) 1700000000, (integer) 0, ["SLOWLOG", "GET"], "127.0.0.1:50000", "bob"]]',
    )
    expect(show('SLOWLOG GET -1')).toContain(older!)
  })

  test('shows ten entries unless told otherwise', () => {
    for (let i = 0; i < 20; i++) show('GET a')
    server.slowLog.threshold = -1
    const count = (command: string) => {
      const reply = server.run(command)
      return reply.type === 'array' ? reply.items.length : -1
    }
    expect(['', ' 5', ' 0', ' -1', ' 1000'].map((n) => count(`SLOWLOG GET${n}`))).toEqual([10, 5, 0, 20, 20])
  })

  test.each(['-2', 'x', '9223372036854775808', '1.5'])('refuses %s', (count) => {
    expect(show(`SLOWLOG GET ${count}`)).toBe('(error) ERR count should be greater than or equal to -1')
  })

  test('refuses further arguments in the words of Redis', () => {
    expect(show('SLOWLOG GET 1 2')).toBe(
      "(error) ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.",
    )
  })
})

describe('SLOWLOG LEN and RESET', () => {
  test('count and forget', () => {
    show('GET a')
    show('GET b')
    expect(show('SLOWLOG LEN')).toBe('(integer) 2')
    expect(show('SLOWLOG RESET')).toBe('+OK')
    expect(show('SLOWLOG LEN')).toBe('(integer) 1')
  })
})

describe('what is logged', () => {
  test('is nothing while the threshold is negative', () => {
    server.slowLog.threshold = -1
    show('GET a')
    expect(server.slowLog.length).toBe(0)
  })

  test('has the arguments of a quick command, too, if it was large', () => {
    server.slowLog.threshold = 10_000
    server.clock.monotonic = slowly(20)
    server.run(['SET', 'k', 'x'.repeat(100_000)])
    expect(server.slowLog.newest(1)[0]!.args.slice(0, 2)).toEqual(['SET', 'k'])
    expect(server.slowLog.newest(1)[0]!.microseconds).toBe(20_000)
  })

  test('is the name of a quick command that was held up among others', () => {
    server.slowLog.threshold = 10_000
    server.clock.monotonic = slowly(20)
    show('GET some-key')
    expect(server.slowLog.newest(1)[0]!.args).toEqual(['get'])
  })

  /** A clock that takes so many milliseconds from one look to the next. */
  function slowly(milliseconds: number): () => number {
    let now = server.clock.monotonic()
    return () => {
      now += milliseconds
      return now
    }
  }
})
