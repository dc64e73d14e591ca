import { expect, test } from 'vitest'
import { setCommands } from '../../src/commands/set.ts'
import { sortCommands } from '../../src/commands/sort.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { Draw } from '../compat/draw.ts'
import { keys } from '../compat/families/keys.ts'
import { sets } from '../compat/families/sets.ts'
import { Harness } from '../support/harness.ts'
import { KEY_FAMILIES } from '../support/key-harness.ts'

const COMMANDS = 4000
const FAMILIES = [setCommands, sortCommands(), ...KEY_FAMILIES]

/** Besides what is compared with another server: members taken by chance, and sorted sets of members. */
function byChance(draw: Draw): string[] {
  const key = draw.smallKey()
  switch (draw.below(3)) {
    case 0:
      return ['SPOP', key]
    case 1:
      return ['SPOP', key, String(draw.below(40))]
    default:
      return ['SORT', key, 'BY', 'nosort', 'STORE', draw.smallKey()]
  }
}

test.each([1, 2, 3])('what sets propagate makes the same data elsewhere (seed %i)', (seed) => {
  const server = new Harness(FAMILIES, seed)
  server.recordPropagation()
  const draw = new Draw(seed)
  const makers = [...sets.makers, ...sets.makers, ...keys.makers]
  let popped = 0
  for (let i = 0; i < COMMANDS; i++) {
    for (const { args } of [draw.pick(makers).make(draw)].flat()) server.run(args)
    const args = byChance(draw)
    const { dirty } = server.keyspace
    server.run(args)
    if (args[0] === 'SPOP' && server.keyspace.dirty > dirty) popped++
  }
  expect(popped).toBeGreaterThan(COMMANDS / 40)
  const replica = new Harness(FAMILIES, seed + 100)
  for (const { database, command } of server.propagated) {
    expect(['SPOP', 'SRANDMEMBER']).not.toContain(command[0])
    if (command.length === 1) continue
    replica.client.database = database
    const reply = replica.run(command)
    if (reply.type === 'error') throw new Error(`${command.join(' ')}: ${reply.text}`)
  }
  expect(digestOfKeyspace(replica.keyspace).hex).toBe(digestOfKeyspace(server.keyspace).hex)
})
