// What is propagated, run in an empty server, gives the same data: random commands on sorted sets.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { Harness } from '../support/harness.ts'

const FAMILIES = [sortedSetCommands, setCommands, keyCommands]
const OPTIONS = ['', '', '', 'NX ', 'XX ', 'GT ', 'LT CH ', 'INCR ']

function drawCommand(random: Random): string {
  const key = () => `key:${random.below(6)}`
  const member = () => `m${random.below(300)}`
  const score = () => (random.below(4) === 0 ? `${random.fraction() * 10 - 5}` : `${random.below(9) - 4}`)
  const option = OPTIONS[random.below(OPTIONS.length)]!
  const operation = ['ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE'][random.below(3)]!
  const end = random.below(2) === 0 ? 'MIN' : 'MAX'
  const many = () => Array.from({ length: random.below(200) + 1 }, () => `${score()} ${member()}`).join(' ')
  const commands = [
    () => `ZADD ${key()} ${option}${score()} ${member()}`,
    () => `ZADD ${key()} ${many()}`,
    () => `ZINCRBY ${key()} ${score()} ${member()}`,
    () => `ZREM ${key()} ${member()} ${member()}`,
    () => `ZPOP${end} ${key()} ${random.below(5)}`,
    () => `ZMPOP 3 ${key()} ${key()} ${key()} ${end} COUNT ${1 + random.below(4)}`,
    () => `ZREMRANGEBYRANK ${key()} ${random.below(20)} ${random.below(40)}`,
    () => `ZREMRANGEBYSCORE ${key()} ${score()} ${score()}`,
    () => `ZRANGESTORE ${key()} ${key()} ${random.below(10)} ${random.below(300)}`,
    () => `${operation} ${key()} 2 ${key()} ${key()}`,
    () => `ZUNIONSTORE ${key()} 2 ${key()} set WEIGHTS 2 -1 AGGREGATE ${end}`,
    () => `SADD set ${member()}`,
    () => `COPY ${key()} ${key()} REPLACE`,
    () => `RENAME ${key()} ${key()}`,
    () => `DEL ${key()}`,
    () => `ZRANGE ${key()} 0 -1`,
    () => `ZRANDMEMBER ${key()} 3`,
  ]
  return commands[random.below(commands.length)]!()
}

test.each([1, 2, 3])('seed %i', (seed) => {
  const random = new Random(seed)
  const primary = new Harness(FAMILIES, 1, 1)
  const replica = new Harness(FAMILIES, 2, 1)
  primary.recordPropagation()
  for (let step = 0; step < 3000; step++) {
    primary.run(drawCommand(random))
    for (const { command } of primary.propagated.splice(0)) {
      expect(replica.run(command).type, command.join(' ')).not.toBe('error')
    }
    if (step % 100 !== 0) continue
    expect(digestOfKeyspace(replica.keyspace).hex).toBe(digestOfKeyspace(primary.keyspace).hex)
  }
})
