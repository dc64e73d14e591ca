// Several clients at once, ours against the server at hand: all that each of them hears.

import { describe, expect, test } from 'vitest'
import { quoteCommand, RespClient } from '../support/resp-client.ts'
import { findRedis, type ServerProcess, startRedis, startRespite } from '../support/servers.ts'
import { Conversation } from './conversation.ts'
import { Conversations, PARTS } from './conversations.ts'

const isInstalled = findRedis() !== undefined
if (!isInstalled) console.warn('conversations skipped: no redis-server on the PATH')

const STEPS = 300
const ROUNDS = 4

describe.skipIf(!isInstalled)('clients that subscribe, watch, track and write', () => {
  test('hear the same, in both protocols', { timeout: 120_000 }, async () => {
    const servers: ServerProcess[] = [await startRespite(), (await startRedis())!]
    try {
      const [ours, theirs] = servers.map((server) => ({
        connect: (protocol: 2 | 3) => RespClient.connect(server, protocol),
      }))
      const seed = Date.now() & 0xffff
      const source = new Conversations(seed)
      const conversation = new Conversation(ours!, theirs!, PARTS)
      for (let round = 0; round < ROUNDS; round++) {
        const steps = source.take(STEPS)
        const found = await conversation.hold(steps)
        if (found === undefined) continue
        const said = steps
          .slice(Math.max(0, found.at - 25), found.at + 1)
          .map(({ connection, args }) => `${connection}> ${quoteCommand(args)}`)
        expect({ seed, said, connection: found.connection, heard: found.ours }).toEqual({
          seed,
          said,
          connection: found.connection,
          heard: found.theirs,
        })
      }
    } finally {
      for (const server of servers) await server.stop()
    }
  })
})
