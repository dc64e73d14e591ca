import { beforeEach, describe, expect, test } from 'vitest'
import { Session } from '../../src/command/session.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { Harness, QUIET_PEER } from '../support/harness.ts'

let server: Harness
/** A client that may have so many bytes of a reply, and what was asked of its peer. */
let limited: Session
let limit: number
let asked: number[]

beforeEach(() => {
  server = new Harness([hashCommands, setCommands, sortedSetCommands])
  asked = []
  limit = 1_000_000
  const peer = {
    ...QUIET_PEER,
    allowsReply: (bytes: number) => {
      asked.push(bytes)
      return bytes < limit
    },
  }
  limited = new Session(2, peer, 0)
  server.run('HSET h field value')
  server.run(`SADD s ${'m'.repeat(1000)}`)
  server.run('ZADD z 1 member')
})

describe.each(['HRANDFIELD h', 'SRANDMEMBER s', 'ZRANDMEMBER z'])('%s with a negative count', (command) => {
  test('asks for more than the client may have: nothing is written', () => {
    for (const count of ['-9223372036854775807', '-166667']) {
      asked = []
      const reply = server.raw(`${command} ${count}`, limited)
      expect(asked[0]).toBeGreaterThanOrEqual(1_000_000)
      // The head, and no element.
      expect(reply.length).toBeLessThan(30)
    }
  })

  test('is written whole if the client may have it', () => {
    limit = Number.POSITIVE_INFINITY
    const reply = server.run(`${command} -20000`, limited)
    expect(reply.type === 'array' && reply.items.length).toBe(20_000)
  })

  test('is refused if no limit would end it', () => {
    limit = Number.POSITIVE_INFINITY
    for (const count of ['-9223372036854775808', '-9223372036854775807', '-100000000']) {
      expect(server.show(`${command} ${count}`, limited)).toBe(
        '(error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
      )
    }
  })

  test('is not limited where no reply is sent', () => {
    limit = 10
    limited.replyMode = 'skip'
    server.raw(`${command} -100`, limited)
    expect(asked).toEqual([])
  })
})

test('elements that are longer than they might be are noticed on the way', () => {
  const reply = server.raw('SRANDMEMBER s -100000', limited)
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.at(-1)).toBeGreaterThanOrEqual(limit)
  expect(reply.length).toBeLessThan(limit + 70_000)
})

test('a key that is absent has no elements, whatever the count', () => {
  for (const command of ['HRANDFIELD', 'SRANDMEMBER', 'ZRANDMEMBER']) {
    expect(server.show(`${command} nothing -9223372036854775807`, limited)).toBe('[]')
  }
  expect(asked).toEqual([])
})
