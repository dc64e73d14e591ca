// What is propagated, run in an empty server, gives the same hashes: random commands, with time going by, some hashes in
// one encoding and some in the other.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { ActiveExpiry } from '../../src/keyspace/expiry.ts'
import { Harness } from '../support/harness.ts'

const CONDITIONS = ['', '', '', ' NX', ' XX', ' GT', ' LT']
const FAMILIES = [hashCommands, keyCommands, keyExpiryCommands]

function drawCommand(random: Random): string {
  const key = () => `hash:${random.below(6)}`
  const field = () => `f${random.below(30)}`
  const fields = () => {
    const names = Array.from({ length: 1 + random.below(4) }, field)
    return `FIELDS ${names.length} ${names.join(' ')}`
  }
  const pairs = (count: number) =>
    Array.from({ length: count }, () => `${field()} ${random.below(100)}`).join(' ')
  const condition = () => CONDITIONS[random.below(CONDITIONS.length)]!
  const milliseconds = () => random.below(3000)
  const lifetime = () => ['', 'KEEPTTL', 'EX 2', 'PX 700', 'PX 0', 'PXAT 9'][random.below(6)]!
  const commands = [
    () => `HSET ${key()} ${pairs(1 + random.below(5))}`,
    () => `HSET ${key()} ${field()} ${'x'.repeat(random.below(70))}`,
    () => `HSETNX ${key()} ${pairs(1)}`,
    () => `HDEL ${key()} ${field()} ${field()}`,
    () => `HINCRBY ${key()} ${field()} ${random.below(50)}`,
    () => `HINCRBYFLOAT ${key()} ${field()} 0.1`,
    () => `HPEXPIRE ${key()} ${milliseconds()}${condition()} ${fields()}`,
    () => `HEXPIRE ${key()} ${random.below(3)}${condition()} ${fields()}`,
    () => `HPERSIST ${key()} ${fields()}`,
    () => `HGETEX ${key()} ${['PX 900', 'PERSIST', 'EX 0', ''][random.below(4)]} ${fields()}`,
    () => `HGETDEL ${key()} ${fields()}`,
    () => `HSETEX ${key()} ${['', 'FNX', 'FXX'][random.below(3)]} ${lifetime()} FIELDS 2 ${pairs(2)}`,
    () => `HGETALL ${key()}`,
    () => `HRANDFIELD ${key()} 3`,
    () => `COPY ${key()} ${key()} REPLACE`,
    () => `RENAME ${key()} ${key()}`,
    () => `PEXPIRE ${key()} ${random.below(5000)}`,
    () => (random.below(5) === 0 ? `DEL ${key()}` : `HLEN ${key()}`),
  ]
  return commands[random.below(commands.length)]!()
}

test.each([1, 2, 3])('seed %i', (seed) => {
  const random = new Random(seed)
  const primary = new Harness(FAMILIES, 1, 1)
  const replica = new Harness(FAMILIES, 2, 1)
  primary.keyspace.types.limits.hashListpackEntries = 12
  // Its fields go when it is told so, not by themselves.
  replica.keyspace.mayExpire = false
  replica.keyspace.ignoresDeadlines = true
  primary.recordPropagation()
  const expiry = new ActiveExpiry(primary.keyspace, () => 0)
  for (let step = 0; step < 5000; step++) {
    primary.run(drawCommand(random))
    primary.clock.advance(random.below(200))
    replica.clock.set(primary.clock.now())
    if (step % 50 === 0) {
      primary.dispatcher.syncClock()
      expiry.runSlice(1)
    }
    for (const { command } of primary.propagated.splice(0)) {
      if (command[0] === 'MULTI' || command[0] === 'EXEC') continue
      const reply = replica.run(command)
      expect(reply.type, command.join(' ')).not.toBe('error')
    }
    if (step % 50 !== 0) continue
    expect(digestOfKeyspace(replica.keyspace).hex).toBe(digestOfKeyspace(primary.keyspace).hex)
  }
  expect(primary.keyspace.stats.expiredElements).toBeGreaterThan(100)
  const [db] = primary.keyspace.databases
  let counted = 0
  db!.table.each((entry) => {
    if (db!.table.due.inner!.earliestIn(entry) !== Number.POSITIVE_INFINITY) counted++
  })
  expect(db!.innerDeadlineCount).toBe(counted)
})
