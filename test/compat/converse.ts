// The conversations by hand, for long runs: tsx test/compat/converse.ts --count 100000 --seed 1
// In rounds with new connections. Options: --round n (steps), --ours and --theirs port (else servers are started).

import { parseArgs } from 'node:util'
import { quoteCommand, RespClient } from '../support/resp-client.ts'
import { type ServerProcess, startRedis, startRespite } from '../support/servers.ts'
import { Conversation, type Speaker } from './conversation.ts'
import { Conversations, PARTS } from './conversations.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    round: { type: 'string', default: '500' },
  },
})

/** Steps that are printed before the one that shows the difference. */
const SHOWN = 25

function speaker(server: ServerProcess): Speaker {
  return { connect: (protocol) => RespClient.connect(server, protocol) }
}

const ours = await startRespite()
const theirs = await startRedis()
if (theirs === undefined) throw new Error('redis-server is not on the PATH')
try {
  const source = new Conversations(Number(values.seed))
  const conversation = new Conversation(speaker(ours), speaker(theirs), PARTS)
  const round = Number(values.round)
  let found = 0
  for (let done = 0; done < Number(values.count) && found < 5; done += round) {
    const steps = source.take(round)
    const difference = await conversation.hold(steps)
    if (difference === undefined) continue
    found++
    const { at, connection } = difference
    for (const { connection: by, args } of steps.slice(Math.max(0, at - SHOWN), at + 1)) {
      console.log(`${by}> ${quoteCommand(args)}`)
    }
    console.log(`connection ${connection} heard\n  ours:   ${difference.ours.join('\n          ')}`)
    console.log(`  theirs: ${difference.theirs.join('\n          ')}\n`)
  }
  console.log(`${values.count} steps, seed ${values.seed}: ${found} differences`)
  process.exitCode = found === 0 ? 0 : 1
} finally {
  await ours.stop()
  await theirs.stop()
}
