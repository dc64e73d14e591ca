// What is propagated, run in an empty server, gives the same data: random commands on keys, with time going by.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { KeyHarness } from '../support/key-harness.ts'

const CONDITIONS = ['', '', ' NX', ' XX', ' GT', ' LT']

function drawCommand(random: Random): string {
  const key = () => `key:${random.below(12)}`
  const number = () => random.below(40) - 5
  const condition = CONDITIONS[random.below(CONDITIONS.length)]!
  const commands = [
    () => `SET ${key()} ${random.below(1000)}`,
    () => `SET ${key()} text:${random.below(1000)}`,
    () => `SET ${key()} x PX ${1 + random.below(20_000)}`,
    () => `EXPIRE ${key()} ${number()}${condition}`,
    () => `PEXPIRE ${key()} ${number() * 500}${condition}`,
    () => `EXPIREAT ${key()} ${1_700_000_000 + number()}${condition}`,
    () => `PEXPIREAT ${key()} ${1_700_000_000_000 + number() * 1000}${condition}`,
    () => `PERSIST ${key()}`,
    () => `RENAME ${key()} ${key()}`,
    () => `RENAMENX ${key()} ${key()}`,
    () => `COPY ${key()} ${key()} DB ${random.below(3)} REPLACE`,
    () => `COPY ${key()} ${key()}`,
    () => `MOVE ${key()} ${random.below(3)}`,
    () => `DEL ${key()} ${key()}`,
    () => `UNLINK ${key()}`,
    () => `GET ${key()}`,
    () => 'SCAN 0',
    () => 'RANDOMKEY',
    () => (random.below(10) === 0 ? 'FLUSHDB' : `TOUCH ${key()}`),
    () => (random.below(10) === 0 ? `SWAPDB ${random.below(3)} ${random.below(3)}` : `TTL ${key()}`),
  ]
  return commands[random.below(commands.length)]!()
}

test.each([1, 2, 3])('seed %i', (seed) => {
  const random = new Random(seed)
  const primary = new KeyHarness()
  const replica = new KeyHarness()
  // Its keys go when it is told so, not by themselves.
  replica.keyspace.mayExpire = false
  replica.keyspace.ignoresDeadlines = true
  primary.recordPropagation()
  for (let step = 0; step < 4000; step++) {
    primary.select(random.below(3))
    primary.run(drawCommand(random))
    primary.clock.advance(random.below(300))
    replica.clock.set(primary.clock.now())
    for (const { database, command } of primary.propagated.splice(0)) {
      replica.select(database)
      const reply = replica.run(command)
      expect(reply.type, command.join(' ')).not.toBe('error')
    }
    if (step % 100 !== 0) continue
    expect(digestOfKeyspace(replica.keyspace).hex).toBe(digestOfKeyspace(primary.keyspace).hex)
  }
  expect(deadlines(replica)).toEqual(deadlines(primary))
})

/** The deadlines of all keys, by database and name. */
function deadlines(server: KeyHarness): Map<string, number> {
  const found = new Map<string, number>()
  for (const db of server.keyspace.databases) {
    db.table.each((entry) => {
      found.set(`${db.index} ${Buffer.from(db.keyOf(entry).view())}`, db.deadlineOf(entry))
    })
  }
  return found
}
