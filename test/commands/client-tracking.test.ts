// Client-side caching, as clients see it.

import { beforeEach, describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import { clientCommands } from '../../src/commands/client.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { databaseCommands } from '../../src/commands/database.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Config } from '../../src/config/config.ts'
import { Clients } from '../../src/server/clients.ts'
import { Messaging } from '../../src/server/messaging.ts'
import { type ConnectedClient, Harness } from '../support/harness.ts'

let harness: Harness
let messaging: Messaging
let reader: ConnectedClient
let writer: ConnectedClient
let legacy: ConnectedClient

beforeEach(() => {
  const authentication = new Authentication()
  harness = new Harness([stringCommands, keyCommands, keyExpiryCommands, databaseCommands], 1, 2)
  const { registry, dispatcher, keyspace } = harness
  messaging = new Messaging(keyspace, harness.clock, harness.transactions)
  const { tracking } = messaging
  tracking.onPending = () => {}
  messaging.connect(dispatcher, new Clients())
  messaging.followSettings(new Config())
  for (const family of messaging.families(dispatcher)) registry.add(family)
  registry.add(
    connectionCommands(authentication, { mode: 'standalone', role: 'master' }, (client) =>
      messaging.reset(client),
    ),
  )
  const sessions = new Map([1, 2, 3].map((id) => [id, harness.connect(id)]))
  reader = sessions.get(1)!
  writer = sessions.get(2)!
  legacy = sessions.get(3)!
  tracking.findClient = (id) => sessions.get(id)?.session
  const directory = { all: () => [], get: tracking.findClient }
  registry.add(clientCommands(directory, { begin: () => {}, end: () => {} }, authentication, tracking))
  reader.session.protocol = 3
})

/** What the client receives when it sends these commands. */
function says(client: ConnectedClient, ...commands: string[]): string[] {
  for (const command of commands) harness.send(client, command)
  messaging.tracking.broadcast()
  return client.received
}

/** What the reader is told when the writer sends these commands. */
function told(...commands: string[]): string[] {
  says(writer, ...commands)
  return reader.received
}

const invalidate = (...keys: string[]) => `push["invalidate", [${keys.map((key) => `"${key}"`).join(', ')}]]`
const ALL = 'push["invalidate", (null)]'

describe('a client that tracks what it reads', () => {
  beforeEach(() => {
    says(reader, 'CLIENT TRACKING ON')
  })

  test('is told of changes to what it has read, once', () => {
    says(reader, 'GET a', 'MGET b c')
    expect(told('SET a 1', 'SET a 2', 'MSET b 1 c 1 d 1')).toEqual([
      invalidate('a'),
      invalidate('b'),
      invalidate('c'),
    ])
    says(reader, 'GET a')
    expect(told('DEL a')).toEqual([invalidate('a')])
  })

  test('is not told of what it has not read, or only written', () => {
    expect(says(reader, 'SET a 1', 'INCR b')).toEqual(['+OK', '(integer) 1'])
    expect(told('SET a 2', 'SET b 1', 'SET c 1')).toEqual([])
  })

  test('is told of its own changes too, after the reply', () => {
    expect(says(reader, 'GET a', 'SET a 1')).toEqual(['(null)', '+OK', invalidate('a')])
  })

  test('is told after the whole of a transaction', () => {
    expect(says(reader, 'MULTI', 'GET a', 'SET a 1', 'PING', 'EXEC').slice(-2)).toEqual([
      '[(null), +OK, +PONG]',
      invalidate('a'),
    ])
  })

  test('is told that a key has expired', () => {
    says(writer, 'SET a 1 PX 10')
    says(reader, 'GET a')
    harness.clock.advance(10)
    expect(told('GET a')).toEqual([invalidate('a')])
  })

  test('is told that everything is gone, though there was nothing', () => {
    expect(told('FLUSHDB', 'FLUSHALL')).toEqual([ALL, ALL])
    says(reader, 'GET a')
    expect(told('FLUSHALL')).toEqual([ALL])
    expect(messaging.trackedKeys).toBe(0)
  })

  test('may not be told twice when keys are forgotten for want of room', () => {
    messaging.tracking.maxKeys = 2
    const forgotten = says(reader, 'GET a', 'GET b', 'GET c').filter((line) => line.startsWith('push'))
    expect(forgotten.length).toBe(1)
    expect(messaging.trackedKeys).toBe(2)
    const rest = told('MSET a 1 b 1 c 1')
    expect([...forgotten, ...rest].sort()).toEqual(['a', 'b', 'c'].map((key) => invalidate(key)))
  })

  test('is told nothing after OFF, RESET or the end of its connection', () => {
    const ends = [
      () => says(reader, 'CLIENT TRACKING OFF'),
      () => says(reader, 'RESET', 'HELLO 3'),
      () => messaging.forget(reader.session),
    ]
    for (const end of ends) {
      says(reader, 'CLIENT TRACKING ON', 'GET a')
      end()
      expect(harness.keyspace.observers.tracking).toBeUndefined()
      expect(told('SET a 1', 'FLUSHALL')).toEqual([])
    }
  })

  test('counts in INFO', () => {
    says(reader, 'GET a', 'GET b')
    says(legacy, 'CLIENT TRACKING ON', 'GET a')
    const { trackingClients, trackedKeys, trackedItems } = messaging
    expect({ trackingClients, trackedKeys, trackedItems }).toEqual({
      trackingClients: 2,
      trackedKeys: 2,
      trackedItems: 3,
    })
  })

  test('shows in CLIENT INFO', () => {
    expect(says(reader, 'CLIENT INFO')[0]).toMatch(/flags=t .* redir=0 /)
    says(reader, 'CLIENT TRACKING OFF', 'CLIENT TRACKING ON BCAST')
    expect(says(reader, 'CLIENT INFO')[0]).toMatch(/flags=tB .* redir=0 /)
  })
})

test('NOLOOP: a client is not told of its own changes, which count as told', () => {
  expect(says(reader, 'CLIENT TRACKING ON NOLOOP', 'GET a', 'SET a 1')).toEqual(['+OK', '(null)', '+OK'])
  expect(told('SET a 2')).toEqual([])
  says(reader, 'GET a')
  expect(told('SET a 3')).toEqual([invalidate('a')])
  says(reader, 'SET b 1 PX 10', 'GET b')
  harness.clock.advance(10)
  expect(says(reader, 'GET b')).toEqual(['(null)', invalidate('b')])
})

describe('OPTIN', () => {
  beforeEach(() => {
    says(reader, 'CLIENT TRACKING ON OPTIN')
  })

  test('tracks nothing but the command after CLIENT CACHING YES', () => {
    says(reader, 'GET a', 'CLIENT CACHING YES', 'CLIENT ID', 'GET b', 'GET c')
    expect(told('MSET a 1 b 1 c 1')).toEqual([invalidate('b')])
  })

  test('tracks a whole transaction after CLIENT CACHING YES, or the rest of it', () => {
    says(reader, 'CLIENT CACHING YES', 'MULTI', 'GET a', 'GET b', 'EXEC', 'GET c')
    expect(told('MSET a 1 b 1 c 1')).toEqual([invalidate('a'), invalidate('b')])
    says(reader, 'MULTI', 'GET a', 'CLIENT CACHING YES', 'GET b', 'EXEC', 'GET c')
    expect(told('MSET a 1 b 1 c 1')).toEqual([invalidate('b')])
  })

  test.each(['NOSUCH', 'GET', 'SET x 1', 'CLIENT NOSUCH'])(
    'takes %s for the command after CACHING',
    (other) => {
      says(reader, 'CLIENT CACHING YES', other, 'GET a')
      expect(told('SET a 1')).toEqual([])
    },
  )
})

test('OPTOUT tracks all but the command after CLIENT CACHING NO', () => {
  says(reader, 'CLIENT TRACKING ON OPTOUT', 'GET a', 'CLIENT CACHING NO', 'GET b', 'GET c')
  expect(told('MSET a 1 b 1 c 1')).toEqual([invalidate('a'), invalidate('c')])
})

describe('BCAST', () => {
  test('tells of every change to keys with a prefix, those of a turn together and in order', () => {
    says(reader, 'CLIENT TRACKING ON BCAST PREFIX a PREFIX b')
    expect(told('MSET a2 1 a1 1 b1 1 c1 1', 'SET a2 2')).toEqual([invalidate('a1', 'a2'), invalidate('b1')])
    expect(told('SET c1 1')).toEqual([])
    says(reader, 'GET c1')
    expect(told('SET c1 1', 'FLUSHALL')).toEqual([ALL])
  })

  test('without a prefix tells of all', () => {
    says(reader, 'CLIENT TRACKING ON BCAST')
    expect(told('SET b 1', 'SET a 1')).toEqual([invalidate('a', 'b')])
    expect(messaging.trackedPrefixes).toBe(1)
    says(reader, 'CLIENT TRACKING OFF')
    expect(messaging.trackedPrefixes).toBe(0)
  })

  test('with NOLOOP tells of what others have changed last', () => {
    says(reader, 'CLIENT TRACKING ON BCAST NOLOOP')
    harness.send(writer, 'MSET a 1 b 1 c 1')
    harness.send(reader, 'SET b 2')
    expect(says(reader, 'SET d 1')).toEqual(['+OK', '+OK', invalidate('a', 'c')])
    expect(says(reader, 'SET d 1')).toEqual(['+OK'])
  })
})

describe('REDIRECT', () => {
  test('tells another client: by push in RESP3, by message to a RESP2 client with subscriptions', () => {
    says(reader, 'CLIENT TRACKING ON REDIRECT 3', 'GET a')
    expect(told('SET a 1')).toEqual([])
    expect(legacy.received).toEqual([])
    says(legacy, 'SUBSCRIBE __redis__:invalidate')
    says(reader, 'GET a')
    expect(told('SET a 2', 'FLUSHALL')).toEqual([])
    expect(legacy.received).toEqual([
      '["message", "__redis__:invalidate", ["a"]]',
      '["message", "__redis__:invalidate", (nil-bulk)]',
    ])
    legacy.session.protocol = 3
    says(reader, 'GET a')
    told('SET a 3')
    expect(legacy.received).toEqual([invalidate('a')])
  })

  test('to a client that has gone is reported, and shows', () => {
    says(reader, 'CLIENT TRACKING ON REDIRECT 3', 'GET a')
    messaging.tracking.findClient = () => undefined
    expect(told('SET a 1')).toEqual(['push["tracking-redir-broken", (integer) 3]'])
    const [infoLine, trackingInfo] = says(reader, 'CLIENT INFO', 'CLIENT TRACKINGINFO')
    expect(infoLine).toMatch(/flags=tR .* redir=3 /)
    expect(trackingInfo).toBe(
      '{"flags" => set["on", "broken_redirect"], "redirect" => (integer) 3, "prefixes" => []}',
    )
    expect(says(reader, 'CLIENT TRACKING ON', 'CLIENT GETREDIR')).toEqual(['+OK', '(integer) 0'])
  })

  test('is needed by a RESP2 client to be told anything', () => {
    says(legacy, 'CLIENT TRACKING ON', 'GET a')
    told('SET a 1')
    expect(legacy.received).toEqual([])
  })
})

describe('CLIENT TRACKING refuses', () => {
  const SWITCHED = 'before disabling tracking for this client, and then re-enabling it with a different mode.'

  test.each([
    ['ON PREFIX a', 'PREFIX option requires BCAST mode to be enabled'],
    ['ON BCAST OPTIN', 'OPTIN and OPTOUT are not compatible with BCAST'],
    ['ON OPTIN OPTOUT', "You can't specify both OPTIN mode and OPTOUT mode"],
    ['ON REDIRECT 99', 'The client ID you want redirect to does not exist'],
    ['ON REDIRECT 0', 'The client ID you want redirect to does not exist'],
    ['ON REDIRECT 2 REDIRECT 3', 'A client can only redirect to a single other client'],
    ['ON REDIRECT x', 'value is not an integer or out of range'],
    ['ON REDIRECT', 'syntax error'],
    ['ON NOSUCH', 'syntax error'],
    ['MAYBE', 'syntax error'],
    [
      'ON BCAST PREFIX a PREFIX ab',
      "Prefix 'a' overlaps with another provided prefix 'ab'. Prefixes for a single client must not overlap.",
    ],
  ])('%s', (options, text) => {
    expect(says(reader, `CLIENT TRACKING ${options}`)).toEqual([`(error) ERR ${text}`])
    expect(messaging.trackingClients).toBe(0)
  })

  test.each([
    ['ON', 'ON BCAST', `You can't switch BCAST mode on/off ${SWITCHED}`],
    ['ON BCAST', 'ON', `You can't switch BCAST mode on/off ${SWITCHED}`],
    ['ON OPTIN', 'ON OPTOUT', `You can't switch OPTIN/OPTOUT mode ${SWITCHED}`],
    [
      'ON BCAST PREFIX a',
      'ON BCAST PREFIX aa',
      "Prefix 'aa' overlaps with an existing prefix 'a'. Prefixes for a single client must not overlap.",
    ],
  ])('after %s to say %s', (before, after, text) => {
    expect(says(reader, `CLIENT TRACKING ${before}`, `CLIENT TRACKING ${after}`)).toEqual([
      '+OK',
      `(error) ERR ${text}`,
    ])
  })
})

test('CLIENT CACHING has to fit the mode', () => {
  const none =
    '(error) ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled'
  expect(says(reader, 'CLIENT CACHING YES')).toEqual([none])
  says(reader, 'CLIENT TRACKING ON OPTIN')
  expect(says(reader, 'CLIENT CACHING NO', 'CLIENT CACHING MAYBE', 'CLIENT CACHING YES')).toEqual([
    '(error) ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
    '(error) ERR syntax error',
    '+OK',
  ])
})

test('CLIENT TRACKINGINFO tells the mode', () => {
  const info = () => says(reader, 'CLIENT TRACKINGINFO')[0]
  expect(info()).toBe('{"flags" => set["off"], "redirect" => (integer) -1, "prefixes" => []}')
  says(reader, 'CLIENT TRACKING ON OPTIN NOLOOP', 'CLIENT CACHING YES')
  expect(info()).toBe(
    '{"flags" => set["on", "optin", "caching-yes", "noloop"], "redirect" => (integer) 0, "prefixes" => []}',
  )
  says(reader, 'CLIENT TRACKING OFF', 'CLIENT TRACKING ON BCAST PREFIX b PREFIX a')
  expect(info()).toBe('{"flags" => set["on", "bcast"], "redirect" => (integer) 0, "prefixes" => ["a", "b"]}')
})
