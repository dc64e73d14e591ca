import { beforeEach, describe, expect, test } from 'vitest'
import { latencyCommands } from '../../src/commands/latency.ts'
import { slowLogCommands } from '../../src/commands/slow-log.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from '../support/harness.ts'

let server: Harness

beforeEach(() => {
  server = new Harness([stringCommands])
  server.registry.add(latencyCommands(server.latency, server.registry, server.slowLog))
  server.registry.add(slowLogCommands(server.slowLog))
  server.latency.threshold = 10
})

function show(command: string): string {
  return server.show(command)
}

function note(event: string, milliseconds: number): void {
  server.latency.note(event, milliseconds, server.clock.now())
}

describe('LATENCY LATEST and HISTORY', () => {
  test('show the samples of events', () => {
    note('command', 40)
    server.clock.advance(5000)
    note('command', 15)
    note('expire-cycle', 11)
    expect(show('LATENCY LATEST')).toBe(
      '[["command", (integer) 1700000005, (integer) 15, (integer) 40], ["expire-cycle", (integer) 1700000005, (integer) 11, (integer) 11]]',
    )
    expect(show('LATENCY HISTORY command')).toBe(
      '[[(integer) 1700000000, (integer) 40], [(integer) 1700000005, (integer) 15]]',
    )
  })

  test('show nothing where there is nothing', () => {
    expect(show('LATENCY LATEST')).toBe('[]')
    expect(show('LATENCY HISTORY nothing')).toBe('[]')
  })
})

describe('LATENCY RESET', () => {
  test('forgets events and counts them', () => {
    for (const event of ['a', 'b', 'c', 'd']) note(event, 20)
    expect(show('LATENCY RESET a nothing b')).toBe('(integer) 2')
    expect(show('LATENCY RESET')).toBe('(integer) 2')
    expect(show('LATENCY LATEST')).toBe('[]')
  })
})

describe('LATENCY GRAPH', () => {
  test('draws an event', () => {
    note('command', 300)
    server.clock.advance(1000)
    note('command', 500)
    server.client.protocol = 3
    const reply = server.run('LATENCY GRAPH command')
    expect(reply.type === 'verbatim' && reply.text).toMatch(
      /^command - high 500 ms, low 300 ms \(all time high 500 ms\)\n/,
    )
  })

  test('refuses an event without samples', () => {
    expect(show('LATENCY GRAPH "a\\nb"')).toBe("(error) ERR No samples available for event 'a b'")
  })
})

test('LATENCY DOCTOR talks about what the monitor has seen', () => {
  note('fast-command', 70)
  expect(show('LATENCY DOCTOR')).toContain('fast-command: 1 spike of 70 ms')
})

describe('what is noted', () => {
  test('are commands that reach the threshold, the fast ones apart', () => {
    let now = server.clock.monotonic()
    server.clock.monotonic = () => {
      now += 12
      return now
    }
    show('GET a')
    show('SLOWLOG LEN')
    expect(server.latency.events().map(([name, event]) => [name, event.worst])).toEqual([
      ['fast-command', 12],
      ['command', 12],
    ])
  })

  test('is nothing while the monitor is off', () => {
    server.latency.threshold = 0
    let now = server.clock.monotonic()
    server.clock.monotonic = () => {
      now += 1000
      return now
    }
    show('GET a')
    expect(server.latency.events()).toEqual([])
  })
})

describe('LATENCY HISTOGRAM', () => {
  function record(name: string, nanoseconds: number, calls: number): void {
    server.registry.byName(name)!.histogram.record(nanoseconds, calls)
  }

  test('tells how many calls took how long, as a map', () => {
    record('get', 8000, 3)
    record('get', 60_000, 1)
    server.client.protocol = 3
    expect(show('LATENCY HISTOGRAM get')).toBe(
      '{"get" => {"calls" => (integer) 4, "histogram_usec" => {(integer) 8 => (integer) 3, (integer) 66 => (integer) 4}}}',
    )
  })

  test('skips what is no command and what was not called; names come in any case, and repeated', () => {
    record('set', 1000, 1)
    expect(show('LATENCY HISTOGRAM nonsense get a|b|c')).toBe('[]')
    const entry = '"set", ["calls", (integer) 1, "histogram_usec", [(integer) 1, (integer) 1]]'
    expect(show('LATENCY HISTOGRAM nonsense SET get set')).toBe(`[${entry}, ${entry}]`)
  })

  test('of a container tells its subcommands', () => {
    record('slowlog|len', 1000, 1)
    record('slowlog|reset', 1000, 1)
    expect(show('LATENCY HISTOGRAM slowlog')).toMatch(/"slowlog\|len".*"slowlog\|reset"/)
    expect(show('LATENCY HISTOGRAM slowlog|reset')).toMatch(/^\["slowlog\|reset"/)
  })

  test('of everything tells all that was called', () => {
    record('set', 1000, 1)
    record('slowlog|len', 1000, 1)
    expect(show('LATENCY HISTOGRAM')).toMatch(/^\["set".*"slowlog\|len"/)
  })

  test('has nothing of calls made while tracking is off', () => {
    server.dispatcher.tracksLatency = false
    show('GET a')
    expect(show('LATENCY HISTOGRAM get')).toBe('[]')
    expect(server.registry.byName('get')!.calls).toBe(1)
  })
})
