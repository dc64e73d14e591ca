// Commands of the embedder's own: what they are given, and that they are commands like any other.

import { expect, onTestFinished, test } from 'vitest'
import {
  type CommandDefinition,
  CommandError,
  createServer,
  type ReplyValue,
  type RespiteServer,
} from '../../src/index.ts'
import { format, RespClient } from '../support/resp-client.ts'

async function start(...commands: CommandDefinition[]): Promise<RespiteServer> {
  const server = await createServer({ commands, now: 1_700_000_000_000, databases: 2 })
  onTestFinished(() => server.close())
  return server
}

/** Adds to a key up to a limit. */
const INCRMAX: CommandDefinition = {
  name: 'INCRMAX',
  arity: 3,
  flags: ['write', 'denyoom'],
  keys: [{ flags: ['RW', 'access', 'update'], begin: { index: 1 }, find: { last: 0, step: 1, limit: 0 } }],
  syntax: 'key limit',
  summary: 'Adds one, up to a limit.',
  run({ args, reply, call }) {
    const limit = args.integer(2)
    const value = Number(call('GET', args.bytes(1)) ?? 0)
    if (value >= limit) throw new CommandError('LIMIT reached')
    reply.integer(call('INCR', args.bytes(1)) as number)
  },
}

test('a command runs others as parts of itself', async () => {
  const server = await start(INCRMAX)
  expect([server.call('INCRMAX', 'k', 2), server.call('incrmax', 'k', 2)]).toEqual([1, 2])
  expect(() => server.call('INCRMAX', 'k', 2)).toThrow('LIMIT reached')
  expect(() => server.call('INCRMAX', 'k', 'x')).toThrow('ERR value is not an integer or out of range')
  expect(() => server.call('INCRMAX', 'k')).toThrow("ERR wrong number of arguments for 'incrmax' command")
  server.call('LPUSH', 'list', 'x')
  expect(() => server.call('INCRMAX', 'list', 2)).toThrow('WRONGTYPE')
  expect(server.db(0).get('k')).toBe('2')
})

test("clients see it as one of the server's, in a transaction too", async () => {
  const server = await start(INCRMAX)
  const client = await RespClient.connect(server.address)
  onTestFinished(() => client.destroy())
  expect(server.call('COMMAND', 'GETKEYS', 'INCRMAX', 'k', 5)).toEqual(['k'])
  expect(JSON.stringify(server.call('COMMAND', 'DOCS', 'INCRMAX'))).toContain('Adds one, up to a limit.')
  const replies = await client.pipeline([['MULTI'], ['INCRMAX', 'k', '9'], ['INCRMAX', 'k', '1'], ['EXEC']])
  expect(replies.map(format).at(-1)).toBe('[(integer) 1, (error) LIMIT reached]')
  expect(String(server.call('INFO', 'commandstats'))).toContain('cmdstat_incrmax:calls=2')
})

test.each<[ReplyValue, string, string]>([
  ['text', '"text"', '"text"'],
  [3, '(integer) 3', '(integer) 3'],
  [2.5, '"2.5"', '(double) 2.5'],
  [null, '(nil-bulk)', '(null)'],
  [true, '(integer) 1', '(true)'],
  [['a', [1]], '["a", [(integer) 1]]', '["a", [(integer) 1]]'],
  [new Set(['a']), '["a"]', 'set["a"]'],
  [{ f: 1 }, '["f", (integer) 1]', '{"f" => (integer) 1}'],
])("a value is replied in the client's protocol: %j", async (value, resp2, resp3) => {
  const server = await start({ name: 'SAY', arity: 1, run: ({ reply }) => reply.value(value) })
  for (const [protocol, expected] of [
    [2, resp2],
    [3, resp3],
  ] as const) {
    const client = await RespClient.connect(server.address, protocol)
    expect(format(await client.call('SAY'))).toBe(expected)
    await client.destroy()
  }
  expect(server.call('SAY')).toEqual(value)
})

test('it is told who asks, and when', async () => {
  const server = await start({
    name: 'WHO',
    arity: -1,
    run({ args, client, now, reply }) {
      const words = Array.from({ length: args.count }, (_, index) => args.string(index))
      reply.value([...words, client.database, now, args.is(1, 'X')])
    },
  })
  server.call('SELECT', 1)
  expect(server.call('who', 'x')).toEqual(['who', 'x', 1, 1_700_000_000_000, true])
})

test('what it must not do is an error, and leaves the server sane', async () => {
  let server: RespiteServer | undefined
  const attempts: Record<string, () => unknown> = {
    subscribe: () => undefined,
    outer: () => server!.call('PING'),
    time: () => server!.clock.advance(1),
    fault: () => {
      throw new Error('a mistake')
    },
  }
  server = await start({
    name: 'TRY',
    arity: 2,
    run({ args, call, reply }) {
      call('SET', 'k', args.string(1))
      if (args.is(1, 'SUBSCRIBE')) call('SUBSCRIBE', 'channel')
      attempts[args.string(1)]!()
      reply.ok()
    },
  })
  expect(() => server.call('TRY', 'subscribe')).toThrow("ERR 'subscribe' can't be run inside of a command")
  expect(() => server.call('TRY', 'outer')).toThrow("ERR 'TRY' failed: a command is running")
  expect(() => server.call('TRY', 'time')).toThrow(
    "ERR 'TRY' failed: the clock stands still while a command runs",
  )
  expect(() => server.call('TRY', 'fault')).toThrow("ERR 'TRY' failed: a mistake")
  expect(server.db(0).get('k')).toBe('fault')
  expect(server.call('PING')).toBe('PONG')
})

test('one may run another', async () => {
  const server = await start(INCRMAX, {
    name: 'TWICE',
    arity: 2,
    run({ args, call, reply }) {
      call('INCRMAX', args.string(1), 9)
      reply.value(call('INCRMAX', args.string(1), 9))
    },
  })
  expect(server.call('TWICE', 'k')).toBe(2)
})

test('a name that is taken is an error', async () => {
  await expect(createServer({ commands: [{ ...INCRMAX, name: 'GET' }] })).rejects.toThrow(
    'get is defined twice',
  )
})
