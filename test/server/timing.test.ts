// Which calls share a look at the clock, and which are timed for themselves.

import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Command } from '../../src/command/command.ts'
import type { CommandDefinition } from '../../src/command/definition.ts'
import { oneKey } from '../../src/command/key-specs.ts'
import { bitmapCommands } from '../../src/commands/bitmap.ts'
import { geoCommands } from '../../src/commands/geo.ts'
import { hyperloglogCommands } from '../../src/commands/hyperloglog.ts'
import { listCommands } from '../../src/commands/list.ts'
import { setCommands } from '../../src/commands/set.ts'
import { Harness } from '../support/harness.ts'

let server: Harness

/** Takes a millisecond for each word but its name. */
const COUNTED: CommandDefinition = {
  name: 'COUNTED',
  arity: -2,
  flags: ['readonly'],
  keys: oneKey('RO', 'access'),
  syntax: 'key [key ...]',
  summary: 'Takes its time.',
  since: '1.0.0',
  complexity: 'O(1) for one key; else O(N) for N keys.',
  run: ({ args, reply }) => {
    server.clock.advance(args.count - 1)
    reply.ok()
  },
}

/** Runs requests as one batch. */
function runAll(...requests: string[]): void {
  const { dispatcher } = server
  dispatcher.begin(server.client)
  for (const request of requests) {
    dispatcher.request.load(request.split(' ').map((word) => Buffer.from(word)))
    dispatcher.execute(dispatcher.request)
  }
  dispatcher.end()
  dispatcher.reply.take()
}

function command(name: string): Command {
  const { request } = server.dispatcher
  request.load([Buffer.from(name)])
  const found = server.registry.find(request)
  if (found === undefined) throw new Error(`no command ${name}`)
  return found
}

beforeEach(() => {
  server = new Harness([{ group: 'generic', commands: [COUNTED] }])
})

describe('a command that is quick for one key', () => {
  test('looks at the clock once for many such calls, and for each of the others', () => {
    const look = vi.spyOn(server.clock, 'monotonic')
    runAll('COUNTED a')
    const alone = look.mock.calls.length
    look.mockClear()
    runAll(...Array<string>(20).fill('COUNTED a'))
    expect(look.mock.calls.length).toBe(alone)
    look.mockClear()
    runAll(...Array<string>(20).fill('COUNTED a b'))
    expect(look.mock.calls.length).toBeGreaterThanOrEqual(20)
  })

  test('is found in the slow log with its own time, whatever came before', () => {
    const words = Array.from({ length: 50 }, (_, i) => `k${i}`).join(' ')
    runAll('COUNTED a', 'COUNTED b', 'COUNTED c', `COUNTED ${words}`, 'COUNTED d')
    expect(server.slowLog.newest(10).map((entry) => entry.microseconds)).toEqual([50_000])
    expect(command('counted').microseconds).toBe(54_000)
    expect(command('counted').calls).toBe(5)
  })
})

test('what is quick follows from flags and complexity', () => {
  server = new Harness([
    bitmapCommands,
    geoCommands,
    hyperloglogCommands({ sparseBytes: 3000 }),
    listCommands,
    setCommands,
  ])
  const always = Number.POSITIVE_INFINITY
  const expected = {
    GETBIT: always,
    GEODIST: always,
    RPOPLPUSH: always,
    PFADD: always,
    PFCOUNT: 2,
    SRANDMEMBER: 2,
    // Makes a string of any length.
    SETBIT: 0,
    BLPOP: 0,
    PFMERGE: 0,
    LRANGE: 0,
  }
  for (const [name, words] of Object.entries(expected)) expect(command(name).quickWords, name).toBe(words)
})
