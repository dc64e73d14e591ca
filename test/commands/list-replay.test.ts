// What lists propagate makes the same data elsewhere: of commands that wait, only what they have done.

import { expect, test } from 'vitest'
import { listCommands } from '../../src/commands/list.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { Draw } from '../compat/draw.ts'
import { keys } from '../compat/families/keys.ts'
import { lists } from '../compat/families/lists.ts'
import { sortedSets } from '../compat/families/sorted-sets.ts'
import { Harness } from '../support/harness.ts'
import { KEY_FAMILIES } from '../support/key-harness.ts'

const COMMANDS = 4000
const CLIENTS = 5
const FAMILIES = [listCommands, sortedSetCommands, ...KEY_FAMILIES]
const WAITING = /^B(LPOP|RPOP|LMOVE|RPOPLPUSH|LMPOP|ZPOP|ZMPOP)/i

test.each([1, 2, 3])('in an empty server (seed %i)', (seed) => {
  const server = new Harness(FAMILIES, seed)
  server.recordPropagation()
  const draw = new Draw(seed)
  const makers = [...lists.makers, ...lists.makers, ...keys.makers, ...sortedSets.makers]
  const clients = Array.from({ length: CLIENTS }, (_, i) => server.connect(i + 2))
  let waited = 0
  for (let i = 0; i < COMMANDS; i++) {
    for (const { args } of [draw.pick(makers).make(draw)].flat()) {
      const free = clients.find(({ session }) => !session.isBlocked)
      if (free === undefined) server.expireWaits(1000)
      server.send(free ?? clients[0]!, args)
      if (free?.session.isBlocked) waited++
    }
  }
  expect(waited).toBeGreaterThan(COMMANDS / 100)
  const replica = new Harness(FAMILIES, seed + 100)
  for (const { database, command } of server.propagated) {
    expect(command[0]).not.toMatch(WAITING)
    if (command.length === 1) continue
    replica.client.database = database
    const reply = replica.run(command)
    if (reply.type === 'error') throw new Error(`${command.join(' ')}: ${reply.text}`)
  }
  expect(digestOfKeyspace(replica.keyspace).hex).toBe(digestOfKeyspace(server.keyspace).hex)
})
