// COMMAND INFO, DOCS and GETKEYSANDFLAGS of ours and of a real redis-server, for the commands that both know. Redis 7.0
// differs from 7.4 in facts, so forms are compared: which types of replies lie where, and the order of fields.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Server } from '../../src/server/server.ts'
import { Harness } from '../support/harness.ts'
import { format, type Reply } from '../support/reply.ts'
import { RespClient } from '../support/resp-client.ts'
import { findRedis, type ServerProcess, startRedis } from '../support/servers.ts'

/** Fields that one of the two may have and the other not. */
const LOOSE = new Set(['notes', 'history', 'doc_flags', 'deprecated_since', 'replaced_by', 'arguments'])

/** A reply's form: types and the names of fields. Of several of a kind one stands for all. */
function formOf(reply: Reply): unknown {
  switch (reply.type) {
    case 'map':
      return Object.fromEntries(
        reply.entries
          .map(([name, value]) => [textOf(name), value] as const)
          .filter(([name]) => !LOOSE.has(name))
          .map(([name, value]) => [name, formOf(value)]),
      )
    case 'set':
      return reply.items.length === 0 ? 'set' : ['set', formOf(reply.items[0]!)]
    case 'array':
      return reply.items.map(formOf)
    default:
      return reply.type
  }
}

function textOf(reply: Reply): string {
  return 'text' in reply ? reply.text : ''
}

function itemsOf(reply: Reply): Reply[] {
  if (reply.type !== 'array' && reply.type !== 'set') throw new Error(`${reply.type} is no array`)
  return reply.items
}

/** A command's info with what differs between versions made equal: empty sets, and subcommands by name. */
function infoForm(info: Reply, shared: ReadonlySet<string>): unknown {
  const items = itemsOf(info)
  const subcommands = itemsOf(items[9]!)
    .filter((sub) => shared.has(textOf(itemsOf(sub)[0]!)))
    .sort((a, b) => (textOf(itemsOf(a)[0]!) < textOf(itemsOf(b)[0]!) ? -1 : 1))
    .map((sub) => infoForm(sub, shared))
  return [...items.slice(0, 7).map(formOf), items[7]!.type, formOf(items[8]!), items[9]!.type, subcommands]
}

describe.skipIf(findRedis() === undefined)('in RESP3, of commands that redis-server knows too,', () => {
  let redis: ServerProcess
  let client: RespClient
  const ours = new Harness(new Server().registry.families)
  ours.client.protocol = 3
  const names = [...ours.registry.everyCommand()].map(({ fullName }) => fullName)
  let shared: Set<string>

  beforeAll(async () => {
    redis = (await startRedis())!
    client = await RespClient.connect(redis, 3)
    const theirs = new Set(itemsOf(await client.call('COMMAND', 'LIST')).map(textOf))
    shared = new Set(names.filter((name) => theirs.has(name)))
  })

  afterAll(async () => {
    await client?.destroy()
    await redis?.stop()
  })

  test('COMMAND INFO has the same form', async () => {
    expect(shared.size).toBeGreaterThan(0)
    for (const name of shared) {
      const [theirs] = itemsOf(await client.call('COMMAND', 'INFO', name))
      const [mine] = itemsOf(ours.run(['COMMAND', 'INFO', name]))
      expect([name, infoForm(mine!, shared)]).toEqual([name, infoForm(theirs!, shared)])
    }
  })

  test('COMMAND DOCS has the same form', async () => {
    for (const name of [...shared].filter((name) => ours.registry.byName(name)?.subcommands === undefined)) {
      const theirs = formOf(await client.call('COMMAND', 'DOCS', name))
      expect([name, formOf(ours.run(['COMMAND', 'DOCS', name]))]).toEqual([name, theirs])
    }
  })

  test('COMMAND GETKEYSANDFLAGS finds the same keys, whatever the arguments', async () => {
    const random = new Random(11)
    for (const name of shared) {
      // Where redis-server wants another number of arguments, it is another command.
      const [info] = itemsOf(await client.call('COMMAND', 'INFO', name))
      const { arity } = ours.registry.byName(name)!
      if (JSON.stringify(itemsOf(info!)[1]) !== JSON.stringify({ type: 'integer', value: arity })) continue
      for (let i = 0; i < 20; i++) {
        const request = ['COMMAND', 'GETKEYSANDFLAGS', ...name.split('|'), ...drawnWords(random)]
        // redis-server finds no key in a PFMERGE without sources, which then nobody is kept from.
        if (name === 'pfmerge' && request.length === 4) continue
        const theirs = await client.call(...request)
        const expected = NOW_OVERWRITING.has(name) ? format(theirs).replace('+RW', '+OW') : format(theirs)
        expect([request.join(' '), format(ours.run(request))]).toEqual([request.join(' '), expected])
      }
    }
  })
})

/** Since 7.2 these say that they overwrite their destination, before they said that they change it. */
const NOW_OVERWRITING = new Set(['sinterstore'])

const WORDS = [
  'a',
  'b',
  '1',
  '2',
  '0',
  '-1',
  '99999999999999999999',
  'GET',
  'set',
  'overflow',
  'u8',
  'EX',
  '',
]

/** One to eight words. */
function drawnWords(random: Random): string[] {
  return Array.from({ length: 1 + random.below(8) }, () => WORDS[random.below(WORDS.length)]!)
}
