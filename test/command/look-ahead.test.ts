// Looking ahead in a pipeline: it finds the members, and changes no reply.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { memberIndex } from '../../src/command/member-index.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { PARSED, RequestParser } from '../../src/resp/parser.ts'
import { Harness } from '../support/harness.ts'

const FAMILIES = [hashCommands, keyCommands, setCommands, sortedSetCommands, stringCommands]
const LIMITS = { maxBulkBytes: 1_000_000, authenticated: true }

test.each([
  ['key field value [field value ...]', 2],
  ['key member [member ...]', 2],
  ['key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]', 3],
  ['key [A [B c] member] increment member', 3],
  ['key value', 0],
  ['key [member ...]', 0],
])('in %s the member is argument %i', (syntax, index) => {
  expect(memberIndex(syntax)).toBe(index)
})

function encoded(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}

/** Runs requests as a connection does that has got them all at once. */
function runPipeline({ dispatcher, client }: Harness, requests: readonly (readonly string[])[]): Buffer {
  const bytes = Buffer.from(requests.map(encoded).join(''))
  const parser = new RequestParser(dispatcher.request)
  let lookedTo = 0
  dispatcher.begin(client)
  while (parser.next(bytes, bytes.length, LIMITS) === PARSED) {
    dispatcher.execute(dispatcher.request)
    if (parser.position >= lookedTo) lookedTo = dispatcher.lookAhead(bytes, parser.position, bytes.length)
  }
  dispatcher.end()
  return Buffer.from(dispatcher.reply.take())
}

function randomRequest(random: Random, key: string, members: number): string[] {
  const member = `member:${random.below(members)}`
  const pick = (requests: string[][]) => requests[random.below(requests.length)]!
  return pick([
    ['HSET', key, member, `${random.below(1000)}`],
    ['HGET', key, member],
    ['HDEL', key, member],
    ['HINCRBY', key, member, '3'],
    ['SADD', key, member],
    ['SISMEMBER', key, member],
    ['SREM', key, member],
    ['ZADD', key, `${random.below(100)}`, member],
    ['ZADD', key, 'NX', `${random.below(100)}`, member],
    ['ZRANK', key, member],
    ['ZREM', key, member],
    ['ZINCRBY', key, '1', member],
    ['SET', key, member, 'NX'],
    ['DEL', `${key}?`],
    ['PING'],
  ])
}

test('a pipeline gets the replies that its requests get one by one', () => {
  const together = new Harness(FAMILIES, 1, 1)
  const apart = new Harness(FAMILIES, 1, 1)
  const random = new Random(3)
  for (let round = 0; round < 600; round++) {
    // Mostly about one key, of mostly one type, so that there is something to look ahead at.
    const keys = 1 + random.below(2)
    const wanted = random.below(3)
    const requests: string[][] = []
    while (requests.length < 1 + random.below(60)) {
      const request = randomRequest(random, '', 2000)
      if (request[0] !== 'DEL' && request[0] !== 'PING' && !request[0]!.startsWith('HSZ'[wanted]!)) continue
      if (request.length > 1) request[1] = `key:${'HSZ'[wanted]}${random.below(keys)}${request[1]}`
      if (request[0] === 'DEL' && random.below(50) > 0) continue
      requests.push(request)
    }
    const replies = requests.map((request) => apart.raw(request))
    expect(runPipeline(together, requests).toString()).toBe(Buffer.concat(replies).toString())
  }
  expect(together.show('HLEN key:H0')).not.toBe('(integer) 0')
})

test('members of one key are hashed ahead, and then taken', () => {
  const harness = new Harness(FAMILIES, 1, 1)
  for (let i = 0; i < 1000; i++) harness.raw(['HSET', 'key', `field:${i}`, 'x'])
  const { upcomingMembers } = harness.keyspace
  const requests = ['a', 'b', 'c'].map((field) => ['HGET', 'key', field])
  const bytes = Buffer.from(requests.map(encoded).join(''))
  harness.raw(requests[0]!)
  const { dispatcher } = harness
  dispatcher.begin(harness.client)
  expect(dispatcher.lookAhead(bytes, 0, bytes.length)).toBe(bytes.length)
  expect(upcomingMembers.isEmpty).toBe(false)
  expect(upcomingMembers.take(bytes, bytes.indexOf('$1\r\nb') + 4, 1)?.length).toBe(1)
  dispatcher.end()
  expect(upcomingMembers.isEmpty).toBe(true)
})
