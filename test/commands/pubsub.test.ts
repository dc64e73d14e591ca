// Publish and subscribe, as clients see it, in both protocols.

import { beforeEach, describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import { HAS_SUBSCRIPTIONS } from '../../src/command/session.ts'
import { clientCommands } from '../../src/commands/client.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { pubsubCommands } from '../../src/commands/pubsub.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { transactionCommands } from '../../src/commands/transaction.ts'
import { Pubsub } from '../../src/pubsub/pubsub.ts'
import { Tracking } from '../../src/tracking/tracking.ts'
import { type ConnectedClient, Harness } from '../support/harness.ts'

let harness: Harness
let pubsub: Pubsub
/** Two that speak RESP2 and one that speaks RESP3. */
let one: ConnectedClient
let other: ConnectedClient
let modern: ConnectedClient

beforeEach(() => {
  const authentication = new Authentication()
  harness = new Harness([stringCommands], 1, 1)
  const { registry, transactions, dispatcher, keyspace } = harness
  pubsub = new Pubsub(keyspace.seed)
  registry.add(pubsubCommands(pubsub))
  registry.add(transactionCommands(transactions, dispatcher))
  registry.add(
    connectionCommands(authentication, { mode: 'standalone', role: 'master' }, (client) =>
      pubsub.unsubscribeAll(client),
    ),
  )
  const unused = { begin: () => {}, end: () => {} }
  registry.add(
    clientCommands(
      { all: () => [], get: () => undefined },
      unused,
      authentication,
      new Tracking(harness.keyspace),
    ),
  )
  one = harness.connect(1)
  other = harness.connect(2)
  modern = harness.connect(3)
  modern.session.protocol = 3
})

/** What the client receives when it sends these commands. */
function says(client: ConnectedClient, ...commands: string[]): string[] {
  for (const command of commands) harness.send(client, command)
  return client.received
}

describe('SUBSCRIBE', () => {
  test('confirms each channel with the count of subscriptions', () => {
    expect(says(one, 'SUBSCRIBE a b a')).toEqual([
      '["subscribe", "a", (integer) 1]',
      '["subscribe", "b", (integer) 2]',
      '["subscribe", "a", (integer) 2]',
    ])
    expect(says(one, 'PSUBSCRIBE a*')).toEqual(['["psubscribe", "a*", (integer) 3]'])
    expect(says(one, 'SSUBSCRIBE a')).toEqual(['["ssubscribe", "a", (integer) 1]'])
  })

  test('confirms with pushes in RESP3', () => {
    expect(says(modern, 'SUBSCRIBE a')).toEqual(['push["subscribe", "a", (integer) 1]'])
  })

  test('leaves a RESP2 client with few commands', () => {
    harness.send(one, 'SUBSCRIBE a')
    const refused = (name: string) =>
      `(error) ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`
    expect(says(one, 'GET x', 'CLIENT ID', 'PUBLISH a b', 'MULTI').slice(1)).toEqual(
      ['get', 'client|id', 'publish', 'multi'].map(refused),
    )
    expect(says(one, 'PING', 'PING hello')).toEqual(['["pong", ""]', '["pong", "hello"]'])
    expect(says(one, 'UNSUBSCRIBE', 'GET x')).toEqual(['["unsubscribe", "a", (integer) 0]', '(nil-bulk)'])
  })

  test('leaves a RESP3 client free', () => {
    expect(says(modern, 'SUBSCRIBE a', 'GET x', 'PING').slice(1)).toEqual(['(null)', '+PONG'])
    expect(says(modern, 'HELLO 2', 'GET x').at(-1)).toContain("Can't execute 'get'")
  })

  test('is answered though replies are off, and takes no SKIP for itself', () => {
    harness.send(one, 'CLIENT REPLY OFF')
    expect(says(one, 'SUBSCRIBE a', 'PING')).toEqual(['["subscribe", "a", (integer) 1]'])
    harness.send(modern, 'CLIENT REPLY SKIP')
    expect(says(modern, 'SUBSCRIBE a', 'PING')).toEqual(['push["subscribe", "a", (integer) 1]', '+PONG'])
  })
})

describe('UNSUBSCRIBE', () => {
  test('answers for what was not subscribed to as well', () => {
    harness.send(one, 'SUBSCRIBE a b')
    expect(says(one, 'UNSUBSCRIBE b zz').slice(2)).toEqual([
      '["unsubscribe", "b", (integer) 1]',
      '["unsubscribe", "zz", (integer) 1]',
    ])
  })

  test('without arguments ends all subscriptions of the kind, or says that there are none', () => {
    harness.send(one, 'PSUBSCRIBE a* b*')
    harness.send(one, 'SUBSCRIBE a')
    expect(one.received.length).toBe(3)
    expect(says(one, 'PUNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE')).toEqual([
      '["punsubscribe", "a*", (integer) 2]',
      '["punsubscribe", "b*", (integer) 1]',
      '["punsubscribe", (nil-bulk), (integer) 1]',
      '["sunsubscribe", (nil-bulk), (integer) 0]',
    ])
    expect(says(modern, 'UNSUBSCRIBE')).toEqual(['push["unsubscribe", (null), (integer) 0]'])
  })

  test('does not end the subscriptions of others', () => {
    harness.send(one, 'SUBSCRIBE a')
    harness.send(other, 'UNSUBSCRIBE a')
    expect(harness.show('PUBLISH a x')).toBe('(integer) 1')
  })
})

describe('PUBLISH', () => {
  test('reaches who listens to the channel and who listens to a pattern, and counts them', () => {
    harness.send(one, 'SUBSCRIBE news')
    harness.send(one, 'PSUBSCRIBE n* ne?s x*')
    harness.send(modern, 'SUBSCRIBE news')
    harness.send(other, 'SUBSCRIBE old')
    for (const client of [one, modern, other]) client.received.length = 0
    expect(harness.show(['PUBLISH', 'news', '\r\n\0\xff'])).toBe('(integer) 4')
    expect(one.received).toEqual([
      '["message", "news", "\\r\\n\\x00\\xff"]',
      '["pmessage", "n*", "news", "\\r\\n\\x00\\xff"]',
      '["pmessage", "ne?s", "news", "\\r\\n\\x00\\xff"]',
    ])
    expect(modern.received).toEqual(['push["message", "news", "\\r\\n\\x00\\xff"]'])
    expect(other.received).toEqual([])
  })

  test('to nobody reaches nobody', () => {
    expect(harness.show('PUBLISH a b')).toBe('(integer) 0')
    expect(harness.show('SPUBLISH a b')).toBe('(integer) 0')
  })

  test('gives all receivers of a protocol the same bytes', () => {
    const sent: Buffer[] = []
    for (const client of [one, other, modern]) {
      client.session.peer.send = (bytes) => sent.push(bytes)
      harness.send(client, 'SUBSCRIBE a')
    }
    harness.run('PUBLISH a x')
    expect(sent.length).toBe(3)
    expect(sent[1]).toBe(sent[0])
    expect(sent[2]).not.toBe(sent[0])
    expect(sent[2]!.toString()).toBe('>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n')
  })

  test('to a channel of the own comes after the reply', () => {
    expect(says(modern, 'SUBSCRIBE a', 'PUBLISH a x').slice(1)).toEqual([
      '(integer) 1',
      'push["message", "a", "x"]',
    ])
  })

  test('in a transaction comes after the replies of all', () => {
    harness.send(modern, 'SUBSCRIBE a')
    harness.send(modern, 'MULTI')
    harness.send(modern, 'PUBLISH a x')
    harness.send(modern, 'PING')
    expect(says(modern, 'EXEC').slice(-2)).toEqual(['[(integer) 1, +PONG]', 'push["message", "a", "x"]'])
  })
})

describe('SPUBLISH', () => {
  test('reaches shard channels only, and PUBLISH does not', () => {
    harness.send(one, 'SSUBSCRIBE a')
    harness.send(other, 'SUBSCRIBE a')
    harness.send(other, 'PSUBSCRIBE *')
    one.received.length = 0
    other.received.length = 0
    expect(harness.show('SPUBLISH a x')).toBe('(integer) 1')
    expect(harness.show('PUBLISH a y')).toBe('(integer) 2')
    expect(one.received).toEqual(['["smessage", "a", "x"]'])
    expect(other.received).toEqual(['["message", "a", "y"]', '["pmessage", "*", "a", "y"]'])
  })
})

describe('PUBSUB', () => {
  beforeEach(() => {
    harness.send(one, 'SUBSCRIBE a b')
    harness.send(other, 'SUBSCRIBE b')
    harness.send(one, 'PSUBSCRIBE a* b*')
    harness.send(other, 'PSUBSCRIBE a*')
    harness.send(one, 'SSUBSCRIBE s t')
  })

  test('CHANNELS and SHARDCHANNELS list what somebody listens to', () => {
    expect(harness.show('PUBSUB CHANNELS')).toBe('["a", "b"]')
    expect(harness.show('PUBSUB CHANNELS [b-z]')).toBe('["b"]')
    expect(harness.show('PUBSUB SHARDCHANNELS')).toBe('["s", "t"]')
    expect(harness.show('PUBSUB SHARDCHANNELS x*')).toBe('[]')
    expect(harness.show('PUBSUB CHANNELS a b')).toBe(
      "(error) ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.",
    )
  })

  test('NUMSUB and SHARDNUMSUB count listeners, NUMPAT patterns', () => {
    expect(harness.show('PUBSUB NUMSUB a b c')).toBe('["a", (integer) 1, "b", (integer) 2, "c", (integer) 0]')
    expect(harness.show('PUBSUB NUMSUB')).toBe('[]')
    expect(harness.show('PUBSUB SHARDNUMSUB a s')).toBe('["a", (integer) 0, "s", (integer) 1]')
    expect(harness.show('PUBSUB NUMPAT')).toBe('(integer) 2')
  })

  test('forgets what nobody listens to any more', () => {
    pubsub.unsubscribeAll(one.session)
    expect(harness.show('PUBSUB CHANNELS')).toBe('["b"]')
    expect(harness.show('PUBSUB SHARDCHANNELS')).toBe('[]')
    expect(harness.show('PUBSUB NUMPAT')).toBe('(integer) 1')
    harness.send(other, 'RESET')
    expect(harness.show('PUBSUB CHANNELS')).toBe('[]')
    for (const { session } of [one, other]) {
      expect(session.gates & HAS_SUBSCRIPTIONS).toBe(0)
      expect([session.channels, session.patterns, session.shardChannels]).toEqual([0, 0, 0])
    }
  })
})
