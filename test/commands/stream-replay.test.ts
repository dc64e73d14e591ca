import { expect, test } from 'vitest'
import { keyCommands } from '../../src/commands/key.ts'
import { scanCommands } from '../../src/commands/scan.ts'
import { streamCommands } from '../../src/commands/stream.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { Draw } from '../compat/draw.ts'
import { streams } from '../compat/families/streams.ts'
import { Harness } from '../support/harness.ts'
import type { Reply } from '../support/reply.ts'
import { format } from '../support/reply.ts'

const COMMANDS = 4000
const FAMILIES = [streamCommands, stringCommands, keyCommands, scanCommands]
/** What depends on who looked when, or on where nodes end. */
const LOCAL = new Set(['seen-time', 'active-time', 'radix-tree-keys', 'radix-tree-nodes'])

function withoutLocal(reply: Reply): Reply {
  if (reply.type !== 'array') return reply
  const items: Reply[] = []
  for (let i = 0; i < reply.items.length; i++) {
    const item = reply.items[i]!
    if (item.type === 'bulk' && LOCAL.has(item.text)) i++
    else items.push(withoutLocal(item))
  }
  return { type: 'array', items }
}

/** Everything that streams tell of themselves, and a digest of all keys. */
function contentOf(harness: Harness): Map<string, string> {
  const content = new Map([['', digestOfKeyspace(harness.keyspace).hex]])
  const keys = harness.run('KEYS *')
  if (keys.type !== 'array') throw new Error('no list of keys')
  for (const key of keys.items) {
    if (key.type !== 'bulk') continue
    content.set(
      key.text,
      format(withoutLocal(harness.run(['XINFO', 'STREAM', key.text, 'FULL', 'COUNT', '0']))),
    )
  }
  return content
}

/** What is pending with a consumer is shown without being propagated, though it counts as delivered again. */
function isHistory(args: readonly string[]): boolean {
  return args[0]!.toUpperCase() === 'XREADGROUP' && args.at(-1) !== '>'
}

test.each([1, 2, 3, 4])('what streams propagate makes the same streams elsewhere (seed %i)', (seed) => {
  const server = new Harness(FAMILIES, 1, 1)
  server.recordPropagation()
  const draw = new Draw(seed)
  for (let i = 0; i < COMMANDS; i++) {
    // Streams whose nodes end elsewhere, on both sides.
    server.keyspace.types.limits.streamNodeEntries = draw.pick([1, 3, 10, 100])
    for (const { args } of [draw.pick(streams.makers).make(draw)].flat()) {
      if (isHistory(args) || args.includes('BLOCK')) continue
      // Ids made by the clock, too.
      const id = args[0] === 'XADD' ? args.indexOf('6-*') : -1
      if (id > 0 && draw.chance(0.1)) args[id] = '*'
      server.run(args)
    }
    server.clock.advance(draw.below(20))
  }
  expect(server.propagated.length).toBeGreaterThan(COMMANDS / 3)
  const replica = new Harness(FAMILIES, 2, 1)
  // Later, as replicas are: what claims to come from the future would count as of now.
  replica.clock.set(server.clock.now())
  for (const { command } of server.propagated) {
    if (command[0] === 'MULTI' || command[0] === 'EXEC') continue
    const reply = replica.run(command)
    if (reply.type === 'error') throw new Error(`${command.join(' ')}: ${reply.text}`)
  }
  const content = contentOf(server)
  expect(content.size).toBeGreaterThan(5)
  expect(contentOf(replica)).toEqual(content)
})
